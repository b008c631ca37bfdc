"""Folders that a walk enters, however many links lead to them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from leadline.data.formats.folder_walk import Walk
from leadline.data.formats.image_names import Reason


@pytest.fixture
def start(tmp_path) -> Path:
    for name in ("set/a", "out/deep", "other", "out-of"):
        (tmp_path / name).mkdir(parents=True)
    return Path(tmp_path, "set")


def linked(start: Path, name: str, target: Path) -> Path:
    path = start / name
    path.symlink_to(target)
    return path


def test_links_into_and_around_what_is_walked_are_skipped(start):
    skipped: list[tuple[str, Reason]] = []
    walk = Walk(start)
    root = start.parent
    entered = [
        walk.may_enter(path, lambda entry, why: skipped.append((entry.name, why)))
        for path in (
            start / "a",
            linked(start, "itself", start),
            linked(start, "inside", start / "a"),
            linked(start, "above", root),
            linked(start, "out", root / "out"),
            linked(start, "again", root / "out"),
            linked(start, "below", root / "out" / "deep"),
            linked(start, "namesake", root / "out-of"),
            linked(start, "other", root / "other"),
        )
    ]
    assert entered == [True, False, False, False, True, False, False, True, True]
    assert [name for name, _ in skipped] == ["itself", "inside", "above", "again", "below"]
    assert {why for _, why in skipped} == {Reason.LINK}


def test_a_folder_that_a_link_led_to_is_not_entered_again(start):
    walk = Walk(start)
    deep = start.parent / "out" / "deep"
    assert walk.may_enter(linked(start, "1", deep), lambda *_: None)
    assert walk.may_enter(linked(start, "2", start.parent / "out"), lambda *_: None)
    assert not walk.may_enter(start / "2" / "deep", lambda *_: None)


def calls_for_links(start: Path, count: int) -> int:
    """Functions that are called until a walk has met so many links."""
    walk, calls = Walk(start), 0

    def count_calls(_frame, event, _argument):
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count_calls)
    try:
        for number in range(count):
            walk.may_enter(Path(f"/elsewhere/{number}"), lambda *_: None)
    finally:
        sys.setprofile(None)
    return calls


def test_a_link_is_not_compared_with_all_others(start, monkeypatch):
    monkeypatch.setattr(os.path, "islink", lambda _path: True)
    monkeypatch.setattr(os.path, "realpath", str)
    assert calls_for_links(start, 800) < 12 * calls_for_links(start, 100)
