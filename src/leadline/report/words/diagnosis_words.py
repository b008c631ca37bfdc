"""How a training went, in plain sentences."""

from __future__ import annotations

from leadline.analysis.diagnosis.advice import Advice
from leadline.analysis.diagnosis.training_findings import Diagnosis, Finding, rule_of
from leadline.analysis.significance.guessing import Guessing
from leadline.report.formatting import integer, percent, points, sentence
from leadline.report.translations.language import gettext as _
from leadline.report.translations.language import mark
from leadline.system.messages import message

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
HELD = {"validation": message("validation"), "test": message("test")}


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


def finding_sentence(finding: Finding, held: str) -> str:
    """What a finding says, with its epochs and numbers. held: "validation" or "test"."""
    return sentence(rule_of(finding.kind).message(finding, HELD[held]))


def finding_name(kind: str) -> str:
    """The title of the findings of a kind."""
    return sentence(rule_of(kind).title)


def advised(advice: Advice) -> tuple[str, str]:
    """The setting as it is typed, or the key alone, and what it is for."""
    if advice.key == "training.augmentation":
        return advice.key, _(AUGMENTED[advice.how])
    if advice.key == "layers" and advice.how == "add":
        return f"[[layers]] {advice.value}", _("add a layer that drops units while training")
    why = _(BY_HOW.get((advice.key, advice.how)) or WHY.get(advice.key, ""))
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
    if rule_of(finding.kind).onset:
        said = _("{finding} from epoch {epoch}")
        return said.format(finding=lower_name(finding), epoch=finding.first_epoch)
    return lower_name(finding)


def lower_name(finding: Finding) -> str:
    """A finding's name within a sentence."""
    title = finding_name(finding.kind)
    return title[:1].lower() + title[1:]
