"""Grad-CAM by hand, by another route, on a task whose answer is known, and on nets of all kinds."""

import keras
import numpy as np
import pytest
import torch
from tests.explain.conftest import SQUARE_PX

from leadline import load_experiment
from leadline.errors import DataError, RunError
from leadline.explain.grad_cam import find_stage, grad_cam
from leadline.features.pixels import Pixels
from leadline.features.temperature import Temperature
from leadline.models.build import build_model

layers = keras.layers


def scaled_image(*rows):
    """uint8 (1, height, width, 1)."""
    return np.array(rows, np.uint8)[None, :, :, None]


def by_hand_model(kernel, head):
    """Pixels / 255, a 1 × 1 convolution to two channels, their means, and a softmax of two."""
    image = keras.Input((2, 2, 1), dtype="uint8")
    x = layers.Conv2D(2, 1, use_bias=False, name="conv")(Pixels()(image))
    x = layers.GlobalAveragePooling2D()(x)
    model = keras.Model(image, layers.Dense(2, activation="softmax", name="head")(x))
    model.get_layer("conv").set_weights([np.array(kernel, np.float32).reshape(1, 1, 1, 2)])
    model.get_layer("head").set_weights([np.array(head, np.float32), np.zeros(2, np.float32)])
    return model


def test_a_map_by_hand():
    # Channels are 1 and -1 times the pixels 0, 1/5, 2/5, 1. Logits of class 1 grow with the mean of
    # channel 0 by 3 and of channel 1 by 1: mean gradients 3/4 and 1/4, sum (3 - 1) / 4 times the
    # pixels. Scaled to 1 that is the image. Class 0 has -1 and 1: below 0 everywhere, so empty.
    model = by_hand_model([1, -1], [[-1, 3], [1, 1]])
    image = scaled_image([0, 51], [102, 255])
    found = grad_cam(model, image, classes=1)
    np.testing.assert_allclose(found.maps[0], [[0, 0.2], [0.4, 1]], atol=1e-5)
    assert (found.method, found.layer, found.empty.tolist()) == ("Grad-CAM", "conv", [False])
    # p of class 1 with means 0.4 and -0.4: logits are 3 (0.4) - 0.4 = 0.8 and -0.8.
    assert found.probabilities[0] == pytest.approx(1 / (1 + np.exp(-1.6)), rel=1e-5)
    none = grad_cam(model, image, classes=0)
    assert none.empty.tolist() == [True]
    assert not none.maps.any()


def test_the_likeliest_class_is_explained_unless_another_is_asked():
    model = by_hand_model([1, -1], [[-1, 3], [1, 1]])
    images = np.concatenate([scaled_image([0, 51], [102, 255])] * 3)
    assert grad_cam(model, images).classes.tolist() == [1, 1, 1]
    each = grad_cam(model, images, classes=np.array([0, 1, 0]), batch_size=2)
    assert each.classes.tolist() == [0, 1, 0]
    assert each.empty.tolist() == [True, False, True]
    with pytest.raises(DataError, match="class 2 of a model with classes 0 to 1"):
        grad_cam(model, images, classes=2)


def independent(model, images, stage, classes):
    """The same by cutting the model in two and letting the logit's gradient come by differences."""
    lower = keras.Model(model.inputs, model.get_layer(stage).output)
    activation = np.asarray(lower.predict(images, verbose=0), np.float64)
    cut = keras.Input(activation.shape[1:])
    x, reached = cut, False
    for layer in model.layers:
        if reached and layer.name != "probabilities":
            x = layer(x)
        reached = reached or layer.name == stage
    upper = keras.Model(cut, x)
    kernel, bias = model.get_layer("probabilities").get_weights()
    maps = []
    for one, said in zip(activation, classes, strict=True):
        # The nets above the stage are linear there but for ReLU: a small step stays in its piece.
        weights = np.zeros(one.shape[-1])
        for channel in range(one.shape[-1]):
            step = np.zeros_like(one)
            step[..., channel] = 1e-2
            pair = np.stack([one + step, one - step]).astype(np.float32)
            high, low = np.asarray(upper.predict(pair, verbose=0), np.float64) @ kernel + bias
            weights[channel] = (high - low)[said] / 2e-2 / one[..., 0].size
        maps.append(np.maximum((one * weights).sum(axis=-1), 0))
    return np.stack(maps)


def test_as_finite_differences_have_it():
    image = keras.Input((8, 8, 1), dtype="uint8")
    x = layers.Conv2D(4, 3, activation="relu", name="stage")(Pixels()(image))
    x = layers.AveragePooling2D(2)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(5, activation="linear")(x)
    model = keras.Model(image, layers.Dense(3, activation="softmax", name="probabilities")(x))
    rng = np.random.default_rng(2)
    model.set_weights([rng.normal(0, 0.5, one.shape) for one in model.get_weights()])
    images = rng.integers(0, 256, (6, 8, 8, 1), dtype=np.uint8).repeat(3, axis=0)
    classes = np.tile([0, 1, 2], 6)
    expected = independent(model, images, "stage", classes)
    large = torch.nn.functional.interpolate(
        torch.tensor(expected)[:, None], size=(8, 8), mode="bilinear", align_corners=False
    )[:, 0].numpy()
    found = grad_cam(model, images, classes=classes, batch_size=4)
    drawn = ~found.empty
    assert 3 < drawn.sum() < 18
    assert (drawn == (large.max(axis=(1, 2)) > 0)).all()
    large[drawn] /= large[drawn].max(axis=(1, 2), keepdims=True)
    np.testing.assert_allclose(found.maps, large, atol=2e-3)


def test_the_map_lies_on_the_square_that_decides(square_finder, squares):
    found = grad_cam(square_finder, squares.pixels, classes=1)
    assert ((found.probabilities > 0.5) == (squares.labels == 1)).mean() > 0.95
    shares = []
    for heat, label, (top, left) in zip(found.maps, squares.labels, squares.corners, strict=True):
        if label:
            around = [slice(max(edge - 2, 0), edge + SQUARE_PX + 2) for edge in (top, left)]
            shares.append(heat[tuple(around)].sum() / heat.sum())
    # The square with two pixels around it is 10 x 10 of 24 x 24: an even map has 0.17 there.
    assert np.mean(shares) > 0.7


def residual():
    x = keras.Input((8, 8, 1), dtype="uint8")
    a = layers.Conv2D(4, 3, padding="same", name="first")(Pixels()(x))
    b = layers.Conv2D(4, 3, padding="same", name="second")(layers.ReLU()(a))
    b = layers.BatchNormalization()(b)
    y = layers.Activation("relu", name="end")(layers.Add(name="sum")([a, b]))
    y = layers.GlobalAveragePooling2D()(layers.MaxPooling2D()(y))
    return keras.Model(x, layers.Dense(2, activation="softmax")(y))


def nested():
    inner = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(4, 3, name="deep"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(2, activation="softmax"),
        ],
        name="inner",
    )
    x = keras.Input((8, 8, 1), dtype="uint8")
    return keras.Model(x, inner(Pixels()(x)))


class Subclassed(keras.Model):  # type: ignore[misc]  # mypy does not follow keras
    def __init__(self):
        super().__init__()
        self.conv = layers.Conv2D(4, 3, name="hidden_away")
        self.pool = layers.GlobalMaxPooling2D()
        self.aside = layers.Conv2D(2, 1, name="not_read")
        self.head = layers.Dense(2, activation="softmax")

    def call(self, x):
        x = self.conv(x)
        self.aside(x)
        return self.head(self.pool(x))


def subclassed():
    x = keras.Input((8, 8, 1), dtype="uint8")
    return keras.Model(x, Subclassed()(Pixels()(x)))


def frozen():
    model = nested()
    model.trainable = False
    return model


def squeezed():
    """A convolution over a single place, as in squeeze-and-excitation, is no stage."""
    x = keras.Input((8, 8, 1), dtype="uint8")
    a = layers.DepthwiseConv2D(3, depth_multiplier=4, name="wide")(Pixels()(x))
    gate = layers.GlobalAveragePooling2D(keepdims=True)(a)
    gate = layers.Conv2D(4, 1, activation="sigmoid", name="gate")(gate)
    y = layers.GlobalAveragePooling2D()(layers.Multiply(name="gated")([a, gate]))
    return keras.Model(x, layers.Dense(2, activation="softmax")(y))


@pytest.mark.parametrize(
    ("make", "layer", "size"),
    [
        (residual, "end", (8, 8)),
        (nested, "deep", (6, 6)),
        (subclassed, "hidden_away", (6, 6)),
        (frozen, "deep", (6, 6)),
        (squeezed, "gated", (6, 6)),
    ],
)
def test_the_last_layer_with_the_last_convolutions_places(make, layer, size):
    model = make()
    stage = find_stage(model)
    assert stage is not None
    assert (stage.layer, stage.size, stage.channels) == (layer, size, 4)
    images = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 1), dtype=np.uint8)
    found = grad_cam(model, images, stage=stage)
    assert found.maps.shape == (3, 8, 8)
    assert found.maps.dtype == np.float32
    assert np.isfinite(found.maps).all()
    tops = found.maps.max(axis=(1, 2))
    assert tops.tolist() == [0.0 if empty else 1.0 for empty in found.empty]


@pytest.mark.parametrize(
    ("name", "layer", "size"),
    [("cnn-3", "l3", (28, 28)), ("cnn-2-pooled", None, None), ("first-cnn", "conv2d_2", (10, 10))],
)
def test_built_experiments_have_a_stage(name, layer, size):
    stage = find_stage(build_model(load_experiment(name), (28, 28, 1), 10, seed=0).model)
    assert stage is not None
    if layer:
        assert (stage.layer, stage.size) == (layer, size)


class Whole(keras.layers.Layer):  # type: ignore[misc]  # mypy does not follow keras
    def call(self, images):
        return keras.ops.cast(images, "int32")

    def compute_output_spec(self, images):
        return keras.KerasTensor(images.shape, "int32")


def test_maps_of_whole_numbers_have_no_gradient_and_are_passed_over():
    x = keras.Input((6, 6, 1), dtype="uint8")
    y = keras.ops.cast(Whole()(x), "float32")
    y = layers.GlobalAveragePooling2D()(layers.Conv2D(3, 3, name="c")(y))
    stage = find_stage(keras.Model(x, layers.Dense(2, activation="softmax")(y)))
    assert stage is not None
    assert stage.layer == "c"


@pytest.mark.parametrize("name", ["mlp-1", "hog-1"])
def test_without_convolution_there_is_none(name):
    model = build_model(load_experiment(name), (28, 28, 1), 10, seed=0).model
    assert find_stage(model) is None
    with pytest.raises(RunError, match="has no convolution, which Grad-CAM needs"):
        grad_cam(model, np.zeros((1, 28, 28, 1), np.uint8))


def ending(*last):
    """The same convolution and logits under another end."""
    x = keras.Input((6, 6, 1), dtype="uint8")
    y = layers.GlobalAveragePooling2D()(layers.Conv2D(3, 3, name="c")(Pixels()(x)))
    y = layers.Dense(2, name="logits", activation=last[0] if last else None)(y)
    for layer in last[1:]:
        y = layer(y)
    model = keras.Model(x, y)
    rng = np.random.default_rng(5)
    model.set_weights([rng.normal(0, 1, one.shape) for one in model.get_weights()])
    return model


@pytest.mark.parametrize(
    "last",
    [
        (None, layers.Softmax()),
        (None, layers.Activation("softmax")),
        ("softmax", Temperature(2.5)),
    ],
)
def test_however_the_softmax_is_written_and_whatever_its_temperature(last):
    images = np.random.default_rng(6).integers(0, 256, (3, 6, 6, 1), dtype=np.uint8)
    expected = grad_cam(ending("softmax"), images, classes=1)
    found = grad_cam(ending(*last), images, classes=1)
    assert not found.empty.all()
    np.testing.assert_allclose(found.maps, expected.maps, atol=1e-5)


def test_another_head_is_read_by_its_log_odds():
    # Softmax of two logits has the log-odds z1 - z0, which a sigmoid of that difference has too.
    class Shares(keras.layers.Layer):  # type: ignore[misc]  # mypy does not follow keras
        def call(self, z):
            p = keras.ops.sigmoid(z[:, 1:] - z[:, :1])
            return keras.ops.concatenate([1 - p, p], axis=1)

    model = ending(None, Shares())
    images = np.random.default_rng(6).integers(0, 256, (3, 6, 6, 1), dtype=np.uint8)
    kernel, bias = model.get_layer("logits").get_weights()
    difference = np.stack([np.zeros(3), kernel[:, 1] - kernel[:, 0]], axis=1)
    other = ending("softmax")
    other.get_layer("logits").set_weights([difference, bias])
    expected = grad_cam(other, images, classes=1)
    np.testing.assert_allclose(grad_cam(model, images, classes=1).maps, expected.maps, atol=1e-5)


def test_nothing_is_left_behind(square_finder, squares):
    before = [one.copy() for one in square_finder.get_weights()]
    grad_cam(square_finder, squares.pixels[:2])
    assert all(
        (now == then).all() for now, then in zip(square_finder.get_weights(), before, strict=True)
    )
    assert not torch.nn.modules.module._global_forward_hooks
    assert torch.is_grad_enabled()
    assert all(parameter.grad is None for parameter in nested().parameters())


def test_no_images_give_no_maps(square_finder):
    found = grad_cam(square_finder, np.empty((0, 24, 24, 1), np.uint8))
    assert found.maps.shape == (0, 24, 24)
    assert len(found.empty) == len(found.classes) == 0
