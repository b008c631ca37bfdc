"""Intended use of a model: population of its images and limits, for page, card and screen.

An experiment says it in `limits`. Where it says nothing, the data set may.
"""

from __future__ import annotations

from leadline.errors import mark
from leadline.experiments.experiment import Experiment

CHEST_XRAY = mark(
    "This is no medical device. Its images are chest X-rays of children of one to five years, in "
    "front view, from one hospital (Guangzhou Women and Children’s Medical Center); for anybody "
    "else, for films of another hospital and for other views they say nothing. What it answers to "
    "an image is no diagnosis, and no treatment may rest on it."
)
LIMITS = {"chest-xray": CHEST_XRAY, "pneumoniamnist": CHEST_XRAY}
"""Standard words by data set; PneumoniaMNIST is made of the same films."""


def limits_of(experiment: Experiment, dataset: str) -> str:
    """The experiment's own limits, or else those of its images; empty where nothing is known.

    dataset: the name of the data set that was read, which need not be the experiment's own source.
    """
    return experiment.limits.strip() or LIMITS.get(dataset, "")


def headline(limits: str) -> tuple[str, str]:
    """The first sentence, and the rest: what is set in bold, and what follows it."""
    first, stop, rest = limits.partition(". ")
    return f"{first}{stop}".rstrip(), rest.strip()
