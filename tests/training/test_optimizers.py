"""Every argument of a specification reaches the Keras optimizer of that name."""

from __future__ import annotations

from typing import get_args

import keras
import numpy as np
import pytest

from leadline.errors import TrainingError
from leadline.experiments import training_settings as spec
from leadline.experiments.training_settings import Training
from leadline.training.optimizers import build_optimizer, check_excluded

CLASSES = get_args(get_args(spec.AnyOptimizer)[0])


@pytest.mark.parametrize("part", CLASSES, ids=lambda part: part.__name__)
def test_defaults_are_those_of_keras(part):
    """But for the learning rate's type, a specification without arguments changes nothing."""
    name = part.__name__
    made = build_optimizer(Training(optimizer=part(name=name)), 10)
    assert type(made) is type(getattr(keras.optimizers, name)())
    expected = getattr(keras.optimizers, name)(made.get_config()["learning_rate"]).get_config()
    assert {**made.get_config(), "name": ""} == {**expected, "name": ""}


@pytest.mark.parametrize("part", CLASSES, ids=lambda part: part.__name__)
def test_arguments_arrive(part):
    said = {"name": part.__name__, "learning_rate": 0.25, "weight_decay": 0.125, "clipnorm": 3.0}
    for field, info in part.model_fields.items():
        if info.annotation is bool:
            said[field] = True
        elif field not in said and isinstance(info.default, float):
            said[field] = 0.5
    config = build_optimizer(Training(optimizer=part(**said)), 10).get_config()
    del said["name"]
    assert {key: config[key] for key in said} == pytest.approx(said)


def test_a_schedule_becomes_the_rate():
    training = Training.model_validate(
        {"schedule": {"kind": "exponential", "factor_per_epoch": 0.5}}
    )
    optimizer = build_optimizer(training, 10)
    optimizer.iterations.assign(10)
    assert float(optimizer.learning_rate) == pytest.approx(0.0005)


def excluding(*words: str) -> Training:
    return Training(optimizer=spec.AdamW(name="AdamW", exclude_from_weight_decay=words))


def weights(*names: str) -> list[keras.Variable]:
    return [keras.Variable(np.ones(1, np.float32), name=name) for name in names]


def test_weights_with_a_word_in_their_name_are_kept_from_decay():
    optimizer = build_optimizer(excluding("gamma", "^b"), 10)
    kept = [optimizer._use_weight_decay(weight) for weight in weights("kernel", "gamma_1", "bias")]
    assert kept == [True, False, False]


def test_a_word_that_no_weight_is_called_is_told():
    check_excluded(excluding("bias"), weights("kernel", "bias"))
    with pytest.raises(
        TrainingError, match=r"has 'gama', which matches no weight; the weights are bias, kernel"
    ):
        check_excluded(excluding("bias", "gama"), weights("kernel", "bias"))
