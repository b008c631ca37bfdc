"""The images of an experiment, loaded and split, before anything is trained."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from leadline import runs
from leadline.data.audit import audit
from leadline.data.dataset import Dataset, Split
from leadline.data.image_fitting import fit_dataset
from leadline.data.preprocessing import Preprocessing, describe, resolve
from leadline.data.progress import Progress
from leadline.data.remarks import Remark, remark
from leadline.data.size_survey import Survey, survey_arrays
from leadline.data.sources.source_list import load_dataset, survey_images, survey_key
from leadline.data.splits import absent_classes, part_digest, split_dataset
from leadline.errors import DamagedRun, DataError, SpecError
from leadline.experiments import Data, Experiment, Study, shortened_experiment
from leadline.runs import AuditRecord
from leadline.system.durable_files import spelt
from leadline.workflow.events import Download, Event, ImagesPrepared, WarningMessage, Watcher
from leadline.workflow.events import ignore as nobody


@dataclass(frozen=True)
class Prepared:
    """A data set, split."""

    split: Split
    record: dict[str, Any]
    """Return the content of split.json."""
    place: Path | None = None
    """The folder, or the zip, of the image files; None for images that came as arrays."""
    preprocessing: Preprocessing | None = None
    """How the images were resized and converted; None if they were not surveyed."""


def prepare(
    data: Data,
    source: str | Path | Dataset | None = None,
    on_event: Watcher = nobody,
    *,
    survey: Survey | None = None,
) -> Prepared:
    """Load the images and split them as `data` specifies; every seed gets the same split.

    source: a path, or images in memory, instead of the data's own. survey: of the images before
    they are resized, by which size, channels and fit are chosen where they are open; it is also
    what the record of the preprocessing is made from.
    """
    if survey is None and data.open_settings:
        survey = _survey(data, source, on_event)
    data = data if survey is None else resolve(data, survey)
    progress = _progress(on_event)
    if isinstance(source, Dataset):
        path, form = None, data.form
        dataset = fit_dataset(source, form.size_px, form.channels, progress, fit=form.fit)
    else:
        path = Path(source) if source else None
        dataset = load_dataset(data, path=path, survey=survey, on_progress=progress)
    dataset = replace(dataset, warnings=(*dataset.warnings, *_unused(dataset, data)))
    split = split_dataset(dataset, data, np.random.default_rng(data.split_seed))
    dataset = replace(dataset, warnings=(*dataset.warnings, *_absent_classes(split)))
    for warning in dataset.warnings:
        on_event(WarningMessage(str(warning)))
    done = None if survey is None else describe(survey, data.form, len(dataset.train))
    record = _split_record(dataset, split, data, path)
    record["preprocessing"] = None if done is None else asdict(done)
    return Prepared(split, record, dataset.place, done)


def prepare_all(
    experiments: Sequence[Experiment],
    source: str | Path | Dataset | None,
    on_event: Watcher,
    *,
    quick: bool = False,
) -> tuple[tuple[Experiment, Prepared], ...]:
    """Each experiment with nothing left open, and its images, loaded once for all that share them.

    quick: shorten the experiments, as `shortened_experiment` does. Raises SpecError where they
    would be tested on different images.
    """
    surveys: dict[tuple[str, int], Survey] = {}
    prepared: dict[Data, Prepared] = {}
    done: list[tuple[Experiment, Prepared]] = []
    watch = _once(on_event)
    for experiment in experiments:
        chosen, key = experiment.data.open_settings, survey_key(experiment.data)
        if key not in surveys:
            surveys[key] = _survey(experiment.data, source, watch)
        data = resolve(experiment.data, surveys[key])
        resolved = experiment.model_copy(update={"data": data})
        resolved = shortened_experiment(resolved) if quick else resolved
        if resolved.data not in prepared:
            prepared[resolved.data] = prepare(resolved.data, source, watch, survey=surveys[key])
        own = _with_choices(prepared[resolved.data], chosen)
        done.append((resolved, own))
        if own.preprocessing is not None:
            watch(ImagesPrepared(own.preprocessing))
        _require_same_test_images(done[0], done[-1])
    return tuple(done)


def _with_choices(prepared: Prepared, chosen: tuple[str, ...]) -> Prepared:
    """The same with a record of which settings this experiment left open."""
    found = prepared.preprocessing
    if found is None:
        return prepared
    found = replace(found, chosen=chosen)
    return replace(
        prepared,
        record={**prepared.record, "preprocessing": asdict(found)},
        preprocessing=found,
    )


def _require_same_test_images(
    first: tuple[Experiment, Prepared], other: tuple[Experiment, Prepared]
) -> None:
    if _tested_on(first[1]) != _tested_on(other[1]):
        raise SpecError(
            f"{first[0].name} and {other[0].name} would be tested on different images; give them "
            "the same data.source, data.split_seed and data.test_fraction."
        )


def _survey(data: Data, source: str | Path | Dataset | None, on_event: Watcher) -> Survey:
    if isinstance(source, Dataset):
        return survey_arrays(source)
    place = Path(source) if source else None
    return survey_images(data, path=place, on_progress=_progress(on_event))


def _progress(on_event: Watcher) -> Progress:
    return lambda name, done_bytes, total_bytes: on_event(Download(name, done_bytes, total_bytes))


def _once(on_event: Watcher) -> Watcher:
    """Hands events on, but each warning once: experiments on the same images share them."""
    seen: set[Event] = set()

    def watch(event: Event) -> None:
        if isinstance(event, WarningMessage | ImagesPrepared):
            if event in seen:
                return
            seen.add(event)
        on_event(event)

    return watch


def _tested_on(prepared: Prepared) -> tuple[Any, ...]:
    """Return a key of the images, independent of their size."""
    record = prepared.record
    test = record["parts"]["test"]
    return record["dataset"], record["classes"], test["origin"], test["indices"]


def _unused(dataset: Dataset, data: Data) -> tuple[Remark, ...]:
    """Remark on validation images that are not used."""
    if dataset.validation is None or data.validation == "given":
        return ()
    return (remark("validation-unused", n=len(dataset.validation), setting=data.validation),)


def _absent_classes(split: Split) -> tuple[Remark, ...]:
    """Warnings about classes that validation or test have no image of."""
    parts = {"test": split.test}
    if not split.validation_is_test:
        parts = {"validation": split.validation, **parts}
    return tuple(
        _absence(name, split.classes, absent)
        for name, part in parts.items()
        if (absent := absent_classes(part.images, split.classes))
    )


def _absence(part: str, classes: Sequence[str], absent: Sequence[str]) -> Remark:
    present = [name for name in classes if name not in absent]
    if len(present) == 1:
        return remark("one-class", split=part, name=present[0])
    return remark("class-absent", split=part, names=list(absent))


def _split_record(dataset: Dataset, split: Split, data: Data, path: Path | None) -> dict[str, Any]:
    parts = {"train": split.train, "validation": split.validation, "test": split.test}
    return {
        "dataset": dataset.name,
        "source": dataset.source,
        "data": spelt(str(path)) if path else None,
        "warnings": [asdict(warning) for warning in dataset.warnings],
        "left_out": [one.as_json() for one in dataset.left_out],
        "classes": list(split.classes),
        "validation_is_test": split.validation_is_test,
        "grouped_by": data.group_pattern,
        "white": dataset.white,
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


def audit_once(study: Study, prepared: Prepared, folder: Path, on_event: Watcher) -> None:
    """Write audit.json into the study's folder, unless it holds that of the same images.

    Images that came as arrays have no files to look at, and are not audited. What is found stops
    nothing, nor does an audit that fails: that is said.
    """
    place = prepared.place
    if place is None:
        return
    group = next((experiment.data.group_pattern for experiment in study.experiments), None)
    subgroup = next(
        (experiment.decision.subgroup_pattern for experiment in study.experiments), None
    )
    audited = _digest(prepared, group, subgroup)
    try:
        kept = runs.read_audit(folder)
    except DamagedRun:  # it is written again
        kept = None
    if kept is not None and kept.audited == audited:
        return

    def progress(what: str, done: int, total: int) -> None:
        on_event(Download(what, done, total))

    try:
        found = audit(place, group_pattern=group, subgroup_pattern=subgroup, on_progress=progress)
    except DataError as error:
        on_event(WarningMessage(f"the images were not audited: {error}"))
        return
    folder.mkdir(parents=True, exist_ok=True)
    runs.write_audit(folder, AuditRecord(found, audited))
    if found.findings:
        count = len(found.findings)
        on_event(
            WarningMessage(
                f"the audit of the images found {count} thing{'s' * (count > 1)}: "
                f"{', '.join(dict.fromkeys(one.kind for one in found.findings))}; "
                "the report lists them."
            )
        )


def _digest(prepared: Prepared, group: str | None, subgroup: str | None) -> str:
    """SHA-256 (64 hex digits) of the images as they were read, and of the patterns."""
    parts = prepared.record["parts"]
    said = [group, subgroup, {name: part["sha256"] for name, part in parts.items()}]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
