"""Data sets by their name, and the user's own by their path.

A path that the user names is read alone: it never silently becomes something else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from leadline.data.dataset import Dataset
from leadline.data.formats.image_folder import opened_tree
from leadline.data.formats.readers import is_tree, read_arrays, read_path
from leadline.data.groups import with_groups
from leadline.data.image_fitting import fit_dataset
from leadline.data.preprocessing import resolve
from leadline.data.progress import Progress
from leadline.data.size_survey import Survey, survey_arrays, survey_tree
from leadline.data.sources.kermany_chest import KermanyChest
from leadline.data.sources.mnist_source import Mnist
from leadline.data.sources.pneumonia_mnist import PneumoniaMnist
from leadline.data.sources.source import Source
from leadline.errors import DataError, UnknownName
from leadline.experiments import Data
from leadline.experiments.image_form import ImageForm

SOURCES: Mapping[str, Source] = {
    source.name: source for source in (Mnist(), KermanyChest(), PneumoniaMnist())
}
"""Every data set that has a name, as an experiment's `data.source` gives it."""


def load_dataset(
    data: Data,
    *,
    path: Path | None = None,
    survey: Survey | None = None,
    on_progress: Progress | None = None,
) -> Dataset:
    """The data set that an experiment asks for, as uint8 images (n, height, width, channels).

    path: the user's own folder or NPZ, read instead of `data.source`. Images are resized as
    `data.size_px`, `data.channels` and `data.fit` say; what these leave open is chosen from the
    survey, made here unless given. on_progress gets (what, done, total).

    Raises DataError for images or labels that do not read, SourceError if no source is reachable.
    """
    report = on_progress or _silent
    own = _own(data, path)
    if data.open_settings:
        if survey is None:
            survey = survey_images(data, path=path, on_progress=report)
        data = resolve(data, survey)
    if own is None:
        dataset = SOURCES[data.source].load(data, report)
    elif survey is not None and survey.arrays is not None:
        dataset = _named(_fitted(survey.arrays, data.form, report))
    else:
        form = data.form
        dataset = _named(read_path(own, form.size_px, form.channels, report, fit=form.fit))
    return with_groups(dataset, data.group_pattern)


def survey_images(
    data: Data, *, path: Path | None = None, on_progress: Progress | None = None
) -> Survey:
    """The sizes and the colour of a sample of the training images, as they are before resizing.

    Parameters as in `load_dataset`, which raises the same errors.
    """
    report = on_progress or _silent
    own = _own(data, path)
    if own is None:
        return SOURCES[data.source].survey(data, report)
    if not is_tree(own):
        return survey_arrays(read_arrays(own))
    with opened_tree(own) as root:
        return survey_tree(root, report)


def survey_key(data: Data) -> tuple[str, int]:
    """Return a key that experiments with the same survey share."""
    source = SOURCES.get(data.source)
    return data.source, source.survey_key(data) if source else 0


def _own(data: Data, path: Path | None) -> Path | None:
    """The user's own images, or None for a data set of `SOURCES`."""
    own = path if path is not None else _own_path(data.source)
    return None if own is None else at_home(own)


def _named(dataset: Dataset) -> Dataset:
    """A folder by the name of the data set that its files are known to be, if there is one."""
    parts = (dataset.train, dataset.validation, dataset.test)
    names = [name for part in parts if part is not None for name in part.names]
    known = known_by_names(names)
    return replace(dataset, name=known.name) if known else dataset


def at_home(path: Path) -> Path:
    """The path with "~" replaced by the home folder. Raises DataError for a user without one."""
    try:
        return path.expanduser()
    except RuntimeError:
        raise DataError(f"{path}: whose home is this? Write the path in full.") from None


def _own_path(source: str) -> Path | None:
    """The path that `data.source` is, or None for a data set of `SOURCES`."""
    if source in SOURCES:
        return None
    path = Path(source)
    if re.fullmatch(r"[\w-]+", source) and not path.exists():
        raise UnknownName(
            f"data.source = {source!r} is neither a data set known here nor a folder; write "
            f"{', '.join(SOURCES)}, or the path of a folder of images, a .zip, or .npz, .npy, CSV "
            "or IDX files."
        )
    return path


def known_by_names(names: Sequence[str]) -> Source | None:
    """Return the data set all of whose file names look like these; folders do not matter."""
    return next((source for source in SOURCES.values() if source.has_names(names)), None)


def _fitted(dataset: Dataset, form: ImageForm, report: Progress) -> Dataset:
    return fit_dataset(dataset, form.size_px, form.channels, report, fit=form.fit)


def _silent(_what: str, _done: int, _total: int) -> None:
    """Report no progress."""
