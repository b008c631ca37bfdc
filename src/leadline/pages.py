"""What a run says of itself, arranged for the report and for the model card."""

from __future__ import annotations

from collections.abc import Sequence

from leadline.report.content import StudyPage
from leadline.runs import Run
from leadline.spec import Study


def study_page(study: Study, done: Sequence[Run]) -> StudyPage:
    """The content of a study's page."""
    raise NotImplementedError
