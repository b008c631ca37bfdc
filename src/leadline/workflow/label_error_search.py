"""Labels of the test images that are likely wrong: by a run alone, and by a whole study."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from leadline import runs
from leadline.analysis.label_errors import LabelErrors, LabelRecord, NotSearched, label_errors
from leadline.analysis.significance.guessing import Guessing
from leadline.data.dataset import Images
from leadline.errors import RunError
from leadline.runs import Predictions, Run
from leadline.workflow.run_comparison import entries_of, guessing_of


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
    voting = [one for one in entries if one.name not in guessing or guessing[one.name].shown]
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
    chosen = [one.index for one in found.suspects] if isinstance(found, LabelErrors) else []
    return LabelRecord(found, images.pixels[np.array(chosen, np.int64)])
