"""How many threads, and what decides it: variables, masks and quotas of both cgroups."""

import os
import sys

import pytest
import torch

from leadline.errors import SetupError
from leadline.system import threads
from leadline.system.threads import Source, Threads, choose_threads, cpu_quota, torch_threads


@pytest.fixture
def eight(monkeypatch):
    """A machine of eight processors without a quota."""
    monkeypatch.setattr(threads, "processors_in_mask", lambda: 8)
    monkeypatch.setattr(threads, "cpu_quota", lambda: None)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"LEADLINE_THREADS": "4", "OMP_NUM_THREADS": "5"}, Threads(4, Source.VARIABLE)),
        ({"OMP_NUM_THREADS": "5"}, Threads(5, Source.OPENMP)),
        ({"OMP_NUM_THREADS": "5,2"}, Threads(5, Source.OPENMP)),
        ({"OMP_NUM_THREADS": "many"}, Threads(8, Source.AFFINITY)),
        ({"OMP_NUM_THREADS": "0"}, Threads(8, Source.AFFINITY)),
        ({"OMP_NUM_THREADS": "1025"}, Threads(8, Source.AFFINITY)),
        ({"OMP_NUM_THREADS": "1" * 5000}, Threads(8, Source.AFFINITY)),
        ({"LEADLINE_THREADS": " "}, Threads(8, Source.AFFINITY)),
        ({}, Threads(8, Source.AFFINITY)),
    ],
)
def test_the_first_that_is_there_decides(eight, environment, expected):
    assert choose_threads(environment) == expected


@pytest.mark.parametrize("wrong", ["0", "-1", "1.5", "two", "1025", "9" * 5000, "\u00b2"])
def test_a_number_of_threads_that_is_none(eight, wrong):
    with pytest.raises(SetupError, match=r"^LEADLINE_THREADS = .*from 1 to 1024") as e:
        choose_threads({"LEADLINE_THREADS": wrong})
    assert len(str(e.value)) < 120


@pytest.mark.parametrize(
    ("quota", "expected"),
    [(0.2, Threads(1, Source.QUOTA)), (1.5, Threads(2, Source.QUOTA)),
     (7.5, Threads(8, Source.AFFINITY)), (64.0, Threads(8, Source.AFFINITY))],
)  # fmt: skip
def test_a_quota_bounds_the_processors_of_the_mask(eight, monkeypatch, quota, expected):
    monkeypatch.setattr(threads, "cpu_quota", lambda: quota)
    assert choose_threads({}) == expected
    assert threads.available_processors() == expected.count


@pytest.mark.skipif(sys.platform != "linux", reason="masks of Linux")
def test_the_mask_counts():
    assert threads.processors_in_mask() == len(os.sched_getaffinity(0))


def group(root, path, **files):
    folder = root / path
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


@pytest.mark.parametrize(
    ("own", "above", "expected"),
    [
        ("150000 100000\n", "max 100000\n", 1.5),
        ("max 100000\n", "200000 100000\n", 2.0),
        ("400000 100000\n", "50000 100000\n", 0.5),
        ("max 100000\n", "max 100000\n", None),
        ("nonsense", "max", None),
        ("1 0\n", "max 100000\n", None),
    ],
)
def test_quotas_of_version_2_the_smallest_of_the_groups_above(tmp_path, own, above, expected):
    root, membership = tmp_path / "cgroup", tmp_path / "membership"
    membership.write_text("0::/pods/one\n")
    group(root, "pods/one", cpu__max=own)
    group(root, "pods", cpu__max=above)
    assert cpu_quota(root, membership) == expected


@pytest.mark.parametrize(("quota", "expected"), [("250000", 2.5), ("-1", None), ("", None)])
@pytest.mark.parametrize("mounted", ["cpu,cpuacct", "cpu"])
def test_quotas_of_version_1(tmp_path, mounted, quota, expected):
    root, membership = tmp_path / "cgroup", tmp_path / "membership"
    membership.write_text("9:name=systemd:/\n4:cpu,cpuacct:/docker/abc\n3:cpuset:/\n")
    # In a container the group of the host's path is mounted as the root.
    group(root, mounted, cpu__cfs_quota_us=f"{quota}\n", cpu__cfs_period_us="100000\n")
    assert cpu_quota(root, membership) == expected


def test_no_cgroups_no_quota(tmp_path):
    assert cpu_quota(tmp_path, tmp_path / "none") is None
    (tmp_path / "odd").write_bytes(b"\xff\n:::\n")
    assert cpu_quota(tmp_path, tmp_path / "odd") is None


def test_torch_uses_them_in_a_block_alone():
    before = torch.get_num_threads()
    with torch_threads(before + 2):
        assert torch.get_num_threads() == before + 2
    assert torch.get_num_threads() == before


def test_a_program_that_told_torch_is_heard(eight, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    with torch_threads(2):
        assert threads.training_threads() == Threads(2, Source.AFFINITY)
    with torch_threads(64):
        assert threads.training_threads().count == 8
