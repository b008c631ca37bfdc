"""Reports of finished runs and studies, written again, and hand-outs of their questions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from leadline import runs
from leadline.analysis.significance.comparison import Comparison
from leadline.errors import RunError
from leadline.experiments import (
    Study,
)
from leadline.report.page_content import StudyPage
from leadline.report.plots.installed_fonts import FontUse, missing_letters_text
from leadline.report.translations.language import SOURCE_LANGUAGE, speaking
from leadline.runs import Run
from leadline.workflow.events import (
    NoteMessage,
    WarningMessage,
    Watcher,
)
from leadline.workflow.events import ignore as nobody
from leadline.workflow.output_files import (
    write_questions,
    write_run_page,
    write_study_page,
)
from leadline.workflow.report_data import run_page, study_page
from leadline.workflow.run_comparison import (
    compare_runs,
    guessing_of,
)


def report(
    folder: Path,
    output: Path | None = None,
    *,
    language: str = SOURCE_LANGUAGE,
    files: bool = False,
    on_event: Watcher = nobody,
) -> Path:
    """Write the page of a run folder, or of a study's folder, again; returns where it lies.

    output: report.html in the folder unless given; then report.json beside it is written as well.
    language: "en" or "fr". files: tables and figures too, in `tables` and `figures` beside it.
    on_event: gets the fonts used for letters that DejaVu Sans lacks, and a warning about letters
    that no font of this machine has.
    """
    with speaking(language):
        if runs.finished(folder):
            page = run_page(runs.load_run(folder))
            path, fonts = write_run_page(folder, page, output, files=files)
        else:
            study, done = study_content(folder)
            path, fonts = write_study_page(folder, study, done, output, files=files)
    _report_fonts(fonts, on_event)
    return path


def _report_fonts(fonts: FontUse, on_event: Watcher) -> None:
    """Say which fonts of this machine figures have, and which letters they lack."""
    if fonts.families:
        names = ", ".join(sorted(fonts.families))
        on_event(
            NoteMessage(
                "PNG and PDF figures use another installed font for characters missing from "
                f"DejaVu Sans: {names}."
            )
        )
    if fonts.lacking:
        characters = missing_letters_text(fonts.lacking)
        on_event(
            WarningMessage(
                "Characters shown as boxes in PNG and PDF figures, because no installed font has "
                f"them: {characters}"
            )
        )


def study_content(folder: Path) -> tuple[StudyPage, tuple[Run, ...]]:
    """The content of a study's page, and its runs; RunError where the folder is damaged."""
    study, done = runs.load_study(folder)
    comparison = compared(done, runs.study_margin(folder), nobody)
    audit, timings = runs.read_audit(folder), runs.read_timings(folder)
    labels = runs.read_label_errors(folder, done[0].metrics.test.n)
    guessing = guessing_of(done)
    page = study_page(
        study, done, audit, comparison, timings, labels,
        guessing=guessing, failed=runs.study_failures(folder),
    )  # fmt: skip
    return page, done


def compared(done: Sequence[Run], margin: float, on_event: Watcher) -> Comparison | None:
    """Compare every pair of a study; if that fails, warn and return nothing."""
    try:
        return compare_runs(done, margin=margin)
    except RunError as error:
        on_event(WarningMessage(f"the experiments are not compared: {error}"))
        return None


def questions(folder: Path, output: Path | None = None, *, language: str = SOURCE_LANGUAGE) -> Path:
    """Write the seven questions of a run or a study without their answers.

    Parameters
    ----------
    folder : Path
        Of a finished run, or of a study.
    output : Path, optional
        questions.html in the folder unless given.
    language : str
        "en" or "fr".

    Returns
    -------
    Path
        Where the page lies. With it come the models' layers, learning curves and confusion
        matrices, from which the questions are answered.
    """
    with speaking(language):
        if runs.finished(folder):
            run = runs.load_run(folder)
            title = run.experiment.title
            study = Study(name=run.experiment.name, title=title, experiments=(run.experiment,))
            return write_questions(folder, study_page(study, [run]), output)
        page, _done = study_content(folder)
        return write_questions(folder, page, output)
