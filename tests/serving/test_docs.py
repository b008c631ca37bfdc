"""docs/predict.md: its code runs as it stands there, and it names every column."""

import re
import subprocess
import sys
from pathlib import Path

from tests.serving.making import save_flat

from leadline.data.formats.image_names import SUFFIXES
from leadline.serving.answer_rows import columns

PAGE = (Path(__file__).parents[2] / "docs" / "predict.md").read_text(encoding="utf-8")


def test_the_columns():
    table = PAGE.split("| column | holds |")[1].split("\n\n")[0]
    assert re.findall(r"^\| `(\S+)` ", table, re.MULTILINE) == [*columns(()), "p_…"]


def test_the_suffixes():
    listed = re.search(r"`(\.png [^`]*)`", PAGE)
    assert listed is not None
    assert set(listed[1].split()) == SUFFIXES


def test_the_python(tmp_path):
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    save_flat(tmp_path / "films" / "1.png", 100, (96, 96))
    (tmp_path / "films" / "2.png").write_bytes(b"")
    line = [sys.executable, "-c", code]
    said = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    first, second = said.stdout.splitlines()
    assert re.fullmatch(r"films/1\.png \{'NORMAL': .*, 'PNEUMONIA': .*\}", first)
    assert "films/2.png: cannot be read as an image (it is empty)" in second
