"""Heat maps and their checks as a file; absent for models without a convolution.

Maps are kept in 255 steps, which no eye tells apart, so that a file of films stays below 1 MB.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline.analysis.run_summary import CascadeStep
from leadline.explain.example_images import KINDS
from leadline.explain.explanations import Explanations
from leadline.explain.sanity_checks import Randomisation
from leadline.runs.folder_files import read_npz, reading

FILE = "explanations.npz"
STEPS = 255
NO_CLASS = -1


def write_explanations(place: Path, explanations: Explanations) -> None:
    """Write the arrays that `read_explanations` reads back."""
    check = explanations.randomisation
    arrays: dict[str, NDArray[Any]] = {
        "method": np.array(explanations.method),
        "layer": np.array(explanations.layer),
        "size": np.array(explanations.size),
        "images": explanations.images,
        "maps": _in_steps(explanations.maps),
        "random_maps": _in_steps(explanations.random_maps),
        "kinds": np.array(explanations.kinds, dtype=np.str_),
        "indices": explanations.indices,
        "true": explanations.true,
        "decided": explanations.decided,
        "probability": explanations.probability,
        "border": explanations.border,
        "border_sample": explanations.border_sample,
        "positive": np.array(NO_CLASS if explanations.positive is None else explanations.positive),
        "threshold": np.array(explanations.threshold),
        "similarity": check.similarity,
        "chance": np.array(check.chance),
        "cascade_layer": np.array([step.layer for step in check.cascade], dtype=np.str_),
        "cascade_layers": np.array([step.layers for step in check.cascade], dtype=np.int64),
        "cascade_similarity": np.array([step.similarity for step in check.cascade]),
    }
    np.savez_compressed(place / FILE, **arrays)  # type: ignore[arg-type]  # names are data


def read_explanations(folder: Path, classes: int) -> Explanations | None:
    """Read what `write_explanations` wrote; None if there is no file.

    classes: how many the run has. Raises RunError where the file is damaged or of other classes.
    """
    if not (folder / FILE).is_file():
        return None
    with reading(folder / FILE) as path:
        arrays = read_npz(path)
        _check(arrays, classes)
        height, width = arrays["size"].tolist()
        return Explanations(
            method=str(arrays["method"]),
            layer=str(arrays["layer"]),
            size=(height, width),
            images=arrays["images"],
            maps=_from_steps(arrays["maps"]),
            random_maps=_from_steps(arrays["random_maps"]),
            kinds=tuple(str(kind) for kind in arrays["kinds"]),
            indices=arrays["indices"],
            true=arrays["true"],
            decided=arrays["decided"],
            probability=arrays["probability"],
            border=arrays["border"],
            border_sample=arrays["border_sample"],
            randomisation=Randomisation(
                arrays["similarity"], float(arrays["chance"]), _cascade(arrays)
            ),
            positive=None if arrays["positive"] == NO_CLASS else int(arrays["positive"]),
            threshold=float(arrays["threshold"]),
        )


def _check(arrays: dict[str, NDArray[Any]], classes: int) -> None:
    """Raise ValueError unless what a page shows of one image has one length and known classes."""
    images, maps = arrays["images"], arrays["maps"]
    if images.ndim != 4 or images.dtype != np.uint8 or maps.shape != images.shape[:3]:
        raise ValueError(f"images {images.dtype} {images.shape} and maps {maps.shape}")
    if arrays["random_maps"].shape != maps.shape or arrays["similarity"].ndim != 2:
        raise ValueError("maps and their check do not belong together")
    each = ("kinds", "indices", "true", "decided", "probability", "border")
    if odd := [name for name in each if arrays[name].shape != (len(images),)]:
        raise ValueError(f"{', '.join(odd)} of another length than {len(images)} images")
    if unknown := set(arrays["kinds"].tolist()) - set(KINDS):
        raise ValueError(f"unknown kinds {', '.join(sorted(unknown))}")
    labels = np.concatenate([arrays["true"], arrays["decided"]])
    if ((labels < 0) | (labels >= classes)).any() or not NO_CLASS <= arrays["positive"] < classes:
        raise ValueError(f"labels beyond the {classes} classes")


def _cascade(arrays: dict[str, NDArray[Any]]) -> tuple[CascadeStep, ...]:
    columns = (arrays[f"cascade_{name}"].tolist() for name in ("layer", "layers", "similarity"))
    return tuple(CascadeStep(*row) for row in zip(*columns, strict=True))


def _in_steps(maps: NDArray[np.float32]) -> NDArray[np.uint8]:
    return (maps * STEPS).round().astype(np.uint8)


def _from_steps(maps: NDArray[np.uint8]) -> NDArray[np.float32]:
    return maps.astype(np.float32) / np.float32(STEPS)
