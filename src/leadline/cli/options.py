"""The arguments that several commands share, with their shell completion."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from leadline import zoo
from leadline.cli import built_in_names
from leadline.errors import StorageError
from leadline.report.translations.language import LANGUAGES
from leadline.system import threads

RUNS = Path("runs")


def complete_experiment(incomplete: str) -> list[str]:
    """Built-in experiments that begin so; a file is completed by the shell."""
    return [name for name in built_in_names.names("experiments") if name.startswith(incomplete)]


def complete_study(incomplete: str) -> list[str]:
    """Built-in studies that begin so."""
    return [name for name in built_in_names.names("studies") if name.startswith(incomplete)]


def complete_model(incomplete: str) -> list[str]:
    """Models of the zoo that begin so; a run or a file is completed by the shell."""
    return [name for name in zoo.names() if name.startswith(incomplete)]


def complete_run(incomplete: str) -> list[str]:
    """Folders of finished runs under runs/ that begin so."""
    places = (f"{depth}/seed-*[0-9]/metrics.json" for depth in ("*", "*/*"))
    found = (path for place in places for path in RUNS.glob(place))
    return sorted(run for path in found if (run := str(path.parent)).startswith(incomplete))


ExperimentName = Annotated[
    str,
    typer.Argument(
        metavar="NAME|FILE",
        help="A built-in experiment, or a TOML file.",
        autocompletion=complete_experiment,
    ),
]
StudyName = Annotated[
    str,
    typer.Argument(
        metavar="NAME|FILE",
        help="A built-in study, or a TOML file.",
        autocompletion=complete_study,
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Override a setting, such as training.epochs=3. Repeatable.",
    ),
]
Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="PATH",
        help="Your own images: a folder, .zip, .npz, .npy, CSV or IDX files.",
    ),
]
Quick = Annotated[
    bool,
    typer.Option("--quick", metavar="", help="Smoke test: 2 epochs on a subset of the images."),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Output folder; by default under runs/."),
]


def _use_threads(count: int | None) -> int | None:
    """Settle the threads of this process before NumPy and torch are loaded."""
    if count is not None:
        os.environ[threads.VARIABLE] = os.environ[threads.OPENMP] = str(count)
    chosen = threads.choose_threads()
    os.environ.setdefault(threads.OPENMP, str(chosen.count))
    return count


Threads = Annotated[
    int | None,
    typer.Option(
        "--threads",
        metavar="N",
        min=1,
        max=threads.MOST_THREADS,
        callback=_use_threads,
        help="Number of threads; by default all processors.",
    ),
]


def page_file(output: Path | None) -> Path | None:
    """Return the output file of a page. Raises StorageError for a folder or another suffix than
    HTML's.
    """
    if output is not None and output.is_dir():
        raise StorageError(
            f"{output}: is a folder; give a file name, as in -o {output / 'report.html'}."
        )
    if output is not None and output.suffix.lower() not in (".html", ".htm"):
        # A page must not take the place of a model.
        raise StorageError(f"{output}: a report is an HTML file; use a name that ends in .html.")
    return output


Margin = Annotated[
    float | None,
    typer.Option(
        "--margin",
        metavar="X",
        help="Equivalence margin: smaller differences in accuracy or AUROC count as negligible; "
        "default 0.005.",
    ),
]


def complete_language(incomplete: str) -> list[str]:
    """Languages that begin so."""
    return [one for one in LANGUAGES if one.startswith(incomplete)]


Language = Annotated[
    str,
    typer.Option(
        "--lang",
        metavar="|".join(LANGUAGES),
        help="Language of pages.",
        autocompletion=complete_language,
    ),
]
Json = Annotated[bool, typer.Option("--json", metavar="", help="Print JSON to standard output.")]
