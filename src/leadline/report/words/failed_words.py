"""Runs of a study that failed, in words for page and terminal."""

from __future__ import annotations

from collections.abc import Sequence

from leadline.analysis.failed_runs import FailedRun
from leadline.report.formatting import integer
from leadline.report.translations.language import gettext as _


def shortfall(failed: Sequence[FailedRun], finished: int) -> str:
    """ "2 of 3 seeds; seed 1 diverged in epoch 4"; "" where none failed.

    failed: runs of one experiment. finished: how many others it has.
    """
    if not failed:
        return ""
    count = _("{done} of {all} seeds").format(
        done=integer(finished), all=integer(finished + len(failed))
    )
    each = [
        _("seed {seed} diverged in epoch {epoch}").format(seed=one.seed, epoch=integer(one.epoch))
        for one in failed
    ]
    return _("; ").join([count, *each])


def title(finished: int) -> str:
    """What a reader has to know of an experiment with failed seeds, in a few words."""
    return _("Not every seed finished.") if finished else _("No seed finished.")


def sentence(name: str, failed: Sequence[FailedRun], finished: int) -> str:
    """Which seeds failed, what that means for the figures, and the fix."""
    if finished:
        effect = _("Its results cover only the seeds that finished, so they may be too optimistic.")
    else:
        effect = _("It has no figures and is left out of every comparison.")
    fix = _(
        "Lower training.optimizer.learning_rate or set training.optimizer.clipnorm; the "
        "same command trains the failed seeds again."
    )
    which = _("{name}: {said}.").format(name=name, said=shortfall(failed, finished))
    return f"{which} {effect} {fix}"
