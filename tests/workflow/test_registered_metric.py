"""A metric that a user registers arrives wherever the built-in ones are."""

import json

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import matthews_corrcoef
from tests.report.conftest import sample_run
from tests.report.test_html_pages import outline
from tests.report.two_classes import answers, two_class_content, two_class_run
from tests.workflow.test_run_evaluation import experiment, films  # noqa: F401 (a fixture)

import leadline
from leadline.analysis.run_results import MulticlassResults
from leadline.cli.binary_text import binary_lines
from leadline.metrics import Metric, Sample, register, registered, unregister
from leadline.metrics.binary import BinaryPredictions, binary_metrics
from leadline.metrics.bootstrap import resample, units_of
from leadline.metrics.classification import evaluate
from leadline.metrics.decision_rule import Calibration, decide
from leadline.metrics.estimates import BinaryMetrics, OperatingPoint
from leadline.metrics.multiclass import multiclass_metrics
from leadline.report.csv_tables import run_tables, study_tables
from leadline.report.html_pages import render_run, render_study
from leadline.report.json_report import plain, run_summary, study_summary
from leadline.report.latex import study_latex
from leadline.report.page_content import StudyPage
from leadline.report.sections.study_view import StudyView

TITLE = "Matthews correlation"


def matthews(sample: Sample) -> np.ndarray:
    """Gorodkin's correlation of true and predicted classes, of two classes Matthews's."""
    confusion = sample.confusion
    n = confusion.sum(axis=(1, 2))
    true, predicted = confusion.sum(axis=2), confusion.sum(axis=1)
    right = np.trace(confusion, axis1=1, axis2=2)
    below = (n**2 - (true**2).sum(axis=1)) * (n**2 - (predicted**2).sum(axis=1))
    above = right * n - (true * predicted).sum(axis=1)
    mcc: NDArray[np.float64] = np.full(len(n), np.nan)
    np.divide(above, np.sqrt(below), out=mcc, where=below > 0)
    return mcc


@pytest.fixture
def mcc():
    register(
        Metric(
            key="mcc",
            title=TITLE,
            meaning="Correlation of true and predicted classes. 0 is guessing.",
            compute=matthews,
            tasks={"binary", "multiclass"},
            at_threshold=True,
            range=(-1.0, 1.0),
        )
    )
    yield "mcc"
    if "mcc" in {metric.key for metric in registered()}:
        unregister("mcc")


LOW = OperatingPoint("youden", 0.4)


@pytest.mark.parametrize("grouped", [True, False])
def test_the_value_is_scikit_learns_and_its_interval_resamples_patients(mcc, grouped):
    given = answers(60, 3)
    predictions = given if grouped else BinaryPredictions(given.scores, given.positive)
    found = binary_metrics(predictions, ("no", "yes"), [LOW], np.random.default_rng(5)).points[0]
    called = given.scores >= LOW.threshold
    assert found.metrics[mcc].value == pytest.approx(matthews_corrcoef(given.positive, called))
    units = units_of(60, predictions.groups)
    weights = resample(lambda drawn: drawn, units, np.random.default_rng(5))
    theirs = [matthews_corrcoef(given.positive, called, sample_weight=row) for row in weights]
    low, high = np.percentile(theirs, (2.5, 97.5))
    assert (found.mcc.low, found.mcc.high) == pytest.approx((low, high))
    assert found.mcc.method == ("patient_bootstrap" if grouped else "image_bootstrap")


def test_more_classes(mcc):
    rng = np.random.default_rng(0)
    rows, labels = rng.dirichlet(np.ones(4), 200), rng.integers(0, 4, 200)
    found = multiclass_metrics(rows, labels, "abcd", np.random.default_rng(0)).mcc
    assert found.value == pytest.approx(matthews_corrcoef(labels, rows.argmax(axis=1)))
    assert found.value is not None
    assert found.low < found.value < found.high


def test_at_the_end_of_its_range_it_has_wilsons_bounds(mcc):
    positive = np.arange(20) < 10
    predictions = BinaryPredictions(np.where(positive, 0.9, 0.1), positive)
    found = binary_metrics(predictions, ("no", "yes"), [LOW], np.random.default_rng(0)).points[0]
    # Wilson's lower bound of 20 of 20 is 1 / (1 + z² / 20); the range is twice as wide.
    assert found.mcc.low == pytest.approx(2 / (1 + 1.959964**2 / 20) - 1)
    assert (found.mcc.value, found.mcc.high, found.mcc.method) == (1.0, 1.0, "wilson")


def run_with(mcc, name="cnn-1", seed=0):
    """A run of two classes, evaluated now, so with every registered metric."""
    content = two_class_content(answers(160, seed), answers(120, 100 + seed))
    page = two_class_run(name, seed, binary=content)
    value = content.test.points[0].metrics[mcc].value
    return page, f"{value:.3f}"


def test_it_is_on_the_page_in_the_tables_and_in_the_record_of_a_run(mcc):
    page, value = run_with(mcc)
    text = outline(render_run(page)).text()
    assert f"{TITLE} {value}" in " ".join(text.split())
    [measures] = [table for table in run_tables([run_summary(page)]) if table.name == "measures"]
    rows = [row for row in measures.rows if row["measure"] == mcc]
    assert [(row["part"], row["point"]) for row in rows] == [
        ("test", "youden"), ("test", "sensitivity"),
        ("validation", "youden"), ("validation", "sensitivity"),
    ]  # fmt: skip
    assert f"{rows[0]['value']:.3f}" == value
    record = plain(run_summary(page))["binary_metrics"]["test"]["points"][0]
    assert f"{record['metrics'][mcc]['value']:.3f}" == value
    terminal = list(binary_lines(page.binary.test))
    assert f"{TITLE} {value} (" in terminal[1]


def test_it_is_compared_in_a_study(mcc):
    page, value = run_with(mcc)
    other, _ = run_with(mcc, "mlp-1", 1)
    study = StudyPage("films", "Films", "", (page, other))
    view = StudyView(study)
    text = " ".join(outline(render_study(study)).text().split())
    assert f"{TITLE}, Youden’s threshold" in text
    assert value in text
    [measures] = [table for table in study_latex(view) if table.name == "measures"]
    assert f"{TITLE}, Youden’s threshold" in measures.heads
    assert any(cell.startswith(f"{value} (") for line in measures.lines for cell in line.cells)
    record = study_summary(study, ["a", "b"])
    measures_of_first = record.experiments[0].measures
    assert measures_of_first is not None
    assert f"{measures_of_first[mcc].value:.3f}" == value
    [experiments] = [one for one in study_tables(record) if one.name == "experiments"]
    assert f"{experiments.rows[0]['measures_mcc_value']:.3f}" == value


def test_it_is_on_the_page_of_more_classes(mcc):
    rows = np.array([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.1, 0.3, 0.6], [0.6, 0.3, 0.1]])
    labels, names = np.array([0, 1, 2, 1]), ("cat", "dog", "owl")
    decided = decide(leadline.load_experiment("cnn-1").decision, None, names, Calibration(1.0), {})
    found = multiclass_metrics(rows, labels, names, np.random.default_rng(0))
    page = sample_run(
        evaluation_test=evaluate(rows, labels, names), multiclass=MulticlassResults(decided, found)
    )
    assert f"{TITLE} {found.mcc.value:.4f}" in " ".join(outline(render_run(page)).text().split())


def test_a_run_keeps_it_and_is_read_where_it_is_not_registered(mcc, films, tmp_path):  # noqa: F811
    done = leadline.run(experiment(), data=films, out=tmp_path / "films")
    measured = done.metrics.test_detail
    assert isinstance(measured, BinaryMetrics)
    value = measured.points[0].metrics[mcc].value
    table = json.loads((done.folder / "metrics.json").read_text(encoding="utf-8"))
    stored = table["test"]["binary_metrics"]["points"][0]["metrics"][mcc]
    assert (stored["value"], stored["method"]) == (value, "patient_bootstrap")
    assert f"{TITLE} {value:.3f} (" in (done.folder / "card.md").read_text(encoding="utf-8")
    assert TITLE in (done.folder / "report.html").read_text(encoding="utf-8")
    unregister(mcc)
    read = leadline.load_run(done.folder)
    assert isinstance(read.metrics.test_detail, BinaryMetrics)
    assert read.metrics.test_detail == measured
    lines = list(binary_lines(read.metrics.test_detail))
    assert f"mcc {value:.3f} (" in lines[1]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"key": "brier"}, "a metric 'brier' is registered already"),
        ({"key": "My metric"}, "metric key 'My metric': use at most 40 lower-case"),
        ({"range": (0.0, float("inf"))}, "has the range 0.0 to inf"),
    ],
)
def test_what_cannot_be_registered(changes, message):
    given = {"key": "mine", "title": "Mine", "meaning": "", "compute": matthews} | changes
    with pytest.raises(leadline.LeadlineError, match=message):
        register(Metric(**given))
    assert len(registered()) == 11


@pytest.mark.parametrize(
    ("compute", "message"),
    [
        (
            lambda sample: np.full(len(sample.weights), 2.0),
            "metric 'odd' is 2, outside its range from 0 to 1",
        ),
        (lambda sample: np.zeros((1, 2)), r"metric 'odd': `compute` returned an array \(1, 2\)"),
    ],
)
def test_a_metric_that_computes_something_else_is_named(compute, message):
    register(Metric("odd", "Odd", "", compute))
    try:
        with pytest.raises(leadline.LeadlineError, match=message):
            binary_metrics(answers(20, 0), ("no", "yes"), [], np.random.default_rng(0))
    finally:
        unregister("odd")
