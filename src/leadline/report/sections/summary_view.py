"""The first screen of a study: which model is best, whether that is real, and its caveats."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from leadline.analysis.diagnosis.training_findings import rule_of
from leadline.data.audit.checks.split_checks import MAX_WIDTH
from leadline.report.formatting import integer, listed, percent_range, sentence
from leadline.report.plots.dot_plot import Scale
from leadline.report.translations.language import gettext as _
from leadline.report.words import diagnosis_words, failed_words, guessing_words, preprocessing_words

if TYPE_CHECKING:
    from leadline.analysis.experiment_results import ExperimentResults
    from leadline.report.sections.study_view import StudyView

MOST_ROWS = 10
"""More experiments than these are not all drawn on the first screen."""

"""Findings about a training that belong on the first screen."""

MOST_NAMES = 4
"""More experiments than these are counted, not named."""


@dataclass(frozen=True)
class Caution:
    """What to bear in mind with every figure. target: id of where the page says more, or ""."""

    title: str
    text: str
    target: str = ""


@dataclass(frozen=True, eq=False)
class SummaryView:
    """What a hurried reader takes along."""

    study: StudyView

    @property
    def best(self) -> ExperimentResults:
        return self.study.page.ranking[0]

    @cached_property
    def scale(self) -> Scale:
        """The experiments, the best first; of very many those that lead.

        Of a single one with several seeds, the chance in the images above that in the seeds.
        """
        if len(self.study.page.rows) == 1 and self.study.page.has_seeds:
            return self._two_chances
        return self.study.scale_of(self.study.page.ranking[:MOST_ROWS])

    @property
    def _two_chances(self) -> Scale:
        found = self.study.page.accuracy_variations[self.best.name]
        (images,) = self.study.scale_of([self.best]).rows
        bounds = (
            found.mean if found.low is None else found.low,
            found.mean if found.high is None else found.high,
        )
        over_seeds = replace(images.figure, interval=bounds)
        return Scale(
            (
                replace(images, name=_("over test images"), seeds=()),
                replace(images, name=_("over seeds"), target="seeds", figure=over_seeds),
            )
        )

    @property
    def left_out(self) -> int:
        """How many experiments are not on the scale."""
        return max(len(self.study.page.rows) - MOST_ROWS, 0)

    @cached_property
    def cautions(self) -> tuple[Caution, ...]:
        """The gravest first."""
        return tuple(
            caution
            for kind in (
                self._guessing,
                self._failed,
                self._training,
                self._settings,
                self._images,
                self._choice,
                self._chance,
                self._models,
            )
            for caution in kind()
        )

    @property
    def best_guesses(self) -> bool:
        """True where the best is not shown to be better than guessing."""
        return self.study.page.guesses(self.best)

    def _guessing(self) -> Iterator[Caution]:
        best = self.study.page.guessing.get(self.best.name)
        if best is not None and best.verdict != "better":
            target = f"{self.best.runs[0].uid}-verdict"
            yield Caution(guessing_words.title(best), guessing_words.sentence(best), target)
        others = [row.name for row in self.study.page.rows if self.study.page.guesses(row)]
        others = [name for name in others if name != self.best.name]
        if others and not self.study.page.nothing_shown:
            yield Caution(
                _("Some are not significantly better than guessing."),
                f"{listed(others)}." if len(others) <= MOST_NAMES else f"{integer(len(others))}.",
            )
        for row in self.study.page.rows:
            failing = guessing_words.failing_seeds(
                (run.seed, run.guessing) for run in row.runs if run.guessing
            )
            if failing:
                yield Caution(f"{row.name}:", failing, f"{row.runs[0].uid}-verdict")

    def _failed(self) -> Iterator[Caution]:
        finished = self.study.page.unfinished.values()
        for seeds, said in zip(finished, self.study.failures, strict=True):
            yield Caution(failed_words.title(seeds), said)

    def _training(self) -> Iterator[Caution]:
        """What went wrong in training the best, the first seed that it is so of for each kind."""
        seen: set[str] = set()
        for run in self.best.runs:
            found = () if run.diagnosis is None else run.diagnosis.findings
            for finding in found:
                if rule_of(finding.kind).serious and finding.kind not in seen:
                    seen.add(finding.kind)
                    yield Caution(
                        f"{diagnosis_words.finding_name(finding.kind)}.",
                        diagnosis_words.finding_sentence(finding, run.held_out),
                        f"{run.uid}-training",
                    )

    def _settings(self) -> Iterator[Caution]:
        if self.study.page.validated_on_test:
            yield Caution(
                _("Validated on the test images."),
                _(
                    "As in the lab, best epochs and test figures come from the same images and "
                    "are not independent."
                ),
            )

    def _images(self) -> Iterator[Caution]:
        lost: dict[str, None] = {}
        for row in self.study.page.rows:
            done = row.runs[0].preprocessing
            lost |= dict.fromkeys(preprocessing_words.warnings(done) if done else ())
        for text in lost:
            yield Caution(_("About the images."), text)
        for warning in self.study.page.warnings:
            yield Caution(_("About the data."), sentence(warning.message))
        audit = self.study.page.audit
        for kind in audit.kinds if audit else ():
            if kind.severity == "serious" or (kind.kind, kind.severity) == ("shortcut", "caution"):
                yield Caution(f"{kind.title}.", kind.findings[0].sentence, "audit")
        test = self.best.runs[0].evaluation_test
        low, high = test.accuracy_interval
        if high - low > MAX_WIDTH:
            yield Caution(
                _("Few test images."),
                _("Of so few, {n}, the accuracy may lie anywhere in {interval}.").format(
                    n=integer(test.n), interval=percent_range((low, high), 0)
                ),
            )

    def _choice(self) -> Iterator[Caution]:
        for run in self.study.page.few_validated:
            checked = run.evaluation_validation
            if checked is not None:
                yield Caution(
                    _("Validated on {n} images.").format(n=integer(checked.n)),
                    _("By so few no epoch or threshold of {name} can be chosen.").format(
                        name=run.experiment.name
                    ),
                    "sides",
                )
        if len(self.study.page.rows) > 1 and not self.study.page.chosen_on_validation:
            yield Caution(
                _("Chosen on the test images."),
                _(
                    "Not all runs have validation images of their own; to choose on test flatters "
                    "the best a little."
                ),
            )

    def _chance(self) -> Iterator[Caution]:
        alone = [row.name for row in self.study.page.rows if len(row.runs) == 1]
        if not alone:
            return
        if len(alone) == len(self.study.page.rows):
            title = _("One seed alone.")
        else:
            title = _("One seed alone of some experiments.")
        yield Caution(
            title,
            _("Intervals cover the sampling of test images, not seed variation."),
        )

    def _models(self) -> Iterator[Caution]:
        for layers, names in self.study.page.unused_layers.items():
            unused = listed(layer.name for layer in layers)
            if len(names) <= MOST_NAMES:
                text = _("Nothing reads {layers} of {names}.").format(
                    layers=unused, names=listed(names)
                )
            else:
                text = _("Nothing reads {layers} of {n} experiments.").format(
                    layers=unused, n=integer(len(names))
                )
            yield Caution(_("Unused layers."), text, "unused")
