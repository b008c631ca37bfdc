"""The sections of a study's page, in their order: one function each, None where there is none.

To add a section, write its function and its template, and add the function to `SECTIONS`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from leadline.report.sections.section import Section
from leadline.report.translations.language import gettext as _

if TYPE_CHECKING:
    from leadline.report.sections.study_view import StudyView


def families(study: StudyView) -> Section | None:
    if len(study.page.rows) == 1 or study.page.quick:
        return None
    title = _("The best of each family")
    return Section(
        "families", title, "families.html.j2", study,
        entry=_("Families"), folds=False, kind="families",
    )  # fmt: skip


def seeds(study: StudyView) -> Section | None:
    """Of a single experiment; the table of all experiments has them otherwise."""
    if not study.page.has_seeds or len(study.page.rows) > 1 or study.page.quick:
        return None
    return Section(
        "seeds", _("Every seed"), "experiments.html.j2", study, macro="seeds", open=True
    )  # fmt: skip


def difference(study: StudyView) -> Section | None:
    if study.compared is None or study.page.quick:
        return None
    title = _("Which differences are significant")
    return Section("difference", title, "comparison.html.j2", study.compared, open=True)


def side_by_side(study: StudyView) -> Section | None:
    if study.page.quick or not (study.binary or study.page.few_validated):
        return None
    title = _("Side by side") if study.binary else _("A word of caution")
    return Section("sides", title, "binary_study.html.j2", study, open=True)


def tradeoffs(study: StudyView) -> Section | None:
    if study.tradeoffs is None:
        return None
    return Section("tradeoffs", _("What accuracy costs"), "tradeoffs.html.j2", study.tradeoffs)


def answers(study: StudyView) -> Section | None:
    if study.page.quick:
        return None
    return Section("answers", _("Seven questions"), "answers.html.j2", study.answers, open=True)


def table(study: StudyView) -> Section | None:
    several = len(study.page.rows) > 1 or study.page.has_reference
    if not several or study.page.quick:
        return None
    return Section(
        "table", _("All experiments"), "experiments.html.j2", study, macro="table", open=True
    )  # fmt: skip


def confusion_changes(study: StudyView) -> Section | None:
    changes = study.confusion_changes
    if changes is None:
        return None
    title = _("Does the next model fix the confusions?")
    return Section("confusion_changes", title, "confusion_changes.html.j2", changes)


def label_errors(study: StudyView) -> Section | None:
    if study.labels is None:
        return None
    return Section("labels", _("Likely label errors"), "labels.html.j2", study.labels)


def unused_layers(study: StudyView) -> Section | None:
    if not study.page.unused_layers:
        return None
    unused = study.page.unused_layers
    return Section("unused", _("Unused layers"), "unused_layers.html.j2", unused)


def every_run(study: StudyView) -> Section | None:
    return Section("runs", _("Every run"), "every_run.html.j2", study, open=True, kind="runs")


def audit(study: StudyView) -> Section | None:
    if study.page.audit is None:
        return None
    title, entry = _("What the audit found in the images"), _("Audit of the images")
    return Section("audit", title, "audit_parts.html.j2", study.page.audit, entry=entry)


def environment(study: StudyView) -> Section | None:
    return Section(
        "environment", _("Environment"), "run_parts.html.j2", study.page.environment,
        macro="environment",
    )  # fmt: skip


def again(study: StudyView) -> Section | None:
    command = study.page.study_command
    if not command:
        return None
    title = _("Run it again")
    return Section("again", title, "files.html.j2", command, macro="command", open=True)


def files(_study: StudyView) -> Section | None:
    return Section("files", _("For programs and papers"), "files.html.j2", None, macro="of_study")


SECTIONS: tuple[Callable[[StudyView], Section | None], ...] = (
    families, seeds, difference, side_by_side, tradeoffs, answers, table, confusion_changes,
    label_errors, unused_layers, every_run, audit, environment, again, files,
)  # fmt: skip
"""In the order of the page."""
