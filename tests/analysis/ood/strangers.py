"""Pictures that are no frontal chest film, and films as they should not be: what must be flagged.

And, beside them, films with which nothing is wrong, which must not.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Pictures = NDArray[np.uint8]
Change = Callable[[Pictures], Pictures]

PHOTOGRAPHS = (
    "astronaut", "brick", "camera", "cat", "cell", "clock", "coffee", "coins", "grass", "gravel",
    "hubble_deep_field", "immunohistochemistry", "microaneurysms", "moon", "retina", "rocket",
)  # fmt: skip
DRAWINGS = ("checkerboard", "colorwheel", "horse", "logo", "page", "text")
CROPS = 20


def resized(picture: Pictures, side_px: int) -> Pictures:
    """uint8 (height, width) to (side, side), as images are read."""
    image = Image.fromarray(picture)
    return np.asarray(image.resize((side_px, side_px), Image.Resampling.LANCZOS))


def stretched(values: NDArray[np.float64]) -> Pictures:
    """Each picture of (n, height, width) to the whole range."""
    low = values.min(axis=(1, 2), keepdims=True)
    high = values.max(axis=(1, 2), keepdims=True)
    found: Pictures = (255 * (values - low) / np.maximum(high - low, 1e-9)).astype(np.uint8)
    return found


def pictures(side_px: int, rng: np.random.Generator) -> Iterator[tuple[str, Pictures]]:
    """Kinds of pictures that are no films, uint8 (n, side, side) each, by name."""
    photographs = [_grey(_of_skimage(name)) for name in PHOTOGRAPHS] + _of_sklearn()
    yield "photographs", _all(photographs, side_px)
    yield "crops of photographs", _all(_crops(photographs, rng), side_px)
    yield "drawings and text", _all([_grey(_of_skimage(name)) for name in DRAWINGS], side_px)
    yield "faces", _faces(side_px)
    yield "slice of a head (MRI)", _all([_head()], side_px)
    shape = (100, side_px, side_px)
    yield "white noise", rng.integers(0, 256, shape).astype(np.uint8)
    yield "faint noise", np.clip(rng.normal(128, 20, shape), 0, 255).astype(np.uint8)
    for sigma in (2, 8, 24, 48):
        yield f"noise smoothed by {sigma} px", _smoothed(rng.normal(size=shape), sigma)
    yield "even", np.broadcast_to(np.arange(256)[:, None, None], (256, *shape[1:])).astype(np.uint8)
    yield "gradients", _gradients(side_px)
    yield "one soft blob", _blobs(side_px, rng)


def changes(rng: np.random.Generator) -> dict[str, Change]:
    """Ways to spoil films, uint8 (n, side, side), by name."""
    return {
        "inverted": lambda films: 255 - films,
        "turned by 90°": lambda films: np.rot90(films, 1, (1, 2)),
        "turned by 180°": lambda films: np.rot90(films, 2, (1, 2)),
        "turned by 270°": lambda films: np.rot90(films, 3, (1, 2)),
        "upside down": lambda films: films[:, ::-1],
        "tilted by 45°": lambda films: tilted(films, 45),
        "tilted by 30°": lambda films: tilted(films, 30),
        "tilted by 20°": lambda films: tilted(films, 20),
        "tilted by 10°": lambda films: tilted(films, 10),
        "mirrored": lambda films: films[:, :, ::-1],
        "in a corner, a quarter of the side": lambda films: cornered(films, 1 / 4),
        "in a corner, half of the side": lambda films: cornered(films, 1 / 2),
        "in a corner, three quarters": lambda films: cornered(films, 3 / 4),
        "half as wide, black beside": lambda films: _each(films, _narrow),
        "left half alone": lambda films: _each(films, lambda film: film[:, : len(film) // 2]),
        "middle, half of the side": lambda films: _each(films, _middle),
        "two side by side": lambda films: np.concatenate(
            [films[:, :, ::2], np.roll(films, 1, axis=0)[:, :, ::2]], axis=2
        ),
        "64 tiles shuffled": lambda films: _each(films, lambda film: _shuffled(film, rng)),
        "a quarter of it covered": lambda films: _covered(films, rng),
        "much noise (σ = 40)": lambda films: noisy(films, 40, rng),
        "strongly blurred (σ = 8 px)": lambda films: blurred(films, 8),
    }


def harmless(rng: np.random.Generator) -> dict[str, Change]:
    """What may happen to films that are in order."""
    return {
        "40 grey levels lighter": lambda films: _mapped(films, lambda x: x + 40),
        "40 grey levels darker": lambda films: _mapped(films, lambda x: x - 40),
        "contrast × 0.6": lambda films: _mapped(films, lambda x: (x - 128) * 0.6 + 128),
        "contrast × 1.3": lambda films: _mapped(films, lambda x: (x - 128) * 1.3 + 128),
        "gamma 0.7": lambda films: _mapped(films, lambda x: 255 * (x / 255) ** 0.7),
        "gamma 1.4": lambda films: _mapped(films, lambda x: 255 * (x / 255) ** 1.4),
        "tilted by 5°": lambda films: tilted(films, 5),
        "shifted by 5%": _shifted,
        "blurred (σ = 1 px)": lambda films: blurred(films, 1),
        "noise (σ = 5)": lambda films: noisy(films, 5, rng),
    }


def tilted(films: Pictures, degrees: float) -> Pictures:
    """Turned, the corners filled with what lies at the edge."""
    from scipy import ndimage

    turned = ndimage.rotate(films, degrees, (1, 2), reshape=False, order=1, mode="nearest")
    return np.asarray(turned, np.uint8)


def cornered(films: Pictures, share: float) -> Pictures:
    """Made small, top left on black."""
    side_px = films.shape[1]
    small_px = int(share * side_px)
    empty = np.zeros_like(films)
    empty[:, :small_px, :small_px] = [resized(film, small_px) for film in films]
    return empty


def noisy(films: Pictures, sigma: float, rng: np.random.Generator) -> Pictures:
    return _mapped(films, lambda x: x + rng.normal(0, sigma, x.shape))


def blurred(films: Pictures, sigma_px: float) -> Pictures:
    blur = ImageFilter.GaussianBlur(sigma_px)
    return np.stack([np.asarray(Image.fromarray(film).filter(blur)) for film in films])


def _mapped(
    films: Pictures, change: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> Pictures:
    return np.clip(change(films.astype(float)), 0, 255).astype(np.uint8)


def _each(films: Pictures, change: Change) -> Pictures:
    side_px = films.shape[1]
    return np.stack([resized(np.ascontiguousarray(change(film)), side_px) for film in films])


def _all(found: list[Pictures], side_px: int) -> Pictures:
    return np.stack([resized(picture, side_px) for picture in found])


def _narrow(film: Pictures) -> Pictures:
    side_px = len(film)
    return np.pad(film[:, ::2], ((0, 0), (side_px // 4, side_px // 4)))


def _middle(film: Pictures) -> Pictures:
    quarter = len(film) // 4
    return film[quarter:-quarter, quarter:-quarter]


def _shuffled(film: Pictures, rng: np.random.Generator) -> Pictures:
    tile = len(film) // 8
    tiles = film[: 8 * tile, : 8 * tile].reshape(8, tile, 8, tile).swapaxes(1, 2)
    mixed = rng.permutation(tiles.reshape(64, tile, tile)).reshape(8, 8, tile, tile)
    return mixed.swapaxes(1, 2).reshape(8 * tile, 8 * tile)


def _covered(films: Pictures, rng: np.random.Generator) -> Pictures:
    """By a black square, half as wide as the film, anywhere."""
    side_px = films.shape[1]
    found = films.copy()
    for film, (top, left) in zip(
        found, rng.integers(0, side_px // 2, (len(films), 2)), strict=True
    ):
        film[top : top + side_px // 2, left : left + side_px // 2] = 0
    return found


def _shifted(films: Pictures) -> Pictures:
    by = films.shape[1] // 20
    return np.pad(films, ((0, 0), (by, 0), (0, by)), mode="edge")[:, : -by or None, by:]


def _smoothed(noise: NDArray[np.float64], sigma: float) -> Pictures:
    from scipy import ndimage

    return stretched(ndimage.gaussian_filter(noise, (0, sigma, sigma)))


def _gradients(side_px: int) -> Pictures:
    y, x = np.mgrid[:side_px, :side_px] / side_px
    angles = np.linspace(0, 2 * np.pi, 72, endpoint=False)[:, None, None]
    return stretched(np.cos(angles) * x + np.sin(angles) * y)


def _blobs(side_px: int, rng: np.random.Generator) -> Pictures:
    y, x = np.mgrid[:side_px, :side_px] / side_px
    top, left = rng.uniform(0.3, 0.7, (2, 100, 1, 1))
    width = rng.uniform(0.15, 0.6, (100, 1, 1))
    return stretched(np.exp(-((y - top) ** 2 + (x - left) ** 2) / (2 * width**2)))


def _crops(photographs: list[Pictures], rng: np.random.Generator) -> list[Pictures]:
    """Squares of a quarter to nine tenths of the shorter side, anywhere."""
    found = []
    for picture in photographs:
        for _ in range(CROPS):
            height_px, width_px = picture.shape
            side_px = int(rng.uniform(0.25, 0.9) * min(picture.shape))
            top, left = rng.integers(0, (height_px - side_px + 1, width_px - side_px + 1))
            found.append(picture[top : top + side_px, left : left + side_px])
    return found


def _grey(picture: NDArray[np.generic]) -> Pictures:
    values = np.asarray(picture, np.float64)
    values = values if values.ndim == 2 else values[..., :3].mean(axis=2)
    return values.astype(np.uint8) if values.max() > 1 else (255 * values).astype(np.uint8)


def _of_skimage(name: str) -> NDArray[np.generic]:
    from skimage import data

    return np.asarray(getattr(data, name)())


def _of_sklearn() -> list[Pictures]:
    from sklearn.datasets import load_sample_images

    return [_grey(picture) for picture in load_sample_images().images]


def _faces(side_px: int) -> Pictures:
    """100 of the Labeled Faces in the Wild, 25 px, in scikit-image."""
    from skimage import data

    return _all(list(stretched(data.lfw_subset()[:100].astype(float))), side_px)


def _head() -> Pictures:
    """The 256 px magnetic resonance image in matplotlib's sample data."""
    import matplotlib as mpl

    path = Path(mpl.get_data_path()) / "sample_data" / "s1045.ima.gz"
    values = np.frombuffer(gzip.decompress(path.read_bytes()), np.uint16).reshape(1, 256, 256)
    head: Pictures = stretched(values.astype(float))[0]
    return head
