"""Artefacts that answer what can be worked out by hand."""

from pathlib import Path

import pytest
from tests.serving.making import brightness

from leadline.serving import Predictor

pytest.importorskip("onnx")


@pytest.fixture(scope="session")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Classes dark and light; p(light) is the mean over 255, and 0.3 is Youden's threshold."""
    return brightness(tmp_path_factory.mktemp("models") / "two.onnx")


@pytest.fixture(scope="session")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Classes a, b and c, without operating points and without a score."""
    path = tmp_path_factory.mktemp("models") / "three.onnx"
    return brightness(path, ("a", "b", "c"), scored=False)


@pytest.fixture(scope="session")
def predictor(two: Path) -> Predictor:
    return Predictor.open(two, threads=1)
