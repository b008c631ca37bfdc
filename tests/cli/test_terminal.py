"""Control characters in names of models and files do not reach the terminal."""

import json
import os
import subprocess

import pytest
from tests.cli.command_line import START
from tests.serving.making import brightness, save_flat


def test_no_model_file_of_a_stranger_steers_the_terminal(leadline, here):
    brightness(here / "odd.onnx", ("a\x1b[31m\nb", "c"), limits="all \x1b[31mis\nwell")
    save_flat(here / "9.png", 0)
    said = leadline("predict", "odd.onnx", "9.png", "--format", "table")
    assert "\x1b" not in said.err + said.out
    assert r"all \x1b[31mis well" in said.err
    assert r"a\x1b[31m b" in said.out


@pytest.mark.skipif(os.name != "posix", reason="only POSIX has pseudo-terminals")
@pytest.mark.parametrize("form", ["csv", "json"])
def test_no_name_steers_the_terminal_whatever_the_form(here, form):
    name = "a\x1b]0;x\x07\x9b31m\u202e.png"
    brightness(here / "two.onnx")
    save_flat(here / name, 255)
    line = [*START, "predict", "two.onnx", name, "--format", form]
    piped = subprocess.run(line, capture_output=True, text=True, check=True).stdout
    assert (name if form == "csv" else json.dumps(name, ensure_ascii=False)) in piped
    master, slave = os.openpty()
    subprocess.run(line, stdout=slave, stderr=subprocess.DEVNULL, check=True)
    os.close(slave)
    shown = os.read(master, 10_000).decode()
    os.close(master)
    assert r"a\u001b]0;x\u0007\u009b31m\u202e.png" in shown
    assert all(one.isprintable() or one in "\r\n" for one in shown)
