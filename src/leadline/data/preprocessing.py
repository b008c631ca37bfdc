"""Size, channels and fit of a model's images: chosen where they are left open, and what they cost.

The rules, which docs/preprocessing.md explains:

| left open | chosen |
|---|---|
| size | that of the images, if all are alike with sides of 28 to 96 px; else the median height and width, the longer side reduced to 96 px or the shorter one enlarged to 32 px, both rounded to a multiple of 8; a square where portrait and landscape are mixed |
| channels | 3 where a tenth of the images of any class hold colour, else 1 |
| fit | "pad" |

MNIST and PneumoniaMNIST keep the form of `experiments.citations`, whatever file they come from.
"""  # noqa: E501 - a row of a table is one line

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from leadline.data.size_survey import Survey
from leadline.experiments import Data
from leadline.experiments.citations import ORIGINS, TINY_GREY
from leadline.experiments.image_form import FitMode, ImageForm

KEPT_FROM_PX = 28
"""Images of one size from here to LONGEST_PX are not resized."""
LONGEST_PX = 96
"""A layer list that flattens its maps still trains in minutes on two cores at this size."""
SHORTEST_PX = 32
"""Smaller images are enlarged, so that a few convolutions and poolings fit."""
STEP_PX = 8
"""The usual side of a HOG cell, so that cells leave no rest."""
MIXED_SHARE = 0.1
"""Of portraits among landscapes, or the other way round, from which on the form is square."""
COLOURED_SHARE = 0.1
"""Of the images of one class."""
LEAST_KEPT = 0.1
"""Of an image's pixels; below, `pixels-lost` is reported."""
SAME_RATIO = 0.01
"""Aspect ratios that differ by less are one."""

Loss = Literal["pixels-lost", "colour-lost"]


@dataclass(frozen=True)
class Range:
    """The smallest, the median and the largest of some lengths, in pixels."""

    least: int
    median: int
    most: int


@dataclass(frozen=True)
class Preprocessing:
    """Preprocessing of the images before training; every later image gets the same.

    Parameters
    ----------
    images, surveyed : int
        Training images, and how many of them the counts below are about.
    width_px, height_px : Range
        Of the images as they were.
    coloured : int
        Surveyed images that hold colour.
    size_px : (height, width)
    channels : 1 or 3
    fit : {"pad", "crop", "stretch"}
    chosen : tuple of str
        Those of size_px, channels and fit that the experiment left open.
    reduced, enlarged, refitted : int
        Surveyed images that became smaller, larger, and that were padded, cropped or stretched.
    few_pixels : int
        Surveyed images that keep fewer than one in ten of their pixels.
    losses : tuple of {"pixels-lost", "colour-lost"}
        What deserves a warning.
    """

    images: int
    surveyed: int
    width_px: Range
    height_px: Range
    coloured: int
    size_px: tuple[int, int]
    channels: Literal[1, 3]
    fit: FitMode
    chosen: tuple[str, ...]
    reduced: int
    enlarged: int
    refitted: int
    few_pixels: int
    losses: tuple[Loss, ...]


def resolve(data: Data, survey: Survey) -> Data:
    """The settings with size, channels and fit chosen where they are open."""
    origin = ORIGINS.get(survey.name)
    known = origin.form if origin else None
    if known is None and not len(survey):
        known = TINY_GREY  # nothing can be read, which reading the images will report
    if known is None:
        known = ImageForm(chosen_size(survey.sizes_px), _channels(survey), "pad")
    return data.with_form(
        ImageForm(
            data.size_px or known.size_px, data.channels or known.channels, data.fit or known.fit
        )
    )


def chosen_size(sizes_px: NDArray[np.int64]) -> tuple[int, int]:
    """(height, width) for images of these sizes, int (n, 2), n at least 1."""
    first = sizes_px[0]
    alike = bool((sizes_px == first).all())
    if alike and first.min() >= KEPT_FROM_PX and first.max() <= LONGEST_PX:
        return int(first[0]), int(first[1])
    height, width = np.median(sizes_px, axis=0)
    tall, wide = (sizes_px[:, 0] > sizes_px[:, 1]).mean(), (sizes_px[:, 0] < sizes_px[:, 1]).mean()
    if min(tall, wide) >= MIXED_SHARE:
        height = width = np.median(sizes_px.max(axis=1))
    sides = np.array([height, width]) * min(1.0, LONGEST_PX / max(height, width))
    if sides.min() < SHORTEST_PX:
        sides *= min(SHORTEST_PX / sides.min(), LONGEST_PX / sides.max())
    steps = np.floor(sides / STEP_PX + 0.5) * STEP_PX
    height_px, width_px = np.clip(steps, SHORTEST_PX, LONGEST_PX).astype(int)
    return int(height_px), int(width_px)


def _channels(survey: Survey) -> Literal[1, 3]:
    shares = (survey.coloured[survey.labels == label].mean() for label in np.unique(survey.labels))
    return 3 if any(share >= COLOURED_SHARE for share in shares) else 1


def describe(
    survey: Survey, form: ImageForm, images: int, chosen: tuple[str, ...] = ()
) -> Preprocessing | None:
    """What this form does to the images surveyed, of so many; None where none could be read."""
    if not len(survey):
        return None
    heights, widths = survey.sizes_px.T.astype(np.float64)
    down, across = form.size_px[0] / heights, form.size_px[1] / widths
    kept = _kept(down, across, form.fit)
    scale = {
        "pad": np.minimum(down, across),
        "crop": np.maximum(down, across),
        "stretch": np.sqrt(down * across),
    }[form.fit]
    few = int((kept < LEAST_KEPT).sum())
    coloured = int(survey.coloured.sum())
    found: dict[Loss, bool] = {
        "pixels-lost": few > 0,
        "colour-lost": coloured > 0 and form.channels == 1,
    }
    return Preprocessing(
        images=images,
        surveyed=len(survey),
        width_px=_range(survey.sizes_px[:, 1]),
        height_px=_range(survey.sizes_px[:, 0]),
        coloured=coloured,
        size_px=form.size_px,
        channels=form.channels,
        fit=form.fit,
        chosen=chosen,
        reduced=int((scale < 1).sum()),
        enlarged=int((scale > 1).sum()),
        refitted=int((np.abs(np.log(down / across)) > SAME_RATIO).sum()),
        few_pixels=few,
        losses=tuple(loss for loss, there in found.items() if there),
    )


def _kept(
    down: NDArray[np.float64], across: NDArray[np.float64], fit: FitMode
) -> NDArray[np.float64]:
    """Share of each image's pixels that are left; down, across: new height and width over old."""
    if fit == "stretch":
        return np.minimum(down, 1) * np.minimum(across, 1)
    if fit == "pad":
        return np.minimum(np.minimum(down, across), 1) ** 2
    scale = np.maximum(down, across)
    kept: NDArray[np.float64] = down / scale * across / scale * np.minimum(scale, 1) ** 2
    return kept


def _range(lengths: NDArray[np.int64]) -> Range:
    return Range(int(lengths.min()), int(np.median(lengths)), int(lengths.max()))
