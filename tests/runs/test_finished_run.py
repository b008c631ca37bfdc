"""The place where a run is written: whole, or a checkpoint, or nothing."""

import pytest

from leadline.errors import RunError
from leadline.runs import CHECKPOINT, writing


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def break_off(folder, *written):
    """Ctrl-C, once these files have been written."""

    def write():
        with writing(folder, "one") as place:
            for name in written:
                (place / name).parent.mkdir(exist_ok=True)
                (place / name).write_bytes(b"x")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()


def test_a_whole_run_takes_its_place(tmp_path):
    with writing(tmp_path / "run", "one") as place:
        (place / "metrics.json").write_text("{}")
        (place / CHECKPOINT).write_bytes(b"x")
    assert names(tmp_path) == ["run"]
    assert names(tmp_path / "run") == ["checksums.json", "metrics.json"]


def test_what_breaks_off_leaves_its_checkpoint_and_what_it_is_of(tmp_path):
    break_off(tmp_path / "run", "metrics.json", "folder/inside", CHECKPOINT)
    assert names(tmp_path) == ["run.partial"]
    assert names(tmp_path / "run.partial") == ["attempt-one", CHECKPOINT]


def test_what_breaks_off_before_a_checkpoint_leaves_nothing(tmp_path):
    break_off(tmp_path / "run", "metrics.json", "folder/inside")
    assert names(tmp_path) == []


@pytest.mark.parametrize("resume", [True, False])
def test_what_a_killed_attempt_left_does_not_get_into_the_run(tmp_path, resume):
    killed = tmp_path / "run.partial"
    (killed / "folder").mkdir(parents=True)
    (killed / ".checkpoint.npz.abc").write_bytes(b"x")
    with writing(tmp_path / "run", "one", resume=resume) as place:
        (place / "metrics.json").write_text("{}")
    assert names(tmp_path / "run") == ["checksums.json", "metrics.json"]


def test_two_do_not_write_one_run(tmp_path):
    with writing(tmp_path / "run", "one") as place:
        (place / "metrics.json").write_text("{}")
        with (
            pytest.raises(RunError, match=r"run\.partial: another process is training this run"),
            writing(tmp_path / "run", "one"),
        ):
            pass
        visible = [name for name in names(place) if not name.startswith(".leadline-")]
        assert visible == ["attempt-one", "metrics.json"]
    assert names(tmp_path) == ["run"]


@pytest.mark.parametrize("mark", ["another", None])
def test_a_checkpoint_of_another_attempt_is_refused_and_kept(tmp_path, mark):
    partial = tmp_path / "run.partial"
    partial.mkdir()
    (partial / CHECKPOINT).write_bytes(b"precious")
    if mark is not None:
        (partial / f"attempt-{mark}").mkdir()
    with (
        pytest.raises(
            RunError, match=r"run\.partial/checkpoint\.npz: belongs to another experiment"
        ),
        writing(tmp_path / "run", "one", resume=True),
    ):
        pass
    assert (partial / CHECKPOINT).read_bytes() == b"precious"


@pytest.mark.parametrize(("resume", "found"), [(True, True), (False, False)])
def test_a_checkpoint_is_there_for_who_resumes(tmp_path, resume, found):
    break_off(tmp_path / "run", CHECKPOINT)
    with writing(tmp_path / "run", "one", resume=resume) as place:
        assert (place / CHECKPOINT).exists() == found
