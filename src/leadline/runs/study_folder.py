"""A study's folder: which runs it holds, and what was measured on each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from leadline.analysis.failed_runs import FailedRun
from leadline.analysis.significance.comparison import MARGIN, check_margin
from leadline.analysis.significance.guessing import Guessing, Verdict
from leadline.errors import DamagedRun, RunError
from leadline.experiments import Study
from leadline.runs.checksums import FIX
from leadline.runs.finished_run import Run, finished, load_run
from leadline.runs.folder_files import dump_json, read_json, reading
from leadline.runs.typed_json import typed
from leadline.system.bounded_files import MOST_JSON_BYTES
from leadline.system.durable_files import write_text

STUDY_RECORD = "report.json"
MOST_NAME_CHARACTERS = 1_000
STUDY_FIX = "run the study's command again"


def write_study(folder: Path, table: Mapping[str, Any]) -> None:
    """Write report.json: all that the study's page shows, and where its runs lie.

    table: has at least what `load_study` reads.
    """
    write_text(folder / STUDY_RECORD, dump_json(table))


def load_study(folder: Path) -> tuple[Study, tuple[Run, ...]]:
    """The study of a folder and its finished runs.

    Raises RunError when the folder holds no study, or one of its runs is missing or damaged.
    """
    path = folder / STUDY_RECORD
    if not path.is_file():
        raise RunError(f"{folder}: {_what_else(folder)}")
    table = _read_record(folder)
    if isinstance(schema := table.get("schema"), dict) and schema.get("name") == "run":
        raise DamagedRun(f"{folder / 'metrics.json'}: missing, so this is not a whole run; {FIX}.")
    with reading(path, STUDY_FIX):
        rows = [_inside(folder, row["folder"]) for row in table["runs"]]
        if not rows:
            raise ValueError("it lists no runs")
        if len(set(rows)) < len(rows):
            raise ValueError("it lists a run twice")
    done = tuple(load_run(row) for row in rows)
    members = {run.experiment.name: run.experiment for run in done}
    with reading(path, STUDY_FIX):
        study = Study(
            name=table["name"],
            title=table["title"],
            description=table["description"],
            experiments=tuple(members.values()),
        )
    return study, done


def _read_record(folder: Path) -> dict[str, Any]:
    """The table of report.json, in which every run takes as much room as one alone may."""
    runs = max(1, len(finished_inside(folder)))
    return read_json(folder / STUDY_RECORD, STUDY_FIX, runs * MOST_JSON_BYTES)


def _what_else(folder: Path) -> str:
    """Describe a folder that is neither a run nor a study, with the fix."""
    done = finished_inside(folder)
    if not done:
        return "neither a run nor a study; `leadline list` lists what is here."
    return (
        f"finished runs, but no study's report.json; name one, as {done[0]}, or run the study's "
        f"command again to finish it."
    )


def finished_inside(folder: Path) -> list[Path]:
    """The finished runs in a folder, as `train` and `study` lay them."""
    inside = [one for depth in ("seed-*", "*/seed-*") for one in sorted(folder.glob(depth))]
    return [one for one in inside if finished(one)]


def study_margin(folder: Path) -> float:
    """The margin of equivalence that a study was compared with; the usual one if with none."""
    table = _read_record(folder)
    with reading(folder / STUDY_RECORD, STUDY_FIX):
        found = table.get("comparison")
        return MARGIN if found is None else check_margin(float(found["margin"]))


def study_failures(folder: Path) -> tuple[FailedRun, ...]:
    """The runs that failed in training; none in studies of versions that stopped at the first."""
    return _failures(folder, _read_record(folder))


def study_outcome(folder: Path) -> tuple[dict[str, Verdict], tuple[FailedRun, ...]]:
    """Each tested experiment over its seeds against guessing, by its name; and the failed runs."""
    table = _read_record(folder)
    with reading(folder / STUDY_RECORD, STUDY_FIX):
        verdicts = {
            one["name"]: typed(Guessing, one["guessing"]).verdict
            for one in table.get("experiments", [])
            if one.get("guessing") is not None
        }
    return verdicts, _failures(folder, table)


def _failures(folder: Path, table: Mapping[str, Any]) -> tuple[FailedRun, ...]:
    with reading(folder / STUDY_RECORD, STUDY_FIX):
        found = tuple(typed(FailedRun, one) for one in table.get("failed", []))
        for one in found:
            if one.seed < 0 or one.epoch < 1 or one.batch < 1:
                raise ValueError(f"failed run of seed {one.seed}, epoch {one.epoch}")
        return found


def require_same_study(folder: Path, study: Study) -> None:
    """Raise RunError where the folder holds another study, a single run, or another's report.

    A damaged report.json is no obstacle: the study writes it again.
    """
    if finished(folder):
        raise RunError(f"{folder}: holds a run, not a study; give another folder with --out.")
    path = folder / STUDY_RECORD
    try:
        name = _read_record(folder).get("name") if path.is_file() else study.name
    except DamagedRun:
        name = study.name
    if name != study.name:
        raise RunError(
            f"{folder}: holds the study {name!r}, not {study.name!r}; "
            "give another folder with --out."
        )
    if not path.is_file() and (folder / "report.html").exists():
        raise RunError(
            f"{folder}: holds a report.html of something else; give another folder with --out."
        )


def _inside(folder: Path, name: str) -> Path:
    """A run's folder, refused where it would lie outside its study."""
    if len(name) > MOST_NAME_CHARACTERS:
        raise ValueError(f"run folder {name[:40]!r}…, a name of {len(name):,} characters")
    place = (folder / name).resolve()
    if not place.is_relative_to(folder.resolve()):
        raise ValueError(f"run folder {name!r} lies outside the study")
    return place
