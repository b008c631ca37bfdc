"""Errors of others, in one line."""

from __future__ import annotations

import keras
import pytest

from leadline.models.library_messages import in_one_line


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("Two sizes differ."), "Two sizes differ"),
        (ValueError("\n  First.\nSecond."), "First"),
        (KeyError("units"), "'units'"),
        (ValueError(), "ValueError"),
        (ValueError("Exception encountered when calling X.call().\n\n\x1b[1mBad.\x1b[0m\n"), "Bad"),
        (MemoryError(), "its weights do not fit in memory; make it smaller, or what it reads"),
        (
            RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried ..."),
            "its weights do not fit in memory; make it smaller, or what it reads",
        ),
        (
            RuntimeError('failed to unpack the object with error "Overflow when unpacking long"'),
            "its weights do not fit in memory; make it smaller, or what it reads",
        ),
    ],
)
def test_one_line(error, line):
    assert in_one_line(error) == line


def test_what_a_keras_layer_raises_is_found_under_keras_own_words():
    def fail(x):
        raise ValueError("The reason.")

    with pytest.raises(ValueError, match="The reason") as caught:
        keras.layers.Lambda(fail, name="bad")(keras.ops.zeros((1, 3)))
    assert "\n" in str(caught.value)
    assert in_one_line(caught.value) == "The reason"
