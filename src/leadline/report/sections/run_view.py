"""What the templates need beside a run's content: totals, equations, figures.

Numbers and choices only; the sentences are in the templates.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from leadline.experiments import Experiment, headline, limits_of, to_toml
from leadline.report.page_content import RunPage
from leadline.report.plots.history_plots import Quantity, confusion_plot, history_plot
from leadline.report.sections.binary_view import BinaryView
from leadline.report.sections.diagnosis_view import DiagnosisView
from leadline.report.sections.explanation_view import ExplanationView
from leadline.report.sections.gallery_view import GalleryView
from leadline.report.sections.label_errors_view import LabelsView
from leadline.report.translations.language import gettext as _
from leadline.report.words import guessing_words
from leadline.report.words.equations import Formula, loss_formula, optimizer_formula


@dataclass(frozen=True, eq=False)
class RunView:
    """One run, with all that its page shows."""

    page: RunPage

    @property
    def uid(self) -> str:
        """Prefix of its ids, unique on the page."""
        return self.page.uid

    @property
    def experiment(self) -> Experiment:
        return self.page.experiment

    @cached_property
    def limits(self) -> tuple[str, str]:
        """Population of the images: the first sentence, and the rest."""
        return headline(_(limits_of(self.experiment, self.page.dataset_name)))

    @cached_property
    def binary(self) -> BinaryView | None:
        """Of a run of two classes: thresholds, curves, calibration."""
        found = self.page.binary
        return None if found is None else BinaryView(found, self.uid)

    @cached_property
    def diagnosis(self) -> DiagnosisView | None:
        """How training went."""
        found = self.page.diagnosis
        return None if found is None else DiagnosisView(found, self.page.held_out)

    @property
    def quick(self) -> bool:
        """True for a quick trial, whose figures say nothing about the model."""
        return self.experiment.quick

    @cached_property
    def guess_caution(self) -> tuple[str, str] | None:
        """Title and sentence where the run is not shown to be better than guessing."""
        found = self.page.guessing
        if found is None or found.verdict == "better":
            return None
        return guessing_words.title(found), guessing_words.sentence(found)

    @cached_property
    def explanation(self) -> ExplanationView | None:
        """Where a convolutional network looks."""
        found = self.page.explanations
        return None if found is None else ExplanationView(found, self.page.classes)

    @cached_property
    def gallery(self) -> GalleryView | None:
        """The surest mistakes and the closest calls."""
        found = self.page.gallery
        return None if found is None else GalleryView(found, self.page.classes)

    @cached_property
    def labels(self) -> LabelsView | None:
        """Labels that are likely wrong, by this run alone."""
        found = self.page.labels
        return None if found is None else LabelsView(found)

    @cached_property
    def optimizer(self) -> Formula:
        return optimizer_formula(self.experiment.training.optimizer)

    @cached_property
    def loss(self) -> Formula:
        return loss_formula(self.experiment.training)

    @cached_property
    def history_svg(self) -> tuple[str, str]:
        """Loss, then accuracy."""
        return self._history("loss"), self._history("accuracy")

    @cached_property
    def plain_history_svg(self) -> tuple[str, str]:
        """The same without a mark of what was found in them, for questions without answers."""
        return self._history("loss", marked=False), self._history("accuracy", marked=False)

    @cached_property
    def confusion_svg(self) -> str:
        evaluation = self.page.evaluation_test
        return confusion_plot(evaluation.confusion, self.page.classes, uid=f"{self.uid}-confusion")

    @cached_property
    def astray(self) -> list[tuple[str, str, int]]:
        """True class, predicted class and count of every confusion, the most frequent first."""
        classes, confusion = self.page.classes, self.page.evaluation_test.confusion
        found = [
            (true, predicted, int(confusion[row, column]))
            for row, true in enumerate(classes)
            for column, predicted in enumerate(classes)
            if row != column and confusion[row, column] > 0
        ]
        return sorted(found, key=lambda item: -item[2])

    @property
    def recognised(self) -> int:
        """Test images that were answered right."""
        return int(self.page.evaluation_test.confusion.trace())

    @cached_property
    def toml(self) -> str:
        return to_toml(self.experiment)

    def _history(self, quantity: Quantity, *, marked: bool = True) -> str:
        # Findings are of the loss.
        course = self.diagnosis if quantity == "loss" and marked else None
        return history_plot(
            quantity,
            [getattr(row, f"train_{quantity}") for row in self.page.history],
            [getattr(row, f"validation_{quantity}") for row in self.page.history],
            best_epoch=self.page.best_epoch,
            validation_name=self.page.held_out,
            uid=f"{self.uid}-{quantity}",
            shaded=course.shaded if course else None,
            ringed=course.ringed if course else (),
        )
