"""Models as ONNX files: what is exported, and what is said where it fails."""

import numpy as np
import onnxruntime
import pytest

from leadline.export import Metadata, write_model_file

ABOUT = Metadata(name="m", classes=("a", "b"), size_px=(6, 5), channels=1)


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (7, 6, 5, 1)).astype(np.uint8)


def whole(layer):
    """A model of that layer on scaled pixels, from uint8 images to probabilities of two classes."""
    import keras

    inputs = keras.Input((6, 5, 1), dtype="uint8")
    x = layer(keras.layers.Rescaling(1 / 255)(inputs))
    outputs = keras.layers.Dense(2, activation="softmax")(keras.layers.Flatten()(x))
    return keras.Model(inputs, outputs)


def test_layer_normalization_leaves_as_onnx_too(tmp_path, images):
    import keras

    layers = [keras.layers.Conv2D(3, 2), keras.layers.LayerNormalization()]
    model, path = whole(keras.Sequential(layers)), tmp_path / "model.onnx"
    expected = model.predict(images, verbose=0)
    assert write_model_file(model, path, images, expected, ABOUT) < 1e-5
    session = onnxruntime.InferenceSession(path)
    answers = session.run(None, {session.get_inputs()[0].name: images})[0]
    np.testing.assert_allclose(answers, expected, atol=1e-5)


def test_torch_is_left_as_it_was(tmp_path, images):
    import keras
    import torch

    stock = torch.nn.functional.layer_norm
    model = whole(keras.layers.Activation("relu"))
    write_model_file(model, tmp_path / "m.onnx", images, model.predict(images, verbose=0), ABOUT)
    assert torch.nn.functional.layer_norm is stock


class Loud:
    """Fails to export as Keras on torch does: the whole graph is printed first."""

    def __call__(self, images):
        return images

    def export(self, path, **_options):
        path.write_bytes(b"half")
        print("Torch IR graph at exception: ...")
        raise RuntimeError("no such operator")


def test_what_cannot_be_exported_leaves_no_file_and_prints_nothing(tmp_path, images, capsys):
    with pytest.raises(RuntimeError, match="no such operator"):
        write_model_file(Loud(), tmp_path / "m.onnx", images, np.zeros((7, 2), np.float32), ABOUT)
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr().out == ""
