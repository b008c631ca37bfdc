"""The tables of one run for a paper: scores by class, layers with the sums behind their weights."""

from __future__ import annotations

from leadline.metrics.classification import ClassScores
from leadline.report.formatting import DASH, integer, percent, percent_range, shape
from leadline.report.latex.latex_table import Line, PaperTable
from leadline.report.sections.run_view import RunView
from leadline.report.translations.language import gettext as _
from leadline.report.words.guessing_words import stated


def run_latex(run: RunView) -> tuple[PaperTable, ...]:
    """Every table of a run for a paper."""
    return _classes(run), _layers(run)


def _classes(run: RunView) -> PaperTable:
    test = run.page.evaluation_test
    heads = (_("Class"), _("Images"), _("Precision"), _("Recall"), _("F1"))
    lines = [
        Line((row.name, integer(row.support), *(_score(row, key) for key in SCORES)))
        for row in test.per_class
    ]
    notes = (
        _("In brackets: 95% intervals, Wilson’s, which take images as drawn independently."),
        _("Accuracy: {share} ({interval}).").format(
            share=percent(test.accuracy), interval=percent_range(test.accuracy_interval)
        ),
        stated(run.page.guessing),
    )
    caption = _("Scores by class of {name}, on {n} test images.")
    return PaperTable(
        name=f"classes-{run.uid}",
        caption=caption.format(name=run.experiment.name, n=integer(test.n)),
        heads=heads,
        numbers=(False, True, True, True, True),
        lines=tuple(lines),
        notes=" ".join(filter(None, notes)),
    )


SCORES = ("precision", "recall", "f1")


def _score(row: ClassScores, key: str) -> str:
    if key in row.undefined:
        return DASH
    interval = percent_range(getattr(row, f"{key}_interval"), 1)
    return f"{percent(getattr(row, key), 1)} ({interval})"


def _layers(run: RunView) -> PaperTable:
    heads = (_("Layer"), _("Type"), _("Output"), _("Weights"), _("Multiply-adds"))
    lines = [
        Line(
            (
                layer.name,
                layer.type,
                shape(layer.output_shape),
                integer(layer.weights),
                integer(layer.multiply_adds),
            )
        )
        for layer in run.page.layers
    ]
    total = (
        _("Total"),
        "",
        "",
        integer(run.page.totals.weights),
        integer(run.page.totals.multiply_adds),
    )
    return PaperTable(
        name=f"layers-{run.uid}",
        caption=_("Layers of {name}.").format(name=run.experiment.name),
        heads=heads,
        numbers=(False, False, False, True, True),
        lines=(*lines, Line(total, strong=True)),
        notes=_("Output and multiply-adds: of one image, these of dense and convolution layers."),
    )
