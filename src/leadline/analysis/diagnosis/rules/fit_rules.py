"""Rules on how well training and held-out images are predicted by the model that was kept."""

from __future__ import annotations

from collections.abc import Iterator

from leadline.analysis.diagnosis.advice import (
    MUCH_SLOWER,
    SLOW,
    SLOWER,
    Advice,
    Setting,
    larger,
    longer,
    regularized,
    scaled_rate,
)
from leadline.analysis.diagnosis.generalization_gap import Gap, limit_of
from leadline.analysis.diagnosis.learning_curve import Span
from leadline.analysis.diagnosis.training_findings import Finding, JudgedTraining, Rule
from leadline.system.messages import Message, message

NOTHING = 0.1
"""The way from guessing to perfect; a model that certainly went less has learned nothing."""
LARGE_GAP = 0.1
"""A gap in accuracy that is certainly above this is a finding, and so is one between the modes of
training and prediction."""
STATISTICS_CHANGE = 0.05
"""A change of validation accuracy by computed batch statistics that is worth a remark."""


class InferenceGap(Rule):
    """Right on the training batches as they were trained on, and not when predicted again.

    Dropout, augmentation and moving weights make batches harder, so the other way round is usual.
    """

    code = "inference gap"
    title = message("Training and prediction differ")
    serious = True

    def search(self, training: JudgedTraining) -> Iterator[Finding]:
        gap, kept = training.gap, training.kept
        if gap is not None and kept.train_accuracy - gap.train.accuracy.high > LARGE_GAP:
            numbers = {**_accuracies(gap), "batch_accuracy": kept.train_accuracy}
            yield self.finding(training.kept_span, numbers, training.setting)

    def message(self, finding: Finding, held: Message) -> Message:
        del held
        return message(
            "Accuracy on the training batches was {batches:.2%} during training, but is "
            "{train:.2%} on the training images in inference mode. The layers behave differently "
            "in the two modes; all numbers here are from inference mode.",
            batches=finding.number("batch_accuracy"), train=finding.number("train_accuracy"),
        )  # fmt: skip

    def advice(self, span: Span, setting: Setting, *, improving: bool) -> Iterator[Advice]:
        del span, improving
        experiment = setting.experiment
        if experiment.training.averaging is not None:
            yield Advice("training.averaging", "lower")
        if any(layer.type == "BatchNormalization" for layer in experiment.layers):
            batch_size = 2 * experiment.training.batch_size
            yield Advice("training.batch_size", "set", str(batch_size))
        if experiment.model is not None:
            yield Advice("model.python", "check")


class LearnedNothing(Rule):
    """Neither on training nor on held-out images is a tenth of the way to perfect certainly passed.

    A model that is shown to be better than guessing has learned something, little as it may be.
    """

    code = "learned nothing"
    title = message("Learned nothing")
    serious = True

    def search(self, training: JudgedTraining) -> Iterator[Finding]:
        gap, guessing = training.gap, training.guessing
        if gap is None or (guessing is not None and guessing.shown):
            return
        highs = (gap.train.accuracy.high, gap.held.accuracy.high)
        if all(_way(high, gap.majority) < NOTHING for high in highs):
            yield self.finding(
                training.kept_span,
                {**_accuracies(gap), "majority": gap.majority},
                training.setting,
                improving=training.improving,
            )

    def message(self, finding: Finding, held: Message) -> Message:
        return message(
            "Accuracy is {train:.2%} on the training images and {accuracy:.2%} on the {held} "
            "images; always predicting the most frequent class reaches {majority:.2%}.",
            train=finding.number("train_accuracy"), accuracy=finding.number("held_accuracy"),
            held=held, majority=finding.number("majority"),
        )  # fmt: skip

    def advice(self, span: Span, setting: Setting, *, improving: bool) -> Iterator[Advice]:
        del span
        if improving:
            yield from longer(setting)
            yield scaled_rate(setting, 1 / SLOWER)
        else:
            factor = MUCH_SLOWER if setting.learning_rate > SLOW else 1 / MUCH_SLOWER
            yield scaled_rate(setting, factor)
            yield larger(setting)


class Memorized(Rule):
    """Training images are known far better than others, on which the model may as well guess."""

    code = "memorized"
    title = message("Memorized the training images")
    serious = True

    def search(self, training: JudgedTraining) -> Iterator[Finding]:
        gap, guessing = training.gap, training.guessing
        if gap is None or guessing is None or guessing.shown or gap.accuracy.low <= LARGE_GAP:
            return
        numbers = {
            **_accuracies(gap),
            "test_accuracy": guessing.accuracy,
            "majority": guessing.constant_accuracy,
        }
        yield self.finding(training.kept_span, numbers, training.setting)

    def message(self, finding: Finding, held: Message) -> Message:
        return message(
            "Accuracy is {train:.2%} on the training images, but {accuracy:.2%} on the {held} "
            "images and {test:.2%} on the test images; always predicting the most frequent class "
            "reaches {majority:.2%}. The model is not shown to work on new images.",
            train=finding.number("train_accuracy"), accuracy=finding.number("held_accuracy"),
            held=held, test=finding.number("test_accuracy"), majority=finding.number("majority"),
        )  # fmt: skip

    def advice(self, span: Span, setting: Setting, *, improving: bool) -> Iterator[Advice]:
        del span, improving
        yield Advice("data", "check")
        yield Advice("data", "add")
        yield from regularized(setting)


class UnderFitting(Rule):
    """Most of the errors are made on training images too."""

    code = "under-fitting"
    title = message("Under-fitting")

    def search(self, training: JudgedTraining) -> Iterator[Finding]:
        gap = training.gap
        if gap is not None and limit_of(gap) == "fitting":
            yield self.finding(
                training.kept_span, _accuracies(gap), training.setting, improving=training.improving
            )

    def message(self, finding: Finding, held: Message) -> Message:
        return message(
            "The model errs on its own training images ({train:.2%} right) nearly as often as on "
            "the {held} images ({accuracy:.2%}).",
            train=finding.number("train_accuracy"), held=held,
            accuracy=finding.number("held_accuracy"),
        )  # fmt: skip

    def advice(self, span: Span, setting: Setting, *, improving: bool) -> Iterator[Advice]:
        del span
        if improving:
            yield from longer(setting)
            return
        yield larger(setting)
        if setting.experiment.training.augmentation is not None:
            yield Advice("training.augmentation", "lower")


class GeneralizationGap(Rule):
    """The lower bound of the gap in accuracy is above ten percentage points."""

    code = "generalization gap"
    title = message("Large generalization gap")
    serious = True

    def search(self, training: JudgedTraining) -> Iterator[Finding]:
        gap = training.gap
        if gap is not None and gap.accuracy.low > LARGE_GAP:
            numbers = {**_accuracies(gap), "low": gap.accuracy.low, "high": gap.accuracy.high}
            yield self.finding(training.kept_span, numbers, training.setting)

    def message(self, finding: Finding, held: Message) -> Message:
        return message(
            "{train:.2%} of the training images are right, but only {accuracy:.2%} of the {held} "
            "images. The gap is at least {low:.1f} percentage points (95%).",
            train=finding.number("train_accuracy"), accuracy=finding.number("held_accuracy"),
            held=held, low=100 * finding.number("low"),
        )  # fmt: skip

    def advice(self, span: Span, setting: Setting, *, improving: bool) -> Iterator[Advice]:
        del span, improving
        yield Advice("data", "add")
        yield from regularized(setting)


class BatchStatistics(Rule):
    """With the moving averages that training left the model would be clearly worse."""

    code = "batch statistics"
    title = message("Batch statistics recomputed")
    loud = False
    always = True

    def search(self, training: JudgedTraining) -> Iterator[Finding]:
        check = training.statistics
        if check is None:
            return
        if check.computed_accuracy - check.moving_accuracy > STATISTICS_CHANGE:
            numbers = {
                "moving_accuracy": check.moving_accuracy,
                "computed_accuracy": check.computed_accuracy,
                "steps": check.steps,
            }
            yield self.finding(training.kept_span, numbers, training.setting)

    def message(self, finding: Finding, held: Message) -> Message:
        return message(
            "Batch normalization uses the mean and variance of the training images. With the "
            "moving averages that {steps:,} steps left, {moving:.2%} of the {held} images would be "
            "right; with the computed statistics {computed:.2%} are.",
            steps=round(finding.number("steps")), moving=finding.number("moving_accuracy"),
            held=held, computed=finding.number("computed_accuracy"),
        )  # fmt: skip


def _way(accuracy: float, majority: float) -> float:
    """From 0, always predicting the most frequent class, to 1, a perfect model."""
    return (accuracy - majority) / (1 - majority) if majority < 1 else 0.0


def _accuracies(gap: Gap) -> dict[str, float]:
    return {
        "train_accuracy": gap.train.accuracy.value or 0.0,
        "held_accuracy": gap.held.accuracy.value or 0.0,
    }
