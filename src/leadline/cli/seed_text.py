"""One experiment over several seeds, in a line for the screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from leadline.report.formatting import percent, points

if TYPE_CHECKING:
    from leadline.analysis.failed_runs import FailedRun
    from leadline.analysis.seed_variation import SeedVariation
    from leadline.analysis.significance.guessing import Guessing
    from leadline.runs import Run


def accuracy_variation(done: Sequence[Run]) -> SeedVariation:
    """Return the variation of the test accuracy over seeds."""
    from leadline.analysis.seed_variation import SHARE, seed_variation

    return seed_variation([run.metrics.test.accuracy for run in done], SHARE)


def spread_line(done: Sequence[Run]) -> str:
    """ "3 seeds: mean test accuracy 97.76%, standard deviation 0.02 ..."."""
    found = accuracy_variation(done)
    if found.sd is None or found.low is None or found.high is None:
        return "Only one seed has a result, so seed-to-seed variation is unknown. Try --seeds 3."
    deviation = points(found.sd).lstrip("+±")
    return (
        f"{found.n} seeds: mean test accuracy {percent(found.mean)}, standard deviation "
        f"{deviation} percentage points; 95% interval of the mean over seeds "
        f"{percent(found.low)} to {percent(found.high)}"
    )


def failed_lines(done: Sequence[Run], failed: Sequence[FailedRun]) -> Iterator[str]:
    """ "cnn-1: 2 of 3 seeds; seed 1 diverged in epoch 4." for each experiment with failed runs."""
    from leadline.analysis.failed_runs import failed_of
    from leadline.report.words.failed_words import shortfall

    finished = [run.experiment.name for run in done]
    for name in dict.fromkeys(one.experiment for one in failed):
        said = shortfall(failed_of(failed, name), finished.count(name))
        yield f"{name}: {said}. Run the same command again to retry the failed seeds."


def guessing_lines(done: Sequence[Run], over_seeds: Guessing | None) -> Iterator[str]:
    """Yield warnings if the mean over seeds, or single seeds, may be guessing."""
    from leadline.report.words.guessing_words import failing_seeds, stated

    if over_seeds is not None and (said := stated(over_seeds)):
        yield said
    by_seed = [(run.metrics.seed, run.metrics.guessing) for run in done]
    if failing := failing_seeds((seed, found) for seed, found in by_seed if found is not None):
        yield failing
