"""A study cut short, to see whether all of it works."""

from __future__ import annotations

from leadline.spec.experiment import Experiment, Study

QUICK_SUFFIX = "-quick"
QUICK_EPOCHS = 2
QUICK_TRAIN_IMAGES = 6000


def shortened(study: Study) -> Study:
    """The same study with at most two epochs on 6,000 images, under a name ending in -quick."""
    return study.model_copy(
        update={
            "name": study.name + QUICK_SUFFIX,
            "experiments": tuple(_shortened(member) for member in study.experiments),
        }
    )


def _shortened(member: Experiment) -> Experiment:
    epochs = min(member.training.epochs, QUICK_EPOCHS)
    limit = min(member.data.train_limit or QUICK_TRAIN_IMAGES, QUICK_TRAIN_IMAGES)
    return member.model_copy(
        update={
            "training": member.training.model_copy(update={"epochs": epochs}),
            "data": member.data.model_copy(update={"train_limit": limit}),
        }
    )
