"""Tests of confusions between finished runs: fixed, moved, or made worse by the next model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from leadline.analysis.significance.comparison import Contestant
from leadline.analysis.significance.confusion_change import ConfusionChanges, confusion_changes
from leadline.analysis.significance.confusion_claims import ClaimTest, check_claims
from leadline.analysis.significance.lab_claims import LAB_CLAIMS
from leadline.experiments import load_study
from leadline.runs import Run
from leadline.workflow.run_comparison import RESAMPLING_SEED, entries_of, groups_of


def confusion_changes_of(done: Sequence[Run], stages: Sequence[str]) -> ConfusionChanges | None:
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
    return confusion_changes(
        [
            Contestant(name, tuple(said.probabilities for said in by_name[name].said))
            for name in stages
        ],
        first.said[0].labels,
        first.runs[0].metrics.classes,
        np.random.default_rng(RESAMPLING_SEED),
        groups=groups_of(entries),
    )


def check_lab_claims(done: Sequence[Run]) -> tuple[ClaimTest, ...]:
    """What the lab's report claims about confusions, tested on runs of the lab's own models.

    A model counts as the lab's where its layers and features are, whatever its training. Empty for
    a study without them, and for quick trials, of which nothing is claimed.
    """
    known = {one.name: one for one in load_study("lab").experiments}
    own = [
        run
        for run in done
        if (original := known.get(run.experiment.name)) is not None
        and (run.experiment.layers, run.experiment.features) == (original.layers, original.features)
    ]
    if not own or any(run.experiment.quick for run in own):
        return ()
    entries = entries_of(own)
    first = entries[0]
    return check_claims(
        LAB_CLAIMS,
        {
            entry.name: Contestant(entry.name, tuple(said.probabilities for said in entry.said))
            for entry in entries
        },
        first.said[0].labels,
        first.runs[0].metrics.classes,
        np.random.default_rng(RESAMPLING_SEED),
        groups=groups_of(entries),
    )
