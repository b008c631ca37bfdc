"""Keras files are written at any time that a computer's clock shows."""

import time
import zipfile

import keras
import numpy as np
import pytest

from leadline.models.keras_saving import save_keras

IMAGES = np.linspace(0, 1, 2 * 5, dtype=np.float32).reshape(2, 5)
YEAR_S = 31_556_952


@pytest.fixture
def set_clock(monkeypatch):
    """Let the clock show a number of seconds since 1970."""
    localtime = time.localtime

    def set_to(now_s):
        def shown(seconds=None):
            return localtime(now_s if seconds is None else seconds)

        monkeypatch.setattr(time, "time", lambda: float(now_s))
        monkeypatch.setattr(time, "localtime", shown)

    return set_to


@pytest.fixture(scope="module")
def model():
    return keras.Sequential([keras.Input((5,)), keras.layers.Dense(3)])


def last_year(path):
    """The latest year of the members; Keras gives some of them no date, which means 1980."""
    with zipfile.ZipFile(path) as file:
        assert file.testzip() is None
        return max(one.date_time[0] for one in file.infolist())


@pytest.mark.parametrize(
    ("now_s", "year"),
    [(0, 1980), (9 * YEAR_S, 1980), (-40 * YEAR_S, 1980), (11 * YEAR_S, 1981), (56 * YEAR_S, 2026)],
)
def test_a_model_is_saved_whatever_the_clock_shows(tmp_path, model, set_clock, now_s, year):
    set_clock(now_s + 86_400)
    path = tmp_path / "model.keras"
    save_keras(model, path)
    assert last_year(path) == year
    again = keras.saving.load_model(path)
    np.testing.assert_array_equal(
        again.predict(IMAGES, verbose=0), model.predict(IMAGES, verbose=0)
    )
    assert zipfile.time is time  # type: ignore[attr-defined]  # restored


def test_keras_alone_fails_with_such_a_clock(tmp_path, model, set_clock):
    """The reason for `save_keras`; when this fails, Keras gives its archives a date."""
    set_clock(86_400)
    with pytest.raises(ValueError, match="before 1980"):
        model.save(tmp_path / "model.keras")


def test_the_clock_is_restored_after_an_error(tmp_path, model, set_clock):
    set_clock(86_400)
    with pytest.raises(OSError, match="missing"):
        save_keras(model, tmp_path / "missing" / "model.keras")
    assert zipfile.time is time  # type: ignore[attr-defined]
