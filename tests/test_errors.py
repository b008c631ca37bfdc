"""The tree drawn in the docstring of `errors.py` is the tree of its classes."""

import inspect
import re

import pytest

from leadline import errors

BRANCH = re.compile(r"^ {4}(?P<stem>[│├└─ ]*)(?P<name>[A-Z]\w+) {2,}(?P<meaning>\S.*)$")


def drawn() -> dict[str, tuple[str, ...]]:
    """Each error of the drawing with its parents, outermost first."""
    path: list[str] = []
    tree: dict[str, tuple[str, ...]] = {}
    for line in (errors.__doc__ or "").splitlines():
        match = BRANCH.match(line)
        if match:
            depth = len(match["stem"]) // 4
            assert depth <= len(path), f"{match['name']} hangs on nothing"
            path = [*path[:depth], match["name"]]
            assert match["name"] not in tree, f"{match['name']} is drawn twice"
            tree[match["name"]] = tuple(path[:-1])
    return tree


def classes() -> dict[str, type[Exception]]:
    return {
        name: value
        for name, value in inspect.getmembers(errors, inspect.isclass)
        if issubclass(value, Exception) and value.__module__ == errors.__name__
    }


def parents(error: type[Exception]) -> tuple[str, ...]:
    """The errors of the tree above this one, outermost first."""
    return tuple(above.__name__ for above in error.__mro__[:0:-1] if above.__name__ in classes())


def test_the_drawing_is_the_tree():
    assert drawn() == {name: parents(error) for name, error in classes().items()}


def test_one_root_stands_for_all():
    assert [name for name, above in drawn().items() if not above] == ["LeadlineError"]
    assert errors.LeadlineError.__bases__ == (Exception,)


@pytest.mark.parametrize("error", classes().values(), ids=lambda error: error.__name__)
def test_each_error_says_what_it_is_and_passes_its_message_on(error):
    assert error.__doc__
    assert str(error("runs/x: no such folder.")) == "runs/x: no such folder."


def test_stems_are_joined_as_they_are_drawn():
    """A branch that something follows is ├, the last one └: no reader is sent astray."""
    lines = [line[4:] for line in (errors.__doc__ or "").splitlines() if BRANCH.match(line)]
    for position, line in enumerate(lines):
        stem = re.match(r"[│├└─ ]*", line)
        column = (stem.end() if stem else 0) - 4
        if column < 0:
            continue
        below = [other[column] for other in lines[position + 1 :]]
        ended = next((mark for mark in below if mark not in "│├└"), "")
        following = below[: below.index(ended)] if ended else below
        assert line[column] == ("├" if set(following) & set("├└") else "└"), line
