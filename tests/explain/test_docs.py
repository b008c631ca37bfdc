"""docs/explanations.md names every array and key that there is, and no other."""

import re
from pathlib import Path

import numpy as np
from tests.report.sections.test_explanation_view import made_up

from leadline.explain.explained_image import Answer, Explained
from leadline.runs.explanation_file import FILE, write_explanations

PAGE = (Path(__file__).parents[2] / "docs" / "explanations.md").read_text(encoding="utf-8")


def named(heading):
    """Names in backquotes in the first column of the table under a heading."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]+) \|", section, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def test_every_array_of_the_file(tmp_path):
    write_explanations(tmp_path, made_up())
    with np.load(tmp_path / FILE, allow_pickle=False) as file:
        assert named("In a run folder") == set(file.files)


def test_every_key_of_json():
    image, heat = np.zeros((2, 2, 1), np.uint8), np.zeros((2, 2), np.float32)
    answer = Answer("a.png", image, heat, heat, "b", "b", "a", {"a": 0.2, "b": 0.8}, None)
    table = Explained("m", "occlusion", "", "", None, 0.5, (answer,)).as_dict()
    assert named("What `--json` prints") == set(table["images"][0])
    assert all(f'"{key}"' in PAGE for key in table)
