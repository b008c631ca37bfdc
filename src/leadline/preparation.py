"""The images of an experiment, loaded and split, before anything is trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from leadline import runs
from leadline.data.dataset import Dataset, Split
from leadline.data.images import fit_dataset
from leadline.data.sources import load_dataset
from leadline.data.splits import absent_classes, part_digest, split_dataset
from leadline.errors import SpecError
from leadline.events import Download, Event, Warned, Watcher
from leadline.events import ignore as nobody
from leadline.spec import Data, Study


@dataclass(frozen=True)
class Prepared:
    """A data set, split."""

    split: Split
    record: dict[str, Any]
    """What split.json holds."""
    place: Path | None = None
    """The folder, or the zip, of the image files; None for images that came as arrays."""


def prepare(
    data: Data, source: str | Path | Dataset | None = None, on_event: Watcher = nobody
) -> Prepared:
    """Load the images and split them, as `data` says; every seed gets the same split.

    source: a path, or images in memory, instead of the data's own.
    """

    def progress(name: str, done_bytes: int, total_bytes: int) -> None:
        on_event(Download(name, done_bytes, total_bytes))

    if isinstance(source, Dataset):
        path, dataset = None, fit_dataset(source, data.size_px, data.channels, progress)
    else:
        path = Path(source) if source else None
        dataset = load_dataset(data, path=path, on_progress=progress)
    dataset = replace(dataset, warnings=(*dataset.warnings, *_unused(dataset, data)))
    split = split_dataset(dataset, data, np.random.default_rng(data.split_seed))
    dataset = replace(dataset, warnings=(*dataset.warnings, *_absent_classes(split)))
    for text in dataset.warnings:
        on_event(Warned(text))
    return Prepared(split, _split_record(dataset, split, data, path), dataset.place)


def prepare_all(
    study: Study, source: str | Path | Dataset | None, on_event: Watcher
) -> dict[Data, Prepared]:
    """The images of each experiment, loaded once for all that want them alike."""
    prepared: dict[Data, Prepared] = {}
    first = study.experiments[0]
    watch = _once(on_event)
    for member in study.experiments:
        if member.data not in prepared:
            prepared[member.data] = prepare(member.data, source, watch)
        if _tested_on(prepared[member.data]) != _tested_on(prepared[first.data]):
            raise SpecError(
                f"{study.name}: {first.name} and {member.name} would be tested on different "
                "images; give them the same data.source, data.split_seed and data.test_fraction."
            )
    return prepared


def _once(on_event: Watcher) -> Watcher:
    """Hands events on, but each warning once: images of two sizes are warned of alike."""
    said: set[str] = set()

    def watch(event: Event) -> None:
        if isinstance(event, Warned):
            if event.text in said:
                return
            said.add(event.text)
        on_event(event)

    return watch


def _tested_on(prepared: Prepared) -> tuple[Any, ...]:
    """Which images, whatever their size here."""
    record = prepared.record
    test = record["parts"]["test"]
    return record["dataset"], record["classes"], test["origin"], test["indices"]


def _unused(dataset: Dataset, data: Data) -> tuple[str, ...]:
    """That validation images lie idle, said aloud."""
    if dataset.validation is None or data.validation == "given":
        return ()
    text = (
        f"The {len(dataset.validation):,} validation images of the data's own are not used, for "
        f"data.validation is {data.validation!r}; with 'given' they would be."
    )
    return (text,)


def _absent_classes(split: Split) -> tuple[str, ...]:
    """Warnings about classes that validation or test have no image of."""
    parts = {"test": split.test}
    if not split.validation_is_test:
        parts = {"validation": split.validation, **parts}
    return tuple(
        _absence(name, split.classes, absent)
        for name, part in parts.items()
        if (absent := absent_classes(part.images, split.classes))
    )


def _absence(part: str, classes: Sequence[str], absent: Sequence[str]) -> str:
    present = [name for name in classes if name not in absent]
    if len(present) == 1:
        return (
            f"All {part} images are of one class, {present[0]!r}: metrics that need two classes, "
            "such as the AUROC, are unknown there."
        )
    named = ", ".join(map(repr, absent[:5]))
    more = f" and {len(absent) - 5:,} more" if len(absent) > 5 else ""
    return f"No {part} image is of class {named}{more}: nothing is measured for that class there."


def _split_record(dataset: Dataset, split: Split, data: Data, path: Path | None) -> dict[str, Any]:
    parts = {"train": split.train, "validation": split.validation, "test": split.test}
    return {
        "dataset": dataset.name,
        "source": dataset.source,
        "data": str(path) if path else None,
        "warnings": list(dataset.warnings),
        "classes": list(split.classes),
        "validation_is_test": split.validation_is_test,
        "grouped_by": data.group_pattern,
        "parts": {
            name: {
                "origin": part.origin,
                "count": len(part.images),
                "sha256": part_digest(part),
                "indices": runs.as_ranges(part.indices),
            }
            for name, part in parts.items()
        },
    }
