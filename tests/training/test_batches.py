"""Batches hold every image once, with its own label and features."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.training.conftest import build, experiment, images

from leadline.experiments.training_settings import Augmentation
from leadline.training.batches import Batches, as_tensor

CPU = torch.device("cpu")
SOME = images(50)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def batches(**arguments: object) -> Batches:
    return Batches(SOME, build(experiment()).features, CPU, **arguments)  # type: ignore[arg-type]


def expected(index: int) -> list[float]:
    return list((SOME.pixels[index].reshape(-1) / np.float32(255)).tolist())


@pytest.mark.parametrize("resident_max_bytes", [10**9, 0])
def test_ordered_batches(resident_max_bytes):
    found = list(batches(resident_max_bytes=resident_max_bytes).ordered(16))
    assert [len(labels) for _, labels in found] == [16, 16, 16, 2]
    assert torch.cat([labels for _, labels in found]).tolist() == SOME.labels.tolist()
    features = torch.cat([features for features, _ in found])
    assert features.dtype == torch.float32
    assert features[17].tolist() == pytest.approx(expected(17))


@pytest.mark.parametrize("resident_max_bytes", [10**9, 0])
def test_shuffled_batches_keep_labels_with_their_images(resident_max_bytes):
    some = batches(resident_max_bytes=resident_max_bytes)
    found = list(some.shuffled(16, generator()))
    assert [len(labels) for _, labels in found] == [16, 16, 16, 2]
    features = torch.cat([features for features, _ in found])
    labels = torch.cat([labels for _, labels in found])
    everything, right = next(some.ordered(50))
    places = [int((everything - row).abs().sum(dim=1).argmin()) for row in features]
    assert sorted(places) == list(range(50))
    assert places != list(range(50))
    assert labels.tolist() == [int(right[place]) for place in places]


def test_arrays_that_torch_cannot_share_are_copied(recwarn):
    """Read-only, as files that are mapped into memory are; and turned around."""
    frozen = np.arange(6, dtype=np.uint8)
    frozen.flags.writeable = False
    assert as_tensor(frozen[::-1]).tolist() == [5, 4, 3, 2, 1, 0]
    assert as_tensor(frozen).tolist() == [0, 1, 2, 3, 4, 5]
    assert not [warning for warning in recwarn if "writable" in str(warning.message)]


def test_the_generator_decides_the_order():
    some = batches()
    one, same, other = (
        torch.cat([features for features, _ in some.shuffled(16, generator(seed))])
        for seed in (1, 1, 2)
    )
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_changed_images_are_drawn_anew_each_time():
    some = batches(changes=Augmentation(brightness_fraction=0.3), generator=generator())
    first, second = (next(some.ordered(50))[0] for _ in range(2))
    assert not torch.equal(first, second)
    # What the network sees are bytes over 255, as in the model file.
    assert torch.equal((first * 255).round() / 255, first)
