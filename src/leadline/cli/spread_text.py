"""One experiment over several seeds, in a line for the screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from leadline.report.wording import percent, points

if TYPE_CHECKING:
    from leadline.evaluation.spread import Spread
    from leadline.runs import Run


def accuracy_spread(done: Sequence[Run]) -> Spread:
    """Of the test accuracy, over the seeds."""
    from leadline.evaluation.spread import SHARE, spread

    return spread([run.metrics.test.accuracy for run in done], SHARE)


def spread_line(done: Sequence[Run]) -> str:
    """ "3 seeds: mean test accuracy 97.76%, standard deviation 0.02 ..."."""
    found = accuracy_spread(done)
    if found.sd is None or found.low is None or found.high is None:
        return "1 seed: how far another would differ, it does not tell; --seeds 3 would."
    deviation = points(found.sd).lstrip("+±")
    return (
        f"{found.n} seeds: mean test accuracy {percent(found.mean)}, standard deviation "
        f"{deviation} percentage points; 95% interval of the mean over seeds "
        f"{percent(found.low)} to {percent(found.high)}"
    )
