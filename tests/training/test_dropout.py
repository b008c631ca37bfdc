"""Dropout masks: their share, their scale, and that neighbours know nothing of each other."""

from __future__ import annotations

import pytest
import torch

from leadline.models.torch_modules import Dropout, dropout_mask

CPU = torch.device("cpu")


def dropped(
    x: torch.Tensor, rate: float, numbers: torch.Generator, *, by_channel: bool = False
) -> torch.Tensor:
    module = Dropout(rate, by_channel)
    module.generator = numbers
    out: torch.Tensor = module(x)
    return out


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(
    ("rate", "scale"), [(0.5, 2.0), (0.25, 4 / 3), (0.1, 65536 / (65536 - 6554))]
)
def test_values_are_zero_or_one_over_the_kept_share(rate, scale):
    values = dropout_mask((50, 41), rate, generator(), CPU).unique()
    assert values.tolist() == pytest.approx([0.0, scale], rel=1e-7)


@pytest.mark.parametrize("rate", [0.05, 0.1, 0.3, 0.5, 0.9])
def test_the_share_dropped_is_the_rate(rate):
    """Within four standard deviations on a million elements."""
    mask = dropout_mask((1000, 1000), rate, generator(), CPU)
    deviation = (rate * (1 - rate) / 1e6) ** 0.5
    assert float((mask == 0).double().mean()) == pytest.approx(rate, abs=4 * deviation + 1 / 131072)


@pytest.mark.parametrize("lane", range(4))
def test_each_of_the_four_elements_of_a_word_is_even(lane):
    """The sign bit of a 64-bit word must be drawn too: random_() alone leaves it zero."""
    mask = dropout_mask((400_000,), 0.5, generator(), CPU)
    assert float(mask[lane::4].mean()) == pytest.approx(1.0, abs=4 / 100_000**0.5)


@pytest.mark.parametrize("distance", [1, 2, 3, 4, 5, 41])
def test_neighbours_are_not_correlated(distance):
    mask = dropout_mask((1_000_000,), 0.5, generator(), CPU) - 1
    assert abs(float((mask[distance:] * mask[:-distance]).mean())) < 4e-3


def test_rates_at_the_ends():
    x = torch.ones(4, 4)
    assert dropped(x, 0.0, generator()) is x
    almost_all = dropout_mask((1000, 100), 0.999999, generator(), CPU)
    assert torch.isfinite(almost_all).all()


def test_generators_decide():
    first, second = (dropout_mask((9, 7), 0.5, generator(3), CPU) for _ in range(2))
    assert torch.equal(first, second)
    assert not torch.equal(first, dropout_mask((9, 7), 0.5, generator(4), CPU))


def test_the_gradient_passes_where_the_value_did():
    x = torch.rand(8, 8, requires_grad=True)
    out = dropped(x, 0.5, generator())
    (gradient,) = torch.autograd.grad(out.sum(), x)
    assert torch.equal(gradient, (out != 0) * 2.0)


def test_spatial_dropout_drops_whole_channels():
    out = dropped(torch.ones(5, 3, 4, 64), 0.5, generator(), by_channel=True)
    assert torch.equal(out, out[:, :1, :1].expand_as(out))
    assert out.unique().tolist() == [0.0, 2.0]
    assert not torch.equal(out[0, 0, 0], out[1, 0, 0])
