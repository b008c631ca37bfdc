"""What holds for every feature layer: symbolic calls, saving, precision, other backends."""

import os
import subprocess
import sys
from importlib.util import find_spec
from typing import Any

import keras
import numpy as np
import pytest

import leadline.features
from leadline.errors import DataError, SpecError
from leadline.experiments import Hog as HogSpec
from leadline.experiments import Pixels as PixelsSpec
from leadline.experiments import load_experiment
from leadline.features import FEATURES, build_features
from leadline.features.hog import Hog
from leadline.features.pixels import Pixels

LAYERS = [
    (Pixels(), (28, 28, 1)),
    (Pixels(flatten=True), (784,)),
    (Hog(16, 4), (784,)),
    (Hog(orientations=9, cell_px=8, block_cells=2, block_norm="L1-sqrt"), (4 * 4 * 9,)),
]


@pytest.fixture
def noise():
    return np.random.default_rng(3).integers(0, 256, (6, 28, 28, 1), dtype=np.uint8)


def model_of(layer: Any) -> Any:
    return keras.Sequential(
        [keras.Input((28, 28, 1), dtype="uint8"), type(layer).from_config(layer.get_config())]
    )


@pytest.mark.parametrize(("layer", "shape"), LAYERS)
def test_symbolic_and_real_shapes_agree(layer, shape, noise):
    symbolic = layer(keras.Input((28, 28, 1), dtype="uint8"))
    assert (symbolic.shape, symbolic.dtype) == ((None, *shape), "float32")
    real = layer(noise).numpy()
    assert (real.shape, real.dtype) == ((6, *shape), np.float32)


@pytest.mark.parametrize(("layer", "shape"), LAYERS)
def test_no_weights(layer, shape, noise):
    layer(noise)
    assert layer.count_params() == 0


@pytest.mark.parametrize(("layer", "shape"), LAYERS)
def test_saved_and_loaded_in_safe_mode(layer, shape, noise, tmp_path):
    model = model_of(layer)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    assert type(loaded.layers[0]) is type(layer)
    np.testing.assert_array_equal(loaded(noise).numpy(), model(noise).numpy())


@pytest.mark.parametrize(("layer", "shape"), LAYERS)
def test_global_half_precision_leaves_features_alone(layer, shape, noise):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = keras.Sequential([keras.Input((28, 28, 1), dtype="uint8"), type(layer)()])
        found = model.layers[0](noise)
    finally:
        keras.config.set_dtype_policy("float32")
    np.testing.assert_array_equal(found.numpy(), type(layer)()(noise).numpy())


def test_symbolic_images_must_be_uint8():
    with pytest.raises(DataError, match=r"Received: float32 .* keras.Input\(shape, dtype='uint8'"):
        Hog()(keras.Input((28, 28, 1)))


@pytest.mark.skipif(find_spec("jax") is None, reason="jax is not installed")
@pytest.mark.parametrize("layer", [LAYERS[1][0], LAYERS[3][0]])
def test_file_loads_in_another_backend(layer, noise, tmp_path):
    model = model_of(layer)
    model.save(tmp_path / "model.keras")
    np.save(tmp_path / "images.npy", noise)
    script = (
        "import keras, numpy as np, leadline.features.hog, leadline.features.pixels\n"
        "assert keras.backend.backend() == 'jax'\n"
        "model = keras.saving.load_model('model.keras')\n"
        "np.save('features.npy', model(np.load('images.npy')))\n"
    )
    subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        cwd=tmp_path,
        env={**os.environ, "KERAS_BACKEND": "jax"},
    )
    found = np.load(tmp_path / "features.npy")
    np.testing.assert_allclose(found, model(noise).numpy(), atol=1e-5, rtol=0)


def test_built_from_a_specification():
    hog = build_features(HogSpec(kind="hog", orientations=8, cell_px=4, block_norm="L1"))
    assert isinstance(hog, Hog)
    assert (hog.orientations, hog.cell_px, hog.block_cells, hog.block_norm) == (8, 4, 1, "L1")
    pixels = build_features(PixelsSpec(kind="pixels", flatten=True))
    assert isinstance(pixels, Pixels)
    assert pixels.flatten


@pytest.mark.parametrize(
    ("experiment", "features"), [("mlp-1", 784), ("hog-1", 392), ("hog-2", 784), ("hog-3", 784)]
)
def test_the_labs_inputs(experiment, features):
    layer = build_features(load_experiment(experiment).features)
    assert layer.compute_output_shape((None, 28, 28, 1)) == (None, features)


def test_unknown_kind_names_the_known():
    kind: Any = "sift"
    with pytest.raises(SpecError, match="'sift'; choose one of pixels, hog"):
        build_features(PixelsSpec.model_construct(kind=kind))


def test_table_names_every_kind():
    kinds = [spec.model_json_schema()["properties"]["kind"] for spec in (PixelsSpec, HogSpec)]
    assert list(FEATURES) == [kind["const"] for kind in kinds]
    assert leadline.features.__all__ == ["FEATURES", "build_features"]
