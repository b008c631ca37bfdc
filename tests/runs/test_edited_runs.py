"""Records of a run in which one value was changed or taken out: refused in one line, or read."""

import copy
import json
import shutil
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from tests.finished_runs import write_finished

from leadline.errors import LeadlineError, RunError
from leadline.report.json_report import run_json
from leadline.runs import load_run, load_study, write_checksums
from leadline.workflow.report_data import run_page

GONE = object()
CHANGES: tuple[Any, ...] = (None, "x", [], {}, -1, GONE)


@pytest.fixture
def folder(tmp_path):
    write_finished(tmp_path / "run", "mlp-1", np.arange(30) > 2)
    return tmp_path / "run"


def places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each value in it; of a list to its first."""
    inner = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(
        value, list
    ) else ()  # fmt: skip
    for key, one in inner:
        yield (*above, key)
        yield from places(one, (*above, key))


def changed(table: Any, place: tuple[Any, ...], change: Any) -> Any:
    table = copy.deepcopy(table)
    inner = table
    for key in place[:-1]:
        inner = inner[key]
    if change is GONE:
        del inner[place[-1]]
    else:
        inner[place[-1]] = change
    return table


@pytest.mark.parametrize("name", ["metrics.json", "split.json"])
def test_whatever_is_changed_it_is_read_or_refused(folder, name):
    table = json.loads((folder / name).read_text())
    refused = []
    for place in places(table):
        for change in CHANGES:
            (folder / name).write_text(json.dumps(changed(table, place, change)))
            write_checksums(folder)
            try:
                run_json(run_page(load_run(folder)))
            except LeadlineError as error:
                refused.append(str(error))
    assert len(refused) > 50
    assert [said for said in refused if str(folder / name) not in said or "\n" in said] == []


def test_what_is_no_array_is_no_invitation_to_load_it_unsafely(folder):
    (folder / "examples.npz").write_bytes(b"garbage")
    write_checksums(folder)
    with pytest.raises(RunError, match=r"examples\.npz: damaged \(not a zip archive, or cut"):
        load_run(folder).examples()


def test_a_run_whose_measures_are_gone_is_taken_for_no_study(folder):
    (folder / "report.json").write_text(json.dumps(run_json(run_page(load_run(folder)))))
    (folder / "metrics.json").unlink()
    with pytest.raises(RunError, match=r"metrics\.json: missing, so this is not a whole run"):
        load_study(folder)


def test_a_study_with_a_run_that_is_gone_names_it(tmp_path, folder):
    rows = [{"folder": "run"}]
    table = {"name": "s", "title": "", "description": "", "runs": rows}
    (tmp_path / "report.json").write_text(json.dumps(table))
    assert load_study(tmp_path)[0].name == "s"
    shutil.rmtree(folder)
    with pytest.raises(RunError, match="run: no such run folder"):
        load_study(tmp_path)


def test_a_class_has_a_name(folder):
    table = json.loads((folder / "metrics.json").read_text())
    (folder / "metrics.json").write_text(json.dumps(table | {"classes": [{}, "b", "c"]}))
    write_checksums(folder)
    with pytest.raises(RunError, match=r"metrics\.json: damaged \(a class whose name is no text\)"):
        load_run(folder)
