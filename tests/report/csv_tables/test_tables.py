"""The tables of a run and of a study: which there are, and what stands in them."""

import csv
import io

import numpy as np
from tests.report.comparisons import comparison, pair
from tests.report.conftest import CLASSES, sample_run
from tests.report.test_json_complete import of_areas, whole_study
from tests.report.two_classes import two_class_run

from leadline.report.csv_tables import run_tables, study_tables
from leadline.report.json_report import plain, run_summary, study_summary
from leadline.report.page_content import StudyPage


def of_study(page):
    return by_name(study_tables(study_summary(page, ["r"] * len(page.runs))))


def of_runs(*pages):
    return by_name(run_tables([run_summary(page) for page in pages]))


def by_name(tables):
    """Rows of text, as a reader of the files has them."""
    return {
        table.name: list(csv.DictReader(io.StringIO(table.csv(), newline=""))) for table in tables
    }


def test_a_run_of_three_classes():
    tables = of_runs(sample_run())
    assert list(tables) == [
        "figures", "classes", "confusions", "layers", "arguments", "history",
    ]  # fmt: skip
    test, validation = tables["figures"]
    assert (test["part"], test["n"], test["accuracy"]) == ("test", "30", str(26 / 30))
    assert validation["part"] == "validation"
    assert [row["weights"] for row in tables["layers"]] == ["0", "5200", "1203"]
    assert [row["epoch"] for row in tables["history"]] == ["1", "2", "3"]
    optimizer = {row["argument"]: row["value"] for row in tables["arguments"]}
    assert (optimizer["rho"], optimizer["weight_decay"]) == ("0.9", "")


def test_confusions_are_cells_that_hold_an_image():
    rows = [row for row in of_runs(sample_run())["confusions"] if row["part"] == "test"]
    counts = {(row["true"], row["predicted"]): int(row["count"]) for row in rows}
    cat, script, dog = CLASSES
    assert counts == {
        (cat, cat): 8, (cat, script): 2, (script, script): 9, (script, dog): 1,
        (dog, cat): 1, (dog, dog): 9,
    }  # fmt: skip


def test_a_run_of_two_classes():
    tables = of_runs(two_class_run())
    measures = tables["measures"]
    (area,) = (row for row in measures if row["measure"] == "auroc" and row["part"] == "test")
    expected = plain(run_summary(two_class_run()))["binary_metrics"]["test"]["metrics"]["auroc"]
    assert float(area["value"]) == expected["value"]
    assert area["method"] == expected["method"]
    at_youden = [row for row in measures if row["point"] == "youden" and row["part"] == "test"]
    assert {row["measure"] for row in at_youden} >= {"sensitivity", "specificity", "ppv", "npv"}
    assert {row["prevalence"] for row in at_youden} == {"", "0.05", "0.3"}
    assert {row["subgroup"] for row in tables["subgroups"]} == {"bacteria", "virus"}
    assert tables["roc"][0]["threshold"] == ""  # infinite
    for name in ("precision_recall", "reliability", "net_benefit", "calibration"):
        assert tables[name]


def test_rows_of_several_runs_say_whose_they_are():
    rows = of_runs(sample_run("mlp-1"), sample_run("mlp-1", 1))["history"]
    assert [(row["experiment"], row["seed"]) for row in rows] == [
        ("mlp-1", seed) for seed in "000111"
    ]


def test_a_whole_study():
    tables = of_study(whole_study())
    assert {
        "experiments", "runs", "comparison", "tradeoffs", "confusion_changes", "label_errors",
        "audit", "audit_images", "audit_probe",
    } <= set(tables)  # fmt: skip
    mlp, cnn = tables["experiments"]
    assert (mlp["name"], mlp["seeds"], cnn["seeds"]) == ("mlp-1", "0 1", "0")
    assert float(mlp["training_s_mean"]) == np.mean([4.0, 5.25])
    (compared,) = tables["comparison"]
    assert (compared["first"], compared["difference"]) == ("mlp-1", "0.0123")
    times = [row for row in tables["tradeoffs"] if row["cost"] == "prediction_ms"]
    assert [(row["experiment"], row["value"]) for row in times] == [
        ("mlp-1", "0.0725"),
        ("cnn-1", "617.3"),
    ]
    assert times[0]["on_front"] == "true"
    assert [row["experiment"] for row in tables["courses"]] == ["mlp-1", "cnn-1"]
    assert tables["courses"][0]["most_epochs"] == "3"
    assert {row["network"] for row in tables["lab_example"]} == {"shallow", "deep"}
    (change,) = tables["confusion_changes"]
    assert (change["first"], change["a"], change["before_a_as_b"]) == ("mlp-1", "cat", "41.5")
    assert tables["label_errors"][0]["suggested"] == "dog & co"
    assert [row["images"] for row in tables["audit_images"]] == ["371", "412", "93", "104"]


def test_measures_of_a_study_of_two_classes_are_means():
    mlp, _ = of_study(of_areas())["experiments"]
    expected = plain(run_summary(two_class_run("mlp-1")))["binary_metrics"]["test"]["metrics"][
        "auroc"
    ]
    assert float(mlp["measures_auroc_value"]) == expected["value"]


def test_a_study_that_is_not_compared_has_no_such_table():
    page = StudyPage("s", "S", "", (sample_run("mlp-1"), sample_run("cnn-1")))
    assert "comparison" not in of_study(page)
    compared = StudyPage("s", "S", "", page.runs, comparison=comparison(pair("mlp-1", "cnn-1")))
    assert len(of_study(compared)["comparison"]) == 1


def test_columns_are_plain_words():
    page = whole_study()
    for table in study_tables(study_summary(page, ["r"] * 3)):
        for column in table.columns:
            assert column.replace("_", "").isalnum(), (table.name, column)
            assert column == column.lower()
