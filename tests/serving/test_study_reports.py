"""The runs of a folder: what is listed, what is served, and what never is."""

import json
import os
import sys
import time
from dataclasses import asdict
from typing import Any

import pytest
from tests.analysis.diagnosis.course_of import guess_of
from tests.closed_folders import close_folder
from tests.finished_runs import write_finished
from tests.serving.asking import served

from leadline.analysis.failed_runs import FailedRun
from leadline.analysis.significance.guessing import Verdict
from leadline.runs import load_run, write_checksums
from leadline.serving.api_schema import RunResponse, StudyResponse
from leadline.serving.security import REPORT_CSP
from leadline.serving.study_reports import ALIVE_S, Studies

PAGE = "<!doctype html><title>A report</title>"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A study of two runs, one in progress and one interrupted; and a damaged run."""
    top = tmp_path_factory.mktemp("here") / "runs"
    for seed in (0, 1):
        folder = top / "pets" / "mlp-1" / f"seed-{seed}"
        write_finished(folder, "mlp-1", [1, 1, 1, 0], seed=seed)
        (folder / "report.html").write_text(PAGE + str(seed), encoding="utf-8")
    (top / "pets" / "report.html").write_text(PAGE, encoding="utf-8")
    (top / "pets" / "report.json").write_text("{}", encoding="utf-8")
    (top / "pets" / "cnn-1" / "seed-0.partial").mkdir(parents=True)
    stale = top / "old" / "hog-1" / "seed-0.partial"
    stale.mkdir(parents=True)
    then_s = time.time() - ALIVE_S - 60
    os.utime(stale, (then_s, then_s))
    damaged = top / "pets" / "hog-1" / "seed-0"
    damaged.mkdir(parents=True)
    (damaged / "metrics.json").write_text("{", encoding="utf-8")
    (top / "secret.html").write_text("secret", encoding="utf-8")
    (top / "plain").mkdir()
    (top / "plain" / "report.html").write_text("of something else", encoding="utf-8")
    return top


def test_what_is_there(runs):
    said = Studies(runs).now()
    assert said.folder == "runs"
    by_name = {one.name: one for one in said.studies}
    assert set(by_name) == {"pets", "old"}
    pets = by_name["pets"]
    assert (pets.state, pets.report, pets.path) == ("running", "/runs/pets/report.html", "pets")
    assert [(one.path, one.state, one.seed) for one in pets.runs] == [
        ("pets/cnn-1/seed-0.partial", "running", None),
        ("pets/hog-1/seed-0", "damaged", 0),
        ("pets/mlp-1/seed-0", "finished", 0),
        ("pets/mlp-1/seed-1", "finished", 1),
    ]
    assert [one.code for one in pets.runs] == [None, "damaged-run", None, None]
    assert pets.runs[2].test_accuracy == 0.75
    assert pets.runs[2].report == "/runs/pets/mlp-1/seed-0/report.html"
    assert (by_name["old"].state, by_name["old"].runs[0].state) == ("interrupted", "interrupted")


def test_it_is_seen_as_it_grows(runs, tmp_path):
    studies = Studies(tmp_path)
    assert studies.now().studies == ()
    partial = tmp_path / "s" / "mlp-1" / "seed-0.partial"
    partial.mkdir(parents=True)
    assert studies.now().studies[0].state == "running"
    partial.rmdir()
    write_finished(partial.with_name("seed-0"), "mlp-1", [1, 1, 1, 1])
    (study,) = studies.now().studies
    assert (study.state, study.runs[0].test_accuracy) == ("finished", 1.0)


def test_no_folder():
    assert Studies(None).now().folder is None
    assert Studies(None).report("report.html") is None


@pytest.mark.parametrize(
    ("address", "there"),
    [
        ("pets/report.html", True),
        ("pets/mlp-1/seed-0/report.html", True),
        ("secret.html", False),
        ("plain/report.html", False),
        ("pets/mlp-1/seed-0/metrics.json", False),
        ("pets/../pets/report.html", False),
        ("./pets/report.html", False),
        ("/pets/report.html", False),
        ("pets/mlp-1/seed-0", False),
        ("", False),
    ],
)
def test_reports_that_are_listed_and_no_others(runs, address, there):
    assert (Studies(runs).report(address) is not None) is there


def test_links_are_not_followed(runs, tmp_path):
    top = tmp_path / "runs"
    top.mkdir()
    (top / "linked").symlink_to(runs / "pets")
    study = top / "study"
    study.mkdir()
    (study / "report.json").write_text("{}", encoding="utf-8")
    (study / "report.html").symlink_to(runs / "secret.html")
    studies = Studies(top)
    assert studies.now().studies == ()
    assert studies.report("linked/report.html") is None
    assert studies.report("study/report.html") is None


def test_reports_come_without_an_origin_of_their_own(two, runs):
    with served(two, runs=runs) as client:
        listed = client.get("/api/v1/runs").json()
        answer = client.get("/runs/pets/report.html")
        other = client.get("/runs/secret.html")
    assert listed["folder"] == "runs"
    assert answer.text == PAGE
    assert answer.headers["content-security-policy"] == REPORT_CSP
    assert REPORT_CSP.startswith("sandbox allow-scripts")
    assert "allow-same-origin" not in REPORT_CSP
    assert other.status_code == 404


def listed(top):
    """State and code of each study and run, by its path."""
    there = Studies(top).now().studies
    items: list[StudyResponse | RunResponse] = [
        *there,
        *(run for study in there for run in study.runs),
    ]
    return {item.path: (item.state, item.code) for item in items}


def two_studies(top, other):
    for study in ("pets", other):
        write_finished(top / study / "mlp-1" / "seed-0", "mlp-1", [1, 1, 0, 0])
    return top / other


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_names_that_are_not_utf_8(tmp_path, two):
    study = two_studies(tmp_path, "plain").rename(tmp_path / os.fsdecode(b"caf\xe9"))
    (study / "mlp-1" / "seed-0" / "report.html").write_text(PAGE, encoding="utf-8")
    with served(two, runs=tmp_path) as client:
        answer = client.get("/api/v1/runs")
        assert answer.status_code == 200
        by_name = {one["name"]: one for one in answer.json()["studies"]}
        assert set(by_name) == {"pets", r"caf\xe9"}
        (run,) = by_name[r"caf\xe9"]["runs"]
        assert (run["path"], run["state"]) == (r"caf\xe9/mlp-1/seed-0", "finished")
        assert client.get(run["report"]).text == PAGE


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("metrics.json", b""),
        ("metrics.json", b"\xff\xfe\x00"),
        ("metrics.json", b"[" * 100_000),
        ("metrics.json", b'{"seed": ' + b"9" * 5000 + b"}"),
        ("experiment.toml", b"\xff"),
        ("experiment.toml", b"a = [" + b"[" * 5000),
        ("history.csv", b"\x00,\xff\n"),
        ("predictions.csv", b"\x00\xff"),
    ],
)
def test_a_damaged_run_is_listed_and_stops_no_other(tmp_path, file, content):
    run = two_studies(tmp_path, "other") / "mlp-1" / "seed-0"
    (run / file).write_bytes(content)
    found = listed(tmp_path)
    assert found["pets/mlp-1/seed-0"] == ("finished", None)
    assert found["other/mlp-1/seed-0"] in [("damaged", "damaged-run"), ("finished", None)]
    if file == "metrics.json":
        assert found["other/mlp-1/seed-0"][0] == "damaged"
        assert found["other"] == ("damaged", None)


def test_whatever_a_reader_raises_is_one_damaged_run(tmp_path, monkeypatch):
    two_studies(tmp_path, "other")

    def raises(folder):
        if "other" in str(folder):
            raise RecursionError
        return load_run(folder)

    monkeypatch.setattr("leadline.runs.load_run", raises)
    found = listed(tmp_path)
    assert found["other/mlp-1/seed-0"] == ("damaged", "damaged-run")
    assert found["pets/mlp-1/seed-0"] == ("finished", None)


def test_a_study_whose_plan_cannot_be_read(tmp_path, monkeypatch):
    two_studies(tmp_path, "other")

    def raises(folder):
        if folder.name == "other":
            raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("leadline.runs.read_plan", raises)
    found = listed(tmp_path)
    assert found["other"] == ("damaged", "damaged-study")
    assert found["other/mlp-1/seed-0"] == ("finished", None)
    assert found["pets"] == ("finished", None)


def test_a_folder_that_may_not_be_looked_at(tmp_path, monkeypatch):
    two_studies(tmp_path, "other")

    (tmp_path / "other" / "mlp-1.partial").mkdir()
    close_folder(monkeypatch, tmp_path / "other")
    assert listed(tmp_path)["pets"] == ("finished", None)
    assert Studies(tmp_path).report("other/report.html") is None


def write_verdict(folder, verdict):
    """Write what the test against guessing found into the run's record."""
    record = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    record["guessing"] = asdict(guess_of(0.25, 1 / 3, verdict))
    (folder / "metrics.json").write_text(json.dumps(record), encoding="utf-8")
    write_checksums(folder)


def test_runs_and_studies_carry_whether_they_are_better_than_guessing(tmp_path, two):
    verdicts: dict[str, Verdict] = {
        "cnn-1": "better",
        "hog-1": "ranking only",
        "mlp-1": "not shown",
    }
    members: list[dict[str, Any]] = []
    for name, verdict in verdicts.items():
        write_finished(tmp_path / "pets" / name / "seed-0", name, [1, 1, 1, 0])
        write_verdict(tmp_path / "pets" / name / "seed-0", verdict)
        # All seeds together, corrected, hog-1 is not shown to be better.
        together: Verdict = verdict if name != "hog-1" else "not shown"
        members.append({"name": name, "guessing": asdict(guess_of(0.25, 1 / 3, together))})
    write_finished(tmp_path / "pets" / "mlp-2" / "seed-0", "mlp-2", [1, 1, 1, 0])
    members.append({"name": "mlp-2", "guessing": None})
    record = {"experiments": members}
    (tmp_path / "pets" / "report.json").write_text(json.dumps(record), encoding="utf-8")
    with served(two, runs=tmp_path) as client:
        [study] = client.get("/api/v1/runs").json()["studies"]
    assert {run["experiment"]: run["guessing"] for run in study["runs"]} == {
        **verdicts, "mlp-2": None,
    }  # fmt: skip
    assert study["guessing"] == {"cnn-1": "better", "hog-1": "not shown", "mlp-1": "not shown"}


@pytest.mark.parametrize(("folder", "inside"), [("pets", "cnn-1/"), ("cnn-1", "")])
def test_seeds_that_diverged_are_listed_after_the_others(tmp_path, two, folder, inside):
    write_finished(tmp_path / folder / f"{inside}seed-0", "cnn-1", [1, 1, 1, 0])
    failed = FailedRun("cnn-1", 1, "diverged", 4, 2, "nan", 0.25)
    record = tmp_path / folder / "report.json"
    record.write_text(json.dumps({"experiments": [], "failed": [asdict(failed)]}), encoding="utf-8")
    with served(two, runs=tmp_path) as client:
        [study] = client.get("/api/v1/runs").json()["studies"]
    assert study["state"] == "finished"
    finished_run, said = study["runs"]
    assert finished_run["state"] == "finished"
    assert (said["path"], said["state"], said["code"], said["epoch"]) == (
        f"{folder}/{inside}seed-1", "failed", "diverged", 4,
    )  # fmt: skip


def test_quick_trials_have_no_verdict(tmp_path):
    write_finished(tmp_path / "s" / "mlp-1" / "seed-0", "mlp-1", [1, 0], settings=["quick=true"])
    write_verdict(tmp_path / "s" / "mlp-1" / "seed-0", "better")
    [study] = Studies(tmp_path).now().studies
    assert (study.runs[0].state, study.runs[0].guessing, study.guessing) == ("finished", None, {})


@pytest.mark.parametrize(
    "record", ["{", "[]", '{"experiments": 3}', '{"experiments": [{"guessing": {}}]}']
)
def test_a_record_that_cannot_be_read_gives_no_verdicts(tmp_path, record):
    write_finished(tmp_path / "s" / "mlp-1" / "seed-0", "mlp-1", [1, 0])
    (tmp_path / "s" / "report.json").write_text(record, encoding="utf-8")
    [study] = Studies(tmp_path).now().studies
    assert (study.state, study.guessing) == ("finished", {})
