"""The reliability plot: each bin where its numbers say, and how many images stand behind it."""

import pytest
from tests.report.svg_reading import lines, marks, texts

from leadline.metrics.calibration import Bin
from leadline.report.plots.reliability import reliability_plot

BINS = (
    Bin(0.0, 0.0, 0, None, None, (0.0, 1.0)),
    Bin(0.0, 0.5, 8, 0.25, 0.125, (0.02, 0.47)),
    Bin(0.5, 1.0, 2, 0.75, 1.0, (0.34, 1.0)),
)
UNIT_PX = 324 / 1.04


def plot(bins=BINS, positive="PNEUMONIA"):
    return reliability_plot(bins, uid="r", positive=positive, description="")


def at(x, y):
    return 58 + (x + 0.02) * UNIT_PX, 6 + (1.02 - y) * UNIT_PX


def test_a_bin_lies_at_its_mean_and_its_share():
    assert marks(plot()) == {
        "predicted 25.0%, observed 12.5% (2.0–47.0%), 8 images": pytest.approx(
            at(0.25, 0.125), abs=0.01
        ),
        "predicted 75.0%, observed 100.0% (34.0–100.0%), 2 images": pytest.approx(
            at(0.75, 1), abs=0.01
        ),
    }


def test_bars_are_its_interval():
    first, second = lines(plot(), "validation")
    assert first == [
        pytest.approx(at(0.25, 0.02), abs=0.01),
        pytest.approx(at(0.25, 0.47), abs=0.01),
    ]
    assert second[1] == pytest.approx(at(0.75, 1.0), abs=0.01)


def test_counts_are_said():
    assert "<title>0.0% to 50.0%: 8 images</title>" in plot()
    assert "<title>50.0% to 100.0%: 2 images</title>" in plot()


def test_a_long_or_hostile_class_name_stays_text():
    svg = plot(positive="<b>" + "x" * 90)
    assert "<b>" not in svg
    assert any(text.endswith("…") for text in texts(svg))
