"""One small model as a model file, with its out-of-distribution score."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.export.making import ABOUT, small_model, some_images

from leadline.analysis.ood.ood_score import OODScore, fit_ood_score
from leadline.export import write_model_file


@dataclass(frozen=True)
class Written:
    """path: the model file. images and expected: what its model was asked, and answered."""

    path: Path
    ood_score: OODScore
    images: NDArray[np.uint8]
    expected: NDArray[np.float32]
    difference: float


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    path = tmp_path_factory.mktemp("model_file") / "model.onnx"
    model, images = small_model(), some_images(30)
    ood_score = fit_ood_score(some_images(200, seed=1), some_images(120, seed=2))
    expected = model.predict(images, verbose=0)
    difference = write_model_file(model, path, images, expected, ABOUT, ood_score=ood_score)
    return Written(path, ood_score, images, expected, difference)
