"""Files damaged at random: nothing but our own errors gets out of any reader.

The same generator gives the same files. `LEADLINE_FUZZ=20000` tries that many instead of a few.
"""

import errno
import os
import random
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.damage import damaged
from tests.finished_runs import write_finished

from leadline import runs
from leadline.data import image_cache
from leadline.data.formats.idx import encode_idx
from leadline.data.formats.readers import read_path
from leadline.errors import DamagedRun, DataError, LeadlineError, RunError
from leadline.report.json_report import run_json
from leadline.runs import load_run, load_study, survey, write_checksums
from leadline.serving.study_reports import Studies
from leadline.system.bounded_files import guarded
from leadline.workflow.report_data import run_page
from leadline.workflow.run_comparison import compare_runs

TRIES = int(os.environ.get("LEADLINE_FUZZ", "150"))


def attempt(asked: Iterable[Callable[[], object]]) -> int:
    """How many of these were refused. Whatever is not a LeadlineError fails the test."""
    lines = []
    for ask in asked:
        try:
            ask()
        except LeadlineError as error:
            lines.append(str(error))
    assert [line for line in lines if "\n" in line or len(line) > 2000] == []
    return len(lines)


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    folder: Path = tmp_path_factory.mktemp("runs") / "a"
    write_finished(folder, "mlp-1", [1] * 20 + [0] * 10)
    return folder


def test_files_of_a_run(finished, tmp_path):
    rng, folder, whole = random.Random(1), tmp_path / "runs" / "a", load_run(finished)
    names = sorted(path.name for path in finished.iterdir())
    refused = 0
    for _ in range(TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(finished, folder)
        name = rng.choice(names)
        (folder / name).write_bytes(damaged((folder / name).read_bytes(), name, rng))
        if name != runs.CHECKSUMS and rng.random() < 0.85:  # as somebody with an editor could
            write_checksums(folder)
        refused += attempt(
            (
                lambda: run_json(run_page(load_run(folder))),
                lambda: load_run(folder).predictions(),
                lambda: load_run(folder).examples(),
                lambda: load_run(folder).gallery(),
                lambda: load_run(folder).explanations(),
                lambda: compare_runs([whole, load_run(folder)]),
            )
        )
        assert len(survey(tmp_path / "runs")) == 1
        Studies(tmp_path / "runs").now()
    assert refused > TRIES


def test_files_of_a_study(finished, tmp_path):
    rng, folder = random.Random(2), tmp_path / "study"
    shutil.copytree(finished, folder / "a")
    table = {
        "name": "s", "title": "", "description": "", "quick": False, "runs": [{"folder": "a"}],
        "comparison": {"margin": 0.005},
    }  # fmt: skip
    runs.write_study(folder, table)
    timing = {"median_ms": 1.0, "low_ms": 0.9, "high_ms": 1.1, "n": 3, "threads": 1}
    (folder / "timings.json").write_text(f"{{'a': {timing}}}".replace("'", '"'))
    (folder / "audit.json").write_text(
        '{"audited": "x", "findings": [], "pictures": {"a": {"size_px": [1, 2], "pixels": "AAA="}}}'
    )
    (folder / "plan.json").write_text('{"runs": ["a"]}')
    whole = {path.name: path.read_bytes() for path in folder.glob("*.json")}
    for _ in range(TRIES):
        name = rng.choice(sorted(whole))
        (folder / name).write_bytes(damaged(whole[name], name, rng))
        attempt(
            (
                lambda: load_study(folder),
                lambda: runs.study_margin(folder),
                lambda: runs.read_audit(folder),
                lambda: runs.read_timings(folder),
                lambda: runs.read_plan(folder),
                lambda: Studies(tmp_path).now(),
            )
        )
        (folder / name).write_bytes(whole[name])


def zipped(folder: Path, path: Path) -> Path:
    return Path(shutil.make_archive(str(path.with_suffix("")), "zip", folder))


@pytest.fixture(scope="module")
def sources(tmp_path_factory) -> dict[str, Path]:
    """Small data sets of each kind of file."""
    top = tmp_path_factory.mktemp("sources")
    pixels = np.arange(6 * 4 * 4, dtype=np.uint8).reshape(6, 4, 4)
    labels = np.array([0, 1] * 3, np.uint8)
    np.savez(top / "a.npz", x_train=pixels, y_train=labels, x_test=pixels, y_test=labels)
    np.savez_compressed(top / "b.npz", x_train=pixels / 255, y_train=labels.astype(str))
    for name in ("cat", "dog"):
        (top / "tree" / name).mkdir(parents=True)
        for number in range(3):
            Image.fromarray(pixels[number]).save(top / "tree" / name / f"{number}.png")
    zipped(top / "tree", top / "c.zip")
    (top / "idx").mkdir()
    (top / "idx" / "train-images-idx3-ubyte").write_bytes(encode_idx(pixels))
    (top / "idx" / "train-labels-idx1-ubyte").write_bytes(encode_idx(labels))
    return {"a.npz": top / "a.npz", "b.npz": top / "b.npz", "c.zip": top / "c.zip",
            "idx": top / "idx"}  # fmt: skip


@pytest.mark.parametrize("kind", ["a.npz", "b.npz", "c.zip", "idx"])
def test_data_sets(sources, tmp_path, kind):
    rng = random.Random(kind)
    for _ in range(TRIES // 2):
        place = tmp_path / kind
        if kind == "idx":
            shutil.copytree(sources[kind], place, dirs_exist_ok=True)
            file = place / rng.choice(["train-images-idx3-ubyte", "train-labels-idx1-ubyte"])
        else:
            shutil.copyfile(sources[kind], place)
            file = place
        file.write_bytes(damaged(file.read_bytes(), file.name, rng))
        attempt([lambda place=place: read_path(place, (4, 4), 1, lambda *_: None)])  # type: ignore[misc]


def test_a_damaged_cache_is_made_again(tmp_path, monkeypatch):
    monkeypatch.setenv("LEADLINE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(image_cache, "FEWEST", 1)
    monkeypatch.setattr(image_cache, "SETTLED_NS", -(10**18))
    image = tmp_path / "one.png"
    pixels = np.arange(64, dtype=np.uint8).reshape(8, 8)
    Image.fromarray(pixels).save(image)

    def read():
        return image_cache.read_kept([image], ["one.png"], (8, 8), 1, lambda *_: None)

    expected = read()
    kept = sorted((tmp_path / "cache" / "decoded").iterdir())
    assert [path.suffix for path in kept] == [".json", ".npy"]
    whole, rng = {path: path.read_bytes() for path in kept}, random.Random(3)
    for _ in range(TRIES):
        path = rng.choice(kept)
        path.write_bytes(damaged(whole[path], path.name, rng))
        np.testing.assert_array_equal(read(), expected)
        np.testing.assert_array_equal(read(), expected)
        assert kept[1].read_bytes() == whole[kept[1]]


class PanicException(BaseException):
    """As Rust extensions raise it."""


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (PanicException("index out of bounds"), "index out of bounds"),
        (RecursionError("x"), "nested too deeply"),
        (KeyError("seed"), "no 'seed'"),
        (OSError(22, "Invalid argument"), "Invalid argument"),
        (RuntimeError(), "RuntimeError"),
        (ValueError("first\nsecond\x00"), "first"),
        (ValueError("x" * 5000), "x" * 200 + "…"),
    ],
)
def test_whatever_is_raised_becomes_one_line(error, reason):
    with pytest.raises(DataError) as raised, guarded("file", DataError, "get it again"):
        raise error
    assert str(raised.value) == f"file: damaged ({reason}); get it again."


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MemoryError(), "too little memory"),
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
        (OSError(errno.EMFILE, "Too many open files"), "Too many open files"),
        (PermissionError(errno.EACCES, "Permission denied"), "Permission denied"),
    ],
)
@pytest.mark.parametrize(("asked", "given"), [(DamagedRun, RunError), (DataError, DataError)])
def test_what_the_system_refuses_is_no_damage(error, reason, asked, given):
    with pytest.raises(given) as raised, guarded("file", asked, "train again"):
        raise error
    assert type(raised.value) is given
    assert str(raised.value) == f"file: cannot be read ({reason})."


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_an_interruption_is_no_damage(kind):
    with pytest.raises(kind), guarded("file", DataError, "get it again"):
        raise kind
