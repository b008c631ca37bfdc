"""What is written keeps to the schema that is published, read by a library that is not ours."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from tests.report.comparisons import comparison, pair
from tests.report.conftest import HISTORY, sample_run
from tests.report.two_classes import two_class_run

from leadline.data.audit import Audit, Finding, Measured
from leadline.data.remarks import remark
from leadline.report.json_report import (
    json_schema,
    run_json,
    study_json,
)
from leadline.report.page_content import StudyPage
from leadline.report.sections.audit_view import audit_view

PUBLISHED = Path(__file__).parents[2] / "docs" / "report.schema.json"
AUDIT = Audit(
    "films",
    {"train": {"a": 3, "b": 4}},
    (Finding("small-split", ("val",), 1, {"right": 1, "interval": [0.2, 1.0]}),),
    (Measured("brightness", 0.6, (0.5, 0.7), False),),
    (remark("no-group-pattern"),),
)


def study(*runs, **changes):
    return StudyPage(name="s", title="S", description="", runs=runs, **changes)


def study_file(page):
    return study_json(page, [f"run-{n}" for n in range(len(page.runs))])


def run_file(page):
    return run_json(page)


DIVERGED = (replace(HISTORY[0], train_loss=float("nan"), validation_loss=float("inf")),)
FILES = {
    "run": lambda: run_file(sample_run()),
    "diverged": lambda: run_file(sample_run(history=DIVERGED, best_epoch=1, kept_epoch=1)),
    "two classes": lambda: run_file(two_class_run()),
    "unfitted": lambda: run_file(two_class_run(validated=False)),
    "study": lambda: study_file(study(sample_run("mlp-1"), sample_run("cnn-1"))),
    "seeds": lambda: study_file(
        study(sample_run("mlp-1"), sample_run("mlp-1", 1), sample_run("cnn-1"))
    ),
    "audited": lambda: study_file(study(sample_run("mlp-1"), audit=audit_view(AUDIT))),
    "compared": lambda: study_file(
        study(
            sample_run("mlp-1"), sample_run("cnn-1"), comparison=comparison(pair("mlp-1", "cnn-1"))
        )
    ),
    "areas": lambda: study_file(study(two_class_run("mlp-1"), two_class_run("cnn-1", 1))),
}


@pytest.fixture(scope="module")
def validator():
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def strict(schema):
    """The schema, refusing every key that it does not name."""
    for shape in schema["$defs"].values():
        if "properties" in shape:
            shape["additionalProperties"] = False
    return schema


@pytest.mark.parametrize("name", FILES)
def test_files_keep_to_the_schema_and_it_names_their_every_key(name):
    table = json.loads(json.dumps(FILES[name](), allow_nan=False))
    kind = table["schema"]["name"].capitalize()
    schema = strict(json_schema())
    own = {**schema, "anyOf": [{"$ref": f"#/$defs/{kind}File"}]}
    errors = Draft202012Validator(own).iter_errors(table)
    assert [(list(error.absolute_path), error.message[:200]) for error in errors] == []


def test_what_is_not_finite_is_null():
    (row,) = FILES["diverged"]()["training"]["history"]
    assert row["train_loss"] is row["validation_loss"] is None
    assert row["train_accuracy"] == 0.6


@pytest.mark.parametrize(
    "spoil",
    [
        lambda table: table["experiments"][0].pop("weights"),
        lambda table: table["runs"][0].update(seed="0"),
        lambda table: table["schema"].update(name="run"),
        lambda table: table["runs"][0]["report"]["test"].update(accuracy_interval=[0.1]),
        lambda table: table.update(judged_by="taste"),
    ],
)
def test_the_schema_refuses_what_is_wrong(validator, spoil):
    table = FILES["study"]()
    assert validator.is_valid(json.loads(json.dumps(table)))
    spoil(table)
    assert not validator.is_valid(json.loads(json.dumps(table)))


def test_the_published_schema_is_that_of_the_code():
    said = "write it again: leadline report --schema > docs/report.schema.json"
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == json_schema(), said


def test_every_shape_says_what_it_is():
    made = json_schema()["$defs"]
    undescribed = [name for name, shape in made.items() if not shape.get("description")]
    assert undescribed == []
    # What a dataclass says of itself where nobody wrote a word is its signature.
    assert [
        name for name, shape in made.items() if shape["description"].startswith(f"{name}(")
    ] == []


def test_the_version_is_in_the_file_and_in_the_schema():
    assert FILES["run"]()["schema"] == {"name": "run", "version": "2.0"}
    assert json_schema()["$id"] == "urn:leadline:report:2.0"


def test_a_comparison_says_what_it_comes_to():
    runs = sample_run("mlp-1"), sample_run("cnn-1")
    found = study_file(study(*runs, comparison=comparison(pair("mlp-1", "cnn-1"))))["comparison"]
    assert {found["best"], found["next"]} == {"mlp-1", "cnn-1"}
    assert found["judged_by"] == "accuracy"
