"""`leadline data`: get a data set."""

from __future__ import annotations

from typing import Annotated

import typer

from leadline.cli import console
from leadline.cli.progress import watching
from leadline.errors import UnknownName

SOURCES = ("mnist",)

app = typer.Typer(help="Get a data set.")


def complete_source(incomplete: str) -> list[str]:
    """Data sources that begin so."""
    return [name for name in SOURCES if name.startswith(incomplete)]


@app.command("fetch", epilog="Example: leadline data fetch mnist")
def fetch(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="A data source.", autocompletion=complete_source),
    ],
) -> None:
    """Fetch a data set into the cache, and verify it."""
    if name not in SOURCES:
        raise UnknownName(f"No data set is called {name!r}. Known: {', '.join(SOURCES)}.")
    from leadline.data.sources import load_dataset
    from leadline.events import Download, Warned
    from leadline.spec import Data

    with watching() as watch:

        def progress(part: str, done_bytes: int, total_bytes: int) -> None:
            watch(Download(part, done_bytes, total_bytes))

        dataset = load_dataset(Data(source=name), on_progress=progress)
        for warning in dataset.warnings:
            watch(Warned(warning))
    parts = {"train": dataset.train, "validation": dataset.validation, "test": dataset.test}
    counts = ", ".join(f"{len(part):,} {name}" for name, part in parts.items() if part)
    console.people().print(f"{name}: {counts} images, from {dataset.source}", soft_wrap=True)
