"""Folders that may be listed but not opened, for root too."""

import os
from pathlib import Path

import pytest


def close_folder(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Have the system refuse to look at what lies in a folder, as without its x permission."""
    stat = os.stat

    def refuses(path, *arguments, **settings):
        if not isinstance(path, int) and folder in Path(os.fsdecode(path)).parents:
            raise PermissionError(13, "Permission denied", os.fsdecode(path))
        return stat(path, *arguments, **settings)

    monkeypatch.setattr(os, "stat", refuses)
