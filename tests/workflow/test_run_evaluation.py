"""From a trained model to its decisions: what is fitted where, and what is in the run folder."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from PIL import Image
from sklearn import metrics

import leadline
from leadline.data.groups import find_groups
from leadline.errors import RunError, SpecError
from leadline.experiments import parse_experiment
from leadline.metrics.estimates import BinaryMetrics, DecisionRule, MulticlassMetrics, NotFitted
from leadline.runs import write_checksums
from leadline.workflow import report_writing
from leadline.workflow.events import EpochDone, Event

EXPERIMENT = r"""
name = "films"
family = "pixels"
[data]
size_px = [12, 12]
validation_fraction = 0.3
group_pattern = '^(p[0-9]+_[a-z]+)'
[features]
kind = "pixels"
flatten = true
[training]
epochs = 3
batch_size = 16
optimizer = { name = "Adam", learning_rate = 0.02 }
[decision]
positive = "ill"
prevalence = [0.1]
subgroup_pattern = '_(bacteria|virus)_'
"""


def draw(rng, *, ill: bool) -> Image.Image:
    """Noise, with a lighter patch where somebody is ill; hard enough for mistakes."""
    pixels = rng.integers(0, 256, (12, 12))
    pixels[3:7, 3:7] += 45 * ill
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


@pytest.fixture(scope="module")
def films(tmp_path_factory) -> Path:
    """Two films of each patient, half of them ill; train and test."""
    folder = Path(tmp_path_factory.mktemp("films"))
    rng = np.random.default_rng(0)
    for split, patients in (("train", 120), ("test", 60)):
        for number in range(patients):
            ill = number % 2 == 1
            kind = ("bacteria" if number % 4 == 1 else "virus") if ill else "none"
            place = folder / split / ("ill" if ill else "well")
            place.mkdir(parents=True, exist_ok=True)
            for film in range(2):
                name = f"p{number + 1000 * (split == 'test')}_{kind}_{film}.png"
                draw(rng, ill=ill).save(place / name)
    return folder


def experiment(*changes: tuple[str, str]) -> leadline.Experiment:
    text = EXPERIMENT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return parse_experiment(text, "films.toml")


@pytest.fixture(scope="module")
def run(films, tmp_path_factory) -> leadline.Run:
    return leadline.run(experiment(), data=films, out=tmp_path_factory.mktemp("runs") / "films")


def decided(run: leadline.Run) -> DecisionRule:
    assert run.metrics.decided is not None
    return run.metrics.decided


def detected(run: leadline.Run) -> BinaryMetrics:
    assert isinstance(run.metrics.test_detail, BinaryMetrics)
    return run.metrics.test_detail


def validation_loss(run: leadline.Run) -> float:
    assert run.metrics.validation is not None
    return run.metrics.validation.loss


def test_the_thresholds_are_those_of_validation_and_judged_on_both(run):
    fitted = decided(run)
    assert (fitted.positive, fitted.no_temperature, fitted.no_thresholds) == ("ill", None, None)
    said = run.predictions("validation")
    scores, ill = said.probabilities[:, 0], said.labels == 0
    assert (scores[ill] >= fitted.points[1].threshold).mean() >= 0.95
    for part, detail in (
        ("validation", run.metrics.validation_detail),
        ("test", run.metrics.test_detail),
    ):
        assert isinstance(detail, BinaryMetrics)
        assert tuple(at.point for at in detail.points) == fitted.points
        said = run.predictions(part)
        scores, ill = said.probabilities[:, 0], said.labels == 0
        assert detail.auroc.value == pytest.approx(metrics.roc_auc_score(ill, scores))
        for at in detail.points:
            called = scores >= at.point.threshold
            assert at.sensitivity.value == pytest.approx(metrics.recall_score(ill, called))
            assert [there.prevalence for there in at.at_prevalence] == [0.1]


def test_patients_and_kinds_are_in_the_predictions(run):
    said = run.predictions("test")
    assert said.groups is not None
    assert said.subgroups is not None
    for name, group, kind in zip(said.names, said.groups, said.subgroups, strict=True):
        stem = Path(name).name
        assert stem.startswith(group)
        assert kind == ("" if "none" in stem else stem.split("_")[1])
    detail = detected(run)
    assert (detail.n, detail.n_positive, detail.n_groups) == (120, 60, 60)
    assert [(kind.name, kind.n, kind.n_groups) for kind in detail.subgroups] == [
        ("bacteria", 30, 15), ("virus", 30, 15),
    ]  # fmt: skip
    assert detail.auroc.method == "delong_by_patient"
    assert detail.points[0].sensitivity.method == "patient_bootstrap"


def test_every_form_of_the_model_is_calibrated(run, films):
    said = run.predictions("test")
    # The source's names hold their folder, or not.
    pixels = np.stack(
        [
            np.asarray(Image.open(next(films.rglob(Path(name).name))))[..., None]
            for name in said.names
        ]
    )
    keras_says = run.model().predict(pixels, verbose=0)
    np.testing.assert_allclose(keras_says, said.probabilities, atol=1e-5)
    session = onnxruntime.InferenceSession(run.folder / "model.onnx")
    onnx_says = session.run(None, {session.get_inputs()[0].name: pixels})[0]
    np.testing.assert_allclose(onnx_says, said.probabilities, atol=1e-4)
    last = run.metrics.layers[-1]
    assert (last.name, last.type, last.weights) == ("temperature", "Temperature", 0)


def test_calibration_lowers_the_loss_on_validation_and_is_told(run, films, tmp_path):
    raw = leadline.run(
        experiment(("[decision]", '[decision]\ncalibration = "none"')),
        data=films,
        out=tmp_path / "raw",
    )
    assert decided(raw).temperature == 1.0
    assert decided(raw).calibration == ()
    assert raw.metrics.layers[-1].type == "Dense"
    before = {"validation": validation_loss(raw), "test": raw.metrics.test.loss}
    told = {one.part: one for one in decided(run).calibration}
    assert told.keys() == before.keys()
    for part, loss in before.items():
        assert told[part].loss_before == pytest.approx(loss, abs=1e-4)
    assert told["validation"].loss_after == pytest.approx(validation_loss(run), abs=1e-6)
    assert validation_loss(run) < validation_loss(raw)
    # The likelier class is the same, so the accuracy is.
    assert run.metrics.test.accuracy == raw.metrics.test.accuracy


def test_metrics_json_holds_it_and_reads_back_the_same(run):
    table = json.loads((run.folder / "metrics.json").read_text(encoding="utf-8"))
    assert table["decision"]["temperature"] == decided(run).temperature
    assert table["test"]["binary_metrics"]["points"][0]["point"]["name"] == "youden"
    assert "multiclass_metrics" not in table["test"]
    again = leadline.load_run(run.folder)
    assert again.metrics.decided == run.metrics.decided
    assert again.metrics.test_detail == run.metrics.test_detail
    assert again.metrics.validation_detail == run.metrics.validation_detail


def test_the_card_tells_thresholds_and_figures_with_intervals(run):
    card = (run.folder / "card.md").read_text(encoding="utf-8")
    found = detected(run)
    assert "- **Looks for** ill: 60 of 120 test images of 60 patients. AUROC 0." in card
    assert card.count("- **Says ill** from ") == 2
    assert f"from {found.points[1].point.threshold:.4f} (the highest with a sensitivity of" in card
    assert f"- **Calibration**: temperature {decided(run).temperature:.3f}" in card
    assert "of 95%: DeLong, by patient; patient bootstrap; patient bootstrap, reversed" in card


def test_a_study_records_what_was_decided(films, tmp_path):
    study = leadline.Study(name="two", experiments=(experiment(),))
    done = leadline.study(study, data=films, out=tmp_path)
    [row] = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["runs"]
    assert row["decision"]["temperature"] == decided(done.runs[0]).temperature
    assert row["test_detail"]["metrics"]["auroc"]["value"] == detected(done.runs[0]).auroc.value


def test_a_run_of_before_there_were_decisions_still_reads(run, tmp_path):
    old = tmp_path / "old"
    old.mkdir()
    for path in run.folder.iterdir():
        (old / path.name).write_bytes(path.read_bytes())
    table = json.loads((old / "metrics.json").read_text(encoding="utf-8"))
    del table["decision"], table["test"]["binary_metrics"], table["validation"]["binary_metrics"]
    (old / "metrics.json").write_text(json.dumps(table), encoding="utf-8")
    write_checksums(old)
    found = leadline.load_run(old).metrics
    assert (found.decided, found.test_detail, found.validation_detail) == (None, None, None)
    assert report_writing.report(old).is_file()


def test_a_decision_that_is_not_whole_is_damage(run, tmp_path):
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in run.folder.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    table = json.loads((copy / "metrics.json").read_text(encoding="utf-8"))
    table["decision"]["points"][0]["threshold"] = "high"
    (copy / "metrics.json").write_text(json.dumps(table), encoding="utf-8")
    write_checksums(copy)
    with pytest.raises(RunError, match=r"metrics\.json: damaged .*threshold = 'high'"):
        leadline.load_run(copy)


def test_validated_on_test_nothing_is_fitted_and_that_is_said(films, tmp_path):
    lab = leadline.run(
        experiment(("[data]", '[data]\nvalidation = "test"')), data=films, out=tmp_path / "lab"
    )
    fitted = decided(lab)
    assert fitted.temperature == 1.0
    assert fitted.no_thresholds == NotFitted("validated_on_test")
    assert [point.name for point in fitted.points] == ["half"]
    assert lab.metrics.validation_detail is None
    assert detected(lab).points[0].accuracy.value == lab.metrics.test.accuracy
    assert lab.metrics.layers[-1].type == "Dense"


def test_the_chest_films_kinds_and_patients_are_read_from_their_names(chest_folder):
    chest = leadline.load_experiment("chest-cnn")
    names = [path.name for path in (chest_folder / "test").rglob("*.jpeg")]
    assert chest.decision.subgroup_pattern is not None
    assert chest.data.group_pattern is not None
    kinds = Counter(find_groups(names, chest.decision.subgroup_pattern))
    assert kinds == {"bacteria": 242, "virus": 148, "": 234}
    assert len(set(find_groups(names, chest.data.group_pattern))) == 428


class Halt(Exception):
    """Stands for Ctrl-C, after the first epoch."""


def test_a_resumed_run_decides_as_one_that_was_not_interrupted(run, films, tmp_path):
    def halt(event):
        if isinstance(event, EpochDone):
            raise Halt

    folder = tmp_path / "halted"
    with pytest.raises(Halt):
        leadline.run(experiment(), data=films, out=folder, on_event=halt)
    done = leadline.run(experiment(), data=films, out=folder, resume=True)
    assert done.metrics.decided == run.metrics.decided
    assert done.metrics.test_detail == run.metrics.test_detail


def test_more_classes_are_calibrated_without_thresholds(films, tmp_path):
    three = tmp_path / "three"
    rng = np.random.default_rng(1)
    for number, name in enumerate(("dark", "grey", "light")):
        (three / name).mkdir(parents=True)
        for index in range(60):
            pixels = np.clip(rng.normal(90 + 30 * number, 25) + rng.normal(0, 20, (12, 12)), 0, 255)
            Image.fromarray(pixels.astype(np.uint8)).save(three / name / f"{index}.png")
    text = EXPERIMENT[: EXPERIMENT.index("[decision]")].replace("group_pattern", "#")
    done = leadline.run(parse_experiment(text, "x"), data=three, out=tmp_path / "run")
    assert isinstance(done.metrics.test_detail, MulticlassMetrics)
    assert decided(done).points == ()
    assert done.metrics.test_detail.n == done.metrics.test.n
    table = json.loads((done.folder / "metrics.json").read_text(encoding="utf-8"))
    assert table["test"]["multiclass_metrics"]["metrics"]["auroc"]["method"] == "delong"


def test_a_class_that_is_none_is_refused_before_anything_is_trained(films, tmp_path):
    seen: list[Event] = []
    wrong = experiment(('positive = "ill"', 'positive = "sick"'))
    with pytest.raises(SpecError, match="choose one of ill, well"):
        leadline.run(wrong, data=films, out=tmp_path / "run", on_event=seen.append)
    assert not [event for event in seen if isinstance(event, EpochDone)]
    assert not (tmp_path / "run").exists()
