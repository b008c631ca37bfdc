"""A rule from outside the package arrives on the page, in the terminal and in JSON."""

import json
from dataclasses import asdict

import pytest
from tests.analysis.diagnosis.course_of import diagnosed, kinds, made
from tests.report.conftest import sample_run

from leadline.analysis.diagnosis.advice import Advice
from leadline.analysis.diagnosis.learning_curve import Span
from leadline.analysis.diagnosis.rules import contradict
from leadline.analysis.diagnosis.training_findings import (
    RULES,
    Diagnosis,
    Finding,
    Rule,
    register,
    rule_of,
)
from leadline.errors import DamagedRun
from leadline.report.html_pages import render_run
from leadline.report.json_report import plain, run_summary
from leadline.report.words.diagnosis_words import headline
from leadline.runs import metrics_file
from leadline.runs.folder_files import reading
from leadline.runs.typed_json import typed
from leadline.system.messages import message

HISTORY = made([2.0, 1.9, 1.8, 1.0, 0.6, 0.4, 0.3, 0.25, 0.22, 0.2])


class SlowStart(Rule):
    """A rule of somebody else: the loss hardly fell in the first epochs."""

    code = "slow-start"
    title = message("Slow start")
    onset = True

    def search(self, training):
        first, third = training.course.held_loss[[0, 2]]
        if third > 0.8 * first:
            yield self.finding(Span(1, 3), {"share": third / first}, training.setting)

    def message(self, finding, held):
        return message(
            "After three epochs {share:.0%} of the {held} loss was left.",
            share=finding.number("share"), held=held,
        )  # fmt: skip

    def advice(self, span, setting, *, improving):
        yield Advice("training.warm_up", "set", "3")


@pytest.fixture
def slow_start():
    rule = SlowStart()
    register(rule)
    yield rule
    RULES.remove(rule)


def test_it_arrives_on_page_in_terminal_and_json(slow_start):
    diagnosis = diagnosed(HISTORY)
    assert "slow-start" in kinds(diagnosis)
    assert "slow start from epoch 1" in headline(diagnosis)
    page = sample_run(history=HISTORY, diagnosis=diagnosis)
    html = render_run(page)
    assert "Slow start" in html
    assert "After three epochs 90% of the validation loss was left." in html
    assert "training.warm_up = 3" in html
    record = plain(run_summary(page))["diagnosis"]
    (found,) = [one for one in record["findings"] if one["kind"] == "slow-start"]
    assert found["advice"] == [{"key": "training.warm_up", "how": "set", "value": "3"}]
    stored = json.loads(json.dumps(asdict(diagnosis)))
    assert typed(Diagnosis, stored) == diagnosis


def test_a_diverged_training_has_no_other_finding(slow_start):
    assert contradict("diverged", "slow-start")
    assert not contradict("unstable", "slow-start")


def test_a_code_is_taken_once(slow_start):
    with pytest.raises(ValueError, match="rule code 'slow-start' is taken"):
        register(SlowStart())


def test_without_its_rule_a_finding_has_no_words():
    with pytest.raises(KeyError, match="slow-start"):
        rule_of("slow-start")


@pytest.mark.parametrize("finding", [Finding("no-such", 1, 2, (), ()),
                                     Finding("plateaued", 1, 2, (), ())])  # fmt: skip
def test_a_stored_finding_that_cannot_be_shown_is_damage(finding, tmp_path):
    diagnosis = Diagnosis(2, 1, (1, 1), None, None, None, None, (finding,))
    stored = json.loads(json.dumps(asdict(diagnosis)))
    with pytest.raises(DamagedRun, match="damaged"), reading(tmp_path / "metrics.json"):
        metrics_file._diagnosis(stored)
