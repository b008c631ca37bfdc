"""Optimizer and loss as equations, as Keras computes them, with the values in force.

Each line is written as text; `equations.toml` has its MathML. Sources: `update_step` of each
optimizer in `keras/src/optimizers` (Keras 3.15), `keras.losses.CategoricalCrossentropy`. Symbols: w
a weight, g the gradient of the loss for it, t the step (one batch), from 1.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from leadline.experiments.keras_arguments import (
    HONOURED_BY_OWN_STEP,
    is_fixed,
    loss_arguments,
    optimizer_arguments,
    uses_own_step,
)
from leadline.experiments.training_settings import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    AnyOptimizer,
    Lion,
    Nadam,
    RMSprop,
    Training,
)
from leadline.report.formatting import setting

HAT = "\N{COMBINING CIRCUMFLEX ACCENT}"
BINARY_CROSS_ENTROPY = (
    "ℓ = −(y log(p) + (1 − y) log(1 − p))",
    "p = 1 / (1 + exp(z(2) − z(1)))",
)
"""The loss of two classes: y is 1 for the first class, p its probability, z the two outputs."""


@cache
def _table() -> dict[str, dict[str, Any]]:
    path = files("leadline.report.words").joinpath("equations.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def symbol(argument: str) -> str:
    """Return the symbol of an optimizer's or a loss's argument as text; "" if it has none."""
    entry = _table()["symbols"].get(argument)
    return str(entry["text"]) if entry else ""


def mathml(lines: Iterable[str]) -> tuple[str, ...]:
    """Return a `<math>` block for each equation of the table."""
    equations = _table()["equations"]
    return tuple(f'<math display="block"><mrow>{equations[line]}</mrow></math>' for line in lines)


@dataclass(frozen=True)
class Argument:
    """One argument by Keras's name, its symbol (MathML, or empty) and its value as text.

    fixed: not a setting of leadline, so it has Keras's default.
    """

    name: str
    symbol: str
    value: str
    fixed: bool = False


@dataclass(frozen=True)
class Formula:
    """Equations in the order in which they are computed, and every argument in force.

    mathml: one `<math>` element each. text: the same for a terminal. honoured: the arguments that
    leadline's own update step computes with; () where it has none for this optimizer. own_step:
    that step is taken with these values; otherwise, Keras's. None for a loss.
    """

    name: str
    mathml: tuple[str, ...]
    text: tuple[str, ...]
    arguments: tuple[Argument, ...]
    honoured: tuple[str, ...] = ()
    own_step: bool | None = None


def optimizer_formula(optimizer: AnyOptimizer) -> Formula:
    """The update of one weight in one step, clipping and weight decay included."""
    lines = [*_clipping(optimizer), *_decay(optimizer), *_UPDATES[type(optimizer)](optimizer)]
    formula = _formula(optimizer.name, lines, optimizer_arguments(optimizer))
    return replace(
        formula,
        honoured=HONOURED_BY_OWN_STEP.get(optimizer.name, ()),
        own_step=uses_own_step(optimizer),
    )


def loss_formula(training: Training) -> Formula:
    """Categorical cross-entropy of a batch of n images and K classes, as it is minimised."""
    smoothed = training.label_smoothing > 0
    weighted = training.class_weights != "none"
    lines = [
        *([f"y{HAT}(k) = (1 − s) y(k) + s / K"] if smoothed else []),
        f"ℓ = −∑(k = 1..K) y{HAT if smoothed else ''}(k) log(p(k))",
        *(["a(k) = n / (K n(k))"] if weighted else []),
        f"L = 1 / b ∑(i = 1..b) {'a(k(i)) ' if weighted else ''}ℓ(i)",
    ]
    return _formula(training.loss, lines, loss_arguments(training))


def _formula(name: str, lines: list[str], arguments: dict[str, Any]) -> Formula:
    symbols = _table()["symbols"]
    return Formula(
        name=name,
        mathml=mathml(lines),
        text=tuple(lines),
        arguments=tuple(
            Argument(
                name=key,
                symbol=f"<math><mrow>{symbols[key]['mathml']}</mrow></math>"
                if key in symbols
                else "",
                value=setting(value),
                fixed=is_fixed(key),
            )
            for key, value in arguments.items()
        ),
    )


def _clipping(optimizer: AnyOptimizer) -> list[str]:
    """The gradient's clipping, which comes first; Keras takes at most one of the three."""
    if optimizer.clipnorm is not None:
        return ["g ← g c / (max(‖g‖, c))"]
    if optimizer.global_clipnorm is not None:
        return ["g ← g c / (max(‖g(all)‖, c))"]
    if optimizer.clipvalue is not None:
        return ["g ← min(max(g, −c), c)"]
    return []


def _decay(optimizer: AnyOptimizer) -> list[str]:
    """Decoupled weight decay: every weight shrinks before the update, whatever its gradient."""
    return [] if optimizer.weight_decay is None else ["w(t − 1) ← w(t − 1) − η λ w(t − 1)"]


def _sgd(optimizer: SGD) -> list[str]:
    if optimizer.momentum == 0:
        return ["w(t) = w(t − 1) − η g(t)"]
    step = "μ m(t) − η g(t)" if optimizer.nesterov else "m(t)"
    return ["m(t) = μ m(t − 1) − η g(t)", f"w(t) = w(t − 1) + {step}"]


def _rmsprop(optimizer: RMSprop) -> list[str]:
    variance = "v(t) − u(t)^2" if optimizer.centered else "v(t)"
    change = f"η g(t) / sqrt({variance} + ε)"
    if optimizer.momentum == 0:
        steps = [f"w(t) = w(t − 1) − {change}"]
    else:
        steps = [f"m(t) = μ m(t − 1) + {change}", "w(t) = w(t − 1) − m(t)"]
    return [
        "v(t) = ρ v(t − 1) + (1 − ρ) g(t)^2",
        *(["u(t) = ρ u(t − 1) + (1 − ρ) g(t)"] if optimizer.centered else []),
        *steps,
    ]


def _adam(optimizer: Adam | AdamW) -> list[str]:
    largest = [f"v{HAT}(t) = max(v{HAT}(t − 1), v(t))"] if optimizer.amsgrad else []
    size = f"v{HAT}(t)" if optimizer.amsgrad else "v(t)"
    return [
        "m(t) = β1 m(t − 1) + (1 − β1) g(t)",
        "v(t) = β2 v(t − 1) + (1 − β2) g(t)^2",
        *largest,
        "α(t) = η sqrt(1 − β2^t) / (1 − β1^t)",
        f"w(t) = w(t − 1) − α(t) m(t) / (sqrt({size}) + ε)",
    ]


def _nadam(_optimizer: Nadam) -> list[str]:
    return [
        "u(t) = β1 (1 − 0.5 · 0.96^t)",
        "π(t) = ∏(i = 1..t) u(i)",
        "m(t) = β1 m(t − 1) + (1 − β1) g(t)",
        "v(t) = β2 v(t − 1) + (1 − β2) g(t)^2",
        f"m{HAT}(t) = u(t + 1) m(t) / (1 − π(t + 1)) + (1 − u(t)) g(t) / (1 − π(t))",
        f"v{HAT}(t) = v(t) / (1 − β2^t)",
        f"w(t) = w(t − 1) − η m{HAT}(t) / (sqrt(v{HAT}(t)) + ε)",
    ]


def _adamax(_optimizer: Adamax) -> list[str]:
    return [
        "m(t) = β1 m(t − 1) + (1 − β1) g(t)",
        "u(t) = max(β2 u(t − 1), |g(t)|)",
        "w(t) = w(t − 1) − η m(t) / ((1 − β1^t) (u(t) + ε))",
    ]


def _adagrad(_optimizer: Adagrad) -> list[str]:
    return ["v(t) = v(t − 1) + g(t)^2", "w(t) = w(t − 1) − η g(t) / sqrt(v(t) + ε)"]


def _adadelta(_optimizer: Adadelta) -> list[str]:
    return [
        "v(t) = ρ v(t − 1) + (1 − ρ) g(t)^2",
        "d(t) = −sqrt(u(t − 1) + ε) / sqrt(v(t) + ε) g(t)",
        "u(t) = ρ u(t − 1) + (1 − ρ) d(t)^2",
        "w(t) = w(t − 1) + η d(t)",
    ]


def _lion(_optimizer: Lion) -> list[str]:
    return [
        "w(t) = w(t − 1) − η sign(β1 m(t − 1) + (1 − β1) g(t))",
        "m(t) = β2 m(t − 1) + (1 − β2) g(t)",
    ]


_UPDATES: dict[type, Callable[[Any], list[str]]] = {
    SGD: _sgd, RMSprop: _rmsprop, Adam: _adam, AdamW: _adam, Nadam: _nadam, Adamax: _adamax,
    Adagrad: _adagrad, Adadelta: _adadelta, Lion: _lion,
}  # fmt: skip
