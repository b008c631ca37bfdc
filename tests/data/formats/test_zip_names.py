"""Archives of macOS, Windows and Japan: names as they were on disk, or a guess that is said."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from PIL import Image

from leadline.data.formats.image_folder import read_zip
from leadline.data.formats.zip_names import member_names
from leadline.data.formats.zip_tree import opened_zip
from leadline.errors import DataError


def written(
    path: Path, names: list[str], code: str, *, system: int = 3, extra: bytes = b""
) -> Path:
    """An archive of small images whose names are in that encoding, without the UTF-8 flag."""

    class Info(zipfile.ZipInfo):
        def _encodeFilenameFlags(self):  # noqa: N802 - zipfile's name
            return self.filename.encode(code), self.flag_bits & ~0x800

    buffer = io.BytesIO()
    Image.new("L", (4, 4)).save(buffer, "PNG")
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            info = Info(name)
            info.create_system, info.extra = system, extra
            archive.writestr(info, buffer.getvalue())
    return path


def names_of(path: Path) -> tuple[tuple[str, ...], str]:
    with zipfile.ZipFile(path) as archive:
        found = member_names(archive.infolist())
    return found.names, found.guessed


@pytest.mark.parametrize(
    ("names", "code", "guessed"),
    [
        (["café/1.png", "thé/1.png"], "utf-8", ""),
        (["猫/1.png", "犬/1.png"], "utf-8", ""),
        (["cafe/1.png"], "ascii", ""),
        (["猫/1.png", "犬/1.png"], "cp932", "cp932"),
        (["ソース/表1.png", "テスト/1.png"], "cp932", "cp932"),  # a trail byte is a backslash
        (["猫/1.png", "狗/1.png"], "gbk", "gbk"),
        (["苹果/1.png", "香蕉/1.png"], "gbk", "gbk"),
        (["良性/1.png", "恶性/1.png"], "gbk", "gbk"),
        (["蘋果/1.png", "香蕉/1.png"], "big5", "big5"),
        (["訓練/1.png", "測試/1.png"], "big5", "big5"),
        (["고양이/1.png", "개/1.png"], "cp949", "cp949"),
        (["사과/1.png", "바나나/1.png"], "cp949", "cp949"),
        (["장미/1.png", "튤립/1.png", "해바라기/1.png"], "cp949", "cp949"),
        (["りんご/1.png", "飛行機/1.png"], "cp932", "cp932"),
        (["猫cat/1.png", "犬dog/1.png"], "cp932", "cp932"),
        (["cat猫/1.png", "dog犬/1.png"], "cp932", "cp932"),
        (["class_猫/1.png", "犬2/1.png"], "cp932", "cp932"),
        (["고양이cat/1.png", "개dog/1.png"], "cp949", "cp949"),
        (["猫cat/1.png", "狗dog/1.png"], "gbk", "gbk"),
        (["iPhoneé/1.png", "été/1.png"], "cp437", "cp437"),
        (["naïve/1.png"], "cp1252", "cp1252"),
        (["café/1.png", "thé/1.png", "élève/1.png", "forêt/1.png"], "cp437", "cp437"),
        (["Müller/1.png", "Größe/1.png", "Äpfel/1.png"], "cp850", "cp437"),
        (["café/1.png", "élève/1.png"], "cp1252", "cp1252"),
        (["Ångström/1.png", "Øre/1.png"], "cp850", "cp850"),
        (["кошка/1.png", "собака/1.png"], "cp866", "cp866"),
        (["кошка/1.png", "собака/1.png"], "cp1251", "cp1251"),
    ],
)
def test_names_as_they_were(tmp_path, names, code, guessed):
    found, how = names_of(written(tmp_path / "x.zip", names, code))
    assert (list(found), how) == (names, guessed)


@pytest.mark.parametrize("system", [0, 3])
def test_backslashes_of_windows(tmp_path, system):
    path = written(tmp_path / "x.zip", ["a\\1.png", "b\\sub\\2.png"], "ascii", system=system)
    dataset = read_zip(path, (4, 4), 1, lambda *_: None)
    assert dataset.train.names == ("a/1.png", "b/sub/2.png")


def test_a_backslash_of_unix_stays(tmp_path):
    found, _ = names_of(written(tmp_path / "x.zip", ["a/b\\c.png"], "ascii", system=3))
    assert found == ("a/b\\c.png",)


def test_a_backslash_leads_out_of_no_archive(tmp_path):
    path = written(tmp_path / "x.zip", ["..\\..\\a\\1.png"], "ascii", system=0)
    with pytest.raises(DataError, match="leads out of the archive"), opened_zip(path):
        pass


@pytest.mark.parametrize(("right", "expected"), [(True, "naïve/1.png"), (False, "nave/1.png")])
def test_the_unicode_path_of_info_zip(tmp_path, right, expected):
    raw = "na\x8bve/1.png".encode("latin-1")  # cp850
    name = "naïve/1.png".encode()
    checksum = zlib.crc32(raw) if right else 1
    extra = struct.pack("<HHBI", 0x7075, 5 + len(name), 1, checksum) + name
    path = written(tmp_path / "x.zip", ["na\x8bve/1.png"], "latin-1", extra=extra)
    found, _ = names_of(path)
    assert found == ((expected,) if right else ("naïve/1.png",))


def test_a_guess_is_said(tmp_path):
    path = written(tmp_path / "jp.zip", ["猫/1.png", "犬/1.png"], "cp932")
    dataset = read_zip(path, (4, 4), 1, lambda *_: None)
    assert dataset.classes == ("犬", "猫")
    (warning,) = map(str, dataset.warnings)
    assert "read as cp932 (Japanese), which is a guess: 猫/1.png, 犬/1.png." in warning
    assert "unzip -O ENCODING" in warning


def test_what_macos_adds_is_left_out(tmp_path):
    names = ["café/1.png", "z/1.png", "__MACOSX/café/._1.png", "café/._1.png", ".DS_Store"]
    dataset = read_zip(written(tmp_path / "x.zip", names, "utf-8"), (4, 4), 1, lambda *_: None)
    assert dataset.train.names == ("café/1.png", "z/1.png")
    assert dataset.warnings == ()
