"""Occlusion maps: how much an answer loses when a patch of the image is covered.

Zeiler and Fergus, ECCV 2014. It asks the model for nothing but answers, so it serves models without
a convolution, and exported ones. A patch is covered with the image's own mean, which changes its
brightness as a whole least.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from leadline.errors import DataError
from leadline.explain.heat_maps import HeatMaps, asked_classes, log_odds, scaled

Answer = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""uint8 images (n, height, width, channels) to probabilities (n, classes)."""

BATCH = 256
PATCHES_A_SIDE = 7
"""The patch's side is this part of the image's, and it moves by half its side."""


def occlusion_maps(
    answer: Answer,
    images: NDArray[np.uint8],
    *,
    classes: int | NDArray[np.int64] | None = None,
    patch_px: int | None = None,
    stride_px: int | None = None,
    batch_size: int = BATCH,
) -> HeatMaps:
    """The occlusion map of each image: mean loss of the class's log-odds over covering patches.

    images: uint8 (n, height, width, channels). classes: what to explain, for all images or for
    each; the most probable class where None. patch_px: side of the patch, a seventh of the image's
    longer side unless given; stride_px: half of that. Patches begin outside the image, so that each
    pixel is covered as often as its neighbours. Raises DataError where the stride would leave gaps.
    """
    (found,) = occlusion_of_each(
        answer,
        images,
        (classes,),
        patch_px=patch_px,
        stride_px=stride_px,
        batch_size=batch_size,
    )
    return found


def occlusion_of_each(
    answer: Answer,
    images: NDArray[np.uint8],
    classes: Sequence[int | NDArray[np.int64] | None],
    *,
    patch_px: int | None = None,
    stride_px: int | None = None,
    batch_size: int = BATCH,
) -> tuple[HeatMaps, ...]:
    """The same for several classes of each image, from the same answers."""
    patch_px = patch_px or max(2, round(max(images.shape[1:3]) / PATCHES_A_SIDE))
    stride_px = stride_px or max(1, patch_px // 2)
    if stride_px > patch_px:
        raise DataError(
            f"stride_px = {stride_px} would leave pixels between patches of {patch_px} px; "
            f"give at most {patch_px}."
        )
    plain = answer(images)
    asked = [asked_classes(one, plain) for one in classes]
    evidence = np.zeros((len(asked), *images.shape[:3]), np.float32)
    places = list(_places(images.shape[1], images.shape[2], patch_px, stride_px))
    for number, image in enumerate(images):
        said = [int(one[number]) for one in asked]
        evidence[:, number] = _evidence(answer, image, plain[number], said, places, batch_size)
    return tuple(_as_maps(one, said, plain) for one, said in zip(evidence, asked, strict=True))


def _as_maps(
    evidence: NDArray[np.float32], said: NDArray[np.int64], plain: NDArray[np.float32]
) -> HeatMaps:
    maps, empty = scaled(evidence)
    chosen = plain[np.arange(len(said)), said].astype(np.float32)
    return HeatMaps(maps, empty, said, chosen, method="occlusion")


def _evidence(
    answer: Answer,
    image: NDArray[np.uint8],
    plain: NDArray[np.float32],
    said: Sequence[int],
    places: Sequence[tuple[slice, slice]],
    batch_size: int,
) -> NDArray[np.float32]:
    """Signed, (classes, height, width): above 0 where covering makes a class less likely."""
    lost = np.zeros((len(said), *image.shape[:2]))
    covered = np.zeros(image.shape[:2])
    mean = image.mean(axis=(0, 1)).round().astype(np.uint8)
    whole = _log_odds(plain[None], said)
    for start in range(0, len(places), batch_size):
        some = places[start : start + batch_size]
        hidden = np.repeat(image[None], len(some), axis=0)
        for one, place in zip(hidden, some, strict=True):
            one[place] = mean
        losses = whole - _log_odds(answer(hidden), said)
        for place, loss in zip(some, losses.T, strict=True):
            lost[:, *place] += loss[:, None, None]
            covered[place] += 1
    evidence: NDArray[np.float32] = (lost / covered).astype(np.float32)
    return evidence


def _log_odds(answers: NDArray[np.float32], said: Sequence[int]) -> NDArray[np.float32]:
    """Return the log-odds of each class in each answer: (classes, n)."""
    return np.stack([log_odds(answers, np.full(len(answers), one)) for one in said])


def _places(
    height: int, width: int, patch_px: int, stride_px: int
) -> Iterator[tuple[slice, slice]]:
    starts = (range(stride_px - patch_px, side, stride_px) for side in (height, width))
    tops, lefts = (list(start) for start in starts)
    for top in tops:
        for left in lefts:
            yield (
                slice(max(top, 0), top + patch_px),
                slice(max(left, 0), left + patch_px),
            )
