"""Arrays as a file held them, put together to a data set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from leadline.data.dataset import Dataset, Images
from leadline.data.formats.pixel_arrays import grey_scale, to_images, to_pixels
from leadline.data.labels import encode_labels
from leadline.data.remarks import Remark, remark
from leadline.data.sources.mnist import NAME, is_mnist, own_name
from leadline.errors import DataError


@dataclass(frozen=True, eq=False)
class RawSplit:
    """Images and labels of one split as they were read, and where each lay, for messages."""

    images: NDArray[Any]
    labels: NDArray[Any]
    images_at: str
    labels_at: str


def assemble(
    path: Path,
    splits: Mapping[str, RawSplit],
    *,
    poses_as_mnist: bool,
    warnings: Sequence[Remark] = (),
) -> Dataset:
    """The data set of these splits ("train" and perhaps "validation", "test"), checked.

    poses_as_mnist: names or shapes are MNIST's, so say so if the bytes are others. warnings: what
    the reader has to say.
    Raises DataError where pixels or labels are wrong, or differ in number.
    """
    arrays = {
        split.images_at: to_images(split.images, split.images_at) for split in splits.values()
    }
    for split in splits.values():
        if not split.labels.ndim:
            raise DataError(
                f"{split.labels_at}: labels have shape (), expected (n,), one class per image."
            )
        if len(split.images) != len(split.labels):
            raise DataError(
                f"{split.images_at}: {len(split.images):,} images, but {len(split.labels):,} "
                f"labels in {split.labels_at}; there must be one label per image."
            )
    classes, labels = encode_labels({split.labels_at: split.labels for split in splits.values()})
    scale = grey_scale(arrays)
    images = {
        name: Images(
            to_pixels(arrays[split.images_at], scale),
            labels[split.labels_at],
            tuple(map(str, range(len(split.images)))),
        )
        for name, split in splits.items()
    }
    genuine = is_mnist(images["train"], images.get("test"))
    other_mnist = (remark("not-mnist"),) if poses_as_mnist and not genuine else ()
    return Dataset(
        name=NAME if genuine else own_name(path),
        classes=classes,
        train=images["train"],
        validation=images.get("validation"),
        test=images.get("test"),
        source=str(path),
        warnings=(*warnings, *other_mnist, *scale.remarks),
        white=scale.white,
    )
