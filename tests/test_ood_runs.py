"""The OOD score of a run, from the images to its folder, its model file and its texts."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

import leadline
from leadline import runs
from leadline.data.sources.source_list import load_dataset
from leadline.experiments import parse_experiment
from leadline.export import open_model_file
from leadline.workflow import report_writing

EXPERIMENT = r"""
name = "films"
family = "pixels"
limits = "This is no medical device. Its images are drawn."
[data]
size_px = [16, 14]
validation_fraction = 0.4
group_pattern = '^(p[0-9]+)_'
[features]
kind = "pixels"
flatten = true
[training]
epochs = 1
[decision]
positive = "ill"
prevalence = [0.2]
"""
SEED = 3


def draw(rng: np.random.Generator, *, ill: bool) -> Image.Image:
    """Lighter to the top; a patch where somebody is ill."""
    pixels = np.linspace(200, 40, 16)[:, None] + rng.normal(0, 12, (16, 14))
    pixels[4:8, 3:8] += 40 * ill
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


@pytest.fixture(scope="module")
def films(tmp_path_factory) -> Path:
    """Two films of each patient; half of the patients are ill."""
    folder = Path(tmp_path_factory.mktemp("films"))
    rng = np.random.default_rng(0)
    for split, patients in (("train", 240), ("test", 50)):
        for number in range(patients):
            place = folder / split / ("ill" if number % 2 else "well")
            place.mkdir(parents=True, exist_ok=True)
            for film in range(2):
                name = f"p{number + 1000 * (split == 'test')}_{film}.png"
                draw(rng, ill=number % 2 == 1).save(place / name)
    return folder


@pytest.fixture(scope="module")
def run(films, tmp_path_factory) -> leadline.Run:
    experiment = parse_experiment(EXPERIMENT, "films.toml")
    out = tmp_path_factory.mktemp("runs") / "films"
    return leadline.run(experiment, data=films, out=out, seed=SEED)


@pytest.fixture(scope="module")
def test_pixels(films, run):
    test = load_dataset(run.experiment.data, path=films).test
    assert test is not None
    return test.pixels


def test_the_model_file_the_file_and_the_predictions_agree(run, test_pixels):
    model_file = open_model_file(run.folder / "model.onnx")
    probabilities, scores = model_file.answer(test_pixels)
    said = run.predictions()
    ood_score, _ = runs.read_ood_score(run.folder)
    np.testing.assert_allclose(probabilities, said.probabilities, atol=1e-4)
    assert scores is not None
    np.testing.assert_allclose(scores, said.ood_scores, rtol=1e-3)
    np.testing.assert_allclose(ood_score.score(test_pixels), said.ood_scores, rtol=1e-6)


def test_what_is_flagged_is_counted(run):
    table = pq.read_table(run.folder / "predictions.parquet").to_pydict()
    columns = {name: np.array(table[name]) for name in ("part", "group", "in_scope")}
    ood = run.metrics.ood
    for part, alarms in (("test", ood.test), ("validation", ood.validation)):
        of_part = columns["part"] == part
        flagged = of_part & ~columns["in_scope"]
        assert (alarms.n, alarms.flagged) == (of_part.sum(), flagged.sum())
        assert alarms.n_groups == len(set(columns["group"][of_part]))
        assert alarms.groups_flagged == len(set(columns["group"][flagged]))
    assert run.metrics.ood.limits_from == "validation"
    assert run.metrics.ood.validation.share.value <= 0.01


def test_pictures_of_another_kind_are_flagged_by_the_model_file(run, test_pixels):
    model_file = open_model_file(run.folder / "model.onnx")
    noise = np.random.default_rng(0).integers(0, 256, test_pixels.shape).astype(np.uint8)
    for pictures in (noise, 255 - test_pixels, np.zeros_like(test_pixels[:1])):
        _, scores = model_file.answer(pictures)
        assert scores is not None
        assert (scores > 1).all()


def test_the_model_file_says_what_the_run_decided_and_for_whom(run):
    about = open_model_file(run.folder / "model.onnx").metadata
    assert about.decision is not None
    assert about.decision == run.metrics.decided
    assert about.scope == run.metrics.ood
    assert about.limits == "This is no medical device. Its images are drawn."
    assert (about.classes, about.size_px, about.seed) == (run.metrics.classes, (16, 14), SEED)
    assert about.digest == run.experiment.digest()
    assert sum(about.counts["test"]) == run.metrics.test.n == 100
    assert {one.prevalence for one in about.predictive} == {0.2}
    assert [one.point for one in about.predictive] == [one.name for one in about.decision.points]
    assert about.versions["keras"] == run.environment["keras"]


def test_card_and_page_tell_the_false_alarms(run):
    flagged = run.metrics.ood.test.flagged
    card = (run.folder / "card.md").read_text(encoding="utf-8")
    assert f"It flags {flagged} of 100 test images (95% Wilson interval " in card
    assert "; by patient, with any image flagged: " in card
    assert " of 50 (" in card
    assert "\n\n\n" not in card
    page = run.report.read_text(encoding="utf-8")
    assert "Is it such an image at all?" in page
    assert '<th scope="row">Test</th><td class="num">50 patients</td>' in page


def test_a_run_of_a_version_without_a_score_is_still_read(run, tmp_path):
    old = tmp_path / "old"
    old.mkdir()
    for file in run.folder.iterdir():
        (old / file.name).write_bytes(file.read_bytes())
    (old / "ood.npz").unlink()
    text = (old / "metrics.json").read_text(encoding="utf-8")
    start, end = text.index('  "ood": {'), text.index('  "model_file"')
    (old / "metrics.json").write_text(text[:start] + text[end:], encoding="utf-8")
    runs.write_checksums(old)
    found = runs.load_run(old)
    assert found.metrics.ood is None
    assert "Is it such" not in report_writing.report(old).read_text(encoding="utf-8")
