"""The chest X-rays: where they are looked for, and what is said where they are not found."""

from __future__ import annotations

import shutil
import sys
import types

import pytest

from leadline.data.sources.kermany_chest import KAGGLE_HANDLE, from_kaggle, load_chest
from leadline.data.sources.source_list import load_dataset
from leadline.errors import DataError, SourceError
from leadline.experiments import Data


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache" / "chest-xray"


def never():
    pytest.fail("not asked for")


def load(cache, kaggle=never):
    return load_chest(cache, (4, 4), 1, lambda *_: None, kaggle=kaggle)


@pytest.mark.parametrize("below", ["", "chest_xray", "a/b"])
def test_a_folder_put_into_the_cache(cache, tiny_folder, below):
    shutil.copytree(tiny_folder, cache / below)
    dataset = load(cache)
    assert (dataset.name, dataset.source) == ("chest-xray", "cache")
    assert dataset.train.names[0] == "train/9/a1.png"


def test_an_archive_put_into_the_cache(cache, tiny_folder):
    cache.mkdir(parents=True)
    shutil.make_archive(str(cache / "archive"), "zip", tiny_folder.parent, tiny_folder.name)
    assert load(cache).train.pixels[:, 0, 0, 0].tolist() == [10, 20, 40, 50]


def test_what_kaggle_gave_is_found_below_its_folder(cache, tiny_folder):
    dataset = load(cache, lambda: tiny_folder.parent)
    assert (dataset.name, dataset.source) == ("chest-xray", "kaggle")


def test_with_no_way_left_each_is_named_and_how_to_get_them(cache):
    def fails():
        raise DataError("no network")

    with pytest.raises(SourceError) as raised:
        load(cache, fails)
    assert str(raised.value) == (
        f"The chest X-rays could not be fetched. Tried: cache: no images in {cache}; Kaggle: no "
        'network. By hand: download "Chest X-Ray Images (Pneumonia)" from Kaggle, or "Labeled '
        'Optical Coherence Tomography (OCT) and Chest X-Ray Images for Classification" (Kermany, '
        "Zhang and Goldbaum, 2018) from Mendeley Data, and give the folder that holds train and "
        f"test, or the zip itself, as --data DIR, or put it into {cache}; or pip install kagglehub "
        "and try again."
    )


def test_an_empty_answer_of_kaggle(cache, tmp_path):
    with pytest.raises(SourceError, match="could not be fetched"):
        load(cache, lambda: tmp_path / "nothing")


def pretend_kagglehub(monkeypatch, download):
    hub = types.SimpleNamespace(dataset_download=download)
    monkeypatch.setitem(sys.modules, "kagglehub", hub)


def test_kagglehub_is_asked_by_its_handle(monkeypatch, tmp_path):
    asked: list[str] = []

    def answer(handle: str) -> str:
        asked.append(handle)
        return str(tmp_path)

    pretend_kagglehub(monkeypatch, answer)
    assert from_kaggle() == tmp_path
    assert asked == [KAGGLE_HANDLE]


def test_what_kagglehub_raises_becomes_one_line(monkeypatch):
    def unreachable(_handle):
        raise ConnectionError("no route\n  to host")

    pretend_kagglehub(monkeypatch, unreachable)
    with pytest.raises(DataError, match=r"^ConnectionError: no route to host$"):
        from_kaggle()


def test_without_kagglehub(monkeypatch):
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    with pytest.raises(DataError, match="kagglehub is not installed"):
        from_kaggle()


def test_an_experiment_asks_for_them_by_name(monkeypatch, cache, tiny_folder):
    shutil.copytree(tiny_folder, cache)
    monkeypatch.setenv("LEADLINE_CACHE", str(cache.parent))
    data = Data(source="chest-xray", size_px=(3, 2), group_pattern="a[0-9]")
    dataset = load_dataset(data)
    assert dataset.train.pixels.shape == (4, 3, 2, 1)
    assert dataset.train.groups == ("a1", "a2", "a1", "a2")


def test_the_real_ones_in_their_official_split(chest_folder):
    dataset = load_dataset(Data(size_px=(32, 32)), path=chest_folder)
    assert dataset.classes == ("NORMAL", "PNEUMONIA")
    parts = (dataset.train, dataset.validation, dataset.test)
    counts = [[int((part.labels == label).sum()) for label in (0, 1)] for part in parts if part]
    assert counts == [[1_341, 3_875], [8, 8], [234, 390]]
    assert list(dataset.warnings) == []
