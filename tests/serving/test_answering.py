"""Files in, answers out, a batch at a time."""

import threading
import time
import tracemalloc
import zipfile

import numpy as np
import pytest
from tests.serving.making import brightness, save_flat

from leadline.errors import DataError, LeadlineError, MissingExtra
from leadline.serving import Inputs, Predictor, Unreadable, answer_files
from leadline.serving.answering import batch_images


@pytest.fixture
def films(tmp_path):
    """Twenty images; p(light) of the i-th is 10 i / 255."""
    for number in range(20):
        save_flat(tmp_path / "films" / f"{number}.png", 10 * number)
    return tmp_path / "films"


@pytest.mark.parametrize("threads", [1, 3])
def test_answers_in_order(predictor, films, monkeypatch, threads):
    monkeypatch.setattr("leadline.serving.answering.MOST_IMAGES", 6)
    found = Inputs([str(films)])
    batches = list(answer_files(predictor, found, Unreadable(), threads=threads))
    assert [len(batch.names) for batch in batches] == [6, 6, 6, 2]
    names = [name for batch in batches for name in batch.names]
    assert names == [f"{films}/{number}.png" for number in range(20)]
    light = np.concatenate([batch.answers.probabilities[:, 1] for batch in batches])
    np.testing.assert_allclose(light, np.arange(20) * 10 / 255, atol=1e-6)


def test_files_are_not_read_once_nobody_asks_for_answers(predictor, films, monkeypatch):
    """A batch is not read to its end."""
    count = 0

    def slow(*_arguments, **_options):
        nonlocal count
        count += 1
        time.sleep(0.1)
        return np.zeros((4, 4, 1), np.uint8)

    monkeypatch.setattr("leadline.serving.answering.read_image", slow)
    monkeypatch.setattr("leadline.serving.answering.MOST_IMAGES", 10)
    answers = answer_files(predictor, Inputs([str(films)] * 10), Unreadable(), threads=1)
    next(answers)
    before = count
    answers.close()
    assert count - before <= 2


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((4, 4, 1), 256), ((28, 28, 1), 83), ((96, 96, 1), 7), ((4096, 4096, 3), 1)],
)
def test_how_many_at_once(shape, expected):
    assert batch_images(shape) == expected


def test_images_are_read_as_training_reads_them(tmp_path):
    from leadline.data.formats.image_files import read_image

    colour = brightness(tmp_path / "m.onnx", ("a", "b", "c"), size_px=(5, 3), channels=3)
    rng = np.random.default_rng(0)
    from PIL import Image

    Image.fromarray(rng.integers(0, 256, (40, 30, 3), np.uint8)).save(tmp_path / "x.png")
    (batch,) = answer_files(Predictor.open(colour), Inputs([str(tmp_path / "x.png")]), Unreadable())
    share = read_image(tmp_path / "x.png", (5, 3), 3).mean() / 255
    np.testing.assert_allclose(batch.answers.probabilities, [[1 - share, share, 0]], atol=1e-6)


def test_what_cannot_be_read_is_handed_over_and_the_rest_answered(predictor, films):
    (films / "3.png").write_bytes(b"")
    (films / "5.png").write_bytes((films / "6.png").read_bytes()[:45])
    (films / "7.png").write_text("no image")
    unreadable = Unreadable()
    found = Inputs([str(films), str(films / "gone.png")])
    batches = list(answer_files(predictor, found, unreadable))
    assert sum(len(batch.names) for batch in batches) == 17
    assert unreadable.count == 4
    places = [reason.removeprefix(f"{films}/").split(":")[0] for reason in unreadable.reasons]
    assert places == ["3.png", "5.png", "7.png", "gone.png"]
    assert "it is empty" in unreadable.reasons[0]
    assert "unrecognised image format" in unreadable.reasons[2]


def test_members_of_an_archive(predictor, films, tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for path in films.iterdir():
            archive.write(path, f"in/{path.name}")
    found = Inputs([str(tmp_path / "x.zip"), str(films / "1.png")])
    batches = list(answer_files(predictor, found, Unreadable()))
    names = [name for batch in batches for name in batch.names]
    assert names == [*(f"{tmp_path}/x.zip/in/{n}.png" for n in range(20)), f"{films}/1.png"]


def test_a_missing_extra_is_named_once():
    unreadable = Unreadable()
    unreadable(DataError("a"))
    for name in "bcd":
        unreadable(MissingExtra(name))
    unreadable(DataError("e"))
    assert unreadable.reasons == ["a", "b", "e"]
    assert (unreadable.count, unreadable.lacking) == (5, 3)


def test_reasons_are_kept_up_to_a_bound(monkeypatch):
    monkeypatch.setattr("leadline.serving.answering.MOST_NAMED", 3)
    unreadable = Unreadable()
    for number in range(10):
        unreadable(DataError(str(number)))
    assert unreadable.reasons == ["0", "1", "2"]
    assert unreadable.count == 10


def test_what_could_not_be_read_is_let_go(predictor, tmp_path):
    """Members that a few kilobytes unpack to: a batch of them has 256."""
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(60):
            archive.writestr(f"{number}.png", bytes(2**20))
    held: list[LeadlineError] = []
    tracemalloc.start()
    try:
        for _ in answer_files(predictor, Inputs([str(tmp_path / "x.zip")]), held.append, threads=1):
            pass
        current, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(held) == 60
    assert str(held[0]).endswith("(it is nothing but zero bytes); copy or download it again.")
    assert current < 2 * 2**20
    assert most < 10 * 2**20


def test_whatever_is_raised_at_the_unreadable_ends_it(predictor, films):
    (films / "0.png").write_bytes(b"")

    def fail(error):
        raise error

    with pytest.raises(DataError, match=r"0\.png: cannot be read"):
        list(answer_files(predictor, Inputs([str(films)]), fail))


def readers_at_once(predictor, films, monkeypatch, seconds_a_file) -> int:
    """How many threads read at the same time, at most, once the first batch is read."""
    clock, reading, most = Clock(), threading.Semaphore(0), [0]
    inside: set[int] = set()
    guard = threading.Lock()

    def read(entry, size_px, channels, *, fit, prepare):
        clock.now_s += seconds_a_file
        with guard:
            inside.add(threading.get_ident())
            most[0] = max(most[0], len(inside))
        reading.acquire(timeout=0.02)  # long enough for another to come in, if it may
        with guard:
            inside.discard(threading.get_ident())
        return np.zeros((*size_px, channels), np.uint8)

    monkeypatch.setattr("leadline.serving.answering.read_image", read)
    monkeypatch.setattr("leadline.serving.answering.time", clock)
    monkeypatch.setattr("leadline.serving.answering.MOST_IMAGES", 2)
    for _ in answer_files(predictor, Inputs([str(films)]), Unreadable(), threads=4):
        pass
    return most[0]


class Clock:
    """Time that goes on as files are read."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def perf_counter(self) -> float:
        return self.now_s


def test_small_files_are_read_by_one_thread_at_a_time(predictor, films, monkeypatch):
    assert readers_at_once(predictor, films, monkeypatch, seconds_a_file=1e-4) == 1


def test_large_files_are_read_side_by_side(predictor, films, monkeypatch):
    assert readers_at_once(predictor, films, monkeypatch, seconds_a_file=0.1) > 1
