"""Exported graphs take any number of images, 0 included."""

import numpy as np
import onnxruntime
import pytest
from tests.export.making import ABOUT

from leadline.experiments import load_experiment, load_study
from leadline.experiments.layer_settings import LAYER_SETTINGS
from leadline.export import write_model_file
from leadline.models.build import build_model

SHAPE = (28, 28, 1)
LAB = [experiment.name for experiment in load_study("lab").experiments]
FEW = {"filters": 2, "units": 3}


def few_weights(layer):
    """The same layer, smaller, so that it is exported quickly."""
    smaller = {key: value for key, value in FEW.items() if hasattr(layer, key)}
    return layer.model_copy(update=smaller)


def small(name):
    """The lab's network of that name, with few weights."""
    experiment = load_experiment(name)
    layers = tuple(few_weights(layer) for layer in experiment.layers)
    return experiment.model_copy(update={"layers": layers})


def answered(model, folder, counts):
    images = np.random.default_rng(0).integers(0, 256, (3, *SHAPE)).astype(np.uint8)
    about = ABOUT.model_copy(
        update={"size_px": SHAPE[:2], "channels": 1, "scope": None, "decision": None}
    )
    path = folder / "m.onnx"
    write_model_file(model, path, images, model.predict(images, verbose=0), about)
    session = onnxruntime.InferenceSession(path)
    return [session.run(None, {"images": images[:count]})[0].shape for count in counts]


def test_the_lab_has_nine_networks():
    assert len(LAB) == 9


@pytest.mark.parametrize("name", LAB)
def test_networks_of_the_lab_take_any_number_of_images(name, tmp_path):
    model = build_model(small(name), SHAPE, 10, seed=0).model
    assert answered(model, tmp_path, (0, 1, 3)) == [(0, 10), (1, 10), (3, 10)]


def every_layer():
    """A network that has each layer type of an experiment."""
    import keras

    layers = keras.layers
    inputs = keras.Input(SHAPE, dtype="uint8")
    x = layers.Rescaling(1 / 255)(inputs)
    for layer in (
        layers.Conv2D(4, 3), layers.DepthwiseConv2D(2), layers.SeparableConv2D(4, 2),
        layers.BatchNormalization(), layers.LayerNormalization(),
        layers.GroupNormalization(groups=2), layers.Dropout(0.1), layers.SpatialDropout2D(0.1),
        layers.Activation("relu"), layers.MaxPooling2D(), layers.AveragePooling2D(2),
    ):  # fmt: skip
        x = layer(x)
    x = layers.Add()([x, layers.Conv2D(4, 1)(x)])
    whole = [
        layers.Flatten()(x),
        layers.GlobalMaxPooling2D()(x),
        layers.GlobalAveragePooling2D()(x),
    ]
    outputs = layers.Dense(2, activation="softmax")(layers.Concatenate()(whole))
    return keras.Model(inputs, outputs)


def test_every_layer_type_takes_any_number_of_images(tmp_path):
    model = every_layer()
    assert set(LAYER_SETTINGS) <= {type(layer).__name__ for layer in model.layers}
    assert answered(model, tmp_path, (0, 2)) == [(0, 2), (2, 2)]
