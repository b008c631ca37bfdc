"""leadline from Python: the commands as functions that show progress, warnings and results.

Each does what the command of its name does and prints what the command prints, on standard error:
bars on a terminal, one line for each finished run in a notebook or a script. `on_event=silent`
prints nothing.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from leadline.analysis.significance.comparison import MARGIN
from leadline.data.audit import SIZE_PX, Audit
from leadline.data.audit import audit as audit_path
from leadline.data.dataset import Dataset
from leadline.data.raw_arrays import RawSplit, assemble
from leadline.data.sources.source_list import at_home
from leadline.errors import DataError, SpecError
from leadline.experiments import Experiment, Study, load_experiment
from leadline.report.translations.language import SOURCE_LANGUAGE
from leadline.runs import Run
from leadline.system.bounded_files import reason_of
from leadline.workflow import run_training, study_training
from leadline.workflow.events import Watcher
from leadline.workflow.events import ignore as silent
from leadline.workflow.study_training import StudyResult

if TYPE_CHECKING:
    import keras

    from leadline.explain.explained_image import Explained

__all__ = ["Description", "audit", "draw_explanation", "run", "show", "silent", "study"]

Arrays = tuple[NDArray[Any], ...]
"""(images, labels), or (train images, train labels, test images, test labels)."""
ImageData = str | Path | Arrays | None
DESCRIPTION_COLUMNS = 100


def run(
    experiment: Experiment | str | Path,
    *,
    seed: int = 0,
    quick: bool = False,
    data: ImageData = None,
    out: str | Path | None = None,
    resume: bool = False,
    language: str = SOURCE_LANGUAGE,
    on_event: Watcher | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> Run:
    """Train one experiment with one seed, and write its run folder.

    Parameters
    ----------
    experiment : Experiment, str or Path
        A built-in name such as "first-cnn", a TOML file, or an `Experiment`.
    seed : int
        Seed of weights, order of images, dropout and augmentation.
    quick : bool
        Few images and epochs, to see that everything works; the name then ends in -quick.
    data : path or tuple of arrays, optional
        Images instead of the experiment's own: a folder, a zip, an NPZ, NPY or CSV file, a folder
        of IDX files, (images, labels), or (train images, train labels, test images, test labels).
    out : path, optional
        The run folder, `runs/<experiment>/seed-<seed>` by default.
    resume : bool
        Continue from the checkpoint of an interrupted attempt.
    language : str
        Language of the page, "en" or "fr".
    on_event : callable, optional
        Receives every event. By default progress, warnings and results are printed on standard
        error; `leadline.silent` prints nothing.
    callbacks : sequence of keras.callbacks.Callback

    Returns
    -------
    Run
        A finished run of the same experiment, seed and images is returned as it is.

    Raises
    ------
    LeadlineError
        SpecError, DataError or RunError: one line with the offending value and the fix.
    """
    _require_named(experiment, "run")
    with _watching(on_event) as watch:
        return run_training.run(
            experiment, seed=seed, quick=quick, data=_images(data), out=out, resume=resume,
            language=language, on_event=watch, callbacks=callbacks,
        )  # fmt: skip


def study(
    study: Study | str | Path,
    *,
    seeds: int | None = None,
    quick: bool = False,
    data: ImageData = None,
    out: str | Path | None = None,
    margin: float = MARGIN,
    language: str = SOURCE_LANGUAGE,
    on_event: Watcher | None = None,
) -> StudyResult:
    """Train all experiments of a study, and write the report that compares them.

    Parameters
    ----------
    study : Study, str or Path
        A built-in name such as "first-look", a TOML file, or a `Study`.
    seeds : int, optional
        Train each experiment with seeds 0 to seeds - 1; as the study says by default.
    quick : bool
        Few images and epochs, to see that everything works.
    data, out, language, on_event
        As for `run`; the study's folder is `runs/<study>` by default.
    margin : float
        Equivalence margin, 0 to 1: smaller differences in accuracy count as negligible.

    Returns
    -------
    StudyResult
        The study's folder, its report, its runs, and those that diverged.

    Raises
    ------
    LeadlineError
        As `run`.
    """
    _require_named(study, "study")
    with _watching(on_event) as watch:
        return study_training.study(
            study, seeds=seeds, quick=quick, data=_images(data), out=out, margin=margin,
            language=language, on_event=watch,
        )  # fmt: skip


def audit(
    path: str | Path,
    *,
    group_pattern: str | None = None,
    subgroup_pattern: str | None = None,
    size_px: int = SIZE_PX,
) -> Audit:
    """Look for what would make results on these images misleading: leaks, duplicates, shortcuts.

    Parameters
    ----------
    path : str or Path
        A folder of images, a zip of one, an NPZ, NPY or CSV file, or a folder of IDX files.
    group_pattern, subgroup_pattern : str, optional
        Regular expressions that find in a file name the patient, and the subtype.
    size_px : int
        Side of the thumbnails that are compared.

    Returns
    -------
    Audit
        `findings`, one for each problem, with `kind`, `count`, `message`; and image counts.

    Raises
    ------
    DataError
        There are no images of two classes, or a pattern finds nothing in some names.
    """
    place = at_home(Path(path))
    return audit_path(
        place, group_pattern=group_pattern, subgroup_pattern=subgroup_pattern, size_px=size_px
    )


@dataclass(frozen=True, repr=False)
class Description:
    """Describe an experiment's model: layers with their weight formulas, optimizer and loss.

    values: what `leadline show --json` prints. Displayed as the tables of `leadline show`.
    """

    values: dict[str, Any]

    def __repr__(self) -> str:
        from rich.console import Console

        from leadline.cli.topology_text import print_model

        text = io.StringIO()
        # Plain text, whatever the terminal or notebook: no colours, and no markup in titles.
        screen = Console(
            file=text,
            width=DESCRIPTION_COLUMNS,
            color_system=None,
            force_terminal=False,
            force_jupyter=False,
            markup=False,
            emoji=False,
            highlight=False,
        )
        print_model(self.values, screen)
        return text.getvalue().rstrip()


def show(
    experiment: Experiment | str | Path,
    *,
    settings: Sequence[str] = (),
    data: str | Path | None = None,
    classes: int | None = None,
) -> Description:
    """Describe a model without training it: layers, weights, multiply-adds, optimizer, loss.

    Parameters
    ----------
    experiment : Experiment, str or Path
        As for `run`.
    settings : sequence of str
        Changes such as "training.epochs=5".
    data : path, optional
        A folder or file of images, from which what the experiment leaves open is chosen.
    classes : int, optional
        Number of classes; that of the images by default.

    Raises
    ------
    LeadlineError
        SpecError for an experiment or setting, DataError for images of fewer than two classes.
    """
    from leadline.cli.show import describe, resolved_for

    _require_named(experiment, "show")
    if not isinstance(experiment, Experiment):
        experiment = load_experiment(experiment, list(settings))
    elif settings:
        raise SpecError("settings change a named experiment; change an Experiment by model_copy.")
    place = None if data is None else Path(data)
    return Description(describe(*resolved_for(experiment, place, classes)))


def draw_explanation(explained: Explained) -> bytes:
    """Draw what `Run.explain` returned, as a PNG: heat maps and predictions of each image."""
    from leadline.report.picture.explanation_picture import draw_explained

    return draw_explained(explained)


@contextmanager
def _watching(on_event: Watcher | None) -> Iterator[Watcher]:
    if on_event is not None:
        yield on_event
        return
    from leadline.cli.progress_bars import watching

    with watching() as watch:
        yield watch


def _require_named(value: object, function: str) -> None:
    """Refuse a Keras model, and other things that name no experiment, with the fix."""
    if isinstance(value, str | Path | Experiment | Study):
        return
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    if any("keras" in base.__module__ for base in type(value).__mro__):
        raise SpecError(
            f"leadline.{function}() was given a Keras model ({kind}); put the function that builds "
            "it in a Python file and name it in an experiment's TOML, as in "
            '[model] python = "my_model.py:build" (docs/experiments.md).'
        )
    raise SpecError(
        f"leadline.{function}() was given {kind}; give a built-in name such as 'first-cnn', the "
        "path of a TOML file, or an Experiment."
    )


def _images(data: ImageData) -> str | Path | Dataset | None:
    """A path as it is; arrays as a data set."""
    if data is None or isinstance(data, str | Path):
        return data
    if not isinstance(data, tuple | list) or len(data) not in (2, 4):
        raise DataError(
            f"data is {_described(data)}; give a path, (images, labels), or (train images, "
            "train labels, test images, test labels)."
        )
    arrays = [_array(one) for one in data]
    names = ("train", "test")[: len(arrays) // 2]
    splits = {
        name: RawSplit(images, labels, f"data: {name} images", f"data: {name} labels")
        for name, images, labels in zip(names, arrays[::2], arrays[1::2], strict=True)
    }
    return assemble(Path("arrays"), splits, poses_as_mnist=False)


def _array(values: object) -> NDArray[Any]:
    try:
        return np.asarray(values)
    except Exception as error:
        raise DataError(
            f"data: {_described(values)} is not an array ({reason_of(error)}); give NumPy arrays, "
            "with images of one size."
        ) from error


def _described(data: object) -> str:
    count = f" of {len(data)}" if isinstance(data, tuple | list) else ""
    return f"a {type(data).__name__}{count}"
