"""`leadline export` on tiny runs: the file, its words, JSON, and what goes wrong."""

import hashlib
import json
import shlex
import subprocess
import sys

import pytest
from tests.explained_runs import LIMITS, train, write_films

from leadline.cli.export import Form
from leadline.cli.options import complete_run
from leadline.export.export_paths import SUFFIXES

pytest.importorskip("keras")


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    return write_films(tmp_path_factory.mktemp("films"))


@pytest.fixture(scope="module")
def run(films, tmp_path_factory):
    return str(train(films, tmp_path_factory.mktemp("runs") / "cnn").folder)


def test_the_forms_are_those_of_the_files():
    assert [form.value for form in Form] == list(SUFFIXES)


def test_onnx_is_the_usual_form_and_the_next_command_works(leadline, here, run, films):
    said = leadline("export", run)
    assert (said.status, said.out) == (0, "tiny-cnn.onnx\n"), said.err
    content = (here / "tiny-cnn.onnx").read_bytes()
    words = " ".join(said.err.split())
    for expected in (
        f"SHA-256 {hashlib.sha256(content).hexdigest()}",
        "checked 16 test images: same classes as the Keras model, probabilities within",
        "try: leadline predict tiny-cnn.onnx IMAGE",
        LIMITS,
        "model: tiny-cnn.onnx",
    ):
        assert expected in words
    image = films / "lit" / "3.png"
    answer = leadline("predict", "tiny-cnn.onnx", str(image), "--format", "json")
    assert json.loads(answer.out)["class"] == "lit"


@pytest.mark.slow
def test_a_name_says_the_form(leadline, here, run):
    said = leadline("export", run, "-o", "my model.keras")
    assert (said.status, said.out) == (0, "my model.keras\n"), said.err
    line = next(line for line in said.err.splitlines() if line.startswith("try: "))
    assert line == (
        "try: python -c 'import leadline; leadline.load_keras(\"my model.keras\").summary()'"
    )
    _, *words = shlex.split(line.removeprefix("try: "))
    ran = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=True)
    assert "conv2d" in ran.stdout


def test_torch_gets_two_files_and_the_next_command_works(leadline, here, run):
    (here / "sub").mkdir()
    said = leadline("export", run, "-o", "sub/two words.safetensors")
    assert (said.status, said.out) == (0, "sub/two words.safetensors\n"), said.err
    assert "builder: sub/two_words.py" in said.err
    line = next(line for line in said.err.splitlines() if line.startswith("try: "))
    ran = subprocess.run(
        ["bash", "-c", line.removeprefix("try: ").replace("python", sys.executable)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "Conv2D(bias=(4,), kernel=(3, 3, 1, 4))" in ran.stdout
    assert sorted(path.name for path in here.rglob("*.*")) == [
        "two words.safetensors", "two_words.py",
    ]  # fmt: skip
    table = json.loads(leadline("export", run, "--format", "torch", "--json").out)
    assert (table["path"], table["builder"]) == ("tiny-cnn.safetensors", "tiny_cnn.py")


def test_json_is_alone_on_standard_output(leadline, here, run):
    said = leadline("export", run, "--format", "keras", "--json")
    assert (said.status, said.err) == (0, "")
    table = json.loads(said.out)
    content = (here / "tiny-cnn.keras").read_bytes()
    difference = table.pop("largest_difference")
    assert 0 <= difference <= 1e-6
    assert table == {
        "run": run, "format": "keras", "path": "tiny-cnn.keras", "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(), "images_checked": 16, "limits": LIMITS,
        "builder": None, "code": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("gone",), ("gone: no such run folder",)),
        ((".",), ("holds no finished run",)),
        (("/",), ("/: holds no finished run",)),
        (("digits-hog",), ("zoo model", "digits-hog.onnx", "leadline train digits-hog")),
        (("RUN/model.onnx",), ("is an ONNX file already",)),
        (("RUN", "--format", "keras", "-o", "m.onnx"), ("m.onnx", ".keras", "--format onnx")),
        (("RUN", "-o", "m.pt"), ("m.pt", "ends in .onnx")),
        (("RUN", "-o", "no/such/m.onnx"), ("no folder no/such",)),
        (("RUN", "-o", "."), ("is a folder; give a file name",)),
        (("RUN", "-o", "RUN/model.onnx"), ("is in the run's folder",)),
        (("RUN", "--data", "gone"), ("gone", "--data PATH", "model.onnx")),
        (("RUN", "--format", "pickle"), ("pickle", "onnx")),
        ((), ("RUN",)),
    ],
)
def test_what_the_user_can_mend_is_one_line(leadline, here, run, arguments, words):
    line = [word.replace("RUN", run) for word in arguments]
    leadline("export", *line).is_one_line("error: ", *words)
    assert list(here.iterdir()) == []


def test_the_command_that_is_named_for_a_run_of_a_study_works(leadline, here, run):
    (here / "study").mkdir()
    (here / "study" / "seed-0").symlink_to(run)
    said = leadline("export", "study")
    said.is_one_line("export one: leadline export study/seed-0 --format onnx.")
    assert leadline("export", "study/seed-0", "--format", "onnx").status == 0


def test_the_shell_completes_runs_and_formats(leadline, here, run, process):
    assert complete_run("") == []
    for name in ("runs/lab/cnn-3/seed-0", "runs/cnn-3/seed-1", "runs/cnn-3/seed-2.partial"):
        (here / name).mkdir(parents=True)
        (here / name / "metrics.json").touch()
    assert complete_run("") == ["runs/cnn-3/seed-1", "runs/lab/cnn-3/seed-0"]
    assert complete_run("runs/l") == ["runs/lab/cnn-3/seed-0"]
