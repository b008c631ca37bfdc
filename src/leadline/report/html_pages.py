"""A run or a study as one HTML page: no request, no network, one script of its own."""

from __future__ import annotations

from leadline.report.html_rendering import templates
from leadline.report.page_content import RunPage, StudyPage
from leadline.report.sections.run_view import RunView
from leadline.report.sections.study_view import StudyView


def render_run(page: RunPage) -> str:
    """The page of one run, as HTML text. Equal content gives equal text."""
    return templates().get_template("run.html.j2").render(run=RunView(page))


def render_study(page: StudyPage) -> str:
    """The page of a study: the best of each family, the table, then every run folded."""
    return templates().get_template("study.html.j2").render(study=StudyView(page))


def render_questions(page: StudyPage) -> str:
    """A hand-out: the seven questions without answers, and the material to answer them from."""
    return templates().get_template("questions.html.j2").render(study=StudyView(page))
