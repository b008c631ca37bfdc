"""The chest X-rays of Kermany, Zhang and Goldbaum (2018), 5,856 images, CC BY 4.0.

They are looked for in the cache, where people may put them, and then asked of Kaggle.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from leadline.data.dataset import Dataset
from leadline.data.formats.image_folder import opened_tree, read_folder, read_zip
from leadline.data.formats.split_names import split_name
from leadline.data.progress import Progress
from leadline.data.size_survey import Survey, survey_tree
from leadline.data.sources.cache_folder import cache_folder
from leadline.data.sources.source import Source
from leadline.errors import DataError, SourceError
from leadline.experiments import Data
from leadline.experiments.image_form import FitMode

NAME = "chest-xray"
KAGGLE_HANDLE = "paultimothymooney/chest-xray-pneumonia"


class KermanyChest(Source):
    """The chest X-rays, in the cache or from Kaggle."""

    name = NAME
    # Patient numbers restart for each type, and so do both ranges of normal images.
    group = r"^(person\d+_(?:bacteria|virus)|(?:NORMAL2-)?IM-\d+)[-_]"
    subgroup = r"^person\d+_(bacteria|virus)_"

    def load(self, data: Data, on_progress: Progress) -> Dataset:
        form, folder = data.form, cache_folder() / NAME
        return load_chest(folder, form.size_px, form.channels, on_progress, fit=form.fit)

    def survey(self, data: Data, on_progress: Progress) -> Survey:
        del data
        place, _ = locate_chest(cache_folder() / NAME)
        with opened_tree(place) as root:
            return survey_tree(root, on_progress)

    def is_cached(self, folder: Path) -> bool:
        return find_images(folder) is not None


def from_kaggle() -> Path:
    """The folder into which kagglehub fetches the images. Raises DataError where it cannot."""
    try:
        import kagglehub
    except ImportError:
        raise DataError("kagglehub is not installed") from None
    try:
        return Path(kagglehub.dataset_download(KAGGLE_HANDLE))
    except Exception as error:  # noqa: BLE001 - it raises what its own libraries raise
        reason = " ".join(str(error).split())
        raise DataError(f"{type(error).__name__}: {reason[:200]}") from None


def load_chest(
    folder: Path,
    size_px: tuple[int, int],
    channels: int,
    on_progress: Progress,
    *,
    fit: FitMode = "stretch",
    kaggle: Callable[[], Path] = from_kaggle,
) -> Dataset:
    """The images from `folder` (the cache), else from Kaggle, as uint8 (n, *size_px, channels).

    Raises SourceError, which names each way tried and how to get them by hand.
    """
    place, source = locate_chest(folder, kaggle=kaggle)
    read = read_zip if place.suffix.lower() == ".zip" else read_folder
    dataset = read(place, size_px, channels, on_progress, fit=fit)
    return replace(dataset, name=NAME, source=source)


def locate_chest(folder: Path, *, kaggle: Callable[[], Path] = from_kaggle) -> tuple[Path, str]:
    """The folder or zip of the images, and where it is from: `folder` (the cache), else Kaggle.

    Raises SourceError as `load_chest` does.
    """
    place, source = find_images(folder), "cache"
    if place is None:
        failures = [f"cache: no images in {folder}"]
        try:
            place, source = find_images(kaggle()), "kaggle"
        except DataError as error:
            failures.append(f"Kaggle: {error}")
        if place is None:
            raise SourceError(_by_hand(folder, failures))
    return place, source


def find_images(folder: Path) -> Path | None:
    """The folder that holds the splits, at most two below `folder`; or else the zip in it.

    None where there is neither.
    """
    for depth in ("", "*/", "*/*/"):
        for entry in sorted(folder.glob(f"{depth}*/")):
            name = split_name(entry.name)
            if name is not None and name.split == "train" and not name.rest:
                return entry.parent
    return next(iter(sorted(folder.glob("*.zip"))), None)


def _by_hand(folder: Path, failures: list[str]) -> str:
    return (
        f"The chest X-rays could not be fetched. Tried: {'; '.join(failures)}. By hand: download "
        '"Chest X-Ray Images (Pneumonia)" from Kaggle, or "Labeled Optical Coherence Tomography '
        '(OCT) and Chest X-Ray Images for Classification" (Kermany, Zhang and Goldbaum, 2018) from '
        "Mendeley Data, and give the folder that holds train and test, or the zip itself, as "
        f"--data DIR, or put it into {folder}; or pip install kagglehub and try again."
    )
