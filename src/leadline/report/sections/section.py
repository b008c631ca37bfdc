"""One section of a study's page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Section:
    """What a section shows, and the template that lays it out.

    id: of its content, for links. title: as a heading. entry: in the list of contents, the title
    unless given. template: its `macro` gets the content; a macro `said` in it, if there is one, the
    few words beside the heading. open: unfolded at first; folds: False for a section without a
    fold. kind: a CSS class.
    """

    id: str
    title: str
    template: str
    content: Any
    macro: str = "section"
    entry: str = ""
    open: bool = False
    folds: bool = True
    kind: str = ""
