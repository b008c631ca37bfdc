"""Which data sets lie in the cache, whole."""

from __future__ import annotations


def is_cached(name: str) -> bool:
    """Are all files of a data source in the cache, each of its right size?"""
    from leadline.data.cache import cache_folder
    from leadline.data.mnist import FILES

    folder = cache_folder() / name
    return all(
        (folder / file.name).is_file() and (folder / file.name).stat().st_size == file.size_bytes
        for file in FILES
    )
