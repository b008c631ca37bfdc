"""Seeds of layers, and global generators that are put back."""

from __future__ import annotations

import random

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from leadline.models.seeds import global_seed, layer_seed


def drawn() -> tuple[float, float, float]:
    return random.random(), np.random.rand(), torch.rand(1).item()  # noqa: NPY002 - global on purpose


@given(st.integers(0, 2**64), st.integers(0, 1000), st.integers(0, 1))
def test_a_layer_seed_is_a_small_number_that_hangs_on_its_arguments_only(seed, number, which):
    first = layer_seed(seed, number, which)
    assert 0 <= first < 2**31
    assert layer_seed(seed, number, which) == first


def test_layer_seeds_differ_by_seed_layer_and_array():
    seeds = {layer_seed(s, n, w) for s in range(20) for n in range(20) for w in range(2)}
    assert len(seeds) == 20 * 20 * 2


def test_the_block_draws_the_same_whatever_came_before():
    with global_seed(3):
        first = drawn()
    drawn()
    with global_seed(3):
        assert drawn() == first
    with global_seed(4):
        assert drawn() != first


def test_the_generators_go_on_as_if_the_block_had_not_been():
    with global_seed(0):
        pass
    random.seed(9)
    np.random.seed(9)  # noqa: NPY002 - global on purpose
    torch.manual_seed(9)
    expected = drawn()
    random.seed(9)
    np.random.seed(9)  # noqa: NPY002
    torch.manual_seed(9)
    with global_seed(1):
        drawn()
    assert drawn() == expected
