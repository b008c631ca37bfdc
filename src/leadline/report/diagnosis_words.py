"""How a training went, in plain sentences."""

from __future__ import annotations

from collections.abc import Callable

from leadline.evaluation.advice import Advice
from leadline.evaluation.findings import Diagnosis, Finding
from leadline.report.wording import DASH, decimal, percent, points

NAMES = {
    "diverged": "Diverged",
    "learned nothing": "Learned nothing",
    "under-fitting": "Under-fitting",
    "over-fitting": "Over-fitting",
    "stopped late": "Stopped late",
    "stopped early": "Stopped early",
    "unstable": "Unstable",
    "plateaued": "Levelled off",
    "short": "Too short to tell",
}
WHY = {
    "layers": "more units, filters or layers",
    "model.python": "a larger model",
    "training.augmentation": "random changes of the training images",
    "training.time_limit_s": "more time",
    "training.early_stopping.patience": "stop after so many epochs without a gain",
    "training.keep_epoch": "keep the best epoch, not the last",
    "data.validation": "carve validation images out of train, so that no epoch is chosen by test",
    "training.optimizer.learning_rate": "smaller steps",
    "training.optimizer.global_clipnorm": "no step beyond this length",
    "training.batch_size": "steadier steps",
    "training.averaging": "average the weights over steps",
    "training.schedule": "let the steps become smaller",
    "training.epochs": "train longer",
}
MANY_EPOCHS = 6


def headline(found: Diagnosis) -> str:
    """In one line: "stopped early; 97.92% of training images right, 97.47% of test images"."""
    names = ", ".join(_short(one) for one in found.findings) or "nothing to remark"
    if found.gap is None:
        return names
    train, held = found.gap.train.accuracy.value or 0.0, found.gap.held.accuracy.value or 0.0
    part = found.gap.held_part
    return f"{names}; {percent(train)} of training images right, {percent(held)} of {part} images"


def sentence(finding: Finding, held: str) -> str:
    """What a finding says, with its epochs and numbers. held: "validation" or "test"."""
    return SENTENCES[finding.kind](finding, held)


def advised(advice: Advice) -> tuple[str, str]:
    """The setting as it is typed, or the key alone, and what it is for."""
    if advice.key == "training.epochs" and advice.how == "lower":
        return advice.key, "lower it: fewer epochs would do"
    if advice.key == "training.augmentation":
        return advice.key, f"{advice.how} {WHY[advice.key]}"
    if advice.key == "training.optimizer.learning_rate" and advice.how == "raise":
        return f"{advice.key} = {advice.value}", "larger steps"
    if advice.key == "layers" and advice.how == "add":
        return f"[[layers]] {advice.value}", "add a layer that drops units while training"
    why = WHY[advice.key]
    return (f"{advice.key} = {advice.value}" if advice.value else advice.key), why


def best_sentence(found: Diagnosis, held: str) -> str:
    """Where the loss was lowest, and which epochs are as good but for noise."""
    first, last = found.as_good
    text = f"The {held} loss was lowest at epoch {found.best_epoch}"
    if first == last:
        return f"{text}; no other epoch is as good."
    return f"{text}; some of epochs {first} to {last} cannot be told from it."


def noise_sentence(found: Diagnosis, held: str) -> str:
    """By how much the loss moves for no reason."""
    if found.relative_error is None:
        return f"There are too few {held} images to say how sure their loss is."
    text = f"The {held} loss is known to within ±{percent(1.96 * found.relative_error, 0)}"
    if found.swing is None:
        return f"{text} (95%)."
    return f"{text} (95%), and swings by {percent(found.swing, 1)} from epoch to epoch."


def gap_sentence(found: Diagnosis) -> str:
    """Training images against held-out ones; "" where it was not measured."""
    gap = found.gap
    if gap is None:
        return ""
    train, held = gap.train.accuracy.value or 0.0, gap.held.accuracy.value or 0.0
    low, high = points(gap.accuracy.low), points(gap.accuracy.high)
    return (
        f"The kept model recognises {percent(train)} of {gap.train.n:,} training images and "
        f"{percent(held)} of {gap.held.n:,} {gap.held_part} images: a gap of "
        f"{points(gap.accuracy.value or 0.0)} percentage points (95%: {low} to {high})."
    )


def limit_sentence(found: Diagnosis) -> str:
    """What the errors come from; "" where it was not measured."""
    return LIMITS.get(found.limit or "", "")


LIMITS = {
    "fitting": "Most of the errors are made on training images too, so a model that fits better "
    "would make fewer, unless images and labels allow no better.",
    "generalising": "Most of the errors are made on new images only, so more or more varied "
    "training images would help more than a larger model.",
    "unclear": "Whether most errors come from fitting or from generalising, these images do not "
    "tell.",
}


def _short(finding: Finding) -> str:
    name = NAMES[finding.kind].lower()
    if finding.kind in ("over-fitting", "plateaued", "diverged"):
        return f"{name} from epoch {finding.first_epoch}"
    return name


def _diverged(finding: Finding, _held: str) -> str:
    if not finding.numbers:
        return f"In epoch {finding.first_epoch} the loss was no number any more."
    if finding.first_epoch == 1:
        return (
            f"The train loss never came below {decimal(finding.number('lowest'))} and ended at "
            f"{decimal(finding.number('last'))}; guessing costs "
            f"{decimal(finding.number('guessing'))}."
        )
    return (
        f"After epoch {finding.first_epoch} the train loss went from "
        f"{decimal(finding.number('lowest'))} to {decimal(finding.number('last'))}; guessing costs "
        f"{decimal(finding.number('guessing'))}."
    )


def _learned_nothing(finding: Finding, held: str) -> str:
    return (
        f"{percent(finding.number('train_accuracy'))} of the training images and "
        f"{percent(finding.number('held_accuracy'))} of the {held} images are right; naming the "
        f"most frequent class each time would reach {percent(finding.number('majority'))}."
    )


def _under_fitting(finding: Finding, held: str) -> str:
    return (
        f"The model errs on its own training images ({percent(finding.number('train_accuracy'))} "
        f"right) nearly as often as on the {held} images "
        f"({percent(finding.number('held_accuracy'))})."
    )


def _over_fitting(finding: Finding, held: str) -> str:
    change = finding.number("accuracy_change")
    also = (
        "Accuracy did not fall with it: the model became surer than it is right."
        if change >= 0
        else f"Accuracy fell by {100 * -change:.2f} percentage points with it."
    )
    return (
        f"From epoch {finding.first_epoch} on the {held} loss rose from "
        f"{decimal(finding.number('best_loss'))} to {decimal(finding.number('last_loss'))}, "
        f"{_times(finding, 'rise')} its noise, while the train loss fell. {also}"
    )


def _stopped_late(finding: Finding, held: str) -> str:
    return (
        f"The model that was kept, of epoch {finding.last_epoch}, has a {held} loss of "
        f"{decimal(finding.number('kept_loss'))}, {decimal(finding.number('rise'))} above those "
        f"around epoch {finding.number('best_epoch'):.0f}: {_times(finding, 'rise')} its noise."
    )


def _stopped_early(finding: Finding, held: str) -> str:
    return (
        f"Over epochs {finding.first_epoch}{DASH}{finding.last_epoch} the {held} loss still fell, "
        f"from {decimal(finding.number('before_loss'))} to {decimal(finding.number('last_loss'))}, "
        f"{_times(finding, 'fall')} its noise."
    )


def _unstable(finding: Finding, held: str) -> str:
    return (
        f"The {held} loss jumped up and came back {len(finding.at)} times, in epochs "
        f"{_listed(finding.at)}; most in epoch {finding.number('largest_epoch'):.0f}, by "
        f"{decimal(finding.number('largest'))} to {decimal(finding.number('loss'))}. What is kept "
        "depends on the epoch at which training ends."
    )


def _plateaued(finding: Finding, held: str) -> str:
    return (
        f"From epoch {finding.first_epoch} to the last, {finding.last_epoch}, the {held} loss "
        f"stayed at {decimal(finding.number('level'))}, but for swings of "
        f"{percent(finding.number('swing'), 1)}."
    )


def _too_short(finding: Finding, held: str) -> str:
    best, last = round(finding.number("best_epoch")), finding.last_epoch
    epochs = f"{last} epoch" + "s" * (last > 1)
    also = "; the last was the best, so more may be better" if best == last > 1 else ""
    return f"In {epochs} the course of the {held} loss cannot be told from its swings{also}."


def _times(finding: Finding, change: str) -> str:
    """ "4.2 times": a change over its standard error."""
    return f"{finding.number(change) / finding.number('error'):.1f} times"


def _listed(epochs: tuple[int, ...]) -> str:
    more = len(epochs) - MANY_EPOCHS
    told = ", ".join(map(str, epochs[:MANY_EPOCHS]))
    return f"{told} and {more} more" if more > 0 else told


SENTENCES: dict[str, Callable[[Finding, str], str]] = {
    "diverged": _diverged,
    "learned nothing": _learned_nothing,
    "under-fitting": _under_fitting,
    "over-fitting": _over_fitting,
    "stopped late": _stopped_late,
    "stopped early": _stopped_early,
    "unstable": _unstable,
    "plateaued": _plateaued,
    "short": _too_short,
}
