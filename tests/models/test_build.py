"""The layers of a spec as a Keras model: wiring, halves, seeds, and what does not fit."""

from __future__ import annotations

import random
import re
from typing import Any

import numpy as np
import pytest

from leadline.errors import SpecError
from leadline.experiments import load_experiment
from leadline.experiments.experiment import Experiment
from leadline.experiments.layer_settings import LAYER_SETTINGS
from leadline.models.build import build_model
from leadline.models.built_model import BuiltModel
from leadline.models.layers import LAYER_TYPES
from leadline.models.weight_table import layer_table, totals

LAB_WEIGHTS = {
    "mlp-1": 407_050,
    "mlp-2": 407_050,
    "mlp-3": 535_818,
    "hog-1": 25_802,
    "hog-2": 50_890,
    "hog-3": 101_770,
    "cnn-1": 410_538,
    "cnn-2": 812_650,
    "cnn-3": 856_330,
}

# Three convolutions, then 3 × 3 positions of 32 channels (28 -> 14 -> 7 -> 3) into dense layers.
POOLED_WEIGHTS = {
    "cnn-1-pooled": (2 * 2 * 1 * 32 + 32) + 2 * (2 * 2 * 32 * 32 + 32)
    + (3 * 3 * 32 * 64 + 64) + (64 * 10 + 10),
    "cnn-2-pooled": (2 * 2 * 1 * 32 + 32) + 2 * (2 * 2 * 32 * 32 + 32)
    + (3 * 3 * 32 * 128 + 128) + (128 * 10 + 10),
    "cnn-3-pooled": (5 * 5 * 1 * 32 + 32) + 2 * (5 * 5 * 32 * 32 + 32)
    + (3 * 3 * 32 * 128 + 128) + (128 * 10 + 10),
}  # fmt: skip


def dense(**settings: Any) -> dict[str, Any]:
    return {"type": "Dense", "units": 2} | settings


def conv(**settings: Any) -> dict[str, Any]:
    return {"type": "Conv2D", "filters": 4, "kernel_size": 3} | settings


def test_the_sums_of_the_pooled_networks():
    assert POOLED_WEIGHTS == {
        "cnn-1-pooled": 27_562,
        "cnn-2-pooled": 46_698,
        "cnn-3-pooled": 90_378,
    }


@pytest.mark.parametrize(("name", "weights"), [*LAB_WEIGHTS.items(), *POOLED_WEIGHTS.items()])
def test_the_built_in_experiments_have_the_weights_of_the_lab(name, weights):
    built = build_model(load_experiment(name), (28, 28, 1), 10, seed=0)
    assert built.model.count_params() == weights
    assert built.classifier.count_params() == weights
    assert totals(layer_table(built.model)).weights == weights
    assert len(built.unused_layers) == (2 if name in ("cnn-1", "cnn-2", "cnn-3") else 0)


def test_the_lab_model_holds_only_layers_that_matter():
    built = build_model(load_experiment("cnn-2"), (28, 28, 1), 10, seed=0)
    assert [layer.name for layer in built.model.layers] == [
        "image", "features", "l1", "l2", "l3", "l3_mp", "flat", "l4", "l4_drop", "probabilities",
    ]  # fmt: skip
    assert built.model.input.dtype == "uint8"
    assert built.model.input.shape == (None, 28, 28, 1)
    assert built.model.name == "cnn-2"


def test_the_halves_share_their_weights_and_compose_to_the_whole(build):
    built = build(conv(), {"type": "Flatten"}, dense())
    images = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 3), dtype=np.uint8)
    whole = built.model.predict(images, verbose=0)
    by_halves = built.classifier(built.features(images), training=False)
    np.testing.assert_allclose(by_halves.detach().numpy(), whole, atol=1e-5)
    assert [id(w) for w in built.classifier.weights] == [id(w) for w in built.model.weights]
    assert whole.shape == (5, 4)
    np.testing.assert_allclose(whole.sum(axis=1), 1, atol=1e-5)


def test_merging_layers_read_several(build):
    built = build(
        conv(name="a", padding="same", filters=3),
        {"type": "Add", "name": "sum", "input": ["a", "features"]},
        {"type": "Concatenate", "name": "both", "input": ["sum", "features", "a"]},
        {"type": "GlobalAveragePooling2D"},
    )
    shapes = {layer.name: layer.output.shape[1:] for layer in built.model.layers}
    assert shapes["sum"] == (8, 8, 3)
    assert shapes["both"] == (8, 8, 9)


def test_no_layers_at_all_is_a_linear_classifier(build):
    built = build(features={"kind": "pixels", "flatten": True})
    assert [layer.name for layer in built.model.layers] == ["image", "features", "probabilities"]
    assert built.model.count_params() == 8 * 8 * 3 * 4 + 4


def test_settings_reach_keras(build):
    built = build(
        conv(name="c", strides=[2, 1], padding="same", activation="gelu", use_bias=False),
        {"type": "MaxPooling2D", "name": "p", "pool_size": [1, 2]},
        {"type": "GroupNormalization", "name": "g", "groups": 2, "epsilon": 0.5},
        {"type": "SpatialDropout2D", "name": "s", "rate": 0.25},
        {"type": "Flatten"},
    )
    layers = {layer.name: layer for layer in built.model.layers}
    assert layers["c"].output.shape == (None, 4, 8, 4)
    assert layers["c"].activation.__name__ == "gelu"
    assert not layers["c"].use_bias
    assert layers["p"].output.shape == (None, 4, 4, 4)
    assert layers["g"].epsilon == 0.5
    assert layers["s"].rate == 0.25


def test_every_type_of_the_spec_has_its_class():
    schema = Experiment.model_json_schema()
    mapping = schema["properties"]["layers"]["items"]["discriminator"]["mapping"]
    assert set(mapping) == set(LAYER_SETTINGS)
    named = {name for name, layer_type in LAYER_TYPES.items() if layer_type.settings is not None}
    assert named == set(LAYER_SETTINGS)


NETWORK = (
    conv(),
    {"type": "SeparableConv2D", "filters": 4, "kernel_size": 2},
    {"type": "DepthwiseConv2D", "kernel_size": 2},
    {"type": "Dropout", "rate": 0.5},
    {"type": "Flatten"},
    dense(units=8),
)


def weights_of(built: BuiltModel) -> Any:
    return built.model.get_weights()


def test_the_seed_alone_decides_the_weights(build):
    first = weights_of(build(*NETWORK, seed=5))
    random.random()
    np.random.rand(3)  # noqa: NPY002 - the global generator is what must not matter
    build(*NETWORK, seed=6)
    again, other = weights_of(build(*NETWORK, seed=5)), weights_of(build(*NETWORK, seed=6))
    drawn = [index for index, weight in enumerate(first) if weight.any()]
    assert len(drawn) == 6
    for index, weight in enumerate(first):
        np.testing.assert_array_equal(weight, again[index])
        assert (index in drawn) != np.array_equal(weight, other[index])


def test_building_leaves_the_global_generators_alone(build):
    import torch

    random.seed(1)
    np.random.seed(1)  # noqa: NPY002 - the global generator is what is looked at
    torch.manual_seed(1)
    expected = random.random(), np.random.rand(), torch.rand(1).item()  # noqa: NPY002
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    torch.manual_seed(1)
    build(dense(), features={"kind": "pixels", "flatten": True})
    assert expected == (random.random(), np.random.rand(), torch.rand(1).item())  # noqa: NPY002


def test_weights_are_drawn_by_glorots_uniform_rule(build):
    """Bound sqrt(6 / (inputs + outputs)); of 19,200 draws the largest comes within a percent."""
    built = build(dense(units=100, name="d"), features={"kind": "pixels", "flatten": True})
    kernel = built.model.get_layer("d").get_weights()[0]
    bound = np.sqrt(6 / (8 * 8 * 3 + 100))
    assert 0.99 * bound < np.abs(kernel).max() <= bound
    assert abs(kernel.mean()) < 0.01 * bound * 2


def test_layers_do_not_share_a_draw(build):
    built = build(
        dense(units=4, name="a"), dense(units=4, name="b"), dense(units=4, name="c"),
        features={"kind": "pixels", "flatten": True}, image=(2, 2, 1), classes=4,
    )  # fmt: skip
    kernels = {layer.get_weights()[0].tobytes() for layer in built.model.layers[2:]}
    assert len(kernels) == 4


def test_two_models_agree_up_to_where_they_differ(build):
    """A wider second layer does not change what the first starts from."""
    settings = {"features": {"kind": "pixels", "flatten": True}}
    narrow = build(dense(name="a"), dense(name="b", units=3), **settings)
    wide = build(dense(name="a"), dense(name="b", units=30), **settings)
    first, second = (built.model.get_layer("a").get_weights()[0] for built in (narrow, wide))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(
    ("layers", "settings", "message"),
    [
        (
            [dense(name="d"), conv(name="c", input="features")],
            {"features": {"kind": "pixels", "flatten": True}},
            (
                "trial: layer 2 (c, Conv2D) received 192 values from features: it needs an image "
                "(height × width × channels); set features.flatten = false."
            ),
        ),
        (
            [{"type": "Flatten", "name": "f"}, {"type": "MaxPooling2D"}],
            {},
            (
                "trial: layer 2 (max_pooling2d_1, MaxPooling2D) received 192 values from f: it "
                "needs an image (height × width × channels); put it before any Flatten, Dense or "
                "global pooling layer."
            ),
        ),
        (
            [conv(name="a"), {"type": "Add", "name": "sum", "input": ["a", "features"]}],
            {},
            (
                "trial: layer 2 (sum, Add) received 6 × 6 × 4 and 8 × 8 × 3 from a and features: "
                "Add needs inputs of one shape; make their sizes and filters agree."
            ),
        ),
        (
            [conv(name="a"), dense(name="b")],
            {},
            (
                "trial: the head (Dense, 4 units, softmax) received 6 × 6 × 2 from b: it needs a "
                "flat vector; add a Flatten or GlobalAveragePooling2D layer before it."
            ),
        ),
        (
            [],
            {"family": "hog", "features": {"kind": "hog", "cell_px": 16}},
            (
                "trial: hog features received 8 × 8 × 3 from the image: features.cell_px = 16 with "
                "block_cells = 1 needs images of at least 16 × 16 px. Received: 8 × 8. Make "
                "data.size_px larger, or cell_px or block_cells smaller."
            ),
        ),
        (
            [{"type": "Flatten"}, dense(name="huge", units=10**12)],
            {},
            (
                "trial: layer 2 (huge, Dense) received 192 values from flatten_1: its weights do "
                "not fit in memory; make it smaller, or what it reads."
            ),
        ),
    ],
)
def test_a_layer_that_does_not_fit_is_named_with_its_mend(build, layers, settings, message):
    with pytest.raises(SpecError, match=f"^{re.escape(message)}$"):
        build(*layers, **settings)


def test_a_negative_seed_is_an_error(build):
    with pytest.raises(SpecError, match="seed = -1; a seed is 0 or above"):
        build(seed=-1)


def test_a_dot_in_an_experiments_name_does_not_stop_torch(build):
    built = build({"type": "Flatten"}, name="cnn-1.5")
    assert built.model.name == "cnn-1_5"
    assert len(list(built.model.parameters())) == 2


def test_a_saved_model_gives_the_same_answers(build, tmp_path):
    import keras

    built = build(*NETWORK)
    built.model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    images = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), dtype=np.uint8)
    np.testing.assert_array_equal(
        loaded.predict(images, verbose=0), built.model.predict(images, verbose=0)
    )
    assert layer_table(loaded) == layer_table(built.model)
