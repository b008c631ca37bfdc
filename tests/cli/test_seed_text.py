"""The line on several seeds of one experiment."""

from types import SimpleNamespace
from typing import Any

from leadline.cli.seed_text import spread_line


def test_no_accuracy_lies_below_nought_or_above_one():
    """Of 0.5 and 1 the deviation is 0.3536, and Student's t of one degree of freedom 12.7."""
    done: list[Any] = [
        SimpleNamespace(metrics=SimpleNamespace(test=SimpleNamespace(accuracy=accuracy)))
        for accuracy in (0.5, 1.0)
    ]
    assert spread_line(done) == (
        "2 seeds: mean test accuracy 75.00%, standard deviation 35.36 percentage points; "
        "95% interval of the mean over seeds 0.00% to 100.00%"
    )
