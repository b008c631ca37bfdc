"""Every argument of Keras's optimizers and of its loss: settings of leadline, and Keras's defaults.

A setting can be given in an experiment. The others keep the value that Keras 3 gives them. Tests
hold names, order and defaults against Keras's own signatures.
"""

from __future__ import annotations

from typing import Any

from leadline.experiments.training_settings import AnyOptimizer, Training

FIXED_OPTIMIZER_ARGUMENTS: dict[str, object] = {
    "use_ema": False,
    "ema_momentum": 0.99,
    "ema_overwrite_frequency": None,
    "loss_scale_factor": None,
    "gradient_accumulation_steps": None,
    "name": None,
}
"""Arguments of every Keras optimizer that leadline leaves at Keras's default."""

FIXED_LOSS_ARGUMENTS: dict[str, object] = {
    "from_logits": False,
    "axis": -1,
    "reduction": "sum_over_batch_size",
    "name": "categorical_crossentropy",
    "dtype": None,
}
"""The same of `keras.losses.CategoricalCrossentropy`."""

SHARED = ("weight_decay", "clipnorm", "clipvalue", "global_clipnorm")
NOT_OF_KERAS = ("exclude_from_weight_decay",)
"""A method of Keras's optimizers, not an argument."""

HONOURED_BY_OWN_STEP = {
    "RMSprop": ("learning_rate", "rho", "epsilon", "weight_decay", "exclude_from_weight_decay"),
    "Adam": (
        "learning_rate", "beta_1", "beta_2", "epsilon", "weight_decay",
        "exclude_from_weight_decay",
    ),
    "AdamW": (
        "learning_rate", "weight_decay", "beta_1", "beta_2", "epsilon",
        "exclude_from_weight_decay",
    ),
}  # fmt: skip
"""Arguments that leadline's own update step uses, by optimizer
(`leadline.training.optimizer_steps`).

Where any other argument is in use, and for other optimizers, Keras's own step is taken.
"""


def optimizer_arguments(optimizer: AnyOptimizer) -> dict[str, Any]:
    """Every argument with the value in force, in the order of Keras's signature."""
    values = optimizer.model_dump(exclude={"name"})
    values = {key: value for key, value in values.items() if value or key not in NOT_OF_KERAS}
    first = ["learning_rate", *(["weight_decay"] if optimizer.name == "AdamW" else [])]
    own = [key for key in values if key not in (*first, *SHARED, *NOT_OF_KERAS)]
    order = dict.fromkeys([*first, *own, *SHARED, *NOT_OF_KERAS])
    return {key: values[key] for key in order if key in values} | FIXED_OPTIMIZER_ARGUMENTS


def loss_arguments(training: Training) -> dict[str, Any]:
    """Every argument of the loss with the value in force, and leadline's `class_weights`."""
    fixed = dict(FIXED_LOSS_ARGUMENTS)
    from_logits = fixed.pop("from_logits")
    return {
        "from_logits": from_logits,
        "label_smoothing": training.label_smoothing,
        **fixed,
        "class_weights": training.class_weights,
    }


def uses_own_step(optimizer: AnyOptimizer) -> bool:
    """True where leadline's own update step computes this optimizer with these values."""
    honoured = HONOURED_BY_OWN_STEP.get(optimizer.name)
    if honoured is None:
        return False
    values = optimizer.model_dump(exclude={"name"})
    return not any(value for key, value in values.items() if key not in honoured)


def is_fixed(name: str) -> bool:
    """True for an argument that is not a setting of leadline and so has Keras's default."""
    return name in FIXED_OPTIMIZER_ARGUMENTS or name in FIXED_LOSS_ARGUMENTS
