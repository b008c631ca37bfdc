"""`leadline data`: get a data set, or look for what is wrong with one."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadline.cli import console, extras
from leadline.cli.cached_datasets import SOURCES
from leadline.cli.options import Json, Language, page_file
from leadline.cli.progress_bars import watching
from leadline.errors import UnknownName
from leadline.report.translations.language import SOURCE_LANGUAGE, check_language, speaking

if TYPE_CHECKING:
    from leadline.data.audit import Audit

SIZE_PX = 64
FOUND_SOMETHING = 1

app = typer.Typer(
    name="data",
    help="Download a dataset, or audit one.",
    add_completion=False,
    rich_markup_mode=None,
)


def complete_source(incomplete: str) -> list[str]:
    """Data sources that begin so."""
    return [name for name in SOURCES if name.startswith(incomplete)]


@app.command("fetch", epilog="Example: leadline data fetch mnist")
def fetch(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="Name of a dataset.", autocompletion=complete_source),
    ],
) -> None:
    """Download a dataset into the cache and verify it."""
    if name not in SOURCES:
        raise UnknownName(f"Unknown dataset {name!r}. Available: {', '.join(SOURCES)}.")
    from leadline.data.sources.source import origin_title
    from leadline.data.sources.source_list import load_dataset
    from leadline.experiments import Data
    from leadline.workflow.events import Download, WarningMessage

    with watching() as watch:

        def progress(part: str, done_bytes: int, total_bytes: int) -> None:
            watch(Download(part, done_bytes, total_bytes))

        dataset = load_dataset(Data(source=name), on_progress=progress)
        for warning in dataset.warnings:
            watch(WarningMessage(str(warning)))
    parts = {"train": dataset.train, "validation": dataset.validation, "test": dataset.test}
    counts = ", ".join(f"{len(part):,} {name}" for name, part in parts.items() if part)
    console.people().print(
        f"{name}: {counts} images, from {origin_title(dataset.source)}", soft_wrap=True
    )


@app.command("audit", epilog="Example: leadline data audit chest_xray --json")
def audit(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="PATH", help="Images: a folder, .zip, .npz, .npy, CSV or IDX files."
        ),
    ],
    group_pattern: Annotated[
        str | None,
        typer.Option(
            "--group-pattern",
            metavar="REGEX",
            help="Regular expression that finds the patient in a file name: '^(patient[0-9]+)_'.",
        ),
    ] = None,
    subgroup_pattern: Annotated[
        str | None,
        typer.Option(
            "--subgroup-pattern",
            metavar="REGEX",
            help="Regular expression that finds the subtype in a file name.",
        ),
    ] = None,
    size_px: Annotated[
        int,
        typer.Option(
            "--size-px", metavar="N", min=16, max=512, help="Compare images at N × N pixels."
        ),
    ] = SIZE_PX,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Also write the audit as a page: audit.html."
        ),
    ] = None,
    *,
    language: Language = "en",
    json: Json = False,
) -> None:
    """Check a dataset for leaks, duplicates, tiny splits and shortcuts.

    The exit status is 1 if there are findings.
    """
    output = page_file(output)
    if check_language(language) != SOURCE_LANGUAGE:
        # Babel reads the catalogue; English goes without.
        extras.require("train")
    from leadline.data.audit import audit as look
    from leadline.data.sources.source_list import at_home
    from leadline.workflow.events import Download

    with watching() as watch:

        def progress(what: str, done: int, total: int) -> None:
            watch(Download(what, done, total))

        found = look(
            at_home(path),
            group_pattern=group_pattern,
            subgroup_pattern=subgroup_pattern,
            size_px=size_px,
            on_progress=progress,
        )
    if json:
        console.machine(found.as_json())
    else:
        from leadline.cli.audit_text import print_audit

        print_audit(found)
    if output is not None:
        again = _again(path, group_pattern, subgroup_pattern, size_px)
        with speaking(language):
            write_page(output, found, again)
        # With --json, standard output is for JSON alone.
        (console.said if json else console.where)("report", output)
    if found.findings:
        raise typer.Exit(FOUND_SOMETHING)


def write_page(output: Path, found: Audit, command: str) -> None:
    """Write the audit as a page. Raises StorageError if the file cannot be written."""
    from leadline.report.audit_page import render_audit
    from leadline.report.sections.audit_view import audit_view
    from leadline.runs import make_folder, write_text

    make_folder(output.parent)
    write_text(output, render_audit(audit_view(found, command)))


def _again(path: Path, group: str | None, subgroup: str | None, size_px: int) -> str:
    """Return the command that repeats the audit."""
    words = ["leadline", "data", "audit", str(path)]
    words += ["--group-pattern", group] if group else []
    words += ["--subgroup-pattern", subgroup] if subgroup else []
    words += ["--size-px", str(size_px)] if size_px != SIZE_PX else []
    return shlex.join(words)
