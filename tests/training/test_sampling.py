"""Draws: within their bounds, reaching them, and the same from equal generators."""

from __future__ import annotations

from math import log

import pytest
import torch

from leadline.training.photometric import between, evenly, factors, signs

N = 4000


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(
    ("draw", "low", "high", "middle"),
    [
        (lambda: evenly(N, 3.0, generator()), -3.0, 3.0, 0.0),
        (lambda: between(N, 0.3, 1.3, generator()), 0.3, 1.3, 0.8),
        (lambda: factors(N, 1.0, generator()), 0.5, 2.0, 1.0),
    ],
    ids=["evenly", "between", "factors"],
)
def test_bounds_are_kept_and_reached(draw, low, high, middle):
    drawn = draw()
    reach = high - low
    assert drawn.shape == (N,)
    assert drawn.dtype == torch.float32
    assert low <= float(drawn.min()) < low + 0.01 * reach
    assert high - 0.01 * reach < float(drawn.max()) <= high
    assert float(drawn.median()) == pytest.approx(middle, abs=0.03 * reach)


def test_factors_are_even_in_the_logarithm():
    """Their logarithms, by eighths of their range, hold an eighth of the draws each."""
    logs = factors(N, 3.0, generator()).log() / log(4)
    counts = logs.histc(8, min=-1, max=1)
    assert float((counts / N - 1 / 8).abs().max()) < 0.02


def test_signs_are_both_as_likely():
    drawn = signs(N, generator())
    assert sorted(drawn.unique().tolist()) == [-1.0, 1.0]
    assert abs(float(drawn.mean())) < 0.06


@pytest.mark.parametrize("draw", [lambda g: evenly(5, 1, g), lambda g: between(5, 0, 1, g)])
def test_the_generator_decides(draw):
    assert torch.equal(draw(generator(3)), draw(generator(3)))
    assert not torch.equal(draw(generator(3)), draw(generator(4)))


def test_a_reach_of_nought_is_nought():
    assert evenly(3, 0.0, generator()).abs().max() == 0
    assert factors(3, 0.0, generator()).tolist() == [1.0, 1.0, 1.0]
