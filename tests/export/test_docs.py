"""docs/model-file.md: its code runs as it stands there."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from leadline.data.formats.image_files import read_image
from leadline.export import open_model_file

TEXT = (Path(__file__).parents[2] / "docs" / "model-file.md").read_text(encoding="utf-8")
FIRST, SECOND = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)

LAST_OF_PREPARATION = "images = np.asarray(resized, np.uint8).reshape(1, height, width, -1)"


def run(code, folder):
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, check=True, capture_output=True, text=True
    ).stdout


def place(written, folder):
    (folder / "model.onnx").write_bytes(written.path.read_bytes())
    image = written.images[0]
    Image.fromarray(image).save(folder / "film.png")
    return image


def test_the_first_runs_without_this_package(written, tmp_path):
    image = place(written, tmp_path)
    alone = "import sys; sys.modules['leadline'] = None\n" + FIRST
    said = run(alone, tmp_path)
    probabilities, scores = open_model_file(written.path).answer(image[None])
    assert scores is not None
    numbers = [float(found) for found in re.findall(r"\d+\.\d+(?:e-\d+)?", said)]
    np.testing.assert_allclose(numbers, probabilities[0], rtol=1e-5)
    assert f"in scope: {scores[0] <= 1}" in said


def test_the_first_resizes_as_training_does(written, tmp_path):
    place(written, tmp_path)
    pixels = np.random.default_rng(0).integers(0, 256, (250, 190, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "film.png")
    about = open_model_file(written.path).metadata
    expected = read_image(tmp_path / "film.png", about.size_px, about.channels)
    resized = FIRST.splitlines()[: FIRST.splitlines().index(LAST_OF_PREPARATION) + 1]
    said = run("\n".join([*resized, "print(images.ravel().tolist())"]), tmp_path)
    assert json.loads(said) == expected.ravel().tolist()


def test_the_first_is_as_short_as_it_says():
    lines = [line for line in FIRST.splitlines() if line and "import" not in line]
    assert len(lines) <= 10


def test_the_second_goes_on_from_the_first(written, tmp_path):
    place(written, tmp_path)
    said = run(FIRST + SECOND, tmp_path)
    assert "This is a test. Nothing follows from it." in said
