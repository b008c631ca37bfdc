"""Images that tell most of a model: those it is sure of and gets wrong, those it wavers on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from leadline.analysis.run_summary import GalleryImage, GallerySummary
from leadline.data.dataset import Images
from leadline.data.short_repr import ShortRepr

EACH = 12
"""Images of each kind."""

ROUNDING = 1e-3
"""By which a model's probability may be above 1."""

Kind = Literal["wrong", "unsure"]


@dataclass(frozen=True, eq=False, repr=False)
class Shown(ShortRepr):
    """One image: uint8 (height, width, channels).

    index: its place among the test images. true, first, second: classes by number: its own, the
    most probable and the next. p_first, p_second: their probabilities, 0 to 1.
    """

    image: NDArray[np.uint8]
    name: str
    index: int
    true: int
    first: int
    second: int
    p_first: float
    p_second: float


@dataclass(frozen=True, eq=False, repr=False)
class Gallery(ShortRepr):
    """Up to twelve images of each kind; none is in both.

    wrong: taken for another class, the surest first. unsure: those whose two most probable classes
    are closest, right or wrong, the closest first.
    """

    wrong: tuple[Shown, ...]
    unsure: tuple[Shown, ...]


def gallery_summary(gallery: Gallery, classes: tuple[str, ...]) -> GallerySummary:
    """Name the classes of the images of a gallery."""

    def named(shown: Shown) -> GalleryImage:
        return GalleryImage(
            name=shown.name,
            true=classes[shown.true],
            first=classes[shown.first],
            second=classes[shown.second],
            p_first=shown.p_first,
            p_second=shown.p_second,
        )

    return GallerySummary(tuple(map(named, gallery.wrong)), tuple(map(named, gallery.unsure)))


def gallery(
    probabilities: NDArray[np.float32],
    images: Images,
    *,
    each: int = EACH,
) -> Gallery:
    """probabilities: float32 (n, classes) of these n images. What is equal keeps its order."""
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :2]
    p = np.take_along_axis(probabilities, order, axis=1)
    first, last = order[:, 0], order.shape[1] - 1
    astray = np.flatnonzero(first != images.labels)
    wrong = astray[np.argsort(-p[astray, 0], kind="stable")][:each]
    free = np.setdiff1d(np.arange(len(images)), wrong)
    unsure = free[np.argsort((p[:, 0] - p[:, last])[free], kind="stable")][:each]

    def shown(index: int) -> Shown:
        return Shown(
            image=images.pixels[index],
            name=images.names[index],
            index=index,
            true=int(images.labels[index]),
            first=int(first[index]),
            second=int(order[index, last]),
            p_first=float(p[index, 0]),
            p_second=float(p[index, last]),
        )

    return Gallery(tuple(map(shown, wrong.tolist())), tuple(map(shown, unsure.tolist())))


PREFIX = "gallery_"
NUMBERS = ("index", "true", "first", "second", "p_first", "p_second")


def gallery_arrays(found: Gallery) -> dict[str, NDArray[Any]]:
    """Return arrays of one length for an NPZ file; `gallery_from` reads them."""
    every = (*found.wrong, *found.unsure)
    kinds = ["wrong"] * len(found.wrong) + ["unsure"] * len(found.unsure)
    arrays: dict[str, NDArray[Any]] = {
        "kind": np.array(kinds, np.str_),
        "name": np.array([one.name for one in every], np.str_),
        "pixels": np.stack([one.image for one in every]) if every else np.empty((0, 1, 1, 1), "u1"),
    }
    for name in NUMBERS:
        number = np.float32 if name.startswith("p_") else np.int64
        arrays[name] = np.array([getattr(one, name) for one in every], number)
    return {PREFIX + name: array for name, array in arrays.items()}


def gallery_from(arrays: dict[str, NDArray[Any]], classes: int) -> Gallery | None:
    """The gallery in these arrays, None where they hold none. ValueError for damaged ones."""
    found = {
        name.removeprefix(PREFIX): array
        for name, array in arrays.items()
        if name.startswith(PREFIX)
    }
    if not found:
        return None
    _check(found, classes)
    return Gallery(_of("wrong", found), _of("unsure", found))


def _check(found: dict[str, NDArray[Any]], classes: int) -> None:
    pixels, n = found["pixels"], found["kind"].size
    if pixels.dtype != np.uint8 or pixels.ndim != 4 or len(pixels) != n:
        raise ValueError(f"gallery of {n} images with pixels {pixels.dtype} {pixels.shape}")
    if n and (min(pixels.shape[1:3]) < 1 or pixels.shape[3] not in (1, 3)):
        raise ValueError(f"gallery with images of {pixels.shape[1:]}")
    if odd := [name for name in ("kind", "name", *NUMBERS) if found[name].shape != (n,)]:
        raise ValueError(f"{', '.join(odd)} of another length than {n} images")
    for name in NUMBERS:
        kind = "f" if name.startswith("p_") else "i"
        if found[name].dtype.kind != kind:
            raise ValueError(f"{name} of {found[name].dtype}")
    labels = np.concatenate([found[name] for name in ("true", "first", "second")])
    if ((labels < 0) | (labels >= classes)).any():
        raise ValueError(f"labels beyond the {classes} classes")
    shares = np.concatenate([found["p_first"], found["p_second"]])
    if not ((shares >= 0) & (shares <= 1 + ROUNDING)).all():
        raise ValueError("invalid probabilities")


def _of(kind: Kind, arrays: dict[str, NDArray[Any]]) -> tuple[Shown, ...]:
    rows = np.flatnonzero(arrays["kind"] == kind).tolist()
    return tuple(
        Shown(
            image=arrays["pixels"][row],
            name=str(arrays["name"][row]),
            **{name: arrays[name][row].item() for name in NUMBERS},
        )
        for row in rows
    )
