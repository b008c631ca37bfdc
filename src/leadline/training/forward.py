"""A Keras model as plain torch calls, on the layers' own variables.

Keras's `__call__` costs as much as the arithmetic of a small network, and its convolution copies
the batch twice to change the layout. Here the same graph is walked and torch is called directly
for the layers that pay; every other layer is called as Keras calls it.
"""

from __future__ import annotations

import keras
import torch

from leadline.training import fast_layers, layer_graph


class Forward:
    """A model as a function of one feature batch.

    Calling gives logits where `gives_logits`, else probabilities: float32 (n, classes).
    With a `dropout` generator the model runs as in training: dropout drawn from it, batch
    statistics in normalisation layers. Without one it runs as in prediction. Layers of the class
    `through_keras` are called by Keras, not replaced by a direct call of torch.
    """

    def __init__(
        self,
        model: keras.Model,
        dropout: torch.Generator | None = None,
        *,
        through_keras: type | None = None,
    ) -> None:
        self._steps = layer_graph.steps(model)
        last = self._steps[-1].layer
        self.gives_logits = fast_layers.is_softmax_head(last)
        self._calls = [
            fast_layers.bare_dense(last)
            if self.gives_logits and step.layer is last
            else fast_layers.kernel(step.layer, dropout, through_keras)
            for step in self._steps
        ]

    def __call__(self, features: torch.Tensor) -> torch.Tensor:
        values = {layer_graph.SOURCE: features}
        for step, call in zip(self._steps, self._calls, strict=True):
            if step.takes_list:
                values[step.name] = call([values[name] for name in step.reads])
            else:
                values[step.name] = call(values[step.reads[0]])
        return values[self._steps[-1].name]

    def probabilities(self, features: torch.Tensor) -> torch.Tensor:
        """float32 (n, classes), rows sum to 1."""
        return self.as_probabilities(self(features))

    def as_probabilities(self, outputs: torch.Tensor) -> torch.Tensor:
        """Return the model's output as probabilities."""
        return torch.softmax(outputs, dim=1) if self.gives_logits else outputs
