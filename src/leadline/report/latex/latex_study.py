"""The tables of a study for a paper: its experiments, every pair, the measures of two classes."""

from __future__ import annotations

from collections.abc import Iterator

from leadline.analysis.experiment_results import ExperimentResults
from leadline.report.formatting import (
    DASH,
    count_short,
    decimal,
    duration,
    in_turn,
    integer,
    percent,
    percent_range,
)
from leadline.report.latex.latex_run import run_latex
from leadline.report.latex.latex_table import Line, PaperTable
from leadline.report.sections.binary_study import BinaryStudy
from leadline.report.sections.comparison_view import ComparisonView, MeasureView
from leadline.report.sections.study_view import StudyView
from leadline.report.sections.tradeoff_view import CostView, TradeoffView
from leadline.report.translations.language import built_in
from leadline.report.translations.language import gettext as _
from leadline.report.words.comparison_words import brief, covers, p_value
from leadline.report.words.estimate_words import method_text, score_text
from leadline.report.words.guessing_words import named_remarks


def study_latex(study: StudyView) -> tuple[PaperTable, ...]:
    """Every table of a study for a paper; of the runs those of each experiment's first seed."""
    return tuple(_tables(study))


def _tables(study: StudyView) -> Iterator[PaperTable]:
    yield _experiments(study)
    if study.compared is not None:
        for measure in study.compared.measures:
            yield _pairs(study.compared, measure)
    if study.binary is not None:
        yield _measures(study.binary, named_remarks(study.page.guessing))
    if study.tradeoffs is not None:
        yield _tradeoffs(study.tradeoffs, named_remarks(study.page.guessing))
    for row in study.page.rows:
        yield from run_latex(study.views(row)[0])


def _experiments(study: StudyView) -> PaperTable:
    heads = [_("Experiment"), _("Test accuracy"), *[_("Over seeds")] * study.page.has_seeds]
    heads += [_("Test loss"), _("Weights"), _("Multiply-adds"), _("Training")]
    winner = next(iter(study.page.best.values()))
    # Guessing is nothing to recommend, even where it is the best of the study.
    strong = None if study.page.guesses(winner) else winner
    lines = []
    for rows in study.page.families.values():
        lines.append(Line((_family(rows[0].experiment.family),)))
        lines += [Line(_cells(study, row), strong=row == strong) for row in rows]
    n = winner.runs[0].evaluation_test.n
    notes = [
        _("Accuracy and loss (cross-entropy, in nats) on {n} test images.").format(n=integer(n)),
        _("In brackets: Wilson’s 95% interval, which covers the sampling of test images."),
    ]
    if study.page.has_seeds:
        notes.append(
            _("Means over seeds; over seeds: standard deviation in points, and number of seeds.")
        )
    if strong is not None:
        notes.append(
            _("In bold: the best on validation images.")
            if study.page.chosen_on_validation
            else _("In bold: the best on the test images themselves.")
        )
    notes += named_remarks(study.page.guessing)
    notes += study.failures
    return PaperTable(
        name="experiments",
        caption=_("Experiments of the study “{name}”.").format(name=built_in(study.page.title)),
        heads=tuple(heads),
        numbers=(False, *[True] * (len(heads) - 1)),
        lines=tuple(lines),
        notes=" ".join(notes),
    )


def _cells(study: StudyView, row: ExperimentResults) -> tuple[str, ...]:
    cells = [row.name, f"{percent(row.accuracy)} ({percent_range(row.interval)})"]
    if study.page.has_seeds:
        sd = row.seed_variation.sd
        cells.append(DASH if sd is None else f"{decimal(100 * sd, 2)} ({len(row.runs)})")
    return (
        *cells,
        decimal(row.loss),
        integer(row.totals.weights),
        count_short(row.totals.multiply_adds),
        duration(row.wall_s),
    )


def _family(family: str) -> str:
    return {
        "pixels": _("Pixels, dense network"),
        "hog": _("HOG features, dense network"),
        "cnn": _("Convolutional network"),
    }[family]


def _pairs(found: ComparisonView, measure: MeasureView) -> PaperTable:
    scale, comparison = measure.scale, found.ranked
    heads = (
        _("Ahead"), _("Of"), _("Difference"), _("95% interval"), _("p, corrected"),
        _("Detectable"), _("Verdict"),
    )  # fmt: skip
    lines = (
        Line(
            (
                pair.first,
                pair.second,
                scale.said(pair.difference),
                scale.interval(pair.low, pair.high),
                p_value(pair.p_corrected),
                scale.shown(pair),
                brief(pair),
            )
        )
        for part, _figure in measure.parts
        for pair in part
    )
    caption = _("Differences in {measure} between every two experiments, on {n} test images.")
    return PaperTable(
        name=f"comparison-{measure.compared.measure}",
        caption=caption.format(measure=measure.name, n=integer(comparison.n)),
        heads=heads,
        numbers=(False, False, True, True, True, True, False),
        lines=tuple(lines),
        notes=" ".join(_tested(measure, comparison.margin)),
    )


def _tested(measure: MeasureView, margin: float) -> Iterator[str]:
    """What stands below a table of pairs, sentence by sentence."""
    if measure.scale.in_shares:
        yield _("In percentage points.")
    yield _(
        "p-values are corrected for all {n} pairs (Holm); intervals are each for its pair alone."
    ).format(n=integer(len(measure.pairs)))
    yield _("Both cover {chances}.").format(chances=covers(measure.pairs))
    amount = measure.scale.amount(margin)
    yield _("Equivalent: shown to differ by less than {amount}.").format(amount=amount)
    yield _("Detectable: the smallest difference that 80% of such studies would show.")
    yield _("Tests: {methods}.").format(methods=in_turn(measure.methods))


def _measures(found: BinaryStudy, guessing: tuple[str, ...]) -> PaperTable:
    test = found.rows[0].runs[0].test
    lines = (
        Line((row.name, *(measure.say(row.mean(measure.of)) for measure in found.measures)))
        for row in found.rows
    )
    methods = dict.fromkeys(
        method_text(row.mean(measure.of).method) for row in found.rows for measure in found.measures
    )
    notes = [
        _("In brackets: 95% intervals ({methods}).").format(methods=in_turn(methods)),
        _("Thresholds were chosen on validation images and frozen."),
    ]
    if found.has_seeds:
        notes.append(_("Means over seeds."))
    notes += guessing
    caption = _("Models that tell {positive} from {negative}, on {n} test images.")
    return PaperTable(
        name="measures",
        caption=caption.format(positive=test.positive, negative=test.negative, n=integer(test.n)),
        heads=(_("Experiment"), *(measure.title for measure in found.measures)),
        numbers=(False, *[True] * len(found.measures)),
        lines=tuple(lines),
        notes=" ".join(notes),
    )


def _tradeoffs(found: TradeoffView, guessing: tuple[str, ...]) -> PaperTable:
    merit = _("Test accuracy") if found.of_shares else _("AUROC")
    lines = (
        Line(
            (
                row.name,
                score_text(found.scores[row.name]),
                *(_cost(found, cost, row.name) for cost in found.costs),
            )
        )
        for row in found.rows
    )
    notes = [
        _("Front: no other experiment does better at no higher cost, or as well at a lower one.")
    ]
    if found.compared is not None:
        notes.append(
            _(
                "Not beaten: another does as well at no higher cost, but none such is shown to be "
                "better, chance considered."
            )
        )
    notes += guessing
    caption = (
        _("Test accuracy against what it costs")
        if found.of_shares
        else _("AUROC against what it costs")
    )
    return PaperTable(
        name="tradeoffs",
        caption=f"{caption}.",
        heads=(_("Experiment"), merit, *(cost.name for cost in found.costs)),
        numbers=(False, *[True] * (1 + len(found.costs))),
        lines=tuple(lines),
        notes=" ".join(notes),
    )


def _cost(found: TradeoffView, cost: CostView, name: str) -> str:
    if name not in cost.cost.values:
        return DASH
    if name in cost.cost.front:
        return f"{cost.said(name)} ({_('front')})"
    if found.compared is not None and name in cost.cost.unbeaten:
        return f"{cost.said(name)} ({_('not beaten')})"
    return cost.said(name)
