"""A run's explanations: in its folder where there is a convolution, and never in the way."""

import numpy as np

import leadline
from leadline.workflow import run_evaluation
from leadline.workflow.events import Event, WarningMessage


def train(name, data, out, **more):
    experiment = leadline.load_experiment(name, ["training.epochs=1"])
    return leadline.run(experiment, data=data, out=out, **more)


def test_a_convolutional_run_says_where_it_looks(even_and_odd, tmp_path):
    done = train("first-cnn", even_and_odd, tmp_path / "run")
    found = done.explanations()
    assert found is not None
    said = done.predictions()
    threshold = {point.name: point.threshold for point in done.metrics.decided.points}["youden"]
    positive = said.probabilities[found.indices, 1] >= np.float32(threshold)
    np.testing.assert_array_equal(found.decided, positive)
    np.testing.assert_array_equal(found.true, said.labels[found.indices])
    assert (found.method, found.layer) == ("Grad-CAM", "conv2d_2")
    right = found.true == found.decided
    assert [kind for kind, ok in zip(found.kinds, right, strict=True) if kind == "right"] == [
        "right"
    ] * 4
    # The calibrated model is the one that is explained.
    again = done.model()
    np.testing.assert_allclose(
        np.asarray(again.predict(found.images, verbose=0))[np.arange(len(right)), found.decided],
        found.probability,
        atol=1e-5,
    )


def test_without_convolution_there_is_no_file(even_and_odd, tmp_path):
    assert train("first-hog", even_and_odd, tmp_path / "run").explanations() is None


def test_a_failure_is_said_and_the_run_stands(even_and_odd, tmp_path, monkeypatch):
    def fail(*_, **__):
        raise NotImplementedError("no such gradient")

    monkeypatch.setattr(run_evaluation, "explain_model", fail)
    events: list[Event] = []
    done = train("first-cnn", even_and_odd, tmp_path / "run", on_event=events.append)
    assert done.explanations() is None
    warned = [event.text for event in events if isinstance(event, WarningMessage)]
    assert warned == ["first-cnn seed 0: no explanations: NotImplementedError: no such gradient"]
