"""A study cut short, to see whether all of it works."""

from __future__ import annotations

from leadline.spec.experiment import Experiment, Study

QUICK_SUFFIX = "-quick"
QUICK_EPOCHS = 2
QUICK_TRAIN_IMAGES = 6000
QUICK_TRAIN_PIXELS = QUICK_TRAIN_IMAGES * 28 * 28
QUICK_LEAST_IMAGES = 300


def shortened(study: Study) -> Study:
    """The same study with at most two epochs on few images, under a name ending in -quick.

    Few: 6,000 digits, fewer of larger images, but 300. Their split is that of the whole study. Its
    experiments have `quick = true`.
    """
    return study.model_copy(
        update={
            "name": study.name + QUICK_SUFFIX,
            "experiments": tuple(_shortened(member) for member in study.experiments),
        }
    )


def _shortened(member: Experiment) -> Experiment:
    epochs = min(member.training.epochs, QUICK_EPOCHS)
    height_px, width_px = member.data.size_px
    few = QUICK_TRAIN_PIXELS // (height_px * width_px)
    most = min(max(few, QUICK_LEAST_IMAGES), QUICK_TRAIN_IMAGES)
    limit = min(member.data.train_limit or most, most)
    return member.model_copy(
        update={
            "quick": True,
            "training": member.training.model_copy(update={"epochs": epochs}),
            "data": member.data.model_copy(update={"train_limit": limit}),
        }
    )
