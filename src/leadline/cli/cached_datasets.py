"""Named datasets, and whether they are in the cache."""

from __future__ import annotations

SOURCES = {
    "chest-xray": "5,856 films",
    "mnist": "70,000 digits",
    "pneumoniamnist": "5,856 films",
}


def is_cached(name: str) -> bool:
    """Return whether the files of a data source are in the cache, MNIST's with their sizes.

    A cache that may not be looked into holds nothing.
    """
    from leadline.data.sources import source_list
    from leadline.data.sources.cache_folder import cache_folder

    try:
        return source_list.SOURCES[name].is_cached(cache_folder() / name)
    except OSError:
        return False


def here_text(name: str, cached: bool) -> str:
    """Return the location of a dataset, or the command that downloads it."""
    return "in the cache" if cached else f"not downloaded; get it with: leadline data fetch {name}"
