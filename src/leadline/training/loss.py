"""The loss, as Keras computes it: categorical cross-entropy of clipped probabilities."""

from __future__ import annotations

from math import log

import numpy as np
import torch
from torch.nn import functional

from leadline.data.dataset import Int64Array
from leadline.experiments.training_settings import Training

CLIP = 1e-7
LOWEST_LOG = log(CLIP)
HIGHEST_LOG = log(float(np.float32(1 - CLIP)))


class Objective:
    """Mean cross-entropy of a batch in nats, with label smoothing and class weights.

    Keras's categorical_crossentropy clips probabilities to [1e-7, 1 - 1e-7]; beyond the clip the
    gradient is zero. From logits the same is computed with the clip moved into the logarithm.
    """

    def __init__(
        self,
        *,
        from_logits: bool,
        label_smoothing: float = 0.0,
        weights: torch.Tensor | None = None,
    ) -> None:
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing
        self.weights = weights

    def __call__(self, outputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """outputs float (n, classes), labels int64 (n,); a scalar tensor."""
        logs = self._log_probabilities(outputs)
        if self.weights is None and self.label_smoothing == 0:
            return functional.nll_loss(logs, labels)
        losses = functional.nll_loss(logs, labels, reduction="none")
        if self.label_smoothing:
            smooth = self.label_smoothing
            losses = (1 - smooth) * losses - smooth * logs.mean(dim=1)
        if self.weights is not None:
            losses = losses * self.weights[labels]
        return losses.mean()

    def _log_probabilities(self, outputs: torch.Tensor) -> torch.Tensor:
        if self.from_logits:
            return functional.log_softmax(outputs, dim=1).clamp(LOWEST_LOG, HIGHEST_LOG)
        shares = outputs / outputs.sum(dim=1, keepdim=True)
        return shares.clamp(CLIP, 1 - CLIP).log()


def class_weights(training: Training, labels: Int64Array, classes: int) -> torch.Tensor | None:
    """float32 (classes,) or None. Balanced: n / (classes × images of the class).

    A class without images has weight 0. King and Zeng, Political Analysis 2001.
    """
    if training.class_weights == "none":
        return None
    counts = np.bincount(labels, minlength=classes)
    balanced = len(labels) / (classes * np.maximum(counts, 1)) * (counts > 0)
    return torch.from_numpy(balanced.astype(np.float32))
