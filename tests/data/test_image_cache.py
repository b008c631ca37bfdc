"""Decoded once: what is kept answers as decoding does, until anything that decides it changes."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from tests.scratch_names import dead_scratch_name

from leadline.data import image_cache
from leadline.data.formats.image_files import read_images
from leadline.data.formats.readers import read_path
from leadline.data.image_cache import read_kept
from leadline.data.sources.cache_folder import write_atomic
from leadline.data.sources.source_list import load_dataset
from leadline.errors import DataError
from leadline.experiments import Data
from leadline.system.temporary_files import scratch_name


def silent(*_):
    return None


class Decoding:
    """Decodes as ever, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, *arguments, **settings):
        self.times += 1
        return read_images(*arguments, **settings)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, which keeps even a few files, and such as were written just now."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("LEADLINE_CACHE", str(folder))
    monkeypatch.setattr(image_cache, "FEWEST", 1)
    monkeypatch.setattr(image_cache, "SETTLED_NS", -(10**12))
    return folder / "decoded"


@pytest.fixture
def decoding(monkeypatch) -> Decoding:
    counter = Decoding()
    monkeypatch.setattr(image_cache, "read_images", counter)
    return counter


@pytest.fixture
def files(tmp_path, save_image) -> list[Path]:
    paths = [tmp_path / f"{number}.png" for number in range(3)]
    for number, path in enumerate(paths):
        save_image(path, 10 * number)
    return paths


def levels(files: list[Path], size_px: tuple[int, int] = (2, 2), channels: int = 1) -> list[int]:
    """The first pixel of each image."""
    pixels = read_kept(files, [path.name for path in files], size_px, channels, silent)
    assert pixels.shape == (len(files), *size_px, channels)
    assert pixels.dtype == np.uint8
    return [int(level) for level in pixels[:, 0, 0, 0]]


def test_the_second_time_nothing_is_decoded(cache, decoding, files):
    assert levels(files) == [0, 10, 20]
    assert levels(files) == [0, 10, 20]
    assert decoding.times == 1
    assert sorted(path.suffix for path in cache.iterdir()) == [".json", ".npy"]


def test_what_is_kept_may_be_written_to(cache, decoding, files):
    pixels = read_kept(files, "abc", (2, 2), 1, silent)
    pixels[:] = 9
    again = read_kept(files, "abc", (2, 2), 1, silent)
    again[:] = 9
    assert decoding.times == 1


def test_the_end_of_the_progress_is_told(cache, files):
    said: list[tuple[str, int, int]] = []
    levels(files)
    read_kept(files, [path.name for path in files], (2, 2), 1, lambda *step: said.append(step))
    assert said == [("read", 3, 3)]


def test_a_changed_file_is_read_again(cache, decoding, files, save_image):
    assert levels(files) == [0, 10, 20]
    before = files[1].stat()
    save_image(files[1], 90)
    # The same size and the same time of modification, as a copy that keeps times would have.
    assert files[1].stat().st_size == before.st_size
    os.utime(files[1], ns=(before.st_atime_ns, before.st_mtime_ns))
    assert levels(files) == [0, 90, 20]
    assert decoding.times == 2


@pytest.mark.parametrize("kind", ["order", "fewer", "renamed", "size", "channels", "version"])
def test_whatever_decides_the_pixels_makes_another_array(cache, decoding, files, monkeypatch, kind):
    levels(files)
    if kind == "order":
        assert levels(files[::-1]) == [20, 10, 0]
    elif kind == "fewer":
        assert levels(files[1:]) == [10, 20]
    elif kind == "renamed":
        levels([files[0], files[1], files[2].rename(files[2].with_name("x.png"))])
    elif kind == "version":
        monkeypatch.setattr(image_cache, "READER_VERSION", image_cache.READER_VERSION + 1)
        levels(files)
    else:
        levels(files, (3, 2) if kind == "size" else (2, 2), 3 if kind == "channels" else 1)
        levels(files)
    assert decoding.times == 2


def test_names_are_below_the_folder_of_the_data(cache, decoding, files):
    for names in ("abc", "abc", "abd"):
        read_kept(files, names, (2, 2), 1, silent)
    assert decoding.times == 2


def test_two_folders_that_differ_in_their_files_alone(cache, tmp_path, save_image):
    for name, level in (("one", 10), ("two", 20)):
        save_image(tmp_path / name / "a" / "1.png", level)
        save_image(tmp_path / name / "b" / "1.png", level)
    data = Data(size_px=(2, 2))
    firsts = [
        load_dataset(data, path=tmp_path / name).train.pixels[0, 0, 0, 0] for name in ("one", "two")
    ]
    assert firsts == [10, 20]


def test_members_of_archives_are_known_by_their_sums(cache, decoding, tmp_path, save_image):
    for level in (10, 90):
        with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
            for name in ("a/1.png", "b/1.png"):
                save_image(tmp_path / "one.png", level)
                archive.write(tmp_path / "one.png", name)
        for _ in range(2):
            dataset = read_path(tmp_path / "x.zip", (2, 2), 1, silent)
            assert dataset.train.pixels.max() == level
    assert decoding.times == 2


def test_few_files_are_not_kept(cache, decoding, files, monkeypatch):
    monkeypatch.setattr(image_cache, "FEWEST", 4)
    assert levels(files) == levels(files) == [0, 10, 20]
    assert decoding.times == 2
    assert not cache.exists()


def test_files_that_may_still_change_are_not_kept(cache, files, monkeypatch):
    monkeypatch.setattr(image_cache, "SETTLED_NS", 60 * 10**9)
    assert levels(files) == [0, 10, 20]
    assert not cache.exists()


def test_files_that_change_while_they_are_read_are_not_kept(cache, files, monkeypatch, save_image):
    def changing(paths, *arguments, **settings):
        pixels = read_images(paths, *arguments, **settings)
        save_image(files[0], 70)
        return pixels

    monkeypatch.setattr(image_cache, "read_images", changing)
    assert levels(files) == [0, 10, 20]
    assert not cache.exists()


@pytest.mark.parametrize("suffix", [".npy", ".json"])
@pytest.mark.parametrize("damage", ["gone", "empty", "cut", "changed", "other"])
def test_a_damaged_array_is_made_again(cache, decoding, files, suffix, damage):
    levels(files)
    path = next(cache.glob(f"*{suffix}"))
    content = path.read_bytes()
    if damage == "gone":
        path.unlink()
    elif damage == "other" and suffix == ".npy":
        np.save(path, np.array([{"x": 1}], object), allow_pickle=True)
    else:
        changed = content[:-3] + bytes([content[-3] ^ 8]) + content[-2:]
        path.write_bytes({"empty": b"", "cut": content[:-2], "other": b"[]"}.get(damage, changed))
    assert levels(files) == [0, 10, 20]
    assert decoding.times == 2
    assert levels(files) == [0, 10, 20]
    assert decoding.times == 2


def test_a_cache_that_cannot_be_written_is_done_without(decoding, files, tmp_path, monkeypatch):
    monkeypatch.setattr(image_cache, "FEWEST", 1)
    monkeypatch.setattr(image_cache, "SETTLED_NS", -(10**12))
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LEADLINE_CACHE", str(tmp_path / "file"))
    assert levels(files) == levels(files) == [0, 10, 20]
    assert decoding.times == 2


def test_what_cannot_be_read_is_said_and_not_kept(cache, files):
    files[1].write_bytes(b"no image")
    with pytest.raises(DataError, match=r"1\.png: cannot be read as an image"):
        levels(files)
    (files[2]).unlink()
    with pytest.raises(DataError, match="2 files are like this"):
        levels(files)
    assert not cache.exists()


def test_the_array_used_longest_ago_goes_first(cache, decoding, files, monkeypatch):
    one_bytes = 128 + 3 * 2 * 2
    monkeypatch.setattr(image_cache, "MOST_BYTES", 3 * one_bytes + 20)
    ages = {}
    for age, chosen in enumerate((files, files[::-1])):
        before = set(cache.glob("*.npy")) if cache.exists() else set()
        levels(chosen)
        ages[age] = (set(cache.glob("*.npy")) - before).pop()
        os.utime(ages[age], (1_000 + age, 1_000 + age))
    levels(files)  # used again, so that the other is the older one
    levels([files[1], files[0], files[2]])
    levels([files[2], files[0], files[1]])
    assert ages[0].exists()
    assert not ages[1].exists()
    assert not ages[1].with_suffix(".json").exists()
    assert len(list(cache.glob("*.npy"))) == 3


def test_what_is_larger_than_the_whole_cache_is_not_kept(cache, files, monkeypatch):
    monkeypatch.setattr(image_cache, "MOST_BYTES", 11)
    assert levels(files) == [0, 10, 20]
    assert not cache.exists()


def test_files_of_killed_writers_are_removed(cache, files):
    cache.mkdir(parents=True)
    dead, alive = cache / dead_scratch_name(), cache / scratch_name()
    for path in (dead, alive):
        path.write_bytes(b"half")
    levels(files)
    assert (dead.exists(), alive.exists()) == (False, True)


def test_the_sum_is_there_before_its_array(cache, files, monkeypatch):
    """For another process removes an array without its sum."""
    arrays: list[list[Path]] = []

    def write(path, content):
        arrays.append(list(cache.glob("*.npy")))
        write_atomic(path, content)

    monkeypatch.setattr(image_cache, "write_atomic", write)
    levels(files)
    assert arrays == [[]]


def test_old_sums_without_their_array_are_removed(cache, files):
    cache.mkdir(parents=True)
    old, new = cache / "old.json", cache / "new.json"
    for path in (old, new):
        path.write_text("{}\n")
    os.utime(old, (1_000, 1_000))
    levels(files)
    assert (old.exists(), new.exists()) == (False, True)
    assert len(list(cache.glob("*.json"))) == 2


def test_nothing_of_the_names_is_written_down(cache, files):
    levels(files)
    said = json.loads(next(cache.glob("*.json")).read_text(encoding="utf-8"))
    assert said == {"shape": [3, 2, 2, 1], "crc32": said["crc32"]}


@pytest.mark.slow
def test_the_chest_xrays_are_decoded_once(chest_folder, tmp_path, monkeypatch, decoding):
    monkeypatch.setenv("LEADLINE_CACHE", str(tmp_path))
    data = Data(size_px=(56, 56))
    first = load_dataset(data, path=chest_folder)
    assert decoding.times == 3
    again = load_dataset(data, path=chest_folder)
    # The 16 validation images are too few to be kept.
    assert decoding.times == 4
    assert again.classes == ("NORMAL", "PNEUMONIA")
    assert np.bincount(again.train.labels).tolist() == [1_341, 3_875]
    np.testing.assert_array_equal(again.train.pixels, first.train.pixels)
