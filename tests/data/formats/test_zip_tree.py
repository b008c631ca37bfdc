"""Archives: the same data set as the folder, wherever it lies in them; and bounds."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from leadline.data.dataset import Dataset
from leadline.data.formats import zip_tree
from leadline.data.formats.readers import read_path
from leadline.data.formats.zip_tree import opened_zip
from leadline.errors import DataError


def read(path: Path) -> Dataset:
    return read_path(path, (4, 4), 1, lambda *_: None)


def packed(path: Path, members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.fixture
def members(tiny_folder) -> dict[str, bytes]:
    """The files of the tiny folder by their names below it."""
    return {
        path.relative_to(tiny_folder).as_posix(): path.read_bytes()
        for path in tiny_folder.rglob("*.png")
    }


@pytest.mark.parametrize("top", ["", "chest_xray/", "a/b/"])
@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_LZMA])
def test_an_archive_is_read_as_its_folder(tiny_folder, tmp_path, members, top, method):
    inside = {f"{top}{name}": content for name, content in members.items()}
    inside |= {f"__MACOSX/{top}train/9/._a1.png": b"x", f"{top}.DS_Store": b"x"}
    path = packed(tmp_path / "Some.zip", inside, method)
    folder, archive = read(tiny_folder), read(path)
    assert (archive.name, archive.source) == ("Some", str(path))
    assert archive.classes == folder.classes
    assert list(archive.warnings) == []
    for ours, theirs in ((archive.train, folder.train), (archive.test, folder.test)):
        assert ours is not None
        assert theirs is not None
        assert ours.names == theirs.names
        assert ours.labels.tolist() == theirs.labels.tolist()
        np.testing.assert_array_equal(ours.pixels, theirs.pixels)


def test_classes_alone_and_a_folder_within_a_class(tmp_path, members):
    image = members["train/9/a1.png"]
    names = ("set/b/deep/1.png", "set/a/10.png", "set/a/9.PNG")
    members = dict.fromkeys(names, image) | {"set/a/notes.txt": b"text"}
    dataset = read(packed(tmp_path / "x.zip", members))
    assert dataset.classes == ("a", "b")
    assert dataset.train.names == ("a/9.PNG", "a/10.png", "b/deep/1.png")
    assert tuple(map(str, dataset.warnings)) == (
        "Left out: 1 file: 1 .txt (not an image), such as a/notes.txt.",
    )


def test_a_folder_twice_beside_its_splits_is_left_out(tmp_path, members):
    # The archive that many people have holds everything a second time, one level deeper.
    inside = {f"top/{name}": content for name, content in members.items()}
    inside |= {f"top/again/{name}": content for name, content in members.items()}
    dataset = read(packed(tmp_path / "x.zip", inside))
    assert len(dataset.train) == 4
    assert list(map(str, dataset.warnings)) == [
        f"Not read, beside the splits in {tmp_path}/x.zip/top: again (6 images)."
    ]


def test_train_alone_at_the_top_is_a_split(tmp_path, members):
    inside = {name: content for name, content in members.items() if name.startswith("train")}
    dataset = read(packed(tmp_path / "x.zip", inside))
    assert dataset.classes == ("9", "10")
    assert dataset.test is None


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ({}, "holds no images in class folders"),
        ({"a.png": b"x"}, "holds no images in class folders"),
        ({"a/1.png": b"x"}, "one class only, 'a'"),
        ({"../a/1.png": b"x"}, "'../a/1.png' leads out of the archive; unpack it yourself"),
        ({"a/" * 100 + "1.png": b"x"}, "one class only, 'a'"),
        ({"a/" * 32_000 + "1.png": b"x"}, "a/' lies more than 100 folders deep; unpack"),
        ({"a/1.png": b"x", "a//1.png": b"y"}, "a/1.png: is in the archive twice"),
        ({"a": b"x", "a/1.png": b"y"}, "a: is in the archive twice"),
        ({"a/1.png": b"y", "a": b"x"}, "a: is in the archive twice"),
        ({"test/a/1.png": b"x", "test/b/1.png": b"x"}, "has test but no train folder"),
    ],
)
def test_archives_that_hold_no_data_set(tmp_path, inside, message):
    with pytest.raises(DataError) as raised:
        read(packed(tmp_path / "x.zip", inside))
    assert str(raised.value).startswith(f"{tmp_path / 'x.zip'}")
    assert message in str(raised.value)


def test_a_damaged_image_is_named_with_its_place(tmp_path, members):
    inside = members | {"train/9/a1.png": b"no image"}
    with pytest.raises(DataError, match=r"x\.zip/train/9/a1\.png: cannot be read as an image"):
        read(packed(tmp_path / "x.zip", inside))


def test_a_member_whose_sum_is_wrong(tmp_path, members):
    path = packed(tmp_path / "x.zip", members, zipfile.ZIP_STORED)
    content = path.read_bytes()
    image = members["train/9/a1.png"]
    path.write_bytes(content.replace(image, image[:-9] + b"?" + image[-8:]))
    with pytest.raises(DataError, match=r"a1\.png: .*damaged in the archive: Bad CRC-32"):
        read(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more", b"text " * 999])
def test_what_is_no_archive(tmp_path, content):
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"x\.zip: damaged \(not a zip archive, or cut short\)"):
        read(path)


def test_archives_cut_anywhere_say_so(tmp_path, members):
    path = packed(tmp_path / "x.zip", members)
    content = path.read_bytes()
    for end in range(0, len(content) - 1, 29):
        path.write_bytes(content[:end])
        with pytest.raises(DataError):
            read(path)


def test_an_encrypted_member(tmp_path, members):
    path = packed(tmp_path / "x.zip", members)
    content = bytearray(path.read_bytes())
    # The flags of the first entry of the central directory.
    at = content.index(b"PK\x01\x02") + 8
    content[at : at + 2] = struct.pack("<H", 1)
    path.write_bytes(content)
    with pytest.raises(DataError, match="is encrypted; unpack it yourself and give the folder"):
        read(path)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path, members):
    path = packed(tmp_path / "x.zip", members | {"train/9/zeros.png": bytes(40 * 2**20)})
    message = r"'train/9/zeros.png' unpacks from 4\d,\d{3} to 41,943,040 bytes, which no image does"
    with pytest.raises(DataError, match=message):
        read(path)


@pytest.mark.parametrize(
    ("bound", "message"),
    [
        ("MAX_MEMBERS", "holds 6 members, at most [0-9]+ are read"),
        ("MAX_MEMBER_BYTES", "bytes, more than any image that is read"),
        ("MAX_TOTAL_BYTES", "bytes, more than is read"),
    ],
)
def test_bounds(tmp_path, members, monkeypatch, bound, message):
    monkeypatch.setattr(zip_tree, bound, 5)
    with pytest.raises(DataError, match=message):
        read(packed(tmp_path / "x.zip", members))


def as_zip64(path: Path, claimed_bytes: int | None = None) -> Path:
    """The archive with its directory described by a ZIP64 record, as Go's archive/zip writes it.

    claimed_bytes: size of the directory in that record; its own size by default.
    """
    content = path.read_bytes()
    end = content.rindex(b"PK\5\6")
    _, _, _, count, size, offset, _ = struct.unpack("<4HIIH", content[end + 4 :])
    record = struct.pack(
        "<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, count, count,
        size if claimed_bytes is None else claimed_bytes, offset,
    )  # fmt: skip
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, end, 1)
    last = struct.pack("<4s4HIIH", b"PK\5\6", 0, 0, 2**16 - 1, 2**16 - 1, 2**32 - 1, 2**32 - 1, 0)
    path.write_bytes(content[:end] + record + locator + last)
    return path


@pytest.mark.parametrize("more", [{}, {"notes.txt": bytes(20_000)}])
def test_the_directory_of_a_zip64_archive_is_bounded_by_its_own_size(
    tmp_path, members, monkeypatch, more
):
    inside = members | more
    monkeypatch.setattr(zip_tree, "MAX_MEMBERS", len(inside))
    path = as_zip64(packed(tmp_path / "x.zip", inside, zipfile.ZIP_STORED))
    assert read(path).classes == ("9", "10")


def test_a_zip64_record_that_claims_a_huge_directory(tmp_path, members, monkeypatch):
    monkeypatch.setattr(zip_tree, "MAX_MEMBERS", 7)
    inside = members | {"notes.txt": bytes(20_000)}
    path = packed(tmp_path / "x.zip", inside, zipfile.ZIP_STORED)
    size = path.stat().st_size + 76
    with pytest.raises(DataError, match=f"a directory of {size:,} bytes"):
        read(as_zip64(path, 2**40))


def test_a_size_that_lies_reads_no_further_than_it_says(tmp_path):
    path = packed(tmp_path / "x.zip", {"a/1.png": bytes(1000)})
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02") + 24
    content[at : at + 4] = struct.pack("<I", 10)
    path.write_bytes(content)
    with opened_zip(path) as root:
        member = root.children["a"].children["1.png"]
        with pytest.raises(ValueError, match="damaged in the archive"):
            member.open()


def test_folders_and_files_answer_as_paths_do(tmp_path):
    with opened_zip(packed(tmp_path / "x.zip", {"a/b.c.PNG": b"x", "a/e/": b""})) as root:
        folder = root.children["a"]
        member, empty = sorted(folder.iterdir(), key=lambda entry: entry.name)
        assert (folder.is_dir(), folder.is_file(), folder.exists()) == (True, False, True)
        assert (member.is_dir(), member.is_file(), member.suffix) == (False, True, ".PNG")
        assert (empty.is_dir(), list(empty.iterdir())) == (True, [])
        assert (str(member), member.as_posix()) == (f"{tmp_path}/x.zip/a/b.c.PNG", "a/b.c.PNG")
        assert member.open().read() == b"x"
        with pytest.raises(ValueError, match="is a folder"):
            folder.open()
