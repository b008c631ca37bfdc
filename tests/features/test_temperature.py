"""The calibration layer: against softmax of divided logits, saved and loaded."""

import keras
import numpy as np
import pytest

from leadline.features.temperature import SMALLEST, Temperature
from leadline.metrics.calibration import SMALLEST as COUNTED_AS
from leadline.metrics.calibration import at_temperature


def answer(layer, rows):
    return keras.ops.convert_to_numpy(layer(keras.ops.convert_to_tensor(rows)))


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5])
def test_it_is_the_softmax_of_divided_logits(temperature):
    logits = np.random.default_rng(0).normal(0, 3, (50, 4)).astype(np.float32)
    found = answer(Temperature(temperature), softmax(logits))
    np.testing.assert_allclose(found, softmax(logits / temperature), atol=1e-5)
    assert found.dtype == np.float32


@pytest.mark.parametrize("temperature", [1.7, 20.0])
def test_it_is_what_the_fit_thinks_it_is(temperature):
    rows = np.random.default_rng(1).dirichlet(np.ones(3) * 0.05, 200).astype(np.float32)
    rows[0] = [1, 0, 0]
    # At 20 a probability of 0 counts as (1.2e-38)^(1/20), which is 1.3%.
    expected = at_temperature(rows, temperature)
    np.testing.assert_allclose(answer(Temperature(temperature), rows), expected, atol=1e-5)
    assert SMALLEST == COUNTED_AS


def test_certainty_stays_a_number():
    rows = np.array([[1.0, 0.0], [0.0, 1.0]], np.float32)
    for temperature in (0.05, 20.0):
        found = answer(Temperature(temperature), rows)
        assert np.isfinite(found).all()
        assert found.argmax(axis=1).tolist() == [0, 1]


def test_it_has_no_weights_and_keeps_the_shape():
    layer = Temperature(2.0, name="temperature")
    made = keras.Sequential([keras.Input((3,)), layer])
    assert made.count_params() == 0
    assert made.output_shape == (None, 3)


def test_it_is_saved_and_loaded(tmp_path):
    made = keras.Sequential([keras.Input((3,)), Temperature(1.25)])
    made.save(tmp_path / "model.keras")
    back = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    assert back.layers[0].temperature == 1.25
    rows = np.array([[0.2, 0.3, 0.5]], np.float32)
    np.testing.assert_array_equal(back.predict(rows, verbose=0), made.predict(rows, verbose=0))


def test_half_precision_elsewhere_does_not_reach_it():
    with_policy = keras.dtype_policies.DTypePolicy("mixed_float16")
    keras.config.set_dtype_policy(with_policy)
    try:
        layer = Temperature(2.0)
    finally:
        keras.config.set_dtype_policy("float32")
    assert layer.compute_dtype == "float32"
