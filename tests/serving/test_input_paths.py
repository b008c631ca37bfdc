"""What paths name: in which order, and what of a hostile folder is met."""

import os
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from leadline.errors import DataError
from leadline.serving import Inputs
from leadline.serving.input_paths import matching, name_of


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def touch(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(b"x")


def packed(path: str, *names: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")


class FromWindows(zipfile.ZipInfo):
    """A member whose name is written as Windows writes it in Japan: cp932, and no flag of UTF-8."""

    def _encodeFilenameFlags(self):  # noqa: N802 - zipfile's name
        return self.filename.encode("cp932"), self.flag_bits


def met(*paths: str) -> list[str]:
    """Names, "!" and the reason of what has none, and "-" where an archive closes."""
    return [
        "-" if one is None else f"!{one}" if isinstance(one, DataError) else name_of(one)
        for one in Inputs(paths)
    ]


def test_files_in_the_order_given_and_twice_if_given_twice(here):
    touch("b.png", "a.png")
    assert met("b.png", "a.png", "b.png") == ["b.png", "a.png", "b.png"]


def test_a_folder_is_walked_in_natural_order(here):
    touch("f/10.png", "f/9.PNG", "f/b/2.jpg", "f/b/1.jpeg", "f/b/c/x.tiff", "f/a.webp")
    below = ["f/b/1.jpeg", "f/b/2.jpg", "f/b/c/x.tiff"]
    assert met("f") == ["f/9.PNG", "f/10.png", "f/a.webp", *below]
    assert met("f/b", "f/a.webp") == [*below, "f/a.webp"]


def test_what_is_left_out_of_a_folder_is_counted(here):
    touch("f/1.png", "f/notes.txt", "f/.hidden.png", "f/Thumbs.db", "f/__MACOSX/1.png",
          "f/.git/1.png", "f/more.zip", "f/README")  # fmt: skip
    inputs = Inputs(["f"])
    assert list(inputs) == [Path("f/1.png")]
    assert [(one.reason, one.suffix, one.count, one.first) for one in inputs.left_out.kinds()] == [
        ("hidden", ".png", 1, "f/.hidden.png"),
        ("not-an-image", "", 1, "f/README"),
        ("not-an-image", ".zip", 1, "f/more.zip"),
        ("not-an-image", ".txt", 1, "f/notes.txt"),
    ]


def test_a_file_that_is_named_is_read_whatever_it_is_called(here):
    touch("scan", ".hidden", "x.dat")
    assert met("scan", ".hidden", "x.dat") == ["scan", ".hidden", "x.dat"]


def test_dicom_without_a_suffix(here):
    touch("f/IM0002")
    Path("f/IM0001").write_bytes(bytes(128) + b"DICM")
    assert met("f") == ["f/IM0001"]


def test_patterns_that_no_shell_has_expanded(here):
    touch("f/10.png", "f/9.png", "f/x.txt", "f/g/1.png", "f/.h.png")
    assert met("f/*.png") == ["f/9.png", "f/10.png"]
    assert met("f/**/*.png") == ["f/9.png", "f/10.png", "f/g/1.png"]
    assert met("f/**") == ["f/9.png", "f/10.png", "f/g/1.png", "f/x.txt"]
    assert met("f/?") == ["f/g/1.png"]
    assert met("*.gif") == ["!*.gif: not a valid file name."]


def test_a_pattern_of_any_depth(here):
    touch("f/1.png", "f/a/2.png", "f/a/b/2.png", "f/a/b/c/3.png", "f/.h/4.png", "f/[a]/5.png")
    everything = ["f/1.png", "f/[a]/5.png", "f/a/2.png", "f/a/b/2.png", "f/a/b/c/3.png"]
    assert met("**/*.png") == met("f/**/**/*.png") == met("f/**/") == everything
    assert met(f"{here}/**/2.png") == [f"{here}/f/a/2.png", f"{here}/f/a/b/2.png"]
    assert met("f/**/b/**/*.png") == ["f/a/b/2.png", "f/a/b/c/3.png"]
    assert met("*/**/c/*", "f/a/**/2.png") == ["f/a/b/c/3.png", "f/a/2.png", "f/a/b/2.png"]
    assert met("gone/**/*.png") == ["!gone/**/*.png: not a valid file name."]


def test_a_pattern_of_any_depth_goes_round_in_no_circle(here):
    """One such link makes 40 paths to each file, until the system says no more; two make 2^40."""
    touch("f/1.png", "f/a/2.png", "elsewhere/3.png")
    Path("f/back").symlink_to(".")
    Path("f/a/out").symlink_to("../../elsewhere")
    assert met("f/**/*.png") == met("f/**") == ["f/1.png", "f/a/2.png"]
    assert met("f/**/out/*.png", "f/back/1.png") == ["f/a/out/3.png", "f/back/1.png"]  # by name


def test_a_file_whose_name_looks_like_a_pattern_is_itself(here):
    touch("a[1].png", "a1.png")
    assert met("a[1].png") == ["a[1].png"]
    assert matching("a[1].png") == ["a[1].png"]


def test_an_archive_is_read_in_place_and_closed_after_it_was_read(here):
    packed("x.zip", "b/10.png", "b/9.png", "a.png", "notes.txt", "__MACOSX/a.png", "inner.zip")
    touch("z.png")
    inputs = Inputs(["x.zip", "z.png"])
    assert [str(one) for one in inputs] == [
        "x.zip/a.png", "x.zip/b/9.png", "x.zip/b/10.png", "None", "z.png"
    ]  # fmt: skip
    assert [(one.suffix, one.first) for one in inputs.left_out.kinds()] == [
        (".zip", "x.zip/inner.zip"),  # a zip within a zip is not opened
        (".txt", "x.zip/notes.txt"),
    ]


def test_names_in_an_archive_that_had_to_be_guessed(here):
    with zipfile.ZipFile("x.zip", "w") as archive:
        for name in ("猫/一.png", "犬/二.png"):
            archive.writestr(FromWindows(name), b"x")
    inputs = Inputs(["x.zip"])
    assert [str(one) for one in inputs] == ["x.zip/犬/二.png", "x.zip/猫/一.png", "None"]
    (remark,) = inputs.remarks
    assert remark.startswith(
        "x.zip: The names in the archive are not UTF-8; they were read as cp932 (Japanese), which "
        "is a guess: "
    )


@pytest.mark.parametrize("folder", ["empty", "hidden"])
def test_nothing_in_it(here, folder):
    Path("empty").mkdir()
    touch("hidden/.png", "hidden/x.txt")
    packed("none.zip", "x.txt")
    assert met(folder) == [f"!{folder}: holds no images."]
    assert met("none.zip") == ["!none.zip: holds no images.", "-"]


def test_what_is_not_there(here):
    Path("broken.png").symlink_to("gone.png")
    Path("circle.png").symlink_to("circle.png")
    assert met("gone.png", "broken.png", "") == [
        "!gone.png: no such file or folder.",
        "!broken.png: no such file or folder.",
        "!'': an empty path; give a file or a folder.",
    ]
    (reason,) = met("circle.png")
    assert reason.startswith("!circle.png: cannot be read (")
    (reason,) = met("x" * 5_000)
    assert "name too long" in reason
    (reason,) = met("nul\0.png")
    assert "null byte" in reason


def test_links(here):
    touch("f/1.png", "elsewhere/2.png")
    Path("f/file.png").symlink_to("../elsewhere/2.png")
    Path("f/folder").symlink_to("../elsewhere")
    Path("f/loop").symlink_to(".")
    Path("f/gone.png").symlink_to("nowhere")
    Path("f/around").symlink_to("around")
    inputs = Inputs(["f"])
    # A broken link is met, so that reading it names it.
    assert [str(one) for one in inputs] == [
        "f/1.png", "f/file.png", "f/folder/2.png", "f/gone.png"
    ]  # fmt: skip
    assert [(one.reason, one.first) for one in inputs.left_out.kinds()] == [
        ("broken-link", "f/around"),
        ("link", "f/loop"),
    ]
    assert met("f/folder") == ["f/folder/2.png"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_pipes_and_devices_are_not_waited_for(here):
    touch("f/1.png")
    os.mkfifo("f/2.png")
    os.mkfifo("f/pipe")
    assert met("f") == ["f/1.png"]
    assert met("f/2.png", "/dev/null") == [
        "!f/2.png: is a pipe or a device; give a file.",
        "!/dev/null: is a pipe or a device; give a file.",
    ]


def test_a_folder_that_cannot_be_listed_is_said_and_the_rest_read(here, monkeypatch):
    touch("f/1.png", "f/shut/2.png", "f/x.png")
    real = os.scandir

    def scandir(path):
        if Path(path).name == "shut":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert met("f") == ["f/1.png", "!f/shut: cannot be read (Permission denied).", "f/x.png"]


def test_folders_deeper_than_python_counts(monkeypatch):
    @dataclass
    class Folder:
        path: str

        def is_dir(self, **_):
            return True

    def listed(_inputs, folder):
        deeper = len(folder.parts) < 3_000
        return iter([Folder(f"{folder}/d")]) if deeper else DataError(f"{folder.name}: no more.")

    monkeypatch.setattr("leadline.serving.input_paths.Inputs._listed", listed)
    assert met("/") == ["!d: no more."]


def test_names_that_are_no_text(here):
    name = os.fsdecode(b"f/\xe9.png")
    try:
        touch(name)
    except (OSError, UnicodeEncodeError):
        pytest.skip("this file system holds UTF-8 alone")
    touch("f/a\nb.png")
    assert met("f") == ["f/a\nb.png", r"f/\xe9.png"]


def test_nothing_is_listed_before_it_is_asked_for(here, monkeypatch):
    touch("f/1.png", "f/2/3.png")
    listed = []
    real = os.scandir

    def scandir(path):
        listed.append(str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    walking = iter(Inputs(["f"]))
    next(walking)
    assert listed == ["f"]
    next(walking)
    assert listed == ["f", "f/2"]


def test_an_archive_under_another_name(here):
    packed("x.zip", "a.png")
    Path("x.dat").write_bytes(b"bytes before" + Path("x.zip").read_bytes())
    assert met("x.dat") == ["x.dat/a.png", "-"]


def test_an_archive_that_leads_out_of_itself(here):
    packed("x.zip", "../1.png")
    (reason,) = met("x.zip")
    assert reason.startswith("!x.zip: '../1.png' leads out of the archive")


def test_no_archive_and_a_bomb(here):
    Path("x.zip").write_bytes(b"no archive")
    with zipfile.ZipFile("bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("1.png", bytes(64 * 2**20))
    not_one, bomb = met("x.zip", "bomb.zip")
    assert not_one.startswith("!x.zip: damaged (not a zip archive, or cut short)")
    assert "to 67,108,864 bytes, which no image does" in bomb


def test_names_are_text():
    assert name_of(Path("a/é.png")) == "a/é.png"
    assert name_of(Path("a/\udce9.png")) == r"a/\xe9.png"


def test_what_may_not_be_looked_at_is_met_so_that_reading_names_it(here, monkeypatch):
    touch("f/1.png", "f/2.txt")

    def stat(self, **_):
        raise PermissionError(13, "Permission denied", str(self))

    real = Path.stat
    monkeypatch.setattr(
        Path, "stat", lambda self, **_: real(self) if self.name == "f" else stat(self)
    )
    assert met("f") == ["f/1.png"]
