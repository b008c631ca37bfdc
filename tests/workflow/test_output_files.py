"""What a run and a study leave for others: report.json, tables and figures beside the page."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from tests.finished_runs import write_finished

from leadline.experiments import Study, load_experiment
from leadline.report.json_report import json_schema
from leadline.report.plots.installed_fonts import FontUse
from leadline.runs import load_run, load_study
from leadline.workflow import output_files, report_writing
from leadline.workflow.output_files import write_study_page
from leadline.workflow.report_data import study_page
from leadline.workflow.run_comparison import compare_runs

RIGHT = np.ones(60, dtype=np.int64)
WRONG = np.arange(60) >= 12


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A finished study: mlp-1 with two seeds, cnn-1 with one."""
    folder = tmp_path_factory.mktemp("files") / "study"
    done = [
        write_finished(folder / "mlp-1" / "seed-0", "mlp-1", WRONG),
        write_finished(folder / "mlp-1" / "seed-1", "mlp-1", WRONG, seed=1),
        write_finished(folder / "cnn-1" / "seed-0", "cnn-1", RIGHT),
    ]
    experiments = (load_experiment("mlp-1"), load_experiment("cnn-1"))
    page = study_page(Study(name="two", experiments=experiments), done, None, compare_runs(done))
    write_study_page(folder, page, done)
    return folder


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_studys_record_keeps_its_keys_and_its_schema(study):
    table = read(study / "report.json")
    Draft202012Validator(json_schema()).validate(table)
    assert table["schema"]["name"] == "study"
    assert (table["format"], table["name"], table["title"]) == (1, "two", "two")
    assert [row["folder"] for row in table["runs"]] == [
        "mlp-1/seed-0", "mlp-1/seed-1", "cnn-1/seed-0",
    ]  # fmt: skip
    kept = {
        "experiment", "family", "seed", "weights", "multiply_adds", "training_s", "test_loss",
        "test_accuracy", "test_accuracy_interval",
    }  # fmt: skip
    assert kept <= set(table["runs"][0])
    assert table["comparison"]["best"] == "cnn-1"
    assert table["comparison"]["next"] == "mlp-1"


def test_a_study_is_read_back_from_its_record(study):
    found, done = load_study(study)
    assert found.name == "two"
    assert [run.name for run in done] == ["mlp-1 seed 0", "mlp-1 seed 1", "cnn-1 seed 0"]


def test_the_record_is_written_again_with_the_page_but_not_with_one_elsewhere(study, tmp_path):
    old = read(study / "report.json")
    (study / "report.json").write_text(json.dumps({**old, "experiments": None}))
    report_writing.report(study, tmp_path / "page.html")
    assert names(tmp_path) == ["page.html"]
    assert read(study / "report.json")["experiments"] is None
    report_writing.report(study)
    assert read(study / "report.json") == old


def test_the_record_reads_the_same_whatever_the_page_speaks(study, tmp_path):
    english = (study / "report.json").read_bytes()
    report_writing.report(study, language="fr")
    assert (study / "report.json").read_bytes() == english
    assert 'lang="fr"' in (study / "report.html").read_text(encoding="utf-8")
    report_writing.report(study)


def test_a_run_has_a_record_too_and_is_still_a_run(study):
    folder = study / "cnn-1" / "seed-0"
    report_writing.report(folder)
    table = read(folder / "report.json")
    Draft202012Validator(json_schema()).validate(table)
    assert table["schema"]["name"] == "run"
    assert table["test"]["accuracy"] == 1.0
    assert load_run(folder).name == "cnn-1 seed 0"
    assert report_writing.report(folder) == folder / "report.html"


@pytest.fixture(scope="module")
def out(study, tmp_path_factory):
    """The study's page with its files, elsewhere."""
    place = tmp_path_factory.mktemp("out") / "new"
    report_writing.report(study, place / "page.html", files=True)
    return place


def test_files_lie_beside_the_page(out):
    assert names(out) == ["figures", "page.html", "tables"]
    assert not [path for path in out.rglob("*") if path.name.startswith(".")]  # half-written


def test_tables_are_of_all_runs_and_latex_of_first_seeds(out):
    tables = names(out / "tables")
    assert {"experiments.csv", "experiments.tex", "comparison-accuracy.tex"} <= set(tables)
    assert {"runs.csv", "history.csv", "classes-mlp-1-seed-0.tex"} <= set(tables)
    assert "classes-mlp-1-seed-1.tex" not in tables
    with (out / "tables" / "history.csv").open(newline="", encoding="utf-8") as file:
        seeds = [(row["experiment"], row["seed"]) for row in csv.DictReader(file)]
    assert seeds == [("mlp-1", "0"), ("mlp-1", "1"), ("cnn-1", "0")]


def test_figures_are_those_of_the_page_and_of_first_seeds(out):
    figures = names(out / "figures")
    endings = {".svg", ".png", ".pdf"}
    assert {f"mlp-1-seed-0-loss{ending}" for ending in endings} <= set(figures)
    assert {f"pairs-accuracy-0{ending}" for ending in endings} <= set(figures)
    assert not [name for name in figures if "seed-1" in name or "narrow" in name]
    assert {Path(name).suffix for name in figures} == endings


def test_files_of_a_run_lie_in_its_folder(study):
    folder = study / "mlp-1" / "seed-1"
    report_writing.report(folder, files=True)
    assert "layers-mlp-1-seed-1.tex" in names(folder / "tables")
    assert "mlp-1-seed-1-confusion.pdf" in names(folder / "figures")
    assert load_run(folder).name == "mlp-1 seed 1"


def test_tables_speak_the_language_and_csv_does_not(study, out, tmp_path, monkeypatch):
    monkeypatch.setattr(
        output_files, "_with_figures", lambda *_: ("", FontUse())
    )  # which take long
    report_writing.report(study, tmp_path / "page.html", files=True, language="fr")
    places = out / "tables", tmp_path / "tables"
    english, french = ((place / "experiments.csv").read_bytes() for place in places)
    assert english == french
    english, french = ((place / "experiments.tex").read_bytes() for place in places)
    assert b"80.00\\%" in english
    assert b"80,00\\,\\%" in french


def test_fonts_of_figures_are_reported(study, tmp_path, monkeypatch):
    fonts = FontUse(frozenset({"Noto Sans CJK JP"}), frozenset({"\u0939"}))
    monkeypatch.setattr(output_files, "_with_figures", lambda *_: ("", fonts))
    events: list[Any] = []
    report_writing.report(study, tmp_path / "page.html", files=True, on_event=events.append)
    noted, warned = [event.text for event in events if hasattr(event, "text")]
    assert noted.endswith("for characters missing from DejaVu Sans: Noto Sans CJK JP.")
    assert "another installed font" in noted
    assert warned.startswith("Characters shown as boxes in PNG and PDF figures")
    assert "\u0939" in warned
