"""The few lines that end the training of a two-class model."""

import numpy as np

from leadline.cli.binary_text import binary_lines
from leadline.metrics.binary import BinaryPredictions, binary_metrics
from leadline.metrics.estimates import OperatingPoint
from leadline.metrics.thresholds import HALF


def test_the_lines_by_hand():
    scores = np.array([0.9, 0.8, 0.7, 0.3, 0.6, 0.2, 0.2, 0.1])
    answers = BinaryPredictions(scores, np.arange(8) < 4)
    points = [OperatingPoint("youden", 0.65), OperatingPoint("sensitivity", 0.25)]
    found = binary_metrics(answers, ("no", "yes"), points, np.random.default_rng(0))
    # 15 of 16 pairs are in order; Wilson's bounds of 3 of 4 and 4 of 4.
    all_right, three_right = "100.0% (51.0–100.0%)", "75.0% (30.1–95.4%)"
    assert list(binary_lines(found)) == [
        "  yes: AUROC 0.938 (0.438–0.997); 95% intervals in brackets",
        f"  at Youden's threshold, 0.650: sensitivity {three_right}, specificity {all_right}",
        f"  at the sensitive threshold, 0.250: sensitivity {all_right}, specificity {three_right}",
    ]


def test_a_metric_without_value_gives_its_reason():
    answers = BinaryPredictions(np.array([0.9, 0.2]), np.array([True, True]))
    lines = list(
        binary_lines(binary_metrics(answers, ("no", "yes"), [HALF], np.random.default_rng(0)))
    )
    assert lines[0].startswith("  yes: AUROC undefined: all images are of class yes;")
    assert lines[1].endswith("specificity undefined: all images are of class yes")
    assert "at threshold 0.5, 0.500" in lines[1]
