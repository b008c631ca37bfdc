"""`leadline list`: what is built in, and what has been trained here."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from leadline import zoo
from leadline.cli import built_in_names, console
from leadline.cli.cached_datasets import SOURCES, here_text, is_cached
from leadline.cli.options import Json
from leadline.cli.terminal_tables import Column

RUNS = Path("runs")


def command(json: Json = False) -> None:
    """List experiments, studies, datasets, zoo models, and the runs under runs/."""
    found = collect(RUNS)
    if json:
        console.machine(found)
    else:
        _show(found)


def collect(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Collect everything that `list` shows, with the runs below `folder`."""
    return {
        "experiments": [
            {"name": name, "family": table["family"], "title": table.get("title", "")}
            for name, table in built_in_names.tables("experiments").items()
        ],
        "studies": [
            {
                "name": name,
                "title": table.get("title", ""),
                "experiments": table["experiments"],
            }
            for name, table in built_in_names.tables("studies").items()
        ],
        "data": _data(),
        "zoo": _zoo(),
        "runs": _runs(folder),
    }


def _data() -> list[dict[str, Any]]:
    return [{"name": name, "cached": is_cached(name)} for name in SOURCES]


def _zoo() -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "bytes": zoo.model_file_path(name).stat().st_size,
            "model_file": str(zoo.model_file_path(name)),
            "card": str(zoo.card_path(name)),
        }
        for name in zoo.names()
    ]


def _runs(folder: Path) -> list[dict[str, Any]]:
    if not folder.is_dir():
        return []
    from leadline.runs import DamagedSummary, FailedSummary, RunSummary, survey

    states = {RunSummary: "finished", FailedSummary: "failed", DamagedSummary: "damaged"}
    return [
        {**asdict(run), "folder": str(run.folder), "state": states[type(run)]}
        for run in survey(folder)
    ]


def _show(found: dict[str, list[dict[str, Any]]]) -> None:
    screen = console.people()
    experiments = console.table("Experiments", "name", "family", "title")
    for row in found["experiments"]:
        experiments.add_row(row["name"], row["family"], row["title"])
    studies = console.table("Studies", "name", Column("models", "number"), "title")
    for row in found["studies"]:
        studies.add_row(row["name"], str(len(row["experiments"])), row["title"])
    data = console.table("Data", "name", "holds", "")
    for row in found["data"]:
        data.add_row(row["name"], SOURCES[row["name"]], here_text(**row))
    models = console.table("Zoo", "name", Column("size", "number"), "")
    for row in found["zoo"]:
        use = f"leadline predict {row['name']} IMAGE"
        models.add_row(row["name"], f"{row['bytes'] / 1e6:.1f} MB", use)
    for part in (experiments, studies, data, models, _run_table(found["runs"])):
        screen.print(part)
        screen.print()
    for row in found["runs"]:
        if row["state"] == "damaged":
            console.fail(row["message"], console.CAUTION)


def _run_table(runs: list[dict[str, Any]]) -> Any:
    if not runs:
        table = console.table("Runs", "")
        table.add_row("none under runs/ yet; start with: leadline study first-look")
        return table
    table = console.table(
        "Runs",
        Column("folder", "path"),
        Column("test accuracy", "number"),
        Column("test loss", "number"),
    )
    for row in runs:
        if row["state"] == "finished":
            table.add_row(row["folder"], f"{row['test_accuracy']:.4f}", f"{row['test_loss']:.4f}")
        elif row["state"] == "failed":
            said = f"diverged in epoch {row['epoch']}"
            table.add_row(f"{row['folder']}: {row['experiment']} seed {row['seed']}", said, "")
        else:
            table.add_row(row["folder"], "damaged", "")
    return table
