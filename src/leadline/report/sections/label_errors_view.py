"""Labels that are likely wrong, arranged for a page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from leadline.analysis.label_errors import LabelErrors, LabelRecord, NotSearched, Suspect
from leadline.report.sections.gallery_view import is_small


@dataclass(frozen=True, eq=False)
class SuspectImage:
    """A suspect and its image, uint8 (height, width, channels)."""

    suspect: Suspect
    image: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class LabelsView:
    """What was found: `found`, or why nothing was looked for: `not_searched`; one is None."""

    record: LabelRecord

    @property
    def found(self) -> LabelErrors | None:
        return self.record.errors

    @property
    def not_searched(self) -> NotSearched | None:
        return self.record.not_searched

    @cached_property
    def likely(self) -> tuple[SuspectImage, ...]:
        return tuple(one for one in self._shown if one.suspect.likely)

    @cached_property
    def possible(self) -> tuple[SuspectImage, ...]:
        return tuple(one for one in self._shown if not one.suspect.likely)

    @property
    def reversible(self) -> float:
        return self.record.reversible

    @property
    def pixelated(self) -> bool:
        return all(is_small(one.image) for one in self._shown)

    @cached_property
    def _shown(self) -> tuple[SuspectImage, ...]:
        found = self.found
        if found is None:
            return ()
        rows = zip(found.suspects, self.record.pixels, strict=True)
        return tuple(SuspectImage(suspect, image) for suspect, image in rows)
