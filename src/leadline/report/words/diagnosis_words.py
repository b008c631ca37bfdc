"""How a training went, in plain sentences."""

from __future__ import annotations

from collections.abc import Callable

from leadline.analysis.diagnosis.advice import Advice
from leadline.analysis.diagnosis.training_findings import Diagnosis, Finding
from leadline.analysis.significance.guessing import Guessing
from leadline.report.formatting import DASH, decimal, integer, percent, points
from leadline.report.translations.language import gettext as _
from leadline.report.translations.language import mark, ngettext

NAMES = {
    "diverged": mark("Diverged"),
    "inference gap": mark("Training and prediction differ"),
    "learned nothing": mark("Learned nothing"),
    "memorized": mark("Memorized the training images"),
    "generalization gap": mark("Large generalization gap"),
    "under-fitting": mark("Under-fitting"),
    "over-fitting": mark("Over-fitting"),
    "stopped late": mark("Stopped late"),
    "stopped early": mark("Stopped early"),
    "unstable": mark("Unstable"),
    "plateaued": mark("Levelled off"),
    "short": mark("Too short to tell"),
    "batch statistics": mark("Batch statistics recomputed"),
}
WHY = {
    "layers": mark("more units, filters or layers"),
    "model.python": mark("a larger model"),
    "training.time_limit_s": mark("more time"),
    "training.early_stopping.patience": mark("stop after so many epochs without a gain"),
    "training.keep_epoch": mark("keep the best epoch, not the last"),
    "data.validation": mark(
        "carve validation images out of train, so that no epoch is chosen by test"
    ),
    "training.optimizer.learning_rate": mark("smaller steps"),
    "training.optimizer.global_clipnorm": mark("no step beyond this length"),
    "training.batch_size": mark("steadier steps"),
    "training.averaging": mark("average the weights over steps"),
    "training.schedule": mark("let the steps become smaller"),
    "training.epochs": mark("train longer"),
}
BY_HOW = {
    ("data", "check"): mark("check the labels: does each image lie in the folder of its class?"),
    ("data", "add"): mark("more training images"),
    ("training.averaging", "lower"): mark("average over fewer steps, or leave it out"),
    ("model.python", "check"): mark("check what its layers do when training is False"),
    ("training.epochs", "lower"): mark("lower it: fewer epochs would do"),
    ("training.optimizer.learning_rate", "raise"): mark("larger steps"),
}
"""Reasons that depend on what is to be done with the key."""
AUGMENTED = {
    "add": mark("add random changes of the training images"),
    "raise": mark("raise random changes of the training images"),
    "lower": mark("lower random changes of the training images"),
}
MANY_EPOCHS = 6


def finding_name(kind: str) -> str:
    """The title of a kind of finding."""
    return _(NAMES[kind])


def headline(found: Diagnosis, guessing: Guessing | None = None) -> str:
    """In one line: "stopped early; 97.92% of training images right, 97.47% of test images".

    guessing: of the same model, which has to be remarked on where it is not shown to be better.
    """
    names = ", ".join(_short(one) for one in found.findings)
    if not names:
        remarkable = guessing is not None and not guessing.shown
        names = _("not shown to be better than guessing") if remarkable else _("nothing to remark")
    if found.gap is None:
        return names
    train, held = found.gap.train.accuracy.value or 0.0, found.gap.held.accuracy.value or 0.0
    return _("{findings}; {train} of training images right, {held} of {part} images").format(
        findings=names, train=percent(train), held=percent(held), part=_part(found.gap.held_part)
    )


def sentence(finding: Finding, held: str) -> str:
    """What a finding says, with its epochs and numbers. held: "validation" or "test"."""
    return SENTENCES[finding.kind](finding, _part(held))


def advised(advice: Advice) -> tuple[str, str]:
    """The setting as it is typed, or the key alone, and what it is for."""
    if advice.key == "training.augmentation":
        return advice.key, _(AUGMENTED[advice.how])
    if advice.key == "layers" and advice.how == "add":
        return f"[[layers]] {advice.value}", _("add a layer that drops units while training")
    why = _(BY_HOW.get((advice.key, advice.how)) or WHY[advice.key])
    return (f"{advice.key} = {advice.value}" if advice.value else advice.key), why


def best_sentence(found: Diagnosis, held: str) -> str:
    """Where the loss was lowest, and which epochs are as good but for noise."""
    first, last = found.as_good
    values = {"held": _part(held), "best": found.best_epoch, "first": first, "last": last}
    if first == last:
        said = _("The {held} loss was lowest at epoch {best}; no other epoch is as good.")
    else:
        said = _(
            "The {held} loss was lowest at epoch {best}; some of epochs {first} to {last} cannot "
            "be told from it."
        )
    return said.format(**values)


def noise_sentence(found: Diagnosis, held: str) -> str:
    """By how much the loss moves for no reason."""
    part = _part(held)
    if found.relative_error is None:
        said = _("There are too few {held} images to say how sure their loss is.")
        return said.format(held=part)
    width = percent(1.96 * found.relative_error, 0)
    if found.swing is None:
        said = _("The {held} loss is known to within ±{width} (95%).")
        return said.format(held=part, width=width)
    return _(
        "The {held} loss is known to within ±{width} (95%), and swings by {swing} from epoch to "
        "epoch."
    ).format(held=part, width=width, swing=percent(found.swing, 1))


def gap_sentence(found: Diagnosis) -> str:
    """Training images against held-out ones; "" where it was not measured."""
    gap = found.gap
    if gap is None:
        return ""
    train, held = gap.train.accuracy.value or 0.0, gap.held.accuracy.value or 0.0
    low, high = points(gap.accuracy.low), points(gap.accuracy.high)
    return _(
        "The kept model recognises {train} of {n_train} training images and {held} of {n_held} "
        "{part} images: a gap of {gap} percentage points (95%: {low} to {high})."
    ).format(
        train=percent(train), n_train=integer(gap.train.n), held=percent(held),
        n_held=integer(gap.held.n), part=_part(gap.held_part),
        gap=points(gap.accuracy.value or 0.0), low=low, high=high,
    )  # fmt: skip


def limit_sentence(found: Diagnosis) -> str:
    """What the errors come from; "" where it was not measured."""
    return _(LIMITS.get(found.limit or "", ""))


LIMITS = {
    "fitting": mark(
        "Most of the errors are made on training images too, so a model that fits better would "
        "make fewer, unless images and labels allow no better."
    ),
    "generalising": mark(
        "Most of the errors are made on new images only, so more or more varied training images "
        "would help more than a larger model."
    ),
    "unclear": mark(
        "Whether most errors come from fitting or from generalising, these images do not tell."
    ),
}


def _part(held: str) -> str:
    """ "validation" or "test"."""
    return _("test") if held == "test" else _("validation")


def _short(finding: Finding) -> str:
    name = lower_name(finding)
    if finding.kind in ("over-fitting", "plateaued", "diverged"):
        said = _("{finding} from epoch {epoch}")
        return said.format(finding=name, epoch=finding.first_epoch)
    return name


def lower_name(finding: Finding) -> str:
    """A finding's name within a sentence."""
    name = _(NAMES[finding.kind])
    return name[:1].lower() + name[1:]


def _diverged(finding: Finding, _held: str) -> str:
    if not finding.numbers:
        said = _("In epoch {epoch} the loss was no number any more.")
        return said.format(epoch=finding.first_epoch)
    if finding.first_epoch == 1:
        said = _(
            "The train loss never came below {lowest} and ended at {last}; guessing costs "
            "{guessing}."
        )
    else:
        said = _(
            "After epoch {epoch} the train loss went from {lowest} to {last}; guessing costs "
            "{guessing}."
        )
    return said.format(
        epoch=finding.first_epoch,
        lowest=decimal(finding.number("lowest")),
        last=decimal(finding.number("last")),
        guessing=decimal(finding.number("guessing")),
    )


def _learned_nothing(finding: Finding, held: str) -> str:
    return _(
        "Accuracy is {train} on the training images and {accuracy} on the {held} images; always "
        "predicting the most frequent class reaches {majority}."
    ).format(
        train=percent(finding.number("train_accuracy")),
        accuracy=percent(finding.number("held_accuracy")),
        held=held,
        majority=percent(finding.number("majority")),
    )


def _inference_gap(finding: Finding, _held: str) -> str:
    return _(
        "Accuracy on the training batches was {batches} during training, but is {train} on the "
        "training images in inference mode. The layers behave differently in the two modes; all "
        "numbers here are from inference mode."
    ).format(
        batches=percent(finding.number("batch_accuracy")),
        train=percent(finding.number("train_accuracy")),
    )


def _memorized(finding: Finding, held: str) -> str:
    return _(
        "Accuracy is {train} on the training images, but {accuracy} on the {held} images and "
        "{test} on the test images; always predicting the most frequent class reaches {majority}. "
        "The model is not shown to work on new images."
    ).format(
        train=percent(finding.number("train_accuracy")),
        accuracy=percent(finding.number("held_accuracy")),
        held=held,
        test=percent(finding.number("test_accuracy")),
        majority=percent(finding.number("majority")),
    )


def _generalization_gap(finding: Finding, held: str) -> str:
    return _(
        "{train} of the training images are right, but only {accuracy} of the {held} images. The "
        "gap is at least {low} percentage points (95%)."
    ).format(
        train=percent(finding.number("train_accuracy")),
        accuracy=percent(finding.number("held_accuracy")),
        held=held,
        low=decimal(100 * finding.number("low"), 1),
    )


def _batch_statistics(finding: Finding, held: str) -> str:
    return _(
        "Batch normalization uses the mean and variance of the training images. With the moving "
        "averages that {steps} steps left, {moving} of the {held} images would be right; with the "
        "computed statistics {computed} are."
    ).format(
        steps=integer(round(finding.number("steps"))),
        moving=percent(finding.number("moving_accuracy")),
        held=held,
        computed=percent(finding.number("computed_accuracy")),
    )


def _under_fitting(finding: Finding, held: str) -> str:
    return _(
        "The model errs on its own training images ({train} right) nearly as often as on the "
        "{held} images ({accuracy})."
    ).format(
        train=percent(finding.number("train_accuracy")),
        held=held,
        accuracy=percent(finding.number("held_accuracy")),
    )


def _over_fitting(finding: Finding, held: str) -> str:
    change = finding.number("accuracy_change")
    also = (
        _("Accuracy did not fall with it: the model became surer than it is right.")
        if change >= 0
        else _("Accuracy fell by {points} percentage points with it.").format(
            points=decimal(100 * -change, 2)
        )
    )
    rose = _(
        "From epoch {epoch} on the {held} loss rose from {best} to {last}, {times} times its "
        "noise, while the train loss fell."
    ).format(
        epoch=finding.first_epoch,
        held=held,
        best=decimal(finding.number("best_loss")),
        last=decimal(finding.number("last_loss")),
        times=_times(finding, "rise"),
    )
    return f"{rose} {also}"


def _stopped_late(finding: Finding, held: str) -> str:
    return _(
        "The model that was kept, of epoch {kept}, has a {held} loss of {loss}, {rise} above those "
        "around epoch {best}: {times} times its noise."
    ).format(
        kept=finding.last_epoch,
        held=held,
        loss=decimal(finding.number("kept_loss")),
        rise=decimal(finding.number("rise")),
        best=integer(round(finding.number("best_epoch"))),
        times=_times(finding, "rise"),
    )


def _stopped_early(finding: Finding, held: str) -> str:
    return _(
        "Over epochs {epochs} the {held} loss still fell, from {before} to {last}, {times} times "
        "its noise."
    ).format(
        epochs=f"{finding.first_epoch}{DASH}{finding.last_epoch}",
        held=held,
        before=decimal(finding.number("before_loss")),
        last=decimal(finding.number("last_loss")),
        times=_times(finding, "fall"),
    )


def _unstable(finding: Finding, held: str) -> str:
    return _(
        "The {held} loss jumped up and came back {n} times, in epochs {epochs}; most in epoch "
        "{largest}, by {jump} to {loss}. What is kept depends on the epoch at which training ends."
    ).format(
        held=held,
        n=len(finding.at),
        epochs=_listed(finding.at),
        largest=integer(round(finding.number("largest_epoch"))),
        jump=decimal(finding.number("largest")),
        loss=decimal(finding.number("loss")),
    )


def _plateaued(finding: Finding, held: str) -> str:
    return _(
        "From epoch {first} to the last, {last}, the {held} loss stayed at {level}, but for swings "
        "of {swing}."
    ).format(
        first=finding.first_epoch,
        last=finding.last_epoch,
        held=held,
        level=decimal(finding.number("level")),
        swing=percent(finding.number("swing"), 1),
    )


def _too_short(finding: Finding, held: str) -> str:
    best, last = round(finding.number("best_epoch")), finding.last_epoch
    if best == last > 1:
        said = _(
            "In {n} epochs the course of the {held} loss cannot be told from its swings; the last "
            "was the best, so more may be better."
        )
    else:
        said = ngettext(
            "In {n} epoch the course of the {held} loss cannot be told from its swings.",
            "In {n} epochs the course of the {held} loss cannot be told from its swings.",
            last,
        )
    return said.format(n=last, held=held)


def _times(finding: Finding, change: str) -> str:
    """ "4.2": a change over its standard error."""
    return decimal(finding.number(change) / finding.number("error"), 1)


def _listed(epochs: tuple[int, ...]) -> str:
    more = len(epochs) - MANY_EPOCHS
    told = ", ".join(map(str, epochs[:MANY_EPOCHS]))
    if more <= 0:
        return told
    return ngettext("{epochs} and {n} more", "{epochs} and {n} more", more).format(
        epochs=told, n=more
    )


SENTENCES: dict[str, Callable[[Finding, str], str]] = {
    "diverged": _diverged,
    "inference gap": _inference_gap,
    "learned nothing": _learned_nothing,
    "memorized": _memorized,
    "generalization gap": _generalization_gap,
    "under-fitting": _under_fitting,
    "over-fitting": _over_fitting,
    "stopped late": _stopped_late,
    "stopped early": _stopped_early,
    "unstable": _unstable,
    "plateaued": _plateaued,
    "short": _too_short,
    "batch statistics": _batch_statistics,
}
