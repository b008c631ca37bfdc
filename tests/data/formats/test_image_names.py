"""Which files of a folder are images, for every command alike."""

from __future__ import annotations

import io
import os
import zipfile

import pytest
from PIL import Image

from leadline.data.formats.image_names import (
    Reason,
    exclusion,
    is_hidden,
    is_image,
    is_zip,
    suffix_of,
)
from leadline.data.formats.zip_tree import opened_zip


def image(form: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (2, 2)).save(buffer, form)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "name",
    [
        "__MACOSX", "._a.png", ".DS_Store", ".Trash-1000", ".Trashes", ".ipynb_checkpoints",
        ".thumbnails", ".AppleDouble", ".git", "Icon\r", "Thumbs.db", "ehthumbs.db", "Desktop.ini",
        "$RECYCLE.BIN", "RECYCLER", "System Volume Information", "lost+found", "found.000",
        "@eaDir", "#recycle", "#snapshot", "@__thumb", "@Recycle", "~snapshot", "~$list.xlsx",
        "SYNO.png@SynoEAStream", "__pycache__", "DICOMDIR",
    ],
)  # fmt: skip
def test_what_systems_keep_is_hidden(name):
    assert is_hidden(name)


@pytest.mark.parametrize("name", ["cat", "recycle", "@home", "#1", "thumbs", "found", "git", "~a"])
def test_names_of_people_are_not_hidden(name):
    assert not is_hidden(name)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a", "PNG"), ("a.dat", "JPEG"), ("a.png.download", "PNG"), ("a.ppm", "PPM"),
        ("a.jfif", "JPEG"), ("a.AVIF", "AVIF"), ("IMG.1234", "TIFF"), ("a.txt", "WEBP"),
    ],
)  # fmt: skip
def test_an_image_by_content_whatever_its_name(tmp_path, name, form):
    (tmp_path / name).write_bytes(image(form))
    assert is_image(tmp_path / name)
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr(name, image(form))
    with opened_zip(tmp_path / "x.zip") as root:
        assert is_image(root.children[name])


@pytest.mark.parametrize(
    ("name", "content", "reason", "code"),
    [
        ("notes.txt", b"text", "not-an-image", ""),
        ("labels.json", b"{}", "not-an-image", "json"),
        ("x.zip", b"PK\3\4", "not-an-image", "zip"),
        ("empty", b"", "not-an-image", "empty"),
        ("IMG_1.HEIC", bytes(4) + b"ftypheic", "unread-format", "heic"),
        ("IMG_1", bytes(4) + b"ftypheic", "unread-format", "heic"),
        ("a.svg", b"<svg/>", "unread-format", "svg"),
        ("a.nef", b"MM\0*", "unread-format", "raw"),
        ("a.mov", bytes(4) + b"ftypqt  ", "unread-format", "video"),
    ],
)
def test_reasons(tmp_path, name, content, reason, code):
    (tmp_path / name).write_bytes(content)
    found = exclusion(tmp_path / name)
    assert found is not None
    assert (found.reason, found.format.code if found.format else "") == (reason, code)


def test_links_and_pipes(tmp_path):
    (tmp_path / "real").write_bytes(image())
    for name, target in {"a": "real", "b.png": "nowhere", "c": "nowhere", "d": "d"}.items():
        (tmp_path / name).symlink_to(target)
    os.mkfifo(tmp_path / "e.png")
    reasons = {name: exclusion(tmp_path / name) for name in "acd"}
    assert reasons["a"] is None
    assert exclusion(tmp_path / "b.png") is None  # reading it names it
    assert reasons["c"] is not None
    assert reasons["c"].reason is Reason.BROKEN_LINK
    assert reasons["d"] is not None
    assert reasons["d"].reason is Reason.BROKEN_LINK
    pipe = exclusion(tmp_path / "e.png")
    assert pipe is not None
    assert pipe.reason is Reason.SPECIAL_FILE


def test_a_link_in_an_archive_is_not_its_target(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        link = zipfile.ZipInfo("a.png")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "../b.png")
    with opened_zip(tmp_path / "x.zip") as root:
        found = exclusion(root.children["a.png"])
    assert found is not None
    assert found.reason is Reason.LINK


def test_a_file_with_the_suffix_of_an_image_is_not_opened(tmp_path, monkeypatch):
    (tmp_path / "a.png").write_bytes(b"broken")

    def refuse(*_):
        raise AssertionError("opened")

    monkeypatch.setattr("leadline.data.formats.image_names.read_head", refuse)
    assert is_image(tmp_path / "a.png")


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("a.PNG", ".png"), ("a", ""), ("1.2.840.113619.2", ""), ("a.tar.gz", ".gz"),
        ("a.b-very-long-end", ""), ("a.mp4", ".mp4"),
    ],
)  # fmt: skip
def test_suffixes_that_are_worth_counting(name, suffix):
    assert suffix_of(name) == suffix


@pytest.mark.parametrize(
    ("name", "before", "expected"),
    [
        ("x.zip", b"", True),
        ("x.ZIP", b"", True),
        ("x.dat", b"", True),
        ("x", b"", True),
        ("images.zip.1", b"", True),
        ("x.cbz", b"", True),
        ("x.dat", b"some bytes", True),
        ("x.exe", b"MZ\x90\0 unpacks itself", True),
        ("x.sh", b"#!/bin/sh\n", True),
        ("x.png", b"", False),
        ("x.dat", image(), False),  # an image with an archive behind it
        ("x.npz", b"", False),
        ("x.xlsx", b"", False),
        ("x.pth", b"", False),
    ],
)
def test_an_archive_is_known_by_its_content(tmp_path, name, before, expected):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("cat/1.png", image())
    path = tmp_path / name
    path.write_bytes(before + archive.getvalue())
    assert is_zip(path) is expected


@pytest.mark.parametrize("content", [b"", b"PK", b"text", b"\xff" * 100])
def test_other_content_is_no_archive(tmp_path, content):
    path = tmp_path / "x.dat"
    path.write_bytes(content)
    assert not is_zip(path)
    assert not is_zip(tmp_path / "missing.dat")
