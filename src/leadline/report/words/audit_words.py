"""What an audit found, in words: from a finding's kind and numbers, which its record holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from leadline.data.audit import Finding
from leadline.data.audit.split_checks import MIN_CLASS_IMAGES
from leadline.data.formats.image_names import Reason
from leadline.report.formatting import capital, decimal, general, in_turn, integer, listed, percent
from leadline.report.translations.language import gettext as _
from leadline.report.translations.language import mark, ngettext, pgettext
from leadline.report.translations.retelling import retold

FEATURES = {
    "image size": mark("image size"),
    "file size": mark("file size"),
    "border pixels": mark("border pixels"),
    "brightness": mark("brightness"),
    "together": mark("together"),
}


def sentence(finding: Finding) -> str:
    """With a capital, unless it begins with a class, which stands as the data spell it.

    What a version of ours wrote that left a number out is said as it said it.
    """
    try:
        said = SENTENCES[finding.kind](finding)
    except (KeyError, IndexError):
        said = finding.message
    return said if finding.kind == "prevalence-shift" else capital(said)


def features_name(features: str) -> str:
    """What a probe was given: "image size"."""
    return _(FEATURES.get(features, features))


def split_name(split: str) -> str:
    """A split for a label of its own: "train"."""
    names = {"train": _("train"), "validation": _("validation"), "test": _("test")}
    return names.get(split.lower(), split)


def _split(split: str) -> str:
    """A split within a sentence."""
    names = {
        "train": pgettext("of a split", "train"),
        "validation": pgettext("of a split", "validation"),
        "test": pgettext("of a split", "test"),
    }
    return names.get(split, split)


def _unreadable(finding: Finding) -> str:
    said = ngettext(
        "{n} file that cannot be read; the first: {reason}",
        "{n} files that cannot be read; the first: {reason}",
        finding.count,
    )
    reason = retold(finding.details["files"][0]["reason"])
    return said.format(n=integer(finding.count), reason=reason)


LEFT_OUT = {
    Reason.NOT_AN_IMAGE: mark("not an image"),
    Reason.UNREAD_FORMAT: mark("a format that is not read: {format}"),
    Reason.OUTSIDE_CLASSES: mark("images outside the class folders"),
    Reason.OUTSIDE_SPLITS: mark("images in folders beside the splits"),
    Reason.UNLABELLED: mark("images of splits without class folders"),
    Reason.HIDDEN: mark("hidden images"),
    Reason.SPECIAL_FILE: mark("pipes or devices"),
    Reason.BROKEN_LINK: mark("links that lead nowhere"),
    Reason.LINK: mark("links that are not followed"),
    Reason.NO_ACCESS: mark("files that cannot be opened"),
}
"""Why files are left out, by the reason's code."""


def _left_out(finding: Finding) -> str:
    said = ngettext(
        "{n} file is left out: {kinds}.", "{n} files are left out: {kinds}.", finding.count
    )
    kinds = "; ".join(map(_left_out_kind, finding.details["kinds"]))
    return said.format(n=integer(finding.count), kinds=kinds)


def _left_out_kind(kind: Mapping[str, Any]) -> str:
    why = _(LEFT_OUT[Reason(kind["reason"])]).format(format=kind["format"].upper())
    suffix = kind["suffix"] or _("without suffix")
    return _("{n} {suffix} ({why}), such as {first}").format(
        n=integer(kind["count"]), suffix=suffix, why=why, first=kind["first"]
    )


def _shared_group(finding: Finding) -> str:
    images, share = finding.details["images"], finding.details["share"]
    first, second = map(_split, finding.splits)
    return _(
        "patients in both {first} and {second}: {n}; {images} of {all} {second} images ({share}) "
        "show one of them."
    ).format(
        first=first, second=second, n=integer(finding.count), images=integer(images),
        all=integer(round(images / share)), share=percent(share, 1),
    )  # fmt: skip


def _duplicate(finding: Finding) -> str:
    splits = listed(map(_split, finding.splits))
    if not finding.details["same_class"]:
        what = _("the same image under two classes, in {splits}: {copies}.")
    elif len(finding.splits) > 1:
        what = _("the same image in {splits}: {copies}.")
    else:
        what = _("the same image more than once in {splits}, in one class: {copies}.")
    return what.format(splits=splits, copies=_copies(finding))


def _copies(finding: Finding) -> str:
    groups, images = finding.details["groups"], integer(finding.count)
    # An array has no files, of which anything could be said.
    if "byte-identical" not in finding.message:
        said = ngettext("{n} images in {groups} group", "{n} images in {groups} groups", groups)
        return said.format(n=images, groups=integer(groups))
    said = ngettext(
        "{n} images in {groups} group, {same} of them byte-identical files",
        "{n} images in {groups} groups, {same} of them byte-identical files",
        groups,
    )
    same = integer(finding.details["byte_identical"])
    return said.format(n=images, groups=integer(groups), same=same)


def _near_duplicate(finding: Finding) -> str:
    if len(finding.splits) > 1:
        said = ngettext(
            "nearly the same image between {first} and {second}: {n} pair.",
            "nearly the same image between {first} and {second}: {n} pairs.",
            finding.count,
        )
        first, second = map(_split, finding.splits)
        return said.format(first=first, second=second, n=integer(finding.count))
    said = ngettext(
        "nearly the same image in {split}: {n} pair.",
        "nearly the same image in {split}: {n} pairs.",
        finding.count,
    )
    return said.format(split=_split(finding.splits[0]), n=integer(finding.count))


def _small_split(finding: Finding) -> str:
    low, high = finding.details["interval"]
    return _(
        "{split} has {n} images: {right} right of {n} would have a 95% interval of {low} to "
        "{high}, too wide to choose or judge by."
    ).format(
        split=_split(finding.splits[0]), n=integer(finding.count),
        right=integer(finding.details["right"]), low=decimal(100 * low, 0), high=percent(high, 0),
    )  # fmt: skip


def _missing_subgroup(finding: Finding) -> str:
    missing = in_turn(
        f"{name} ({', '.join(_counted(n, split) for split, n in counts.items() if n)})"
        for name, counts in finding.details["subgroups"].items()
    )
    said = _("{split} has no image of subtype {missing}.")
    return said.format(split=_split(finding.splits[0]), missing=missing)


def _counted(n: int, split: str) -> str:
    return _("{n} in {split}").format(n=integer(n), split=_split(split))


def _prevalence_shift(finding: Finding) -> str:
    first, second = finding.details["shares"].values()
    name = shifted(finding)
    return _(
        "{name} is {share} of {first} and {other} of {second} ({test} test, p = {p})."
    ).format(
        name=name, share=percent(first[name], 1), other=percent(second[name], 1),
        first=_split(finding.splits[0]), second=_split(finding.splits[1]),
        test=_(TESTS[finding.details["test"]]), p=general(finding.details["p_value"], 2),
    )  # fmt: skip


def shifted(finding: Finding) -> str:
    """The class that a shift is told of: the second of two, or the one that moved most."""
    first, second = finding.details["shares"].values()
    classes = list(first)
    if len(classes) == 2:
        return str(classes[1])
    return str(max(classes, key=lambda name: abs(first[name] - second[name])))


def _small_class(finding: Finding) -> str:
    classes = ", ".join(f"{name} ({integer(n)})" for name, n in finding.details["classes"].items())
    said = _("{split} has classes of fewer than {least} images: {classes}.")
    return said.format(split=_split(finding.splits[0]), least=MIN_CLASS_IMAGES, classes=classes)


def _shortcut(finding: Finding) -> str:
    low, high = (decimal(end, 3) for end in finding.details["interval"])
    auc, features = decimal(finding.details["auc"], 3), finding.details["features"]
    what = _("all of these") if features == "together" else features_name(features)
    return _(
        "a logistic regression on {what} alone separates the classes with an AUC of {auc} (95% "
        "interval {low} to {high})."
    ).format(what=what, auc=auc, low=low, high=high)


TESTS = {"chi-square": mark("chi-square"), "Fisher's exact": mark("Fisher's exact")}
SENTENCES: dict[str, Callable[[Finding], str]] = {
    "unreadable": _unreadable,
    "left-out": _left_out,
    "shared-group": _shared_group,
    "duplicate": _duplicate,
    "near-duplicate": _near_duplicate,
    "small-split": _small_split,
    "missing-subgroup": _missing_subgroup,
    "prevalence-shift": _prevalence_shift,
    "small-class": _small_class,
    "shortcut": _shortcut,
}
