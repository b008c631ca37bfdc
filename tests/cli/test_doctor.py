"""What `doctor` finds, on this machine and on poorer ones."""

import importlib.util
import json
import platform
from importlib.metadata import PackageNotFoundError, version

import pytest

from leadline.cli import doctor, extras
from leadline.cli.extras import parse
from leadline.errors import MissingExtra
from leadline.system.dependency_settings import PASSIVE_WAIT


def without(*missing: str):
    """`importlib.metadata.version`, as it were without some packages."""

    def fake(name: str) -> str:
        if name in missing:
            raise PackageNotFoundError(name)
        return version(name)

    return fake


def test_what_programs_read(leadline):
    said = leadline("doctor", "--json")
    assert (said.status, said.err) == (0, "")
    found = json.loads(said.out)
    assert found["python"] == platform.python_version()
    assert found["extras"]["core"]["packages"]["numpy"] == version("numpy")
    assert found["extras"]["core"]["installed"] is True
    assert set(found["extras"]) == {"core", "train", "dicom", "sample"}
    assert found["processors"] >= 1
    assert found["free_disk_bytes"]["here"] > 0
    assert set(found["cache"]) == {"folder", "chest-xray", "mnist", "pneumoniamnist"}
    assert found["device"]["bfloat16_is_quick"] in (True, False, None)
    assert 0 < found["memory_bytes"]["available"] <= found["memory_bytes"]["total"]


@pytest.mark.parametrize(
    ("environment", "count", "source", "shown"),
    [
        ({"LEADLINE_THREADS": "3"}, 3, "LEADLINE_THREADS", "3 (from LEADLINE_THREADS)"),
        ({"OMP_NUM_THREADS": "2"}, 2, "OMP_NUM_THREADS", "2 (from OMP_NUM_THREADS)"),
        ({}, 6, "affinity", "6 (all processors of this process)"),
    ],
)
def test_how_many_threads_and_why(leadline, monkeypatch, environment, count, source, shown):
    monkeypatch.setattr("leadline.system.threads.processors_in_mask", lambda: 6)
    monkeypatch.setattr("leadline.system.threads.cpu_quota", lambda: None)
    for name in ("LEADLINE_THREADS", "OMP_NUM_THREADS", "GOMP_SPINCOUNT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**PASSIVE_WAIT, **environment}.items():
        monkeypatch.setenv(name, value)
    found = json.loads(leadline("doctor", "--json").out)["threads"]
    assert (found["count"], found["source"], found["cpu_quota"]) == (count, source, None)
    assert found["wait"] == {**PASSIVE_WAIT, "GOMP_SPINCOUNT": None}
    said = " ".join(leadline("doctor").err.split())
    assert f"threads {shown}, asleep when idle" in said


def test_a_quota_and_spinning_are_told(leadline, monkeypatch):
    monkeypatch.setattr("leadline.system.threads.processors_in_mask", lambda: 64)
    monkeypatch.setattr("leadline.system.threads.cpu_quota", lambda: 1.5)
    for name in ("LEADLINE_THREADS", "OMP_NUM_THREADS", "KMP_BLOCKTIME", "GOMP_SPINCOUNT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    found = json.loads(leadline("doctor", "--json").out)["threads"]
    assert (found["count"], found["source"], found["cpu_quota"]) == (2, "cpu_quota", 1.5)
    said = " ".join(leadline("doctor").err.split())
    assert "threads 2 (the CPU quota of the container), OMP_WAIT_POLICY=ACTIVE" in said


def test_what_people_read(leadline):
    said = leadline("doctor")
    assert (said.status, said.out) == (0, "")
    for part in (
        "Python",
        "device",
        "cache",
        "npm",
        "free",
        "Packages",
        "numpy",
        "bfloat16",
        "chest-xray",
    ):
        assert part in said.err


def test_a_missing_package_is_said_with_the_command_that_fixes_it(leadline, monkeypatch):
    monkeypatch.setattr("importlib.metadata.version", without("keras", "pydicom"))
    found = json.loads(leadline("doctor", "--json").out)["extras"]
    assert found["train"]["packages"]["keras"] is None
    assert found["train"]["installed"] is False
    assert found["train"]["fix"] == "pip install 'leadline[train]'"
    said = leadline("doctor")
    assert "extra train is not installed: pip install 'leadline[train]'\n" in said.err
    row = next(line for line in said.err.splitlines() if " keras " in line)
    assert row.split()[-2:] == ["keras", "missing"]


def test_without_torch_there_is_no_device(leadline, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: None if name == "torch" else found(name)
    )
    assert json.loads(leadline("doctor", "--json").out)["device"] is None
    assert "no torch: pip install 'leadline[train]'" in leadline("doctor").err


@pytest.mark.parametrize(
    ("capabilities", "quick"),
    [({"amx_bf16": True}, True), ({"amx_bf16": False, "avx512_bf16": True}, False),
     ({"architecture": "aarch64"}, False), ({}, None)],
)  # fmt: skip
def test_only_matrix_units_make_sixteen_bits_quick(capabilities, quick):
    assert doctor.bfloat16_is_quick(capabilities) is quick
    assert doctor.BFLOAT16[quick]


def test_no_npm_is_no_fault(leadline, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    said = leadline("doctor")
    assert said.status == 0
    assert "not found (only one of several MNIST" in said.err


def test_free_room_of_a_folder_that_is_not_there_yet(tmp_path):
    free = doctor.free_bytes(tmp_path / "a" / "b")
    assert free is not None
    assert free > 0


def test_a_current_folder_that_was_removed(leadline, tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert doctor.examine()["free_disk_bytes"]["here"] is None
    assert "free space unknown" in leadline("doctor").err


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        ("numpy>=2.0", ("numpy", "")),
        ("torch<3,>=2.9; extra == 'train'", ("torch", "train")),
        ('pylibjpeg[all]>=2.0; extra == "dicom"', ("pylibjpeg", "dicom")),
        ("tomli-w (>=1.1)", ("tomli-w", "")),
        ("mlxtend ; extra == 'sample'", ("mlxtend", "sample")),
    ],
)
def test_lines_of_metadata(requirement, expected):
    assert parse(requirement) == expected


def test_a_missing_extra_names_the_command_and_the_packages(monkeypatch):
    found = importlib.util.find_spec
    missing = {"scipy", "torch"}
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: None if name in missing else found(name)
    )
    with pytest.raises(MissingExtra) as raised:
        extras.require("train")
    assert str(raised.value) == (
        "this command needs the training extra: pip install 'leadline[train]' "
        "(not installed: scipy, torch)"
    )


def test_an_installed_extra_is_no_error():
    extras.require("train")


@pytest.mark.parametrize(
    "arguments", [("show", "mlp-1"), ("train", "mlp-1"), ("study", "lab"), ("report", "runs")]
)
def test_commands_that_need_the_extra_say_so(leadline, here, monkeypatch, arguments):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: None if name == "keras" else found(name)
    )
    leadline(*arguments).is_one_line(
        "error: this command needs the training extra: pip install 'leadline[train]'"
    )
