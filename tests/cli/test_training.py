"""Commands that train, on a few dozen images of one's own; and what goes wrong there."""

import errno
import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.cli.command_line import START, CommandOutput

from leadline.experiments import Experiment, Study

pytest.importorskip("keras")

QUICK = ("--set", "training.epochs=1", "--set", "training.batch_size=16")


def write_images(folder: Path, classes: tuple[str, ...] = ("dark", "light")) -> Path:
    """Forty grey images of each class, each class brighter than the one before."""
    rng = np.random.default_rng(0)
    for number, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        for index in range(40):
            pixels = rng.integers(100 * number, 100 * number + 90, (28, 28), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{index}.png")
    return folder


@pytest.fixture(scope="module")
def images(tmp_path_factory) -> Path:
    return write_images(tmp_path_factory.mktemp("images"))


@pytest.fixture
def study_file(here: Path) -> Path:
    """A study of two small experiments, in a file."""
    for name in ("small", "smaller"):
        (here / f"{name}.toml").write_text(
            'family = "pixels"\n[features]\nkind = "pixels"\nflatten = true\n'
            "[training]\nepochs = 1\nbatch_size = 16\n"
        )
    path = here / "pair.toml"
    path.write_text('title = "Two"\nexperiments = ["small.toml", "smaller.toml"]\n')
    return path


def test_a_run_from_training_to_its_report(leadline, here, images):
    said = leadline("train", "first-hog", *QUICK, "--data", str(images), "--seed", "2")
    assert said.status == 0
    assert said.out == "runs/first-hog/seed-2/report.html\n"
    lines = said.err.splitlines()
    assert lines[-1] == "report: runs/first-hog/seed-2/report.html"
    assert sum("test accuracy" in line for line in lines) == 1
    first = next(place for place, line in enumerate(lines) if "test accuracy" in line)
    assert lines[first].startswith("first-hog seed 2: test accuracy ")
    assert lines[first + 1].startswith("  light: AUROC ")
    assert lines[first + 2].startswith("  at Youden's threshold, 0.")
    assert lines[first + 3].startswith("  at the sensitive threshold, 0.")
    assert any(
        re.match(r"  training: .*too short to tell.*; \d+\.\d\d% of training images right, ", line)
        for line in lines
    )
    assert "  positive class: light (" in said.err
    assert (here / "runs/first-hog/seed-2/report.html").is_file()

    again = leadline("train", "first-hog", *QUICK, "--data", str(images), "--seed", "2")
    assert "(trained before)" in again.err
    assert again.out == said.out

    assert "runs/first-hog/seed-2 " in leadline("list").err

    page = leadline("report", "runs/first-hog/seed-2", "-o", "page.html")
    assert (page.status, page.out, page.err) == (0, "page.html\n", "report: page.html\n")
    assert (here / "page.html").read_text() == (
        here / "runs/first-hog/seed-2/report.html"
    ).read_text()

    other = leadline(
        "train", "first-pixels", *QUICK, "--data", str(images), "--out", "runs/first-hog/seed-2"
    )
    other.is_one_line("error: runs/first-hog/seed-2: holds first-hog seed 2", "--out")


@pytest.mark.slow
def test_several_seeds_of_one_experiment(leadline, here, images):
    leadline("train", "first-hog", *QUICK, "--data", str(images))
    said = leadline("train", "first-hog", *QUICK, "--data", str(images), "--seeds", "3")
    assert said.status == 0
    assert said.out == "runs/first-hog/report.html\n"
    assert "[1/3] first-hog seed 0: test accuracy " in said.err
    assert said.err.count("(trained before)") == 1
    assert re.search(
        r"^3 seeds: mean test accuracy \d+\.\d\d%, standard deviation \d+\.\d\d percentage "
        r"points; 95% interval of the mean over seeds −?\d+\.\d\d% to \d+\.\d\d%$",
        said.err,
        re.MULTILINE,
    )
    table = json.loads((here / "runs/first-hog/report.json").read_text())
    assert [row["folder"] for row in table["runs"]] == ["seed-0", "seed-1", "seed-2"]
    again = leadline("train", "first-hog", *QUICK, "--data", str(images), "--seeds", "3", "--json")
    found = json.loads(again.out)
    assert [run["seed"] for run in found["runs"]] == [0, 1, 2]
    values = [run["test"]["accuracy"] for run in found["runs"]]
    assert found["test_accuracy"]["values"] == values
    assert found["test_accuracy"]["mean"] == pytest.approx(np.mean(values))
    assert found["test_accuracy"]["sd"] == pytest.approx(np.std(values, ddof=1))
    page = leadline("report", "runs/first-hog", "--lang", "fr", "-o", "seeds.html")
    assert page.status == 0
    assert '<html lang="fr">' in (here / "seeds.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_seed_that_diverged_is_named_and_the_status_is_0(leadline, here, images, monkeypatch):
    from leadline.errors import Diverged
    from leadline.training.loop import fit

    error = Diverged.at(4, 1, "nan", 0.25)

    def failing(*arguments: Any, seed: int, **options: Any) -> Any:
        if seed == 1:
            raise error
        return fit(*arguments, seed=seed, **options)

    monkeypatch.setattr("leadline.workflow.run_training.fit", failing)
    said = leadline("train", "first-hog", *QUICK, "--data", str(images), "--seeds", "3", "--json")
    assert said.status == 0
    lines = said.err.splitlines()
    warning = f"warning: first-hog seed 1: {error}"
    assert lines.count(warning) == 1
    assert (
        "first-hog: 2 of 3 seeds; seed 1 diverged in epoch 4. Run the same command again to retry "
        "the failed seeds." in lines
    )
    found = json.loads(said.out)
    assert [run["seed"] for run in found["runs"]] == [0, 2]
    assert found["failed"] == [
        {
            "experiment": "first-hog", "seed": 1, "code": "diverged", "epoch": 4,
            "batch": 1, "loss": "nan", "last_loss": 0.25, "message": str(error),
        }
    ]  # fmt: skip


@pytest.mark.parametrize("other", [("--seed", "4"), ("--resume",)])
def test_several_seeds_or_one(leadline, here, other):
    said = leadline("train", "first-hog", "--seeds", "2", *other)
    said.is_one_line("error: --seeds 2 trains seeds 0 to 1", "omit --seed and --resume")


@pytest.mark.parametrize(
    "arguments",
    [("train", "mlp-1", "--data", "none"), ("study", "lab", "--data", "none"), ("report", "none")],
)
def test_a_language_that_no_page_is_written_in(leadline, here, arguments):
    said = leadline(*arguments, "--lang", "de")
    said.is_one_line("error: language 'de'; choose one of en, fr.")
    assert list(here.iterdir()) == []


def test_what_was_measured_is_there_for_programs(leadline, here, images):
    said = leadline("train", "first-hog", *QUICK, "--data", str(images), "--json")
    assert said.status == 0
    table = json.loads(said.out)
    assert table["experiment"] == "first-hog"
    assert table["report"] == "runs/first-hog/seed-0/report.html"
    assert table["decision"]["positive"] == "light"
    assert table["test"]["binary_metrics"]["metrics"]["auroc"].keys() == {
        "value", "low", "high", "method", "unknown", "kept", "drawn",
    }  # fmt: skip
    assert {**table, **json.loads((here / table["folder"] / "metrics.json").read_text())} == table


def test_a_class_looked_for_that_is_none_is_said_before_training(leadline, here, images):
    said = leadline("train", "first-hog", *QUICK, "--data", str(images),
                    "--set", "decision.positive=grey")  # fmt: skip
    said.is_one_line("decision.positive = 'grey' is not a class", "choose one of dark, light")


@pytest.mark.slow
def test_a_study_names_each_run_and_prints_where_its_report_is(leadline, study_file, images):
    said = leadline("study", "pair.toml", "--seeds", "2", "--data", str(images), "--out", "here")
    assert said.status == 0
    assert said.out == "here/report.html\n"
    lines = [line for line in said.err.splitlines() if "test accuracy" in line]
    assert [line.split(":")[0] for line in lines] == [
        "[1/4] small seed 0", "[2/4] small seed 1", "[3/4] smaller seed 0", "[4/4] smaller seed 1",
    ]  # fmt: skip
    assert (Path("here") / "report.html").is_file()


def test_train_hands_on_all_that_is_asked(leadline, here, monkeypatch):
    asked: dict[str, Any] = {}

    def run(experiment: Experiment, **named: Any) -> SimpleNamespace:
        asked.update(named, experiment=experiment)
        return SimpleNamespace(
            report=Path("a very long folder name " * 8) / "report.html",
            experiment=experiment,
            split={"dataset": "mine"},
        )

    monkeypatch.setattr("leadline.workflow.run_training.run", run)
    said = leadline("train", "mlp-2", "--set", "training.epochs=4", "--set", "data.channels=3",
                    "--seed", "7", "--data", "mine", "--out", "there", "--resume",
                    "--lang", "fr")  # fmt: skip
    assert asked["experiment"].training.epochs == 4
    assert asked["experiment"].data.channels == 3
    del asked["experiment"], asked["on_event"]
    assert asked == {
        "seed": 7, "quick": False, "data": Path("mine"), "out": Path("there"), "resume": True,
        "language": "fr",
    }  # fmt: skip
    # A path is on one line, however narrow the screen.
    assert said.err == f"report: {said.out}"


@pytest.mark.parametrize(
    ("command", "name", "job"), [("train", "mlp-1", "run"), ("study", "pair.toml", "study")]
)
def test_training_ends_with_the_limits(leadline, study_file, monkeypatch, command, name, job):
    def ended(asked: Any, **_: Any) -> SimpleNamespace:
        members = asked.experiments if job == "study" else [asked]
        metrics = SimpleNamespace(decided=None, test_detail=None, seed=0, guessing=None)
        runs = [
            SimpleNamespace(experiment=one, split={"dataset": "mine"}, metrics=metrics)
            for one in members
        ]
        report = Path("report.html")
        return SimpleNamespace(
            report=report, runs=runs, failed=(), study=asked, guessing={}, **vars(runs[0])
        )

    module = "run_training" if job == "run" else "study_training"
    monkeypatch.setattr(f"leadline.workflow.{module}.{job}", ended)
    said = leadline(command, name, "--set", 'limits="For dogs.\\n No others."')
    assert said.err == "For dogs. No others.\nreport: report.html\n"


def test_study_hands_on_all_that_is_asked(leadline, here, monkeypatch):
    asked: dict[str, Any] = {}

    def study(study: Study, **named: Any) -> SimpleNamespace:
        asked.update(named, study=study)
        return SimpleNamespace(report=Path("there/report.html"))

    monkeypatch.setattr("leadline.workflow.study_training.study", study)
    leadline("study", "first-look", "--set", "training.epochs=4", "--seeds", "3", "--quick",
             "--data", "mine", "--out", "there", "--margin", "0.02")  # fmt: skip
    assert [member.training.epochs for member in asked["study"].experiments] == [4, 4, 4]
    del asked["study"], asked["on_event"]
    assert asked == {
        "seeds": 3, "quick": True, "data": Path("mine"), "out": Path("there"), "margin": 0.02,
        "language": "en",
    }  # fmt: skip


BAD_SETTINGS = [
    (["mlp-9"], ["'mlp-9'", "mlp-1", "mlp-2", "mlp-3"]),
    (["lab"], ["'lab' is a study", "leadline study lab"]),
    (["absent.toml"], ["absent.toml", "no such file"]),
    (["mlp-1", "--set", "training.epochz=3"], ["training.epochz", "3", "epochs"]),
    (["mlp-1", "--set", "training.epochs=three"], ["training.epochs", "'three'", "whole number"]),
    (["mlp-1", "--set", "training.epochs=0"], ["training.epochs", "0"]),
    (["mlp-1", "--set", "training.epochs"], ["'training.epochs'", "key=value"]),
    (["mlp-1", "--set", "layers.7.units=3"], ["layers.7.units"]),
    (["mlp-1", "--set", "training.optimizer.name=Adum"], ["'Adum'", "'Adam'"]),
]


@pytest.mark.parametrize("command", ["show", "train"])
@pytest.mark.parametrize(("arguments", "parts"), BAD_SETTINGS, ids=" ".join)
def test_what_is_asked_for_does_not_read(leadline, here, command, arguments, parts):
    leadline(command, *arguments).is_one_line("error: ", *parts)
    assert list(here.iterdir()) == []


def test_a_seed_that_no_generator_takes(leadline):
    leadline("train", "mlp-1", "--seed", str(2**63)).is_one_line("error: ", "'--seed'", "9223")


def test_an_unknown_study_names_those_there_are(leadline, here):
    leadline("study", "labb").is_one_line("error: ", "'labb'", "lab")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('family = "cnn"\n[features\nkind = 1\n', ["bad.toml", "line 2", "column 10"]),
        ('family = "cnn"\nfamily = "cnn"\n', ["bad.toml", "line 2"]),
        ('family = "tree"\n[features]\nkind = "pixels"\n', ["bad.toml", "family", "'tree'"]),
        ('family = "cnn"\n', ["bad.toml", "features"]),
        ('family = "cnn"\n[features]\nkind = "sift"\n', ["bad.toml", "'sift'", "hog"]),
    ],
)
def test_a_file_that_does_not_read(leadline, here, text, parts):
    (here / "bad.toml").write_text(text)
    leadline("show", "bad.toml").is_one_line("error: ", *parts)


def test_a_file_that_is_no_text(leadline, here):
    (here / "bad.toml").write_bytes(b"name = '\xff'")
    leadline("show", "bad.toml").is_one_line("error: bad.toml: byte 8 is not UTF-8")


@pytest.mark.parametrize("command", ["show", "train"])
def test_a_layer_that_does_not_fit(leadline, here, images, command):
    arguments = ["--data", str(images)] if command == "train" else []
    leadline(command, "first-cnn", "--set", "features.flatten=true", *arguments).is_one_line(
        "error: first-cnn: layer 1", "Conv2D", "784 values", "features.flatten = false"
    )
    assert not (here / "runs").exists()


def broken_images(folder: Path) -> None:
    write_images(folder)
    whole = (folder / "light" / "3.png").read_bytes()
    (folder / "light" / "3.png").write_bytes(whole[: len(whole) // 2])


@pytest.mark.parametrize(
    ("fill", "parts"),
    [
        (lambda folder: None, ["holds no images"]),
        (lambda folder: write_images(folder, ("only",)), ["one class only", "'only'"]),
        (broken_images, ["light/3.png", "truncated"]),
    ],
    ids=["empty", "one class", "truncated"],
)
def test_images_that_will_not_do(leadline, here, fill, parts):
    (here / "images").mkdir()
    fill(here / "images")
    leadline("train", "first-hog", "--data", "images").is_one_line("error: images", *parts)
    assert [path.name for path in here.iterdir()] == ["images"]


def test_images_that_are_not_there(leadline, here):
    leadline("train", "first-hog", "--data", "nowhere").is_one_line("error: nowhere: no such")


def test_a_folder_that_cannot_be_written(leadline, here, images):
    (here / "file").write_text("not a folder")
    leadline("train", "first-hog", *QUICK, "--data", str(images), "--out", "file/run").is_one_line(
        "error: file/run", "--out"
    )
    assert (here / "file").read_text() == "not a folder"


@pytest.mark.skipif(os.geteuid() == 0, reason="permissions do not bind root")
def test_a_folder_without_permission(leadline, here, images):
    (here / "shut").mkdir(mode=0o500)
    leadline("train", "first-hog", *QUICK, "--data", str(images), "--out", "shut/run").is_one_line(
        "error: shut/run", "--out"
    )


@pytest.mark.parametrize(
    ("raised", "parts"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), ["the disk is full", "--out"]),
        (PermissionError(errno.EACCES, "Permission denied"), ["ermission", "--out"]),
        (MemoryError(), ["out of memory", "batch_size"]),
    ],
    ids=["disk full", "no permission", "out of memory"],
)
def test_what_the_machine_refuses_in_the_midst(leadline, here, images, monkeypatch, raised, parts):
    def refuse(*_arguments: object, checkpoint: Path, **_named: object) -> None:
        checkpoint.with_name("model.keras").write_bytes(b"half a mod")
        raise raised

    monkeypatch.setattr("leadline.workflow.run_training.fit", refuse)
    leadline("train", "first-hog", *QUICK, "--data", str(images)).is_one_line("error: ", *parts)
    assert list(here.glob("runs/first-hog/*")) == []


def test_a_checkpoint_outlives_a_full_disk(leadline, here, images, monkeypatch):
    def refuse(*_arguments: object, checkpoint: Path, **_named: object) -> None:
        checkpoint.write_bytes(b"weights")
        checkpoint.with_name("model.keras").write_bytes(b"half a mod")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("leadline.workflow.run_training.fit", refuse)
    leadline("train", "first-hog", *QUICK, "--data", str(images)).is_one_line("the disk is full")
    left = {path for path in here.rglob("*") if path.is_file()}
    partial = here / "runs/first-hog/seed-0.partial"
    assert left == {partial / "checkpoint.npz", partial / "progress.json"}


def test_an_unknown_data_source(leadline, here):
    leadline("data", "fetch", "mnits").is_one_line("error: ", "'mnits'", "mnist")


@pytest.mark.slow
def test_ctrl_c_leaves_nothing_half_written_and_the_run_can_go_on(here, images):
    command = [
        *START, "train", "first-pixels", "--data", str(images),
        "--set", "training.epochs=20", "--set", "training.batch_size=1",
    ]  # fmt: skip
    checkpoint = here / "runs/first-pixels/seed-0.partial/checkpoint.npz"
    training = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell that runs the tests in the background has told them to be deaf to it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - there is but one thread
    )
    deadline_s = time.monotonic() + 100
    while not checkpoint.exists() and time.monotonic() < deadline_s:
        assert training.poll() is None, "it ended before it could be interrupted"
        time.sleep(0.01)
    training.send_signal(signal.SIGINT)
    out, err = training.communicate(timeout=60)
    CommandOutput(training.returncode, out, err).is_one_line(
        "interrupted; no file is incomplete; resume with: leadline train first-pixels",
        "--resume",
        status=130,
    )
    partial = checkpoint.parent
    assert set(here.rglob("*.*")) == {partial, checkpoint, partial / "progress.json"}

    ended = subprocess.run(
        [*command, "--resume"], capture_output=True, text=True, timeout=100, check=True
    )
    assert ended.stdout == "runs/first-pixels/seed-0/report.html\n"
    history = (here / "runs/first-pixels/seed-0/history.csv").read_text().splitlines()
    assert [int(line.split(",")[0]) for line in history[1:]] == list(range(1, 21))
    assert [path.name for path in (here / "runs/first-pixels").iterdir()] == ["seed-0"]
