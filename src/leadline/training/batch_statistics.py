"""Statistics of batch normalization, computed exactly over training images.

While training, a layer normalizes by the mean and variance of its batch; afterwards by moving
averages of them, which start at 0 and 1. With momentum 0.99 these need several hundred steps to
forget that start, and they lag behind weights that still change. A network trained for fewer steps
is then right on its training batches and guesses on everything else. Here the averages are replaced
by the mean and variance over the training images themselves, layer by layer, each one behind the
exact statistics of those before it (Wu and Johnson, "Rethinking 'Batch' in BatchNorm", 2021).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
import torch

from leadline.training.averaging import copy_into
from leadline.training.forward import Forward

Features = Callable[[], Iterable[torch.Tensor]]
"""Starts a pass over the images: their features, batch by batch."""

MOST_IMAGES, LEAST_IMAGES = 4096, 512
SHARE_OF_EPOCH = 0.25
"""Extra time per epoch for the statistics of batch normalization, as a fraction."""
FORWARD_PASSES = 3
"""A training step costs about as much as three predictions: one forward, two backward."""


class BatchStatistics:
    """The batch normalization layers of a model, and what they are judged with.

    Layers that are frozen keep their statistics, as in Keras; so do those with masks or batch
    renormalization, which are computed in other ways.
    """

    def __init__(self, model: keras.Model) -> None:
        self._model = model
        self._layers = [
            layer
            for layer in model._flatten_layers()  # noqa: SLF001 - `layers` omits nested ones
            if isinstance(layer, keras.layers.BatchNormalization)
            and not getattr(layer, "renorm", False)
        ]
        self._forward = Forward(model, through_keras=keras.layers.BatchNormalization)

    @property
    def count(self) -> int:
        """Layers whose statistics are computed. One can be frozen between epochs."""
        return len(self._trained())

    def sample_size(self, images: int) -> int:
        """Return how many training images are enough to evaluate an epoch.

        The l-th layer needs a pass through the l layers before it, so that a deep network gets
        fewer images: at most a quarter is added to the epoch, unless that leaves less than 512.
        """
        passes = (self.count + 1) / 2
        affordable = int(SHARE_OF_EPOCH * FORWARD_PASSES * images / passes)
        return min(images, MOST_IMAGES, max(LEAST_IMAGES, affordable))

    def final_size(self, images: int) -> int:
        """Return how many training images the kept model's statistics are computed over.

        All of them, unless that takes longer than an epoch: so for more than five layers. At least
        4,096.
        """
        passes = (self.count + 1) / 2
        return min(images, max(MOST_IMAGES, int(FORWARD_PASSES * images / passes)))

    def compute(self, features: Features) -> None:
        """Replace the moving statistics by those of these images, as prediction sees them."""
        if not self.count:
            return
        with torch.no_grad():
            for layer, calls in self._in_order(features):
                moments = _Moments()
                for batch in features():
                    self._run(layer, calls, moments.add, batch)
                moments.assign(layer)

    @contextmanager
    def in_place(self, features: Features) -> Iterator[None]:
        """The computed statistics inside the block; the moving ones are back after it.

        So training goes on as `Model.fit` would.
        """
        moving = [v for layer in self._layers for v in (layer.moving_mean, layer.moving_variance)]
        tensors = [variable.value for variable in moving]
        before = [tensor.detach().clone() for tensor in tensors]
        try:
            self.compute(features)
            yield
        finally:
            copy_into(tensors, before)

    def _trained(self) -> list[Any]:
        return [layer for layer in self._layers if layer.trainable]

    def _in_order(self, features: Features) -> list[tuple[Any, int]]:
        """The layers as they are reached, each with how often a prediction calls it."""
        first = next(iter(features()))[:1]
        calls: dict[int, int] = {}
        layers = {id(layer): layer for layer in self._trained()}
        masked: set[int] = set()

        def note(layer: Any, mask: Any) -> None:
            calls[id(layer)] = calls.get(id(layer), 0) + 1
            if mask is not None:
                masked.add(id(layer))

        with _Watched(list(layers.values()), lambda layer, _inputs, mask: note(layer, mask)):
            self._forward(first)
        return [(layers[one], count) for one, count in calls.items() if one not in masked]

    def _run(
        self, layer: Any, calls: int, see: Callable[[torch.Tensor, int], None], batch: torch.Tensor
    ) -> None:
        """One batch as far as the last call of the layer."""
        left = calls

        def watch(watched: Any, inputs: torch.Tensor, _mask: Any) -> None:
            nonlocal left
            see(inputs, watched.axis)
            left -= 1
            if not left:
                raise _Reached

        with _Watched([layer], watch):
            try:
                self._forward(batch)
            except _Reached:
                return


class _Reached(BaseException):
    """Nothing behind the layer is needed. No Exception, which Keras would rewrite."""


class _Watched:
    """Inside the block `see(layer, inputs, mask)` is called before each of these layers runs."""

    def __init__(self, layers: list[Any], see: Callable[[Any, torch.Tensor, Any], None]) -> None:
        self._layers, self._see = layers, see

    def __enter__(self) -> None:
        for layer in self._layers:
            layer.__dict__["call"] = self._watching(layer, layer.call)

    def __exit__(self, *_error: object) -> None:
        for layer in self._layers:
            del layer.__dict__["call"]

    def _watching(self, layer: Any, own: Callable[..., torch.Tensor]) -> Callable[..., Any]:
        def call(inputs: torch.Tensor, training: Any = None, mask: Any = None) -> torch.Tensor:
            self._see(layer, inputs, mask)
            return own(inputs, training=training, mask=mask)

        return call


class _Moments:
    """Mean and variance by channel over any number of batches, in double precision.

    Batches are joined by the formula of Chan, Golub and LeVeque (The American Statistician 37,
    1983), which does not cancel as a sum of squares does.
    """

    def __init__(self) -> None:
        self._count = 0
        self._mean: Any = 0.0
        self._squares: Any = 0.0

    def add(self, inputs: torch.Tensor, axis: int) -> None:
        channels = axis % inputs.ndim
        others = [place for place in range(inputs.ndim) if place != channels]
        variance, mean = torch.var_mean(inputs.float(), dim=others, correction=0)
        count = inputs.numel() // inputs.shape[channels]
        total = self._count + count
        apart = mean.double() - self._mean
        self._mean = self._mean + apart * (count / total)
        joined = apart.square() * (self._count * count / total)
        self._squares = self._squares + variance.double() * count + joined
        self._count = total

    def assign(self, layer: Any) -> None:
        mean, variance = layer.moving_mean.value, layer.moving_variance.value
        copy_into([mean, variance], [self._mean, self._squares / self._count])
