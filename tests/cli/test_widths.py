"""Output of commands at 60, 80, 100 and 160 columns: numbers whole, no line too wide."""

import re

import numpy as np
import pytest
from rich.cells import cell_len
from tests.finished_runs import write_finished

from leadline.cli.audit_text import print_audit
from leadline.data.audit.audit_findings import Audit

WIDTHS = (60, 80, 100, 160)


@pytest.fixture(params=WIDTHS)
def width(request, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(request.param))
    return request.param


def fits(text, width):
    """The lines, after a look that none is wider than the screen."""
    lines = text.splitlines()
    assert [line for line in lines if cell_len(line.rstrip()) > width] == []
    return lines


@pytest.mark.parametrize("classes", [2, 10, 100])
def test_audit(capsys, width, classes):
    counts = {str(number): 60_000 + number for number in range(classes)}
    splits = {"train": counts, "validation": counts, "test": counts}
    print_audit(Audit("data", splits, findings=(), probe=(), notes=()))
    text = capsys.readouterr().err
    fits(text, width)
    assert len(re.findall(r"(?<!\d)60,001(?!\d)", text)) == 3
    total = sum(counts.values())
    assert text.count(f"{total:,}") == 3
    if classes == 100:
        rest = sum(60_000 + number for number in range(30, 100))
        assert "70 more classes" in text
        assert f"{rest:,}" in text


def test_compare(leadline, here, width):
    right = np.ones(60, dtype=np.int64)
    wrong = right.copy()
    wrong[:3] = 0
    write_finished(here / "a", "cnn-3-pooled", right)
    write_finished(here / "b", "first-pixels", wrong)
    lines = fits(leadline("compare", "a", "b").err, width)
    text = "\n".join(lines)
    for whole in ("cnn-3-pooled", "first-pixels", "+5.00", "−1.32 to +13.70", "0.250"):
        assert whole in text
    assert "no difference shown" in " ".join(text.split())


@pytest.mark.parametrize("name", ["hog-1", "cnn-3", "chest-hog"])
def test_show(leadline, width, name):
    pytest.importorskip("keras")
    text = leadline("show", name).err
    fits(text, width)
    joined = " ".join(text.split())
    sums = {
        "hog-1": ("(28 ÷ 4) × (28 ÷ 4) × 8 = 392", "25,152"),
        "cnn-3": ("14 × 14 × 32 = 6,272", "802,944"),
        "chest-hog": ("(128 ÷ 16 − 2 + 1) × 2 × 2 × 9 = 1,764", "225,920"),
    }[name]
    assert all(one in joined for one in sums)


@pytest.mark.parametrize("command", ["list", "doctor"])
def test_other_commands(leadline, here, width, command):
    for line in leadline(command).err.splitlines():
        # Commands to be copied are never wrapped.
        assert cell_len(line.rstrip()) <= width or "pip install" in line
