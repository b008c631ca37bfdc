"""Optimizer and loss as equations, as Keras computes them, with the values in force.

Sources: the `update_step` of each optimizer in `keras/src/optimizers` (Keras 3.15), and
`keras.losses.CategoricalCrossentropy`. Symbols: w a weight, g the gradient of the loss for it,
t the step (one batch), from 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
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
from leadline.report.words.expressions import (
    Expr,
    call,
    equation,
    hatted,
    indexed,
    magnitude,
    math_block,
    math_inline,
    negative,
    norm,
    num,
    root,
    series,
    var,
)

ONE, TWO = num("1"), num("2")
T = var("t")
BEFORE = T - ONE
W, G, M, V, U, D = (var(letter) for letter in "wgmvud")
ETA, RHO, MU, EPSILON, LAMBDA = (var(letter) for letter in "ηρμελ")
BETA_1, BETA_2 = (
    Expr(indexed(var("β"), number).mathml, f"β{number.text}") for number in (ONE, TWO)
)
CLIP = var("c")

SYMBOLS = {
    "learning_rate": ETA, "rho": RHO, "momentum": MU, "epsilon": EPSILON, "weight_decay": LAMBDA,
    "beta_1": BETA_1, "beta_2": BETA_2, "clipnorm": CLIP, "clipvalue": CLIP,
    "global_clipnorm": CLIP, "initial_accumulator_value": indexed(V, num("0")),
    "label_smoothing": var("s"),
}  # fmt: skip


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
    target = indexed(var("y"), "k")
    smoothed = indexed(hatted(var("y")), "k") if training.label_smoothing > 0 else target
    inside = smoothed * call("log", indexed(var("p"), "k"))
    image = var("ℓ")
    lines = [equation(image, negative(series("∑", "k", "K", inside)))]
    if training.label_smoothing > 0:
        s = SYMBOLS["label_smoothing"]
        lines.insert(0, equation(smoothed, (ONE - s) * target + s / var("K")))
    each = indexed(image, "i")
    weighted = training.class_weights != "none"
    if weighted:
        share = var("n") / (var("K") * indexed(var("n"), "k"))
        lines.append(equation(indexed(var("a"), "k"), share))
        each = indexed(var("a"), indexed(var("k"), "i")) * each
    lines.append(equation(var("L"), (ONE / var("b")) * series("∑", "i", "b", each)))
    return _formula(training.loss, lines, loss_arguments(training))


def _formula(name: str, lines: list[Expr], arguments: dict[str, Any]) -> Formula:
    return Formula(
        name=name,
        mathml=tuple(math_block(line) for line in lines),
        text=tuple(line.text for line in lines),
        arguments=tuple(
            Argument(
                name=key,
                symbol=math_inline(SYMBOLS[key]) if key in SYMBOLS else "",
                value=setting(value),
                fixed=is_fixed(key),
            )
            for key, value in arguments.items()
        ),
    )


def _clipping(optimizer: AnyOptimizer) -> list[Expr]:
    """What is done to the gradient first; Keras takes at most one of the three."""
    if optimizer.clipnorm is not None:
        return [_becomes(G, G * (CLIP / call("max", norm(G), CLIP)))]
    if optimizer.global_clipnorm is not None:
        whole = norm(indexed(G, Expr("<mtext>all</mtext>", "all")))
        return [_becomes(G, G * (CLIP / call("max", whole, CLIP)))]
    if optimizer.clipvalue is not None:
        return [_becomes(G, call("min", call("max", G, negative(CLIP)), CLIP))]
    return []


def _decay(optimizer: AnyOptimizer) -> list[Expr]:
    """Decoupled weight decay: every weight shrinks before the update, whatever its gradient."""
    if optimizer.weight_decay is None:
        return []
    return [_becomes(_before(W), _before(W) - ETA * LAMBDA * _before(W))]


def _sgd(optimizer: SGD) -> list[Expr]:
    if optimizer.momentum == 0:
        return [_step(ETA * _now(G))]
    moved = equation(_now(M), MU * _before(M) - ETA * _now(G))
    ahead = MU * _now(M) - ETA * _now(G) if optimizer.nesterov else _now(M)
    return [moved, equation(_now(W), _before(W) + ahead)]


def _rmsprop(optimizer: RMSprop) -> list[Expr]:
    lines = [_average(V, RHO, _now(G) ** TWO)]
    below = _now(V) + EPSILON
    if optimizer.centered:
        lines.append(_average(U, RHO, _now(G)))
        below = _now(V) - _now(U) ** TWO + EPSILON
    change = (ETA * _now(G)) / root(below)
    if optimizer.momentum == 0:
        return [*lines, _step(change)]
    return [*lines, equation(_now(M), MU * _before(M) + change), _step(_now(M))]


def _adam(optimizer: Adam | AdamW) -> list[Expr]:
    rate = ETA * (root(ONE - BETA_2**T) / (ONE - BETA_1**T))
    lines = [_average(M, BETA_1, _now(G)), _average(V, BETA_2, _now(G) ** TWO)]
    size = _now(V)
    if optimizer.amsgrad:
        size = _now(hatted(V))
        lines.append(equation(size, call("max", _before(hatted(V)), _now(V))))
    alpha = var("α")
    return [
        *lines,
        equation(_now(alpha), rate),
        _step((_now(alpha) * _now(M)) / (root(size) + EPSILON)),
    ]


def _nadam(_optimizer: Nadam) -> list[Expr]:
    half, decay, after = num("0.5"), num("0.96"), T + ONE
    product = series("∏", "i", "t", indexed(U, "i"))
    next_product = indexed(var("π"), after)
    lookahead = (indexed(U, after) * _now(M)) / (ONE - next_product)
    present = ((ONE - _now(U)) * _now(G)) / (ONE - _now(var("π")))
    return [
        equation(_now(U), BETA_1 * (ONE - half * decay**T)),
        equation(_now(var("π")), product),
        _average(M, BETA_1, _now(G)),
        _average(V, BETA_2, _now(G) ** TWO),
        equation(_now(hatted(M)), lookahead + present),
        equation(_now(hatted(V)), _now(V) / (ONE - BETA_2**T)),
        _step((ETA * _now(hatted(M))) / (root(_now(hatted(V))) + EPSILON)),
    ]


def _adamax(_optimizer: Adamax) -> list[Expr]:
    return [
        _average(M, BETA_1, _now(G)),
        equation(_now(U), call("max", BETA_2 * _before(U), magnitude(_now(G)))),
        _step((ETA * _now(M)) / ((ONE - BETA_1**T) * (_now(U) + EPSILON))),
    ]


def _adagrad(_optimizer: Adagrad) -> list[Expr]:
    return [
        equation(_now(V), _before(V) + _now(G) ** TWO),
        _step((ETA * _now(G)) / root(_now(V) + EPSILON)),
    ]


def _adadelta(_optimizer: Adadelta) -> list[Expr]:
    change = root(_before(U) + EPSILON) / root(_now(V) + EPSILON) * _now(G)
    return [
        _average(V, RHO, _now(G) ** TWO),
        equation(_now(D), negative(change)),
        _average(U, RHO, _now(D) ** TWO),
        equation(_now(W), _before(W) + ETA * _now(D)),
    ]


def _lion(_optimizer: Lion) -> list[Expr]:
    mixed = BETA_1 * _before(M) + (ONE - BETA_1) * _now(G)
    return [_step(ETA * call("sign", mixed)), _average(M, BETA_2, _now(G))]


_UPDATES: dict[type, Callable[[Any], list[Expr]]] = {
    SGD: _sgd, RMSprop: _rmsprop, Adam: _adam, AdamW: _adam, Nadam: _nadam, Adamax: _adamax,
    Adagrad: _adagrad, Adadelta: _adadelta, Lion: _lion,
}  # fmt: skip


def _now(quantity: Expr) -> Expr:
    return indexed(quantity, T)


def _before(quantity: Expr) -> Expr:
    return indexed(quantity, BEFORE)


def _average(mean: Expr, kept: Expr, new: Expr) -> Expr:
    """An exponential moving average: kept of what was, the rest of what is new."""
    return equation(_now(mean), kept * _before(mean) + (ONE - kept) * new)


def _step(change: Expr) -> Expr:
    return equation(_now(W), _before(W) - change)


def _becomes(quantity: Expr, value: Expr) -> Expr:
    return equation(quantity, value, sign="←")
