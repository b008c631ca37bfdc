"""docs/export.md: its commands and its code run as they stand there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.small_runs import small

import leadline
from leadline.cli import run

TEXT = (Path(__file__).parents[1] / "docs" / "export.md").read_text(encoding="utf-8")
COMMANDS = [
    line.partition("#")[0].split()[1:]
    for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
    for line in block.splitlines()
]
PYTHON = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
RUN = "runs/first-look/first-cnn/seed-0"


@pytest.fixture(scope="module")
def place(few_digits, digits, tmp_path_factory):
    """A folder with the run that the page speaks of, and a photograph."""
    from PIL import Image

    folder = tmp_path_factory.mktemp("docs")
    leadline.run(small("first-cnn", "training.epochs=1"), data=few_digits, out=folder / RUN)
    Image.fromarray(digits.train.pixels[0, ..., 0]).save(folder / "photo.png")
    return folder


def test_the_commands(place, monkeypatch, capsys):
    monkeypatch.chdir(place)
    for command in COMMANDS:
        assert run(command) == 0, command
        capsys.readouterr()
    assert {path.name for path in place.iterdir() if path.is_file()} >= {
        "first-cnn.onnx", "digits.keras", "first-cnn.safetensors", "first_cnn.py",
    }  # fmt: skip


@pytest.mark.slow
def test_the_code(place, monkeypatch):
    monkeypatch.chdir(place)
    for form in ("keras", "torch"):
        leadline.export_run(RUN, form)
    # The card of a file without the out-of-distribution score leaves that score out.
    card = (place / RUN / "card.md").read_text(encoding="utf-8").partition("- **Out of scope**")[0]
    for code, said in zip(PYTHON, ("[[0.", card, "tensor([[", "digits.keras"), strict=True):
        ended = subprocess.run(
            [sys.executable, "-c", code], check=False, capture_output=True, text=True
        )
        assert ended.returncode == 0, ended.stderr
        assert said in ended.stdout
