"""`leadline predict`: classify images."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadline.cli import answer_file, console
from leadline.cli.answer_file import Format
from leadline.cli.options import Threads, complete_model
from leadline.errors import DataError, LeadlineError

if TYPE_CHECKING:
    from leadline.export.model_metadata import Metadata
    from leadline.serving import Inputs, Predictor, Unreadable
    from leadline.serving.answer_rows import Rows


def command(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL",
            help="A run's folder, its model.onnx, or a zoo name.",
            autocompletion=complete_model,
        ),
    ],
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH...", help="Images, folders, quoted globs, zip archives."),
    ],
    form: Annotated[
        Format | None,
        typer.Option(
            "--format",
            metavar="table|csv|json|parquet",
            help="Output format; by default from FILE's suffix, else a table on a terminal and CSV "
            "in a pipe.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Output file; written completely or not at all."
        ),
    ] = None,
    point: Annotated[
        str | None,
        typer.Option(
            "--point",
            metavar="NAME",
            help="Decision threshold: youden (default) or sensitivity.",
        ),
    ] = None,
    strict: Annotated[
        bool,
        typer.Option("--strict", metavar="", help="Stop at the first file that cannot be read."),
    ] = False,
    _threads: Threads = None,
) -> None:
    """Classify images with a model.

    `class` is the most probable class. `decision` is the same, except for two-class
    models with a threshold: they decide for the positive class at or above it. Files
    that cannot be read get no row and are listed at the end; the exit status is 0 if
    at least one image was classified.
    """
    form = answer_file.chosen(form, output)
    if output is not None:
        answer_file.check(output, model, paths)
    from leadline.serving import Inputs, Predictor, Unreadable

    predictor = Predictor.open(model, point=point, threads=1)
    inputs, unreadable = Inputs(paths), Unreadable()
    with _rows(form, output, predictor) as rows, _counting(form, output) as told:
        answered = _answer(predictor, inputs, rows, _fail if strict else unreadable, told)
        if not answered:
            raise _nothing(unreadable)
    if output is not None:
        console.where("answers", output)
    _show_caveats(predictor.metadata)
    _tell_left(inputs, unreadable)


def _answer(
    predictor: Predictor,
    inputs: Inputs,
    rows: Rows,
    on_unreadable: Callable[[LeadlineError], None],
    told: Callable[[int], None],
) -> int:
    """Write all predictions and return their number."""
    from leadline.serving import answer_files

    count = 0
    with contextlib.closing(answer_files(predictor, inputs, on_unreadable)) as batches:
        for batch in batches:
            rows.write(batch)
            count += len(batch.names)
            told(count)
    return count


@contextlib.contextmanager
def _rows(form: Format, output: Path | None, predictor: Predictor) -> Iterator[Rows]:
    """Open the output; finish it only if all went well."""
    if form is Format.TABLE:
        from leadline.cli.answer_table import AnswerTable

        table = AnswerTable(predictor)
        yield table
        table.close()
        return
    from leadline.serving.answer_rows import FORMATS

    with answer_file.opened(output, spreadsheet=form is Format.CSV) as file:
        rows = FORMATS[form](file, predictor.classes)
        yield rows
        rows.close()


@contextlib.contextmanager
def _counting(form: Format, output: Path | None) -> Iterator[Callable[[int], None]]:
    """Show progress, unless rows go to the same terminal."""
    rows_on_screen = form is not Format.TABLE and output is None and sys.stdout.isatty()
    if not console.on_a_terminal() or rows_on_screen:
        yield lambda _count: None
        return
    from rich.progress import Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.completed:,} images", style=console.ACCENT), TimeElapsedColumn())
    with Progress(*columns, console=console.people(), transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda count: progress.update(task, completed=count)


def _show_caveats(metadata: Metadata) -> None:
    caveats, guessing = metadata.limits, metadata.guessing
    if guessing is not None and guessing.verdict != "better":
        from leadline.report.words.guessing_words import with_limits

        caveats = with_limits(guessing, caveats)
    console.limits(caveats)


def _fail(error: LeadlineError) -> None:
    raise error


def _nothing(unreadable: Unreadable) -> LeadlineError:
    """Return the error for a command without predictions."""
    if len(unreadable.reasons) == 1:
        return DataError(unreadable.reasons[0])
    _tell_unreadable(unreadable)
    return DataError(f"none of {unreadable.count:,} files could be read; the reasons are above.")


def _tell_left(inputs: Inputs, unreadable: Unreadable) -> None:
    from leadline.data.formats.omitted_files import left_out_remarks

    for remark in inputs.remarks:
        console.fail(f"warning: {remark}", console.CAUTION)
    for left_out in left_out_remarks(inputs.left_out.kinds()):
        console.fail(str(left_out), console.CAUTION)
    if unreadable.count:
        one = unreadable.count == 1
        console.fail(
            f"warning: {unreadable.count:,} {'file' if one else 'files'} could not be read:",
            console.CAUTION,
        )
        _tell_unreadable(unreadable)


def _tell_unreadable(unreadable: Unreadable) -> None:
    for reason in unreadable.reasons:
        console.fail(reason, console.CAUTION)
    more = unreadable.count - len(unreadable.reasons)
    if more:
        console.fail(f"and {more:,} more", console.CAUTION)
