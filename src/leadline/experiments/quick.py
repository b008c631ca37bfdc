"""An experiment cut short, to see whether all of it works."""

from __future__ import annotations

from math import prod

from leadline.experiments.citations import TINY_GREY
from leadline.experiments.experiment import NAME_MAX_CHARS, Experiment

QUICK_SUFFIX = "-quick"
QUICK_EPOCHS = 2
QUICK_TRAIN_IMAGES = 2000
QUICK_TRAIN_PIXELS = QUICK_TRAIN_IMAGES * prod(TINY_GREY.size_px)
QUICK_LEAST_IMAGES = 300
QUICK_EVALUATION_IMAGES = 500
"""Of the validation images, and of the test images: accuracy to about 4 percentage points."""


def quick_name(name: str) -> str:
    """The name of a quick trial: ends in -quick, and is cut to the length that names may have."""
    return name[: NAME_MAX_CHARS - len(QUICK_SUFFIX)] + QUICK_SUFFIX


def shortened_experiment(experiment: Experiment) -> Experiment:
    """The same experiment with `quick = true`, at most two epochs, and few images.

    Few: 2,000 digits are trained on, fewer of larger images, but 300; 500 are validated on, and 500
    tested on. The parts from which these are drawn are those of the whole experiment. Images whose
    size is still open are taken to be as small as digits.
    """
    training, data = experiment.training, experiment.data
    few = QUICK_TRAIN_PIXELS // prod(data.size_px or TINY_GREY.size_px)
    most = min(max(few, QUICK_LEAST_IMAGES), QUICK_TRAIN_IMAGES)
    limits = {
        "train_limit": min(data.train_limit or most, most),
        "evaluation_limit": min(
            data.evaluation_limit or QUICK_EVALUATION_IMAGES, QUICK_EVALUATION_IMAGES
        ),
    }
    epochs = min(training.epochs, QUICK_EPOCHS)
    return experiment.model_copy(
        update={
            "quick": True,
            "training": training.model_copy(update={"epochs": epochs}),
            "data": data.model_copy(update=limits),
        }
    )
