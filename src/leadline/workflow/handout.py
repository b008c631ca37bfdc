"""A hand-out for a class: the questions of a report without their answers."""

from __future__ import annotations

from pathlib import Path

from leadline import runs
from leadline.experiments import Study
from leadline.report.translations.language import SOURCE_LANGUAGE, speaking
from leadline.workflow.output_files import write_questions
from leadline.workflow.pipeline import study_content
from leadline.workflow.report_data import study_page


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
