"""Runs and model files asked about images: the class, the map, the border, the scope."""

from pathlib import Path

import numpy as np
import pytest
from tests.explained_runs import LIMITS, train, write_films

from leadline.errors import DataError, ModelFileError, RunError
from leadline.workflow.image_explanation import why


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    return write_films(tmp_path_factory.mktemp("films"))


@pytest.fixture(scope="module")
def convolutional(films, tmp_path_factory):
    return train(films, tmp_path_factory.mktemp("runs") / "cnn")


@pytest.fixture(scope="module")
def dense(films, tmp_path_factory):
    return train(films, tmp_path_factory.mktemp("runs") / "pixels", "pixels")


def middle(heat):
    """Share of the mass in the 10 × 10 pixels around the square of 6 × 6."""
    return heat[3:13, 3:13].sum() / heat.sum()


def test_a_convolutional_run_is_asked_by_grad_cam(films, convolutional):
    found = why(convolutional.folder, [films / "lit" / "3.png", films / "dull" / "3.png"], "lit")
    assert (found.model, found.method, found.layer) == (
        "tiny-cnn seed 0", "Grad-CAM", "conv2d_1",
    )  # fmt: skip
    assert (found.limits, found.positive) == (LIMITS, "lit")
    lit, dull = found.answers
    assert (lit.decided, lit.explained, dull.decided) == ("lit", "lit", "dull")
    assert sum(lit.probabilities.values()) == pytest.approx(1, abs=1e-5)
    assert lit.probabilities["lit"] > 0.5 > dull.probabilities["lit"]
    assert middle(lit.heat) > 0.8
    assert lit.border is not None
    assert lit.border < 0.1
    assert lit.in_scope is True


def test_probabilities_are_those_of_the_run(convolutional, films):
    said = convolutional.predictions()
    names = [films / name for name in said.names]
    found = why(convolutional.folder, names)
    now = np.array([list(one.probabilities.values()) for one in found.answers])
    np.testing.assert_allclose(now, said.probabilities, atol=1e-5)
    threshold = {one.name: one.threshold for one in convolutional.metrics.decided.points}["youden"]
    assert found.threshold == threshold
    decided = ["lit" if row[1] >= threshold else "dull" for row in said.probabilities]
    assert [one.decided for one in found.answers] == decided


def test_without_convolution_and_from_an_model_file_by_occlusion(films, dense, convolutional):
    for model in (dense.folder, convolutional.folder / "model.onnx"):
        found = why(model, [films / "lit" / "3.png"])
        (one,) = found.answers
        assert (found.method, found.layer, one.decided) == ("occlusion", "", "lit")
        assert middle(one.heat) > 0.6
        assert one.in_scope is True
        assert found.limits == LIMITS


def test_run_and_model_file_say_the_same(films, convolutional):
    images = [films / "lit" / "3.png", films / "dull" / "4.png"]
    run, model_file = (
        why(model, images) for model in (convolutional.folder, convolutional.folder / "model.onnx")
    )
    for ours, theirs in zip(run.answers, model_file.answers, strict=True):
        assert ours.decided == theirs.decided
        assert ours.probabilities == pytest.approx(theirs.probabilities, abs=1e-4)
        assert ours.ood_score == pytest.approx(theirs.ood_score, rel=1e-3)


def test_another_class_can_be_asked_for(films, convolutional):
    found = why(convolutional.folder, [films / "lit" / "3.png"], "dull")
    (one,) = found.answers
    assert (one.decided, one.explained) == ("lit", "dull")
    assert (
        why(convolutional.folder, [films / "lit" / "3.png"], "Dull").answers[0].explained == "dull"
    )
    told = one.as_dict()
    assert told["explained_probability"] == one.probabilities["dull"]
    assert told["probability"] == one.probabilities["lit"]


def test_what_is_no_model_no_class_or_no_image_is_said(films, convolutional, dense, tmp_path):
    image = films / "lit" / "3.png"
    with pytest.raises(DataError, match="has no class 'bright'; choose one of dull, lit"):
        why(convolutional.folder, [image], "bright")
    with pytest.raises(DataError, match=r"no class 'LITE'; did you mean 'lit'\? There are dull"):
        why(convolutional.folder, [image], "LITE")
    with pytest.raises(RunError, match="holds no finished run"):
        why(tmp_path, [image])
    with pytest.raises(ModelFileError, match=r"nowhere: no such run, model file"):
        why(tmp_path / "nowhere", [image])
    with pytest.raises(ModelFileError, match=r"3\.png: not a model file \(\.onnx\); give one"):
        why(image, [image])
    with pytest.raises(ModelFileError, match=r"none\.onnx: no such run, model file"):
        why(tmp_path / "none.onnx", [image])
    text = tmp_path / "notes.txt"
    text.write_text("no picture")
    with pytest.raises(DataError, match=r"notes\.txt: cannot be read as an image"):
        why(dense.folder, [image, text])


def test_a_model_of_the_zoo_is_asked_by_its_name(films, convolutional, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    shipped = convolutional.folder / "model.onnx"
    monkeypatch.setattr("leadline.zoo.names", lambda: ("small",))
    monkeypatch.setattr("leadline.zoo.model_file_path", {"small": shipped}.__getitem__)
    image = [films / "lit" / "3.png"]
    assert why(Path("small"), image).answers[0].decided == "lit"
    # What lies here under that name is what is meant.
    (tmp_path / "small").mkdir()
    with pytest.raises(RunError, match=r"small: holds no finished run"):
        why(Path("small"), image)
