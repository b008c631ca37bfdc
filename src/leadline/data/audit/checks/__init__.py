"""The checks of leadline, registered when this package is imported: one class each.

`register` adds a check of your own; it then appears in the terminal, in JSON and on the pages.
"""

from __future__ import annotations

from leadline.data.audit.audit_findings import register
from leadline.data.audit.checks.duplicates import Duplicate, NearDuplicate
from leadline.data.audit.checks.files import LeftOutFiles, UnreadableFiles
from leadline.data.audit.checks.shortcuts import Shortcut
from leadline.data.audit.checks.split_checks import (
    MissingSubgroup,
    PrevalenceShift,
    SharedGroup,
    SmallClass,
    SmallSplit,
)

BUILT_IN = (
    UnreadableFiles(),
    LeftOutFiles(),
    SharedGroup(),
    Duplicate(),
    NearDuplicate(),
    SmallSplit(),
    SmallClass(),
    MissingSubgroup(),
    PrevalenceShift(),
    Shortcut(),
)
"""In the order in which they search, and in which findings are listed."""

for check in BUILT_IN:
    register(check)
