"""What all tests share: real digits, real chest X-rays."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

# Read when torch is first loaded: tests share the cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pytest
from hypothesis import settings

import leadline  # noqa: F401  (switches telemetry off, before a test imports ONNX Runtime)
from leadline.data.dataset import Dataset
from leadline.data.sources.source_list import load_dataset
from leadline.errors import SourceError
from leadline.experiments import Data

# A busy machine is no failure, so an example may take as long as it takes.
settings.register_profile("leadline", deadline=None)
settings.load_profile("leadline")


@pytest.fixture(scope="session", autouse=True)
def _empty_session_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Run wider fixtures in an empty folder, and require that they leave it empty."""
    folder = tmp_path_factory.mktemp("elsewhere")
    os.chdir(folder)
    yield
    assert not list(folder.iterdir()), "a module's or session's fixture wrote to the current folder"


@pytest.fixture(autouse=True)
def _empty_folder(
    _empty_session_folder: None,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Run each test in an empty folder of its own, so that none sees another's `runs/`."""
    monkeypatch.chdir(tmp_path_factory.mktemp("here"))


@pytest.fixture(scope="session")
def mnist() -> Dataset:
    """All of MNIST; the test is skipped where no source has it."""
    try:
        dataset = load_dataset(Data())
    except SourceError as error:
        pytest.skip(str(error))
    if dataset.name != "mnist":
        pytest.skip(f"needs the whole of MNIST: {dataset.source} is all that can be reached")
    return dataset


@pytest.fixture(scope="session")
def digits(mnist: Dataset) -> Dataset:
    """The first 2,000 training and the first 500 test images of MNIST."""
    assert mnist.test is not None
    return Dataset(
        name="digits",
        classes=mnist.classes,
        train=mnist.train.take(np.arange(2_000)),
        test=mnist.test.take(np.arange(500)),
        source=mnist.source,
    )


@pytest.fixture(scope="session")
def few_digits(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An NPZ file of real digits: 600 to train on, 200 to test on."""
    assert digits.test is not None
    path = Path(tmp_path_factory.mktemp("data")) / "digits.npz"
    np.savez(
        path,
        x_train=digits.train.pixels[:600, ..., 0],
        y_train=digits.train.labels[:600],
        x_test=digits.test.pixels[:200, ..., 0],
        y_test=digits.test.labels[:200],
    )
    return path


@pytest.fixture(scope="session")
def chest_folder() -> Path:
    """The chest X-rays in their official folders; the test is skipped where they are not found."""
    beside = Path(__file__).parents[2] / "shared" / "data" / "chest_xray"
    folder = Path(os.environ.get("LEADLINE_CHEST_XRAY") or beside)
    if not (folder / "train").is_dir():
        pytest.skip("needs the chest X-rays; name their folder in LEADLINE_CHEST_XRAY")
    return folder


@pytest.fixture(scope="module")
def even_and_odd(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of 300 training and 60 test digits in two classes, even and odd."""
    assert digits.test is not None
    path = tmp_path_factory.mktemp("data") / "digits.npz"
    np.savez(
        path,
        x_train=digits.train.pixels[:300, ..., 0],
        y_train=digits.train.labels[:300] % 2,
        x_test=digits.test.pixels[:60, ..., 0],
        y_test=digits.test.labels[:60] % 2,
    )
    return path
