"""One optimizer step over the variables of a Keras optimizer.

Keras's own `apply` passes over memory about twice as often as its formulas need. For the
optimizers that trained most of what this package ships, the formula is written here with fewer
passes, on the Keras object's own variables, so that its state stays what Keras would have.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

Gradients = Sequence[torch.Tensor | None]
Update = Callable[[Gradients], None]

ONLY_KERAS_HONOURS = (
    "clipnorm",
    "clipvalue",
    "global_clipnorm",
    "use_ema",
    "loss_scale_factor",
    "gradient_accumulation_steps",
    "momentum",
    "centered",
    "amsgrad",
)


def update_for(optimizer: Any, variables: Sequence[Any]) -> Update:
    """The function that applies gradients, one for each variable, None where there is none."""
    variables = list(variables)
    optimizer.build(variables)
    fused = _fused(optimizer, variables)

    def update(gradients: Gradients) -> None:
        with torch.no_grad():
            if fused is None or any(gradient is None for gradient in gradients):
                optimizer.apply(list(gradients), variables)
            else:
                fused(gradients)

    return update


def _fused(optimizer: Any, variables: list[Any]) -> Update | None:
    make = FUSED.get(type(optimizer).__name__)
    honoured = not any(getattr(optimizer, name, None) for name in ONLY_KERAS_HONOURS)
    free = all(variable.constraint is None for variable in variables)
    single = all(variable.dtype == "float32" for variable in variables)
    return make(optimizer, variables) if make and honoured and free and single else None


def _rmsprop(optimizer: Any, variables: list[Any]) -> Update:
    """v = rho v + (1 - rho) g²; w -= rate g / sqrt(v + epsilon)."""
    weights = [variable.value for variable in variables]
    decaying = _decaying(optimizer, variables)
    velocities = _slots(optimizer, "velocity")
    rho, epsilon = optimizer.rho, optimizer.epsilon

    def update(gradients: Gradients) -> None:
        rate = _decayed(optimizer, decaying)
        for weight, velocity, gradient in zip(weights, velocities, gradients, strict=True):
            velocity.mul_(rho).addcmul_(gradient, gradient, value=1 - rho)
            weight.addcdiv_(gradient, velocity.add(epsilon).sqrt_(), value=-rate)
        optimizer.iterations.value.add_(1)

    return update


def _adam(optimizer: Any, variables: list[Any]) -> Update:
    """Adam and AdamW (Loshchilov and Hutter, ICLR 2019), epsilon where Keras has it."""
    weights = [variable.value for variable in variables]
    decaying = _decaying(optimizer, variables)
    momentums, velocities = _slots(optimizer, "momentum"), _slots(optimizer, "velocity")
    beta_1, beta_2, epsilon = optimizer.beta_1, optimizer.beta_2, optimizer.epsilon
    betas = torch.tensor([beta_1, beta_2], device=weights[0].device)

    def update(gradients: Gradients) -> None:
        rate = _decayed(optimizer, decaying)
        # In single precision as Keras has it: 1 - beta_2^step keeps four digits in the first steps.
        powers = torch.pow(betas, (optimizer.iterations.value + 1).to(torch.float32))
        first, second = (1 - powers).unbind()
        alpha = float(rate * torch.sqrt(second) / first)
        rows = zip(weights, momentums, velocities, gradients, strict=True)
        for weight, momentum, velocity, gradient in rows:
            momentum.lerp_(gradient, 1 - beta_1)
            velocity.mul_(beta_2).addcmul_(gradient, gradient, value=1 - beta_2)
            weight.addcdiv_(momentum, velocity.sqrt().add_(epsilon), value=-alpha)
        optimizer.iterations.value.add_(1)

    return update


def _slots(optimizer: Any, kind: str) -> list[torch.Tensor]:
    """The optimizer's own tensors of one kind, one for each variable, in their order."""
    return [slot.value for slot in optimizer.variables if slot.name.endswith(f"_{kind}")]


def _decaying(optimizer: Any, variables: list[Any]) -> list[torch.Tensor]:
    """Return the weights that decay, without those excluded in the optimizer."""
    decays = optimizer._use_weight_decay  # noqa: SLF001 (Keras tells it nowhere else)
    return [variable.value for variable in variables if decays(variable)]


def _decayed(optimizer: Any, weights: list[torch.Tensor]) -> float:
    """The rate of this step, once these weights have decayed by it."""
    rate = float(optimizer.learning_rate)
    if optimizer.weight_decay:
        for weight in weights:
            weight.mul_(1 - optimizer.weight_decay * rate)
    return rate


FUSED: dict[str, Callable[[Any, list[Any]], Update]] = {
    "RMSprop": _rmsprop,
    "Adam": _adam,
    "AdamW": _adam,
}
