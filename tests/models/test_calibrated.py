"""A temperature behind a trained model: ours, the user's graph, the user's own class."""

import keras
import numpy as np
import pytest

from leadline.experiments import parse_experiment
from leadline.metrics.calibration import at_temperature
from leadline.models.build import build_model
from leadline.models.built_model import BuiltModel
from leadline.models.calibrated import with_temperature
from leadline.models.weight_table import layer_table
from leadline.training.loop import predict

IMAGES = np.random.default_rng(0).integers(0, 256, (20, 8, 8, 1), np.uint8)


def built(layers="", seed=0):
    text = f"name = 'x'\nfamily = 'cnn'\nfeatures = {{kind = 'pixels'}}\n{layers}"
    flat = "\n[[layers]]\ntype = 'Flatten'"
    return build_model(parse_experiment(text + flat, "x.toml"), (8, 8, 1), 3, seed=seed)


class Own(keras.Model):  # type: ignore[misc]  # mypy does not follow keras
    """A user's model without a graph."""

    def __init__(self):
        super().__init__()
        self.flat = keras.layers.Flatten()
        self.head = keras.layers.Dense(3, activation="softmax")

    def call(self, features):
        return self.head(self.flat(features))


def users(classifier):
    """As `build_model` puts the user's classifier behind the features."""
    image = keras.Input((8, 8, 1), dtype="uint8")
    ours = built()
    return BuiltModel(
        keras.Model(image, classifier(ours.features(image))), ours.features, classifier
    )


def sequential():
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Flatten(),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )


@pytest.mark.parametrize(
    "make", [built, lambda: users(sequential()), lambda: users(Own())],
    ids=["ours", "the user's graph", "the user's class"],
)  # fmt: skip
def test_both_halves_answer_calibrated(make, tmp_path):
    trained = make()
    before = predict(trained, IMAGES)
    calibrated = with_temperature(trained, 2.5)
    expected = at_temperature(before, 2.5)
    np.testing.assert_allclose(predict(calibrated, IMAGES), expected, atol=1e-5)
    np.testing.assert_allclose(calibrated.model.predict(IMAGES, verbose=0), expected, atol=1e-5)
    # The one that was trained is as it was, and the weights are the same arrays.
    np.testing.assert_array_equal(predict(trained, IMAGES), before)
    for one, other in zip(trained.model.weights, calibrated.model.weights, strict=True):
        assert one is other


def test_the_table_of_layers_shows_it():
    rows = layer_table(with_temperature(built(), 1.23456).model)
    assert (rows[-1].name, rows[-1].type, rows[-1].weights) == ("temperature", "Temperature", 0)
    assert (rows[-1].meaning, rows[-1].values) == ("temperature", (("temperature", 1.23456),))
    assert rows[-1].output_shape == (None, 3)


def test_a_temperature_of_one_changes_nothing():
    trained = built()
    assert with_temperature(trained, 1.0) is trained


def test_a_layer_of_the_same_name_does_not_stand_in_the_way():
    named = "[[layers]]\ntype = 'Activation'\nactivation = 'relu'\nname = 'temperature'\n"
    trained = built(named + named.replace("'temperature'", "'temperature_'"))
    model = with_temperature(trained, 2.0).model
    assert [layer.name for layer in model.layers][-1] == "temperature__"
    assert model.name == trained.model.name


def test_what_was_left_out_stays_said():
    idle = "[[layers]]\ntype = 'Dense'\nunits = 4\nname = 'idle'\n"
    read = "[[layers]]\ntype = 'Activation'\nactivation = 'relu'\ninput = 'features'\n"
    trained = built(idle + read)
    assert [layer.name for layer in trained.unused_layers] == ["idle"]
    assert with_temperature(trained, 2.0).unused_layers == trained.unused_layers
