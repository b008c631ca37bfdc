"""TOML in, frozen specifications out."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from leadline.errors import SpecError, UnknownName
from leadline.experiments.experiment import NAME_MAX_CHARS, Data, Experiment, Study
from leadline.experiments.layer_blocks import expand_blocks
from leadline.experiments.overrides import QUICK_SUFFIX, apply_override, merge, shortened_experiment
from leadline.experiments.validation_messages import explain
from leadline.system.bounded_files import read_bytes

CATALOG = Path(__file__).parent / "catalog"
ROOMS = {"experiment": "experiments", "study": "studies"}
SPEC_MAX_BYTES = 1_000_000


def experiment_names() -> list[str]:
    """Names of the built-in experiments, sorted."""
    return sorted(path.stem for path in (CATALOG / ROOMS["experiment"]).glob("*.toml"))


def study_names() -> list[str]:
    """Names of the built-in studies, sorted."""
    return sorted(path.stem for path in (CATALOG / ROOMS["study"]).glob("*.toml"))


def load_experiment(name_or_path: str | Path, overrides: Sequence[str] = ()) -> Experiment:
    """The experiment of that name, or in that TOML file, with `key.path=value` overrides.

    Lists count from 1 in overrides, as in messages: `layers.1.units=64`.
    Raises UnknownName with the nearest names, or SpecError with file, key, value and fix.
    """
    path = _find(name_or_path, "experiment", experiment_names())
    return _experiment(_overridden(path, {}, overrides), _where(path, overrides))


def load_study(name_or_path: str | Path, overrides: Sequence[str] = ()) -> Study:
    """The study of that name, or in that TOML file; its experiments resolved.

    `experiments` lists built-in names or paths of TOML files relative to the study's own file. A
    table `[common]` and every override go to each experiment. Raises as `load_experiment` does.
    """
    path = _find(name_or_path, "study", study_names())
    where = _where(path)
    table = _named_table(path)
    common = table.pop("common", {})
    if not isinstance(common, dict):
        raise SpecError(f"{where}: common = {common!r} should be a table of settings.")
    members = table.get("experiments", [])
    if not isinstance(members, list) or not all(isinstance(member, str) for member in members):
        raise SpecError(
            f"{where}: experiments = {members!r} should be a list of names or of TOML files."
        )
    table["experiments"] = [_member(path, member, common, overrides) for member in members]
    try:
        return Study.model_validate(table)
    except ValidationError as error:
        raise SpecError(explain(error, table, where, Study)) from None


def built_in_name(experiment: Experiment, chosen: Collection[str] = ()) -> str:
    """Name of the built-in experiment with these settings, or "".

    chosen: those of size_px, channels and fit that were chosen from the images. A quick trial is
    compared with a quick trial of the built-in experiment.
    """
    name = experiment.name.removesuffix(QUICK_SUFFIX) if experiment.quick else experiment.name
    if name not in experiment_names():
        return ""
    found = with_choices(load_experiment(name), experiment.data, chosen)
    if experiment.quick:
        found = shortened_experiment(found)
    return name if found.digest() == experiment.digest() else ""


def with_choices(experiment: Experiment, data: Data, chosen: Collection[str]) -> Experiment:
    """The experiment with these of size_px, channels and fit as `data` has them."""
    taken = {key: getattr(data, key) for key in chosen}
    return experiment.model_copy(update={"data": experiment.data.model_copy(update=taken)})


def parse_experiment(text: str, where: str) -> Experiment:
    """An experiment from resolved TOML text, as run folders hold it. `where` is for messages."""
    return _experiment(_parse(text, where), where)


def _member(
    study: Path, member: str, common: dict[str, Any], overrides: Sequence[str]
) -> Experiment:
    path = study.parent / member if member.endswith(".toml") else Path(member)
    path = _find(path, "experiment", experiment_names())
    where = f"{_where(study)}: {_where(path, overrides)}"
    return _experiment(_overridden(path, common, overrides), where)


def _overridden(path: Path, common: dict[str, Any], overrides: Sequence[str]) -> dict[str, Any]:
    table = _named_table(path)
    merge(table, common)
    table = expand_blocks(table, _where(path))
    for override in overrides:
        apply_override(table, override)
    return table


def _experiment(table: dict[str, Any], where: str) -> Experiment:
    try:
        return Experiment.model_validate(table)
    except ValidationError as error:
        raise SpecError(explain(error, table, where, Experiment)) from None


def _where(path: Path, overrides: Sequence[str] = ()) -> str:
    """A file by its path and a built-in by its name, with what was set on the command line."""
    name = path.stem if path.is_relative_to(CATALOG) else str(path)
    return " --set ".join([name, *overrides])


def _find(name_or_path: str | Path, kind: str, known: list[str]) -> Path:
    text = str(name_or_path)
    path = Path(name_or_path)
    if text in known:
        return CATALOG / ROOMS[kind] / f"{text}.toml"
    if _is_file(path):
        return path
    if path.suffix == ".toml":
        raise SpecError(f"{path}: no such file.")
    near = difflib.get_close_matches(text.lower(), known, n=3, cutoff=0.4)
    listed = f"Nearest: {', '.join(near)}. " if near else f"Known: {', '.join(known)}. "
    raise UnknownName(
        f"No {kind} is called {_short(text)!r}. {listed if known else ''}"
        "A file's name must end in .toml."
    )


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name longer than the file system takes
        return False


def _short(text: str) -> str:
    return text if len(text) <= NAME_MAX_CHARS else f"{text[:NAME_MAX_CHARS]}…"


def _named_table(path: Path) -> dict[str, Any]:
    """The file's settings; `name` is the file's own name unless it is set."""
    table = _read_toml(path)
    if "name" in table:
        return table
    try:
        path.stem.encode("utf-8")
    except UnicodeEncodeError:
        raise SpecError(
            f"{path}: its name is not UTF-8, and runs are named after it; rename the file, or set "
            'name = "..." in it.'
        ) from None
    return {**table, "name": path.stem}


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > SPEC_MAX_BYTES:
            raise SpecError(
                f"{path}: larger than {SPEC_MAX_BYTES:,} bytes, too large for an experiment."
            )
        text = read_bytes(path, SPEC_MAX_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SpecError(
            f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8."
        ) from None
    except OSError as error:
        raise SpecError(f"{path}: cannot be read: {error.strerror}.") from None
    return _parse(text, str(path))


def _parse(text: str, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise SpecError(f"{where}: not valid TOML: nested too deeply.") from None
    except (ValueError, OverflowError) as error:  # TOMLDecodeError, or a number out of range
        raise SpecError(f"{where}: not valid TOML: {_with_place(str(error), text)}.") from None


def _with_place(message: str, text: str) -> str:
    """tomllib names line and column, but for a file that ends too early."""
    lines = text.split("\n")
    end = f"at line {len(lines)}, column {len(lines[-1]) + 1}, where the file ends"
    return message.replace("at end of document", end)
