"""Batch normalisation in one pass of torch, on the variables of the Keras layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional


def batch_normalization(layer: Any, *, training: bool) -> Callable[[torch.Tensor], torch.Tensor]:
    """The layer as a function of (n, ..., channels); Ioffe and Szegedy, ICML 2015.

    Training takes mean and variance of the batch and moves the layer's own towards them, as Keras
    does: by 1 - momentum, and the variance over n, not n - 1 as torch's own module has it.
    Otherwise, and where the layer is frozen, it takes the layer's own.
    """
    gamma = layer.gamma.value if layer.scale else None
    beta = layer.beta.value if layer.center else None
    mean, variance = layer.moving_mean.value, layer.moving_variance.value
    momentum, epsilon = layer.momentum, layer.epsilon

    def learn(x: torch.Tensor) -> torch.Tensor:
        out, batch_mean, inverse = torch.native_batch_norm(
            x.movedim(-1, 1), gamma, beta, None, None, True, 0.0, epsilon
        )
        with torch.no_grad():
            mean.lerp_(batch_mean, 1 - momentum)
            # torch hands back 1 / sqrt(variance + epsilon), over n.
            variance.lerp_(inverse.pow(-2).sub_(epsilon), 1 - momentum)
        return out.movedim(1, -1)

    def apply(x: torch.Tensor) -> torch.Tensor:
        out = functional.batch_norm(
            x.movedim(-1, 1), mean, variance, gamma, beta, False, 0.0, epsilon
        )
        return out.movedim(1, -1)

    # Asked at each call: a layer can be frozen between epochs.
    return lambda x: learn(x) if training and layer.trainable else apply(x)
