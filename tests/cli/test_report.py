"""`leadline report`: the page again, files beside it, the schema of its record."""

import json

import numpy as np
import pytest
from tests.finished_runs import write_finished

from leadline.report.json_report import json_schema


@pytest.fixture
def run(here):
    write_finished(here / "run", "mlp-1", np.arange(30) > 2)
    return here / "run"


def test_the_page_and_its_record(leadline, run):
    said = leadline("report", "run")
    assert (said.status, said.out, said.err) == (
        0, "run/report.html\n", "report: run/report.html\n",
    )  # fmt: skip
    assert json.loads((run / "report.json").read_text())["schema"]["name"] == "run"


def test_files_lie_beside_the_page_and_it_says_where(leadline, run, here):
    said = leadline("report", "run", "--files", "-o", "out/page.html")
    assert (said.status, said.out) == (0, "out/page.html\n")
    assert said.err.splitlines() == [
        "report: out/page.html", "tables: out/tables", "figures: out/figures",
    ]  # fmt: skip
    assert (here / "out/tables/classes.csv").is_file()
    assert (here / "out/figures/mlp-1-seed-0-loss.pdf").is_file()
    assert not (run / "report.json").exists()


def test_the_schema_stands_alone_on_standard_output(leadline):
    said = leadline("report", "--schema")
    assert (said.status, said.err) == (0, "")
    assert json.loads(said.out) == json_schema()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nix"], "error: nix: neither a run nor a study"),
        (["empty"], "error: empty: neither a run nor a study"),
        (["run", "--lang", "de"], "error: language 'de'; choose one of en, fr."),
        (["run", "-o", "empty"], "error: empty: is a folder; give a file name"),
        (["run", "-o", "run/metrics.json/x.html"], "error: run/metrics.json: cannot be written"),
        ([], "Missing argument 'RUN|STUDY'"),
    ],
)
def test_what_cannot_be_is_one_line(leadline, run, here, arguments, said):
    (here / "empty").mkdir()
    leadline("report", *arguments).is_one_line(said)


@pytest.mark.parametrize(
    "name",
    ["experiment.toml", "environment.json", "split.json", "history.csv", "metrics.json",
     "examples.npz"],
)  # fmt: skip
@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe"])
def test_a_damaged_file_is_one_line_that_names_it(leadline, run, name, content):
    (run / name).write_bytes(content)
    leadline("report", "run").is_one_line(f"error: run/{name}: ")
    assert not (run / "report.html").exists()


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"runs": [{"folder": "../run"}]}'])
def test_a_damaged_study_is_one_line(leadline, run, here, content):
    (here / "study").mkdir()
    (here / "study" / "report.json").write_text(content)
    leadline("report", "study").is_one_line("error: study/report.json: damaged (")
    leadline("compare", "run", "study").is_one_line("error: study/report.json: damaged (")


def test_a_report_of_what_is_no_run(leadline, here):
    leadline("report", "nothing").is_one_line("error: nothing", "leadline list")


def test_a_report_into_a_folder(leadline, here):
    leadline("report", "run", "-o", str(here)).is_one_line(": is a folder; give a file name")


def test_a_report_takes_the_place_of_no_model(leadline, here):
    model = here / "model.keras"
    model.write_bytes(b"weights")
    leadline("report", "run", "-o", str(model)).is_one_line(
        "model.keras: ", "use a name that ends in .html"
    )
    assert model.read_bytes() == b"weights"


@pytest.mark.parametrize("option", ["--questions", "--without-answers"])
def test_questions_have_a_page_of_their_own(leadline, run, option):
    said = leadline("report", "run", option)
    assert (said.status, said.out) == (0, "run/questions.html\n")
    assert not (run / "report.json").exists()
    text = (run / "questions.html").read_text(encoding="utf-8")
    assert "1. Which algorithm optimises the weights?" in text
    assert "Name the optimizer and the values of its arguments." in text
    assert "RMSprop" not in text


def test_questions_in_french_elsewhere(leadline, run, here):
    assert leadline("report", "run", "--questions", "--lang", "fr", "-o", "q.html").status == 0
    text = (here / "q.html").read_text(encoding="utf-8")
    assert '<html lang="fr">' in text
    assert "Nommez l’optimiseur" in text


def test_files_do_not_go_with_questions(leadline, run):
    said = leadline("report", "run", "--questions", "--files")
    said.is_one_line("--files cannot be combined with --questions")
