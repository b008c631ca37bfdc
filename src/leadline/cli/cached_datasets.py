"""Which data sets have a name, and which of them lie in the cache."""

from __future__ import annotations

from pathlib import Path

SOURCES = {
    "chest-xray": "5,856 films",
    "mnist": "70,000 digits",
    "pneumoniamnist": "5,856 films",
}


def is_cached(name: str) -> bool:
    """Return whether the files of a data source are in the cache, MNIST's with their sizes.

    A cache that may not be looked into holds nothing.
    """
    from leadline.data.sources.cache_folder import cache_folder

    try:
        return IS_HERE[name](cache_folder() / name)
    except OSError:
        return False


def here_text(name: str, cached: bool) -> str:
    """Where a data set is, or how to get it."""
    return "in the cache" if cached else f"not downloaded; get it with: leadline data fetch {name}"


def _mnist(folder: Path) -> bool:
    from leadline.data.sources.mnist import FILES

    return all(
        (folder / file.name).is_file() and (folder / file.name).stat().st_size == file.size_bytes
        for file in FILES
    )


def _chest(folder: Path) -> bool:
    from leadline.data.sources.kermany_chest import find_images

    return find_images(folder) is not None


def _pneumonia_mnist(folder: Path) -> bool:
    from leadline.data.sources.pneumonia_mnist import MD5_SUMS, file_name

    return any((folder / file_name(side_px)).is_file() for side_px in MD5_SUMS)


IS_HERE = {"chest-xray": _chest, "mnist": _mnist, "pneumoniamnist": _pneumonia_mnist}
