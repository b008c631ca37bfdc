"""Whether a model is better than guessing, for people, on page, screen and card alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from leadline.analysis.significance.guessing import CHANCE_AUROC, Guessing
from leadline.report.formatting import general, listed, percent
from leadline.report.translations.language import gettext as _
from leadline.report.words.comparison_words import SCALES, p_equation
from leadline.report.words.estimate_words import method_text, number_with_interval


def title(found: Guessing) -> str:
    """The remark in a few words; "" for a model that is better than guessing."""
    if found.verdict == "better":
        return ""
    if found.verdict == "ranking only":
        return _("Accuracy not shown to exceed always predicting the most frequent class.")
    return _("Not shown to be better than guessing.")


def sentence(found: Guessing) -> str:
    """What was tested, with its figures."""
    scale = SCALES["accuracy"]
    difference = _(
        "Always predicting {constant} is right for {guess} of the test images; the model is right "
        "for {accuracy}: a difference of {difference} percentage points (95%: {low} to {high}; "
        "one-sided {p}, {method})."
    ).format(
        constant=found.constant,
        guess=percent(found.constant_accuracy),
        accuracy=percent(found.accuracy),
        difference=scale.said(found.difference.value or 0.0),
        low=scale.said(found.difference.low),
        high=scale.said(found.difference.high),
        p=p_equation(found.p),
        method=method_text(found.difference.method),
    )
    return " ".join(filter(None, (difference, _area(found), _one_class(found))))


def _area(found: Guessing) -> str:
    """The AUROC against 0.5; "" where there is none."""
    if found.auroc is None or found.p_auroc is None:
        return ""
    values = {
        "auroc": number_with_interval(found.auroc),
        "chance": general(CHANCE_AUROC),
        "p": p_equation(found.p_auroc),
    }
    if found.verdict == "ranking only":
        said = _(
            "Its AUROC of {auroc} is above that of guessing, {chance} ({p}): it ranks images "
            "better than chance, so that another threshold may serve."
        )
    else:
        said = _("Its AUROC of {auroc} is not shown to be above that of guessing, {chance} ({p}).")
    return said.format(**values)


def _one_class(found: Guessing) -> str:
    if found.classes_named > 1:
        return ""
    return _("The model predicts {name} for every test image.").format(name=found.named)


def stated(found: Guessing | None) -> str:
    """Title and sentence in one text; "" for a model that is better than guessing, or untested."""
    if found is None or found.verdict == "better":
        return ""
    return f"{title(found)} {sentence(found)}"


def with_limits(found: Guessing | None, limits: str) -> str:
    """What has to be known of a model before its answers: the test against guessing, its limits."""
    return " ".join(filter(None, (stated(found), limits)))


def none_shown(found: Iterable[Guessing]) -> bool:
    """True where there are experiments, and none is shown to be better than guessing."""
    tested = list(found)
    return bool(tested) and not any(one.shown for one in tested)


def named_remarks(found: Mapping[str, Guessing]) -> tuple[str, ...]:
    """Name the experiments not shown to be better than guessing, and those of which only the AUROC
    is, in a sentence each; empty where all are better."""
    remarks = {
        "not shown": _("Not shown to be better than guessing: {names}."),
        "ranking only": _(
            "Accuracy not shown to exceed always predicting the most frequent class, although the "
            "AUROC is above {chance}: {names}."
        ),
    }
    names = {
        verdict: [name for name, one in found.items() if one.verdict == verdict]
        for verdict in remarks
    }
    return tuple(
        remark.format(names=listed(names[verdict]), chance=general(CHANCE_AUROC))
        for verdict, remark in remarks.items()
        if names[verdict]
    )


def failing_seeds(by_seed: Iterable[tuple[int, Guessing]]) -> str:
    """Seeds that are not shown to be better than guessing where others are; "" for none or all."""
    tested = list(by_seed)
    failing = [seed for seed, found in tested if not found.shown]
    if not failing or len(failing) == len(tested):
        return ""
    return _("Not shown to be better than guessing with seed {seeds}.").format(
        seeds=listed(map(str, failing))
    )
