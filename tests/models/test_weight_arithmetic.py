"""Weights counted without Keras, against the lab's own table and against Keras."""

import pytest

from leadline.experiments import Experiment, load_experiment
from leadline.models.build import build_model
from leadline.models.layers.layer_type import Shape, formula_text
from leadline.models.weight_arithmetic import LayerWeights, count_weights, total

MNIST = (28, 28, 1)


def known(experiment: Experiment, shape: Shape, classes: int) -> tuple[LayerWeights, ...]:
    counted = count_weights(experiment, shape, classes)
    assert counted is not None
    return counted


@pytest.mark.parametrize(
    ("name", "weights"),
    [
        ("mlp-1", 407_050),
        ("mlp-2", 407_050),
        ("mlp-3", 535_818),
        ("cnn-1", 410_538),
        ("cnn-2", 812_650),
        ("cnn-3", 856_330),
        ("cnn-1-pooled", 27_562),
    ],
)
def test_the_labs_models(name, weights):
    counted = known(load_experiment(name), MNIST, 10)
    assert total(counted) == weights


def test_layers_of_a_pooled_network_by_hand():
    counted = known(load_experiment("cnn-1-pooled"), MNIST, 10)
    assert [(one.name, one.shape_out, one.weights) for one in counted] == [
        ("l1", (28, 28, 32), 160),
        ("l1_mp", (14, 14, 32), 0),
        ("l2", (14, 14, 32), 4128),
        ("l2_mp", (7, 7, 32), 0),
        ("l3", (7, 7, 32), 4128),
        ("l3_mp", (3, 3, 32), 0),
        ("flat", (288,), 0),
        ("l4", (64,), 288 * 64 + 64),
        ("probabilities", (10,), 650),
    ]
    assert formula_text(counted[2].formula) == "(2 × 2 × 32 × 32) + 32 = 4,128"
    assert counted[2].shape_in == (14, 14, 32)


def conv(**settings):
    return {"type": "Conv2D", "filters": 6, "kernel_size": 3} | settings


FLAT, POOL = {"type": "Flatten"}, {"type": "MaxPooling2D"}


@pytest.mark.parametrize(
    "layers",
    [
        [],
        [conv(), FLAT],
        [conv(strides=2), POOL, FLAT],
        [conv(padding="same", strides=(2, 3)), FLAT, {"type": "Dense", "units": 5}],
        [conv(dilation_rate=2, kernel_size=(2, 3)), FLAT],
        [conv(use_bias=False), conv(groups=3), FLAT],
        [POOL | {"pool_size": 3, "strides": 1}, {"type": "SpatialDropout2D", "rate": 0.1}, FLAT],
        [POOL | {"pool_size": (3, 2), "padding": "same"}, FLAT, {"type": "Dropout", "rate": 0.5}],
        [{"type": "AveragePooling2D"}, FLAT, {"type": "Dense", "units": 4, "use_bias": False}],
    ],
)
def test_as_many_as_keras_counts(experiment_of, layers):
    shape = (17, 14, 3)
    experiment = experiment_of(*(layers or [FLAT]))
    counted = known(experiment, shape, 3)
    built = build_model(experiment, shape, 3, seed=0).model
    assert total(counted) == built.count_params()
    for one in counted:
        assert one.shape_out == tuple(built.get_layer(one.name).output.shape[1:])


def test_what_is_not_known_is_not_guessed(experiment_of):
    assert count_weights(load_experiment("hog-1"), MNIST, 10) is None
    averaged = experiment_of(conv(), {"type": "GlobalAveragePooling2D"})
    assert count_weights(averaged, MNIST, 10) is None
