"""Each Keras layer that can be written for torch, held against Keras on random weights."""

from __future__ import annotations

from typing import get_args

import keras
import numpy as np
import pytest
import torch
from keras import layers
from tests.export.making import ABOUT

from leadline.errors import ModelFileError
from leadline.experiments.layer_settings import LAYER_SETTINGS
from leadline.export.torch_calls import torch_layer_of
from leadline.export.torch_export import write_torch
from leadline.export.torch_model import LAYERS
from leadline.features.hog import Hog
from leadline.features.pixels import Pixels
from leadline.features.temperature import Temperature
from leadline.models.layers import LAYER_TYPES
from leadline.models.layers.layer_type import ACTIVATIONS, LayerType
from leadline.training.forward import torch_module

SHAPE = (20, 17, 3)
CASES = {
    "Activation": lambda: layers.Activation("gelu"),
    "Add": layers.Add,
    "Add of three": layers.Add,
    "AveragePooling2D": lambda: layers.AveragePooling2D(2),
    "AveragePooling2D same": lambda: layers.AveragePooling2D(3, 2, padding="same"),
    "AveragePooling2D same, even": lambda: layers.AveragePooling2D(3, 1, padding="same"),
    "BatchNormalization": lambda: layers.BatchNormalization(epsilon=0.01, momentum=0.9),
    "BatchNormalization bare": lambda: layers.BatchNormalization(center=False, scale=False),
    "Concatenate": layers.Concatenate,
    "Concatenate of rows": lambda: layers.Concatenate(axis=1),
    "Conv2D": lambda: layers.Conv2D(4, 3, activation="relu"),
    "Conv2D same": lambda: layers.Conv2D(4, 3, padding="same"),
    "Conv2D same, 2 px": lambda: layers.Conv2D(4, 2, padding="same", use_bias=False),
    "Conv2D same, strides": lambda: layers.Conv2D(4, (5, 3), (3, 2), padding="same"),
    "Conv2D dilated": lambda: layers.Conv2D(4, 3, dilation_rate=(2, 3)),
    "Conv2D dilated, same": lambda: layers.Conv2D(4, (2, 3), dilation_rate=2, padding="same"),
    "Conv2D grouped": lambda: layers.Conv2D(6, 3, groups=3, activation="silu"),
    "Dense": lambda: layers.Dense(5, activation="tanh"),
    "Dense bare": lambda: layers.Dense(5, use_bias=False),
    "DepthwiseConv2D": lambda: layers.DepthwiseConv2D(3, depth_multiplier=2),
    "DepthwiseConv2D same": lambda: layers.DepthwiseConv2D(4, padding="same", activation="elu"),
    "Dropout": lambda: layers.Dropout(0.5),
    "ELU": lambda: layers.ELU(0.7),
    "Flatten": layers.Flatten,
    "GlobalAveragePooling2D": layers.GlobalAveragePooling2D,
    "GlobalAveragePooling2D kept": lambda: layers.GlobalAveragePooling2D(keepdims=True),
    "GlobalMaxPooling2D": layers.GlobalMaxPooling2D,
    "GroupNormalization": lambda: layers.GroupNormalization(3),
    "GroupNormalization each": lambda: layers.GroupNormalization(-1, scale=False),
    "Identity": layers.Identity,
    "LayerNormalization": lambda: layers.LayerNormalization(epsilon=0.01),
    "LayerNormalization bare": lambda: layers.LayerNormalization(center=False, scale=False),
    "LeakyReLU": lambda: layers.LeakyReLU(0.3),
    "MaxPooling2D": lambda: layers.MaxPooling2D((2, 3), (3, 1)),
    "MaxPooling2D same": lambda: layers.MaxPooling2D(2, padding="same"),
    "MaxPooling2D same, even": lambda: layers.MaxPooling2D(3, 1, padding="same"),
    "Multiply": layers.Multiply,
    "ReLU": layers.ReLU,
    "ReLU leaky": lambda: layers.ReLU(negative_slope=0.1),
    "Rescaling": lambda: layers.Rescaling(0.5, -0.25),
    "SeparableConv2D": lambda: layers.SeparableConv2D(4, 3, depth_multiplier=2),
    "SeparableConv2D same": lambda: layers.SeparableConv2D(4, 2, 2, padding="same"),
    "Softmax": layers.Softmax,
    "SpatialDropout2D": lambda: layers.SpatialDropout2D(0.5),
    "ZeroPadding2D": lambda: layers.ZeroPadding2D(((1, 2), (3, 0))),
}
FIRST = {
    "Pixels": Pixels,
    "Pixels flat, each by itself": lambda: Pixels(flatten=True, normalisation="image"),
    "Hog": lambda: Hog(8, 4),
    "Hog blocks": lambda: Hog(12, 3, block_cells=2, block_norm="L1-sqrt"),
    "Hog L1": lambda: Hog(9, 5, block_cells=2, block_norm="L1"),
    "Hog L2": lambda: Hog(5, 4, block_norm="L2"),
}
"""Layers that read the image itself."""


def head(x, classes=2):
    if len(x.shape) > 2:
        x = layers.Flatten()(x)
    return layers.Dense(classes, activation="softmax")(x)


def randomised(model: keras.Model) -> keras.Model:
    """With weights, means and variances such that every one of them counts."""
    rng = np.random.default_rng(0)
    for variable in model.weights:
        if variable.dtype == "float32":
            fan_in = np.prod(variable.shape[:-1])
            spread = rng.normal(0, 1 / np.sqrt(fan_in), variable.shape)
            variable.assign(np.abs(spread) + 0.5 if "variance" in variable.name else spread)
    return model


def images(n: int, shape=SHAPE) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (n, *shape)).astype(np.uint8)


def assert_same(model, folder, shape=SHAPE) -> None:
    asked = images(7, shape)
    expected = randomised(model).predict(asked, verbose=0)
    assert np.ptp(expected[:, 0]) > 1e-4, "the images must be answered differently"
    about = ABOUT.model_copy(update={"size_px": shape[:2], "channels": shape[2]})
    assert write_torch(model, folder / "m.safetensors", asked, expected, about) <= 1e-5


@pytest.mark.parametrize("case", CASES)
def test_it_computes_what_keras_does(case, tmp_path):
    layer = CASES[case]()
    image = keras.Input(SHAPE, dtype="uint8")
    x = layers.Rescaling(1 / 255)(image)
    if type(layer).__name__ in {"Add", "Concatenate", "Multiply"}:
        other = layers.Conv2D(3, 1)(x)
        x = layer([x, other, other] if "three" in case else [x, other])
    else:
        x = layer(layers.Conv2D(3, 1)(x))
    assert_same(keras.Model(image, head(x)), tmp_path)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("within", [True, False], ids=["in a layer", "as a layer"])
def test_every_activation(name, within, tmp_path):
    image = keras.Input(SHAPE, dtype="uint8")
    x = layers.Rescaling(1 / 32, -4)(image)
    x = layers.Conv2D(3, 2, activation=name)(x) if within else layers.Activation(name)(x)
    assert_same(keras.Model(image, head(x)), tmp_path)


@pytest.mark.parametrize("case", FIRST)
@pytest.mark.parametrize("channels", [1, 3])
def test_layers_of_images(case, channels, tmp_path):
    shape = (20, 17, channels)
    image = keras.Input(shape, dtype="uint8")
    answer = head(FIRST[case]()(image))
    assert_same(keras.Model(image, Temperature(1.7)(answer)), tmp_path, shape)


@pytest.mark.parametrize("case", ["BatchNormalization", "LayerNormalization"])
def test_normalisation_of_rows(case, tmp_path):
    image = keras.Input(SHAPE, dtype="uint8")
    x = layers.Dense(6)(Pixels(flatten=True)(image))
    assert_same(keras.Model(image, head(getattr(layers, case)()(x))), tmp_path)


def test_every_layer_type_with_a_torch_module_has_a_case():
    written = {
        name
        for name, layer_type in LAYER_TYPES.items()
        if type(layer_type).torch is not LayerType.torch and "1D" not in name and "3D" not in name
    }
    assert set(LAYER_SETTINGS) <= written
    tried = {case.split()[0] for case in (*CASES, *FIRST)} | {"Temperature", "InputLayer"}
    assert tried == written


def test_the_activations_are_those_of_the_modules():
    from leadline.experiments.layer_settings import Activation
    from leadline.models import torch_modules

    assert set(ACTIVATIONS) == set(torch_modules.ACTIVATIONS) == set(get_args(Activation))


class Own(layers.Layer):  # type: ignore[misc]  # mypy does not follow keras
    def call(self, x):
        return x


@pytest.mark.parametrize(
    ("layer", "shape", "said"),
    [
        (lambda: layers.GaussianNoise(0.1), SHAPE, r"\(GaussianNoise\): it has no counterpart"),
        (lambda: Own(name="mine"), SHAPE, r"layer mine \(Own\): it has no counterpart in torch"),
        (lambda: layers.BatchNormalization(axis=1), SHAPE, r"axis = 1 of 3 has no counterpart"),
        (lambda: layers.ReLU(max_value=6), SHAPE, r"max_value = 6 has no counterpart"),
        (lambda: layers.Softmax(axis=1), SHAPE, r"axis = 1 has no counterpart"),
        (lambda: layers.Dropout(0.5, noise_shape=(None, 1, 1, 3)), SHAPE, r"noise_shape = \(None"),
        (lambda: layers.Rescaling([1.0, 2.0, 3.0]), SHAPE, r"for each channel has no counterpart"),
        (lambda: layers.Dense(3, activation=lambda x: x), (6,), r"the activation <lambda> has no"),
        (lambda: layers.LayerNormalization(axis=(1, 2)), SHAPE, r"axis = .*1, 2.* no counterpart"),
    ],
)
def test_what_has_no_counterpart_is_named(layer, shape, said):
    made = layer()
    made.build((None, *shape))
    with pytest.raises(ModelFileError, match=said) as caught:
        torch_layer_of(made)
    assert str(caught.value).endswith("export it with --format onnx or --format keras.")


def test_a_layer_that_only_has_the_name_of_a_known_one_is_refused():
    class Dense(Own):
        pass

    with pytest.raises(ModelFileError, match="it has no counterpart in torch"):
        torch_layer_of(Dense())


def test_a_convolution_by_hand():
    """A kernel (2, 2, 1, 1), "same": the odd pixel goes to the bottom and the right."""
    layer = layers.Conv2D(1, 2, padding="same", activation="relu", name="c")
    layer.build((None, 4, 4, 1))
    layer.kernel.assign(np.arange(4.0).reshape(2, 2, 1, 1))
    found = torch_layer_of(layer)
    assert found is not None
    assert list(found.weights) == ["kernel", "bias"]
    assert found.settings == {
        "channels": 1, "filters": 1, "kernel_size": (2, 2), "strides": (1, 1), "padding": "same",
        "dilation_rate": (1, 1), "groups": 1, "activation": "relu", "use_bias": True,
    }  # fmt: skip
    module = LAYERS[found.module](**found.settings)
    with torch.no_grad():
        module.kernel.copy_(layer.kernel.value)
        module.bias.copy_(layer.bias.value)
    image = torch.zeros(1, 4, 4, 1)
    image[0, 3, 3, 0] = 1.0
    out = module(image)[0, :, :, 0].tolist()
    assert out == [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 3, 2], [0, 0, 1, 0]]


def test_a_layer_may_be_called_on_images_of_different_sizes():
    """The padding is worked out for each image, not for the first."""
    layer = layers.Conv2D(2, 3, strides=2, padding="same")
    layer.build((None, None, None, 1))
    module = torch_module(layer)
    assert module is not None
    for side in (4, 5, 7):
        image = torch.rand(1, side, side, 1)
        torch.testing.assert_close(module(image), layer(image), rtol=1e-5, atol=1e-6)
