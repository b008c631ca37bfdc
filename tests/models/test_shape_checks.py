"""Whether a layer fits its input: by hand, and against what Keras itself accepts."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from leadline.errors import SpecError
from leadline.experiments import AnyFeatures, Hog, Pixels
from leadline.experiments.layer_settings import LAYER_SETTINGS, AnyLayer
from leadline.models.layers.layer_type import Shape, pair
from leadline.models.shape_checks import describe, misfit

LAYER: TypeAdapter[AnyLayer] = TypeAdapter(AnyLayer)
PIXELS = Pixels(kind="pixels")


def misfit_of(layer: dict[str, Any], *shapes: Shape, features: AnyFeatures = PIXELS) -> str | None:
    return misfit(LAYER.validate_python(layer), shapes, features)


def conv(**changed: Any) -> dict[str, Any]:
    return {"type": "Conv2D", "filters": 4, "kernel_size": 3} | changed


def test_shapes_in_words():
    assert describe((784,)) == "784 values"
    assert describe((6272,)) == "6,272 values"
    assert describe((28, 28, 1)) == "28 × 28 × 1"


def test_pair():
    assert pair(3) == (3, 3)
    assert pair((3, 5)) == (3, 5)


@pytest.mark.parametrize(
    ("features", "fix"),
    [
        (Pixels(kind="pixels", flatten=True), "set features.flatten = false"),
        (Pixels(kind="pixels"), "put it before any Flatten, Dense or global pooling layer"),
        (
            Hog(kind="hog"),
            'HOG features are flat, so use Dense layers, or features.kind = "pixels"',
        ),
    ],
)
def test_a_flat_input_is_corrected_where_it_became_flat(features, fix):
    assert misfit_of(conv(), (784,), features=features) == (
        f"it needs an image (height × width × channels); {fix}"
    )


@pytest.mark.parametrize(
    ("layer", "shape", "problem"),
    [
        (
            conv(kernel_size=5),
            (4, 9, 1),
            (
                "its window of 5 × 5 pixels is larger than that; make kernel_size smaller, "
                'set padding = "same", or pool less before it'
            ),
        ),
        (
            conv(kernel_size=[1, 3], dilation_rate=4),
            (9, 8, 1),
            (
                "its window of 1 × 9 pixels is larger than that; make kernel_size smaller, "
                'set padding = "same", or pool less before it'
            ),
        ),
        (
            {"type": "AveragePooling2D", "pool_size": 3},
            (2, 3, 8),
            (
                "its window of 3 × 3 pixels is larger than that; make pool_size smaller, "
                'set padding = "same", or pool less before it'
            ),
        ),
        (
            conv(strides=2, dilation_rate=[1, 2]),
            (9, 9, 1),
            "strides = 2 and dilation_rate = (1, 2) cannot both be above 1; set one of them to 1",
        ),
        (
            {"type": "DepthwiseConv2D", "kernel_size": 2, "strides": [1, 2]},
            (9, 9, 1),
            "strides = (1, 2) must be the same in both directions",
        ),
        (
            conv(groups=3),
            (9, 9, 6),
            "its groups = 3 must divide both the 6 channels that it reads and its 4 filters",
        ),
        (
            {"type": "GroupNormalization", "groups": 32},
            (9, 9, 48),
            "its groups = 32 must divide the 48 channels",
        ),
    ],
)
def test_what_is_wrong_in_words(layer, shape, problem):
    assert misfit_of(layer, shape) == problem


@pytest.mark.parametrize(
    ("layer", "shapes"),
    [
        (conv(kernel_size=5), [(5, 5, 1)]),
        (conv(kernel_size=5, padding="same"), [(2, 2, 1)]),
        (conv(kernel_size=3, dilation_rate=2), [(5, 5, 1)]),
        (conv(strides=[1, 2]), [(5, 5, 1)]),
        (conv(groups=2), [(5, 5, 6)]),
        ({"type": "MaxPooling2D", "pool_size": 3, "padding": "same"}, [(2, 2, 1)]),
        ({"type": "Dense", "units": 3}, [(5, 5, 1)]),
        ({"type": "Flatten"}, [(7,)]),
        ({"type": "BatchNormalization"}, [(7,)]),
        ({"type": "Add", "input": ["a", "b"]}, [(5, 5, 2), (5, 5, 2)]),
        ({"type": "Concatenate", "input": ["a", "b"]}, [(5, 5, 2), (5, 5, 9)]),
    ],
)
def test_what_fits(layer, shapes):
    assert misfit_of(layer, *shapes) is None


@pytest.mark.parametrize("shapes", [[(5, 5, 2), (5, 4, 2)], [(50,), (5, 5, 2)]])
def test_concatenate_needs_the_same_height_and_width(shapes):
    assert misfit_of({"type": "Concatenate", "input": ["a", "b"]}, *shapes) == (
        "Concatenate needs inputs that differ in their last size only"
    )


SIZES = st.integers(1, 4) | st.tuples(st.integers(1, 4), st.integers(1, 4))
SETTINGS = {
    "units": st.integers(1, 4),
    "filters": st.integers(1, 4),
    "kernel_size": SIZES,
    "pool_size": SIZES,
    "strides": SIZES,
    "dilation_rate": SIZES,
    "groups": st.integers(1, 4),
    "depth_multiplier": st.integers(1, 2),
    "padding": st.sampled_from(["valid", "same"]),
    "rate": st.just(0.5),
    "activation": st.just("relu"),
    "input": st.lists(st.sampled_from(["features", "n0", "n1", "n2"]), min_size=2, max_size=3).map(
        tuple
    ),
}
TYPES = list(LAYER_SETTINGS.values())


@st.composite
def any_layers(draw):
    """Layers with settings that may or may not fit."""
    layers = []
    for number in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(TYPES))
        merging = kind.__name__ in ("Add", "Concatenate")
        names = set(kind.model_fields) & set(SETTINGS) - (set() if merging else {"input"})
        layer = {name: draw(SETTINGS[name]) for name in sorted(names)}
        type_ = kind.model_fields["type"].annotation.__args__[0]
        layers.append(layer | {"type": type_, "name": f"n{number}"})
    return layers


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(layers=any_layers(), flatten=st.booleans())
def test_nothing_but_a_spec_error_comes_out_of_building(build, layers, flatten):
    with contextlib.suppress(SpecError):
        build(*layers, image=(4, 5, 4), features={"kind": "pixels", "flatten": flatten})
