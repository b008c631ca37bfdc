"""Which folders a study may be written to, and which it is read from."""

import json

import numpy as np
import pytest
from tests.finished_runs import write_finished

from leadline.errors import RunError
from leadline.experiments import Study, load_experiment
from leadline.runs.study_folder import load_study, require_same_study


@pytest.fixture
def look():
    return Study(name="look", experiments=(load_experiment("mlp-1"),))


def test_a_report_of_something_else_is_not_written_over(tmp_path, look):
    (tmp_path / "report.html").write_text("thesis")
    with pytest.raises(RunError, match=r"holds a report\.html of something else; give another"):
        require_same_study(tmp_path, look)


def test_other_files_do_not_stand_in_the_way(tmp_path, look):
    (tmp_path / "notes.txt").write_text("x")
    require_same_study(tmp_path, look)
    (tmp_path / "report.json").write_text('{"name": "look"}')
    (tmp_path / "report.html").write_text("ours")
    require_same_study(tmp_path, look)


def test_another_study_is_refused(tmp_path, look):
    (tmp_path / "report.json").write_text('{"name": "lab"}')
    with pytest.raises(RunError, match="holds the study 'lab', not 'look'; give another folder"):
        require_same_study(tmp_path, look)


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        ([], "it lists no runs"),
        ([{"folder": "../../etc"}], r"run folder '\.\./\.\./etc' lies outside the study"),
        ([{"folder": "/etc"}], "run folder '/etc' lies outside the study"),
        ([{"folder": "a/seed-0"}, {"folder": "a/./seed-0"}], "it lists a run twice"),
    ],
)
def test_a_record_edited_by_hand(tmp_path, listed, said):
    table = {"format": 1, "name": "x", "title": "", "description": "", "runs": listed}
    (tmp_path / "report.json").write_text(json.dumps(table))
    with pytest.raises(RunError, match=rf"report\.json: damaged \({said}\)"):
        load_study(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 100_000, "nested too deeply"),
        ('{"name": 5, "title": "", "description": "", "runs": [{"folder": "a"}]}', "name: Input"),
    ],
)
def test_what_is_wrong_with_a_record_takes_one_line(tmp_path, text, said):
    write_finished(tmp_path / "a", "mlp-1", np.arange(30) > 2)
    (tmp_path / "report.json").write_text(text)
    with pytest.raises(RunError, match=rf"report\.json: damaged \({said}") as caught:
        load_study(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_record_may_be_larger_the_more_runs_the_study_has(tmp_path, monkeypatch):
    folders = ["mlp-1/seed-0", "mlp-1/seed-1", "mlp-2/seed-0"]
    for place in folders:
        write_finished(tmp_path / place, place[:5], np.arange(30) > 2, seed=int(place[-1]))
    table = {"name": "x", "title": "", "description": "", "runs": [{"folder": p} for p in folders]}
    text = json.dumps(table | {"filler": "-" * 1000})
    (tmp_path / "report.json").write_text(text)
    monkeypatch.setattr("leadline.runs.study_folder.MOST_JSON_BYTES", len(text) // 3 + 1)
    assert len(load_study(tmp_path)[1]) == 3
    monkeypatch.setattr("leadline.runs.study_folder.MOST_JSON_BYTES", len(text) // 3 - 1)
    with pytest.raises(RunError, match=r"bytes, at most [\d,]+ are read"):
        load_study(tmp_path)
