"""Content of a page: results, and the pictures shown with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from leadline.analysis.run_results import RunResults
from leadline.analysis.study_results import StudyResults

if TYPE_CHECKING:
    from leadline.explain.explanations import Explanations
    from leadline.explain.gallery import Gallery
    from leadline.metrics.confusion_matrix import ConfusedPair
    from leadline.report.sections.audit_view import AuditView
    from leadline.report.sections.ood_view import OODContent


@dataclass(frozen=True, eq=False)
class ConfusedExample:
    """One image that was taken for another class.

    image: uint8 (height, width, channels). probability: 0 to 1, of the class it was taken for.
    """

    image: NDArray[np.uint8]
    true: str
    predicted: str
    probability: float


@dataclass(frozen=True, eq=False)
class ConfusedExamples:
    """A confused pair, and up to five images for each direction, the most confident first."""

    pair: ConfusedPair
    a_as_b: tuple[ConfusedExample, ...] = ()
    b_as_a: tuple[ConfusedExample, ...] = ()


@dataclass(frozen=True, eq=False)
class RunPage(RunResults):
    """The results of a run with the pictures of its page.

    ood, gallery, explanations: None where the run has none.
    """

    confused: tuple[ConfusedExamples, ...] = ()
    explanations: Explanations | None = None
    ood: OODContent | None = None
    gallery: Gallery | None = None


@dataclass(frozen=True, eq=False)
class StudyPage(StudyResults):
    """The results of a study with what its page shows beside them.

    audit: of its images, where one was made.
    """

    runs: tuple[RunPage, ...]
    audit: AuditView | None = None
