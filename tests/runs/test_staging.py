"""A run's folder after a kill or a power cut at any step."""

import errno
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.closed_folders import close_folder
from tests.finished_runs import write_finished
from tests.scratch_names import dead_scratch_name
from tests.system.test_durable_files import Calls

from leadline.errors import DamagedRun, OtherFormat, RunError, StorageError
from leadline.runs import (
    CHECKPOINT,
    check_sums,
    is_recoverable,
    list_runs,
    load_run,
    partial_of,
    recover,
    run_folder,
    survey,
    tidy,
    write_checksums,
    write_examples,
    writing,
)
from leadline.runs.checksums import CHECKSUMS, LISTED, check_sum, read_checked
from leadline.runs.run_survey import DamagedSummary
from leadline.serving.study_reports import Studies
from leadline.system.bounded_files import read_bytes


class Killed(BaseException):
    """The process ends here: nothing that follows is executed."""


def write(folder, *, content="{}"):
    with writing(folder, "one", resume=True) as place:
        (place / "metrics.json").write_text(content)
        (place / CHECKPOINT).write_bytes(b"state")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_files_then_sums_then_the_folders_name_then_the_checkpoint(tmp_path, monkeypatch):
    if not Path("/proc/self/fd").exists():
        pytest.skip("needs /proc to name what is synced")
    with writing(tmp_path / "run", "one") as place:
        (place / "metrics.json").write_text("{}")
        (place / "model.keras").write_bytes(b"weights")
        (place / CHECKPOINT).write_bytes(b"state")
        calls = Calls(monkeypatch)
    made = calls.made
    steps = [
        ("sync", "metrics.json"),
        ("sync", "model.keras"),
        ("sync", "run.partial"),
        ("rename", "temporary", CHECKSUMS),
        ("rename", "run.partial", "run"),
        ("sync", tmp_path.name),
        ("remove", CHECKPOINT),
    ]
    places = [made.index(step) for step in steps]
    assert places == sorted(places)
    sums = made.index(("rename", "temporary", CHECKSUMS))
    assert made[sums - 1] == ("sync", "temporary")
    assert made[sums + 1] == ("sync", "run.partial")
    assert made[-1] == ("sync", "run")


@pytest.mark.parametrize(
    "step", ["sync_tree", "write_checksums", "rename_folder", "_drop_leftovers"]
)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_at_any_step_leaves_a_run_or_a_checkpoint(tmp_path, monkeypatch, step, when):
    folder = tmp_path / "run"
    held = getattr(__import__("leadline.runs.staging", fromlist=["x"]), step)

    def kill(*arguments):
        if when == "after":
            held(*arguments)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(f"leadline.runs.staging.{step}", kill)
        with pytest.raises(Killed):
            write(folder)
    if folder.exists():
        tidy(folder)
    elif is_recoverable(folder):
        recover(folder)
    else:
        assert (partial_of(folder) / CHECKPOINT).read_bytes() == b"state"
        write(folder)
    check_sums(folder)
    assert names(folder) == [CHECKSUMS, "metrics.json"]
    assert names(tmp_path) == ["run"]


def test_a_power_cut_before_the_sync_is_no_finished_run(tmp_path):
    """What was not synced is empty after the cut; the folder had not got its name yet."""
    partial = tmp_path / "run.partial"
    partial.mkdir()
    (partial / "metrics.json").write_text("{}")
    write_checksums(partial)
    assert is_recoverable(tmp_path / "run")
    (partial / "metrics.json").write_bytes(b"")
    assert not is_recoverable(tmp_path / "run")


def test_a_kill_between_two_renames_loses_no_run(tmp_path, monkeypatch):
    """A damaged run makes way, and the process dies before the new one has its place."""
    folder = tmp_path / "run"
    write(folder)
    (folder / "metrics.json").write_bytes(b"")
    renames = []

    def kill_at_second(source, target):
        renames.append(target.name)
        if len(renames) == 2:
            raise Killed
        source.rename(target)

    with monkeypatch.context() as patched:
        patched.setattr("leadline.runs.staging.rename_folder", kill_at_second)
        with pytest.raises(Killed):
            write(folder, content='{"new": 1}')
    assert renames == ["run.damaged", "run"]
    assert names(tmp_path) == ["run.damaged", "run.partial"]
    assert is_recoverable(folder)
    recover(folder)
    assert (folder / "metrics.json").read_text() == '{"new": 1}'


def test_a_damaged_run_is_kept_beside_the_new_one(tmp_path):
    folder = tmp_path / "run"
    for expected in (["run"], ["run", "run.damaged"], ["run", "run.damaged", "run.damaged-2"]):
        write(folder)
        assert names(tmp_path) == expected
        (folder / "metrics.json").write_bytes(b"")
        (folder / "notes.txt").write_text("precious")
    assert (tmp_path / "run.damaged" / "notes.txt").read_text() == "precious"


def test_a_whole_run_is_not_replaced(tmp_path):
    write(tmp_path / "run")
    with pytest.raises(RunError, match="another process has finished this run"):
        write(tmp_path / "run")


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EBADF])
def test_a_file_system_without_locks(tmp_path, monkeypatch, number):
    fcntl = pytest.importorskip("fcntl")

    def refuse(*_):
        raise OSError(number, "no locks")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with writing(tmp_path / "run", "one") as place:
        (place / "metrics.json").write_text("{}")
        with pytest.raises(RunError, match="another process"), writing(tmp_path / "run", "one"):
            pass
    assert names(tmp_path) == ["run"]


def test_places_of_killed_processes_are_swept_but_no_checkpoint(tmp_path):
    def leave(name, owner, *files):
        (tmp_path / name / "attempt-x").mkdir(parents=True)
        (tmp_path / name / owner).touch()
        for file in files:
            (tmp_path / name / file).write_bytes(b"x")

    leave("dead.partial", dead_scratch_name(".owner"), "metrics.json", "progress.json")
    leave("resumable.partial", dead_scratch_name(".owner"), CHECKPOINT)
    leave("whole.partial", dead_scratch_name(".owner"), CHECKSUMS)
    leave("mine.partial", dead_scratch_name(".owner"), "thesis.txt")
    (tmp_path / "other.partial").mkdir()
    write(tmp_path / "run")
    assert names(tmp_path) == [
        "mine.partial", "other.partial", "resumable.partial", "run", "whole.partial"
    ]  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    write_finished(tmp_path / "runs" / "a", "mlp-1", [1] * 20 + [0] * 10)
    write_finished(tmp_path / "runs" / "b", "mlp-2", [1] * 25 + [0] * 5)
    return tmp_path / "runs" / "a"


@pytest.mark.parametrize("change", ["empty", "cut", "longer", "gone"])
@pytest.mark.parametrize("name", [*LISTED[:7], CHECKSUMS])
def test_every_file_that_is_not_whole_is_found_on_loading(folder, name, change):
    path = folder / name
    content = path.read_bytes()
    if change == "gone":
        path.unlink()
    else:
        kept = {"empty": b"", "cut": content[: len(content) // 2], "longer": content + b"x"}
        path.write_bytes(kept[change])
    with pytest.raises(DamagedRun, match=rf"{name}: .*; train the run again\.$") as raised:
        load_run(folder)
    assert "\n" not in str(raised.value)
    finished, damaged = list_runs(folder.parent), survey(folder.parent)
    assert [one.experiment for one in finished] == ["mlp-2"]
    assert [one.folder.name for one in damaged] == ["a", "b"]
    assert isinstance(damaged[0], DamagedSummary)
    assert damaged[0].code == "damaged-run"


def test_content_of_the_same_size_is_found_on_reading(folder):
    path = folder / "predictions.parquet"
    path.write_bytes(bytes(len(path.read_bytes())))
    run = load_run(folder)
    with pytest.raises(DamagedRun, match=r"predictions\.parquet: .*not what was written"):
        run.predictions()
    with pytest.raises(DamagedRun, match=r"predictions\.parquet: .*not what was written"):
        check_sums(folder)


def test_sums_of_another_format_are_refused(folder):
    table = json.loads((folder / CHECKSUMS).read_text())
    (folder / CHECKSUMS).write_text(json.dumps(table | {"format": 2}))
    with pytest.raises(OtherFormat, match=r"a later version .*format 2, this version reads 1\)"):
        load_run(folder)
    (folder / CHECKSUMS).write_text(json.dumps(table | {"format": "1"}))
    with pytest.raises(DamagedRun, match=r"damaged \(format '1'\); train the run again\.$"):
        load_run(folder)


def test_a_matrix_of_an_earlier_format_is_not_read_as_cells(folder):
    path = folder / "metrics.json"
    table = json.loads(path.read_text())
    assert table["format"] == 2
    table["test"]["confusion"] = [[2, 1, 1], [1, 2, 1], [0, 1, 2]]
    path.write_text(json.dumps(table | {"format": 1}))
    (folder / "history.csv").write_text("as an earlier version wrote it")
    write_checksums(folder)
    with pytest.raises(OtherFormat) as raised:
        load_run(folder)
    assert str(raised.value) == (
        f"{path}: written by an earlier version of leadline (format 1, this version reads 2); "
        "remove the run, or give another folder with --out, and train it again."
    )
    [one] = [one for one in survey(folder.parent) if one.folder == folder]
    assert isinstance(one, DamagedSummary)
    assert one.code == "unreadable-run"


def test_folders_of_damaged_and_unfinished_runs_are_not_listed(folder):
    for name in ("a.damaged", "a.damaged-2", "a.partial"):
        shutil.copytree(folder, folder.with_name(name))
    assert [one.folder.name for one in survey(folder.parent)] == ["a", "b"]
    [study] = Studies(folder.parent).now().studies
    assert {one.path for one in study.runs} == {"a", "b", "a.partial"}


def test_a_folder_that_may_not_be_opened_does_not_hide_the_others(folder, monkeypatch):
    write_finished(folder.parent / "closed" / "c", "mlp-3", [1, 0, 1, 1])
    close_folder(monkeypatch, folder.parent / "closed")
    assert [one.experiment for one in list_runs(folder.parent)] == ["mlp-1", "mlp-2"]


def test_a_run_folder_has_a_name_of_its_own(tmp_path, monkeypatch):
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    assert partial_of(run_folder(".")) == tmp_path / "a" / "b.partial"
    assert partial_of(run_folder("..")) == tmp_path / "a.partial"
    assert partial_of(run_folder("c/../..")) == tmp_path / "a.partial"
    assert run_folder("c/d") == Path("c/d")
    with pytest.raises(RunError, match=r"^/: cannot be a run folder; give another one with --out"):
        run_folder("/")


def test_an_error_of_a_file_elsewhere_passes(tmp_path):
    with pytest.raises(FileNotFoundError), writing(tmp_path / "run", "one"):
        (tmp_path / "labels.txt").read_bytes()
    refused = pytest.raises(StorageError, match=r"run\.partial: cannot be written \(No such file")
    with refused, writing(tmp_path / "run", "one") as place:
        (place / "a" / "b").write_bytes(b"")
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_the_size_that_was_written_is_never_too_large(folder, monkeypatch):
    path = folder / "metrics.json"
    content = path.read_bytes()
    assert read_checked(path, 10) == content
    (folder / "notes.txt").write_bytes(content)
    with pytest.raises(ValueError, match="at most 10 are read"):
        read_checked(folder / "notes.txt", 10)


def test_a_model_is_compared_without_being_read_whole(folder, monkeypatch):
    (folder / "model.keras").write_bytes(b"weights" * 100)
    write_checksums(folder)
    run = load_run(folder)

    def reads_checksums_alone(path, most_bytes):
        return read_bytes(path, most_bytes if path.name == CHECKSUMS else 0)

    monkeypatch.setattr("leadline.runs.checksums.read_bytes", reads_checksums_alone)
    check_sum(folder / "model.keras")
    (folder / "model.keras").write_bytes(b"weightz" * 100)
    with pytest.raises(DamagedRun, match=r"model\.keras: damaged \(its content is not what was"):
        run.model()
    monkeypatch.undo()
    (folder / "model.keras").unlink()
    write_checksums(folder)
    with pytest.raises(DamagedRun, match=r"model\.keras: missing; train the run again\.$"):
        load_run(folder).model()


def test_examples_of_any_size_of_image_are_read(folder, monkeypatch):
    monkeypatch.setattr("leadline.runs.finished_run.MOST_ARRAY_BYTES", 2000)
    run = load_run(folder)
    assert run.experiment.data.form.shape == (28, 28, 1)
    labels = np.zeros(80, np.int64)
    arrays: dict[str, NDArray[Any]] = {
        "pixels": np.zeros((80, 28, 28, 1), np.uint8), "true": labels, "predicted": labels,
        "probability": np.ones(80, np.float32), "index": labels,
    }  # fmt: skip
    write_examples(folder, arrays)
    write_checksums(folder)
    assert run.examples()["pixels"].nbytes == 62_720
    write_examples(folder, arrays | {"pixels": np.zeros((150, 28, 28, 1), np.uint8)})
    write_checksums(folder)
    with pytest.raises(DamagedRun, match="at most 83,536 are read"):
        run.examples()
