"""Finished runs, gathered by experiment and compared on the test images that they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from leadline import runs
from leadline.analysis.label_errors import LabelErrors, LabelRecord, NotSearched, label_errors
from leadline.analysis.significance.comparison import (
    MARGIN,
    Comparison,
    ExperimentPredictions,
    compare,
)
from leadline.analysis.significance.confusion_change import ConfusionChanges, confusion_changes
from leadline.analysis.significance.confusion_claims import LAB_CLAIMS, ClaimTest, check_claims
from leadline.analysis.significance.guessing import Guessing, against_guessing, corrected
from leadline.data.dataset import Images
from leadline.errors import RunError
from leadline.experiments import load_study
from leadline.runs import Predictions, Run

RESAMPLING_SEED = 0
"""The same resamples every time, so that a comparison is a matter of the runs alone."""


@dataclass(frozen=True, eq=False)
class ExperimentRuns:
    """An experiment, its runs by seed, and their predictions for the test images."""

    name: str
    runs: tuple[Run, ...]
    said: tuple[Predictions, ...]


def compare_runs(done: Sequence[Run], *, margin: float = MARGIN) -> Comparison | None:
    """Every pair of the experiments of these runs; None where there is but one experiment.

    Raises RunError where a file is missing or damaged, and for runs that were not tested on the
    same images and classes, saying which; DataError for an invalid margin.
    """
    if len(gathered(done)) < 2:
        return None
    entries = entries_of(done)
    first = entries[0]
    return compare(
        [
            ExperimentPredictions(entry.name, tuple(said.probabilities for said in entry.said))
            for entry in entries
        ],
        first.said[0].labels,
        np.random.default_rng(RESAMPLING_SEED),
        groups=groups_of(entries),
        margin=margin,
    )


def entries_of(done: Sequence[Run]) -> tuple[ExperimentRuns, ...]:
    """Group runs by experiment, with their predictions for the shared test images.

    Raises as `compare_runs`.
    """
    entries = tuple(
        ExperimentRuns(name, tuple(own), tuple(run.predictions() for run in own))
        for name, own in gathered(done).items()
    )
    first = entries[0]
    for entry in entries:
        for run, said in zip(entry.runs, entry.said, strict=True):
            _require_same_task(first.runs[0], run)
            _require_same_images(first.runs[0], first.said[0], run, said)
    return entries


def guessing_of(done: Sequence[Run]) -> dict[str, Guessing]:
    """Each experiment over its seeds against guessing, corrected for their number.

    Quick trials are not judged, nor runs of versions that did not test this.
    """
    found = {}
    for name, own in gathered(done).items():
        tested = [run.metrics.guessing for run in own]
        if own[0].experiment.quick or tested[0] is None:
            continue
        found[name] = tested[0] if len(own) == 1 else _over_seeds(own, tested[0])
    return corrected(found)


def _over_seeds(own: Sequence[Run], first: Guessing) -> Guessing:
    """The runs of one experiment together; all were split alike, so all have one constant class."""
    said, classes = [run.predictions() for run in own], own[0].metrics.classes
    return against_guessing(
        [one.probabilities for one in said],
        said[0].labels,
        classes,
        [int(name == first.constant) for name in classes],
        np.random.default_rng(RESAMPLING_SEED),
        groups=said[0].groups,
    )


def runs_in(folder: str | Path) -> tuple[Run, ...]:
    """The run in a folder, or all runs of a study's; RunError where one is missing or damaged."""
    folder = Path(folder)
    of_a_study = (folder / runs.STUDY_RECORD).is_file() or runs.finished_inside(folder)
    if of_a_study and not runs.finished(folder):
        return runs.load_study(folder)[1]
    return (runs.load_run(folder),)


def gathered(done: Sequence[Run]) -> dict[str, list[Run]]:
    """Runs by the name of their experiment, in the order of the first of each.

    Where experiments of one name have other settings, the folder of the first run tells them apart.
    Raises RunError for a run that is named twice.
    """
    by_settings: dict[tuple[str, str], list[Run]] = {}
    for run in done:
        key = run.experiment.name, run.experiment.digest()
        by_settings.setdefault(key, []).append(run)
    names = [own[0].experiment.name for own in by_settings.values()]
    found = {}
    for own in by_settings.values():
        _require_own_seeds(own)
        name = own[0].experiment.name
        found[name if names.count(name) == 1 else f"{name} ({own[0].folder})"] = own
    return found


def _require_own_seeds(own: Sequence[Run]) -> None:
    seen: dict[int, Run] = {}
    for run in own:
        before = seen.setdefault(run.metrics.seed, run)
        if before is not run:
            raise RunError(
                f"{run.folder}: is {run.name}, and so is {before.folder}; give each run once."
            )


def _require_same_task(one: Run, other: Run) -> None:
    if one.metrics.classes != other.metrics.classes:
        raise RunError(
            f"{other.folder}: tells {_list(other.metrics.classes)} apart, but {one.folder} "
            f"{_list(one.metrics.classes)}; compare runs of the same classes."
        )


def _require_same_images(one: Run, first: Predictions, other: Run, said: Predictions) -> None:
    """By name, place and label; and by their pixels, where both runs saw them at one size."""
    differs = _difference(first, said)
    parts = [run.split["parts"]["test"] for run in (one, other)]
    forms = [run.experiment.data.form for run in (one, other)]
    if not differs and forms[0] == forms[1] and parts[0]["sha256"] != parts[1]["sha256"]:
        differs = "images with the same names but different pixels"
    if differs:
        raise RunError(
            f"{other.folder}: tested on different images than {one.folder} ({differs}); compare "
            f"runs "
            "that were tested on the same images."
        )


def _difference(first: Predictions, said: Predictions) -> str:
    """Return how the second run's images differ, or "" if they are the same."""
    if len(first.names) != len(said.names):
        return f"{len(said.names):,} images there, {len(first.names):,} here"
    names = np.array(first.names) != np.array(said.names)
    labels = first.labels != said.labels
    apart = np.flatnonzero(names | labels | (first.indices != said.indices))
    if not len(apart):
        return ""
    one = int(apart[0])
    example = f"{said.names[one]!r} there, {first.names[one]!r} here"
    if not names[one] and labels[one]:
        classes = f"of class {said.labels[one]} there and {first.labels[one]} here"
        example = f"{first.names[one]!r}, {classes}"
    return f"{len(apart):,} of {len(first.names):,}, as {example}"


def groups_of(entries: Sequence[ExperimentRuns]) -> tuple[str, ...] | None:
    """Return the patient of each image. Raises RunError if the runs disagree."""
    known = [
        (run, said.groups)
        for entry in entries
        for run, said in zip(entry.runs, entry.said, strict=True)
        if said.groups is not None
    ]
    for run, groups in known[1:]:
        if groups != known[0][1]:
            raise RunError(
                f"{run.folder}: its patients differ from those of {known[0][0].folder}; train both "
                "with the same data.group_pattern."
            )
    return known[0][1] if known else None


def _list(classes: Sequence[str]) -> str:
    shown = ", ".join(classes[:4])
    return shown if len(classes) <= 4 else f"{shown} and {len(classes) - 4} more"


def write_suspects(
    place: Path,
    said: Predictions,
    classes: Sequence[str],
    images: Images,
    guessing: Guessing | None = None,
) -> None:
    """Write what one run makes of the labels of its test images into its folder.

    guessing: the run against guessing; one that is not shown to be better is not asked.
    """
    found: LabelErrors | NotSearched = NotSearched(len(said.labels), "guessing")
    if guessing is None or guessing.shown:
        found = label_errors([[said.probabilities]], said.labels, classes, said.names)
    runs.write_label_errors(place, _pictured(found, images))


def write_shared_suspects(folder: Path, done: Sequence[Run], images: Images) -> None:
    """Write what the runs of a study make of the labels, together, into the study's folder.

    images: those of the test. Experiments that are not shown to be better than guessing do not
    vote. Runs that cannot be compared cannot vote either: then nothing is written, and what runs
    before them found is taken away.
    """
    try:
        entries = entries_of(done)
    except RunError:
        runs.write_label_errors(folder, None)
        return
    first, guessing = entries[0].said[0], guessing_of(done)
    voting = [
        entry for entry in entries if entry.name not in guessing or guessing[entry.name].shown
    ]
    found: LabelErrors | NotSearched = NotSearched(len(first.labels), "guessing")
    if voting:
        found = label_errors(
            [[said.probabilities for said in entry.said] for entry in voting],
            first.labels,
            entries[0].runs[0].metrics.classes,
            first.names,
        )
    runs.write_label_errors(folder, _pictured(found, images))


def _pictured(found: LabelErrors | NotSearched, images: Images) -> LabelRecord:
    chosen = [suspect.index for suspect in found.suspects] if isinstance(found, LabelErrors) else []
    return LabelRecord(found, images.pixels[np.array(chosen, np.int64)])


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
            ExperimentPredictions(name, tuple(said.probabilities for said in by_name[name].said))
            for name in stages
        ],
        first.said[0].labels,
        first.runs[0].metrics.classes,
        np.random.default_rng(RESAMPLING_SEED),
        groups=groups_of(entries),
    )


def check_lab_claims(done: Sequence[Run]) -> tuple[ClaimTest, ...]:
    """Test the claims of the lab's report about confusions on runs of the lab's models.

    A model counts as the lab's where its layers and features are, whatever its training. Empty for
    a study without them, and for quick trials, of which nothing is claimed.
    """
    known = {experiment.name: experiment for experiment in load_study("lab").experiments}
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
            entry.name: ExperimentPredictions(
                entry.name, tuple(said.probabilities for said in entry.said)
            )
            for entry in entries
        },
        first.said[0].labels,
        first.runs[0].metrics.classes,
        np.random.default_rng(RESAMPLING_SEED),
        groups=groups_of(entries),
    )
