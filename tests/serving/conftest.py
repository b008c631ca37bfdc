"""Artefacts that answer what can be worked out by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.serving.asking import served
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


@pytest.fixture(scope="session")
def ten(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ten digits on 28 × 28 px: p(1) is the mean over 255, p(0) the rest."""
    path = tmp_path_factory.mktemp("models") / "ten.onnx"
    return brightness(path, tuple("0123456789"), size_px=(28, 28), prepare="digit")


@pytest.fixture(scope="module")
def client(two: Path, ten: Path) -> Iterator[TestClient]:
    """A server of "brightness" (two classes) and "brightness-2" (ten digits)."""
    with served(two, ten) as client:
        yield client
