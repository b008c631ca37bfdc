"""leadline from Python: progress by default, arrays as data, short reprs, clear errors."""

import io

import keras
import numpy as np
import pytest
from PIL import Image
from tests.noise_images import write_noise

import leadline
from leadline.experiments import load_experiment

TINY = ["training.epochs=2"]


@pytest.fixture(scope="module")
def arrays(digits):
    test = digits.test
    return (
        digits.train.pixels[:300, ..., 0], digits.train.labels[:300],
        test.pixels[:60, ..., 0], test.labels[:60],
    )  # fmt: skip


@pytest.fixture(scope="module")
def trained(arrays, tmp_path_factory):
    """A dense network trained on arrays, without a word."""
    experiment = load_experiment("first-pixels", TINY)
    out = tmp_path_factory.mktemp("interactive") / "run"
    return leadline.run(experiment, data=arrays, out=out, on_event=leadline.silent)


def test_a_run_shows_progress_warnings_and_how_training_went(arrays, tmp_path, capsys):
    experiment = load_experiment("first-pixels", TINY)
    run = leadline.run(experiment, data=arrays[:2], out=tmp_path / "run")
    shown = capsys.readouterr()
    assert shown.out == ""
    accuracy = f"first-pixels seed 0: test accuracy {run.metrics.test.accuracy:.4f}"
    assert accuracy in shown.err
    assert "training: " in shown.err
    assert run.metrics.test.n == 60  # 20% carved out


def test_silent_prints_nothing(arrays, tmp_path, capsys):
    experiment = load_experiment("first-pixels", TINY)
    leadline.run(experiment, data=arrays, out=tmp_path / "run", on_event=leadline.silent)
    assert capsys.readouterr() == ("", "")


def test_a_study_takes_arrays_and_shows_each_run(arrays, tmp_path, capsys):
    study = leadline.Study(
        name="two",
        experiments=tuple(load_experiment(name, TINY) for name in ("first-pixels", "first-hog")),
    )
    result = leadline.study(study, data=arrays, out=tmp_path / "two")
    shown = capsys.readouterr().err
    assert "[1/2] first-pixels seed 0: test accuracy" in shown
    assert "[2/2] first-hog seed 0: test accuracy" in shown
    assert repr(result) == (
        f"StudyResult('two', 2 runs of first-pixels, first-hog, {str(result.report)!r})"
    )


def test_arrays_and_their_npz_are_the_same_images(arrays, trained, tmp_path):
    names = ("x_train", "y_train", "x_test", "y_test")
    np.savez(tmp_path / "digits.npz", **dict(zip(names, arrays, strict=True)))
    other = leadline.run(
        load_experiment("first-pixels", TINY),
        data=tmp_path / "digits.npz", out=tmp_path / "run", on_event=leadline.silent,
    )  # fmt: skip
    assert other.split["parts"] == trained.split["parts"]
    assert other.metrics.test.loss == trained.metrics.test.loss


def test_history_is_one_row_for_each_epoch(trained):
    assert [row.epoch for row in trained.history] == [1, 2]


def test_predict_agrees_with_the_runs_own_test_predictions(trained, arrays):
    known = trained.predictions("test")
    found = trained.predict(arrays[2])
    np.testing.assert_allclose(found.probabilities, known.probabilities, atol=1e-5)
    assert found.names[:2] == ("image 0", "image 1")
    assert found.decided == tuple(
        trained.metrics.classes[index] for index in known.probabilities.argmax(axis=1)
    )


def test_predict_takes_floats_files_and_no_images(trained, arrays, tmp_path):
    pixels = arrays[2][:3]
    expected = trained.predict(pixels).probabilities
    np.testing.assert_allclose(trained.predict(pixels / 255).probabilities, expected, atol=1e-5)
    paths = [tmp_path / f"{index}.png" for index in range(3)]
    for path, image in zip(paths, pixels, strict=True):
        Image.fromarray(image).save(path)
    from_files = trained.predict(paths)
    assert from_files.names == tuple(map(str, paths))
    np.testing.assert_allclose(from_files.probabilities, expected, atol=1e-5)
    np.testing.assert_allclose(trained.predict(paths[1]).probabilities, expected[1:2], atol=1e-5)
    in_folder = trained.predict(tmp_path.glob("1.png"))  # a generator
    np.testing.assert_allclose(in_folder.probabilities, expected[1:2], atol=1e-5)
    assert trained.predict([]).probabilities.shape == (0, 10)


def test_dark_images_stay_dark(trained):
    """Whole numbers mean what they mean in the training images, whatever a batch holds."""
    dark = np.full((1, 28, 28), 10, np.uint8)
    expected = trained.model()(dark[..., None]).detach().numpy()
    for kind in (np.uint8, np.int64, np.float32, np.float64):
        found = trained.predict(dark.astype(kind))
        np.testing.assert_allclose(found.probabilities, expected, atol=1e-5)
    with pytest.raises(leadline.LeadlineError, match="the largest value is 300, but white is 255"):
        trained.predict(np.full((1, 28, 28), 300))


def test_digits_of_16_levels_are_predicted_as_they_were_trained(arrays, tmp_path):
    levels = tuple(part // 16 if part.ndim == 3 else part for part in arrays)
    experiment = load_experiment("first-pixels", TINY)
    run = leadline.run(experiment, data=levels, out=tmp_path / "run", on_event=leadline.silent)
    assert run.split["white"] == 15
    known = run.predictions("test").probabilities
    np.testing.assert_allclose(run.predict(levels[2]).probabilities, known, atol=1e-5)
    # An image that reaches 7 only is not stretched to white.
    faint = np.minimum(levels[2][:1], 7)
    again = run.model()((faint * 17)[..., None]).detach().numpy()
    np.testing.assert_allclose(run.predict(faint).probabilities, again, atol=1e-5)


def test_explain_returns_maps_that_can_be_drawn(trained, arrays):
    explained = trained.explain(arrays[2][:2], "7")
    assert [answer.explained for answer in explained.answers] == ["7", "7"]
    assert explained.answers[0].heat.shape == (28, 28)
    with Image.open(io.BytesIO(leadline.draw_explanation(explained))) as picture:
        assert picture.format == "PNG"
    with pytest.raises(leadline.LeadlineError, match="has no class 'seven'"):
        trained.explain(arrays[2][:1], "seven")


@pytest.mark.parametrize(
    ("images", "message"),
    [
        ([keras], "an image is given as module; give an array"),
        (np.zeros((3, 28), np.uint8), r"images have shape \(3, 28\)"),
        ("nowhere.png", "nowhere.png"),
    ],
)
def test_what_cannot_be_predicted_is_named(trained, images, message):
    with pytest.raises(leadline.LeadlineError, match=message):
        trained.predict(images)


def test_reprs_fit_on_a_few_lines(trained, arrays):
    values = [
        trained, trained.metrics, trained.metrics.test, trained.metrics.fitted,
        trained.predictions("test"), trained.predict(arrays[2]), trained.explain(arrays[2][:1]),
        trained.metrics.test_detail, trained.gallery(), trained.experiment,
        trained.metrics.diagnosis, trained.metrics.guessing,
        leadline.load_study("lab"), leadline.load_experiment("cnn-3"),
    ]  # fmt: skip
    assert {
        type(value).__name__: len(repr(value)) for value in values if len(repr(value)) > 800
    } == {}
    assert repr(trained).startswith("Run('first-pixels seed 0', test accuracy 0.")
    assert f"{str(trained.folder)!r})" in repr(trained)


def test_a_keras_model_gets_the_way_to_give_one():
    model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten()])
    for function in (leadline.run, leadline.study, leadline.show):
        with pytest.raises(
            leadline.LeadlineError, match=r"was given a Keras model .*\[model\] python"
        ):
            function(model)
    with pytest.raises(
        leadline.LeadlineError, match=r"was given builtins\.int; give a built-in name"
    ):
        leadline.run(3)  # type: ignore[arg-type]  # what the caller did wrong


def test_data_of_another_kind_is_named(arrays):
    with pytest.raises(leadline.LeadlineError, match=r"data is a tuple of 3; give a path"):
        leadline.run("first-pixels", data=arrays[:3])
    with pytest.raises(leadline.LeadlineError, match="data is a int; give a path"):
        leadline.run("first-pixels", data=5)  # type: ignore[arg-type]  # as above
    with pytest.raises(leadline.LeadlineError, match="300 images, but 299 labels"):
        leadline.run("first-pixels", data=(arrays[0], arrays[1][:299]))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (([np.zeros((9, 9)), np.zeros((8, 8))], [0, 1]), "data: a list of 2 is not an array"),
        ((np.zeros((2, 9, 9)), np.array(1)), r"train labels: labels have shape \(\), expected"),
    ],
)
def test_arrays_that_are_not_images_and_labels_are_named(data, message):
    with pytest.raises(leadline.LeadlineError, match=message):
        leadline.run("first-pixels", data=data)


def test_a_tensor_that_gives_no_array_is_named():
    class OnDevice:
        def __array__(self, *_arguments, **_settings):
            raise TypeError("can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu()")

    with pytest.raises(leadline.LeadlineError, match=r"OnDevice is not an array .*Tensor\.cpu"):
        leadline.run("first-pixels", data=(OnDevice(), [0, 1]))  # type: ignore[arg-type]


def test_show_displays_the_weights_and_their_formulas():
    shown = leadline.show("mlp-1")
    assert shown.values["total_weights"] == 407_050
    assert "407,050" in repr(shown)
    assert all(row["derivation"] in repr(shown) for row in shown.values["layers"] if row["weights"])
    assert leadline.show("mlp-1", classes=3).values["total_weights"] == 407_050 - 7 * 513


def test_a_description_is_plain_text_everywhere(monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    made = load_experiment("mlp-1").model_copy(
        update={"title": "A [red]title[/red] of [/models]", "description": ":smiley: [model]"}
    )
    text = repr(leadline.show(made))
    assert "\x1b" not in text
    assert "A [red]title[/red] of [/models]" in text


def test_audit_returns_findings_in_short(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    write_noise(tmp_path / "pets", ("cat", "dog"), 3, 20)
    found = leadline.audit("~/pets")
    assert found.path == str(tmp_path / "pets")
    assert "small-class" in {finding.kind for finding in found.findings}
    assert len(repr(found)) < 800
