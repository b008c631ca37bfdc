"""What is written into a model file, and what is refused."""

import numpy as np
import onnx
import onnxruntime
import pytest
from tests.export.making import ABOUT, SHAPE, small_model, some_images

from leadline.analysis.ood.ood_score import fit_ood_score
from leadline.errors import ModelFileError, ScoreDiffers
from leadline.export import read_metadata, write_model_file, write_with_score
from leadline.export.ood_graph import SCOPE


def answers(path, images):
    session = onnxruntime.InferenceSession(path)
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, {"images": images}), strict=True))


def test_both_answers_are_those_of_the_model_and_of_the_score(written):
    said = answers(written.path, written.images)
    assert list(said) == ["probabilities", "scope"]
    np.testing.assert_allclose(said["probabilities"], written.expected, atol=1e-5)
    np.testing.assert_allclose(said["scope"], written.ood_score.score(written.images), rtol=1e-4)
    assert 0 <= written.difference < 1e-5


@pytest.mark.parametrize("n", [1, 65])
def test_any_number_of_images_can_be_asked(written, n):
    said = answers(written.path, some_images(n, seed=5))
    assert said["probabilities"].shape == (n, 2)
    assert said["scope"].shape == (n,)


def test_without_a_score_there_is_one_answer(tmp_path, written):
    path = tmp_path / "m.onnx"
    write_model_file(small_model(), path, written.images, written.expected, ABOUT)
    assert list(answers(path, written.images)) == ["probabilities"]


def another_score(graph, ood_score):
    """In place of `add_ood_score`: the sum of the pixels."""
    images = onnx.helper.make_node("Cast", ["images"], ["floats"], to=1)
    axes = onnx.numpy_helper.from_array(np.array([1, 2, 3]), "axes")
    total = onnx.helper.make_node("ReduceSum", ["floats", "axes"], [SCOPE], keepdims=0)
    graph.initializer.append(axes)
    graph.node.extend([images, total])
    graph.output.append(onnx.helper.make_tensor_value_info(SCOPE, 1, ["batch"]))


def test_a_score_that_the_graph_does_not_give_is_refused(tmp_path, written, monkeypatch):
    monkeypatch.setattr("leadline.export.onnx_writing.add_ood_score", another_score)
    with pytest.raises(ScoreDiffers, match=r"m\.onnx: the out-of-distribution scores .* differ by"):
        write_model_file(
            small_model(), tmp_path / "m.onnx", written.images, written.expected, ABOUT,
            ood_score=written.ood_score,
        )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_a_model_is_not_withheld_for_its_score(tmp_path, written, monkeypatch):
    monkeypatch.setattr("leadline.export.onnx_writing.add_ood_score", another_score)
    unscored, path = ABOUT.model_copy(update={"scope": None}), tmp_path / "m.onnx"
    done = write_with_score(
        small_model(), path, written.images, written.expected, ABOUT,
        ood_score=written.ood_score, unscored=unscored,
    )  # fmt: skip
    assert done.code == "score-left-out"
    assert done.difference < 1e-5
    assert list(answers(path, written.images)) == ["probabilities"]
    assert read_metadata(path).scope is None


def test_a_score_that_agrees_is_kept(tmp_path, written):
    done = write_with_score(
        small_model(), tmp_path / "m.onnx", written.images, written.expected, ABOUT,
        ood_score=written.ood_score, unscored=ABOUT,
    )  # fmt: skip
    assert done.code == ""
    assert list(answers(tmp_path / "m.onnx", written.images)) == ["probabilities", "scope"]


@pytest.mark.parametrize("wrong", [1e-3, np.nan])
def test_probabilities_are_strict_whatever_the_score(tmp_path, written, wrong):
    expected = written.expected + np.float32(wrong) * np.array([1, -1], np.float32)
    with pytest.raises(ModelFileError, match="the ONNX file and the Keras model differ by"):
        write_with_score(
            small_model(), tmp_path / "m.onnx", written.images, expected, ABOUT,
            ood_score=written.ood_score, unscored=ABOUT,
        )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def alike(kind):
    """Training images that hardly differ: 60 of them, uint8 (60, 28, 28, 1)."""
    images = np.zeros((60, 28, 28, 1), np.uint8)
    if kind == "lamp":
        images[:, 10:18, 10:18] = (40 + 150 * (np.arange(60) % 2))[:, None, None, None]
    elif kind == "even":
        images[:] = 7
    elif kind == "two levels":
        images[:] = (200 * (np.arange(60) % 2))[:, None, None, None]
    elif kind == "one pixel":
        images[:, 5, 5, 0] = np.arange(60)
    return images


@pytest.mark.parametrize("kind", ["lamp", "even", "two levels", "one pixel", "black"])
def test_scores_agree_where_training_images_hardly_differ(kind, tmp_path):
    images = alike(kind)
    ood_score = fit_ood_score(images[:40], images[40:])
    noise = np.random.default_rng(0).integers(0, 256, (4, 28, 28, 1)).astype(np.uint8)
    asked = np.concatenate([images, 255 - images, noise])
    model, path = small_model((28, 28, 1)), tmp_path / "m.onnx"
    about = ABOUT.model_copy(update={"size_px": (28, 28), "channels": 1})
    write_model_file(
        model, path, asked, model.predict(asked, verbose=0), about, ood_score=ood_score
    )
    said, expected = answers(path, asked)["scope"], ood_score.score(asked)
    # 2,000 times the resolution of float32, where 1 is the limit.
    assert np.abs(said - expected).max(initial=0, where=expected < 10) < 2e-4
    assert (expected[40:60] <= 1).all()
    assert (expected[-4:] > 1).all()


@pytest.mark.parametrize("wrong", [1e-3, np.nan])
def test_other_probabilities_are_refused(tmp_path, written, wrong):
    expected = written.expected + np.float32(wrong) * np.array([1, -1], np.float32)
    with pytest.raises(ModelFileError, match="the ONNX file and the Keras model differ by"):
        write_model_file(small_model(), tmp_path / "m.onnx", written.images, expected, ABOUT)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_too_large_is_refused_with_its_size(tmp_path, written):
    with pytest.raises(ModelFileError, match=r"m\.onnx: has 2\d,\d{3} bytes, and at most 1,000 "):
        write_model_file(
            small_model(), tmp_path / "m.onnx", written.images, written.expected, ABOUT,
            most_bytes=1000,
        )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_four_megabytes_hold_nine_hundred_thousand_weights_and_the_score(tmp_path):
    shape = (224, 224, 1)
    model = small_model(shape, units=18)  # 903,222 weights
    images = some_images(40, shape=shape)
    expected = model.predict(images, verbose=0)
    about = ABOUT.model_copy(update={"size_px": shape[:2], "channels": 1})
    path = tmp_path / "m.onnx"
    ood_score = fit_ood_score(images, images)
    write_model_file(
        model, path, images, expected, about, ood_score=ood_score, most_bytes=4_000_000
    )
    bare = tmp_path / "bare.onnx"
    write_model_file(model, bare, images, expected, about)
    assert path.stat().st_size - bare.stat().st_size < 120_000
    assert path.stat().st_size < 4_000_000


@pytest.mark.parametrize(
    "shape", [(1, 1, 1), (8, 8, 1), (28, 28, 1), (31, 40, 3), (224, 224, 1), (96, 224, 3)]
)
def test_the_graph_scores_images_of_every_size_as_numpy_does(shape, tmp_path):
    rng = np.random.default_rng(0)
    train = some_images(80, shape=shape)
    ood_score = fit_ood_score(train, train)
    asked = np.concatenate(
        [
            some_images(4, seed=3, shape=shape),
            255 - some_images(2, seed=4, shape=shape),
            rng.integers(0, 256, (4, *shape)).astype(np.uint8),
            np.full((1, *shape), 200, np.uint8),
            np.zeros((1, *shape), np.uint8),
        ]
    )
    model, path = small_model(shape), tmp_path / "m.onnx"
    about = ABOUT.model_copy(update={"size_px": shape[:2], "channels": shape[2]})
    expected = model.predict(asked, verbose=0)
    write_model_file(model, path, asked, expected, about, ood_score=ood_score)
    np.testing.assert_allclose(answers(path, asked)["scope"], ood_score.score(asked), rtol=2e-4)


def test_the_graph_keeps_to_standard_operators(written):
    proto = onnx.load(written.path)
    onnx.checker.check_model(proto, full_check=True)
    assert {operators.domain for operators in proto.opset_import} <= {"", "ai.onnx"}
    [taken] = proto.graph.input
    shape = [axis.dim_value for axis in taken.type.tensor_type.shape.dim]
    assert (taken.name, shape[1:]) == ("images", list(SHAPE))
