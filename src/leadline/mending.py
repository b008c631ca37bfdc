"""Whether the next model mends the confusions of the one before it: from finished runs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from leadline.comparing import RESAMPLING_SEED, entries_of, groups_of
from leadline.evaluation.comparison import Contestant
from leadline.evaluation.mending import Mending, mending
from leadline.runs import Run


def mend_runs(done: Sequence[Run], stages: Sequence[str]) -> Mending | None:
    """What each of these experiments, by name and in this order, does with confusions.

    None for fewer than two, and where runs of one name have other settings. Raises RunError as
    `compare_runs`.
    """
    if len(stages) < 2:
        return None
    entries = entries_of([run for run in done if run.experiment.name in stages])
    by_name = {entry.name: entry for entry in entries}
    if not by_name.keys() >= set(stages):
        return None
    first = entries[0]
    return mending(
        [
            Contestant(name, tuple(said.probabilities for said in by_name[name].said))
            for name in stages
        ],
        first.said[0].labels,
        first.runs[0].metrics.classes,
        np.random.default_rng(RESAMPLING_SEED),
        groups=groups_of(entries),
    )
