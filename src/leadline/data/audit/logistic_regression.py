"""Logistic regression by Newton's method, for a handful of features."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RIDGE = 1e-3
"""Per image: keeps weights finite where classes are separable; too weak to move an AUC."""
MOST_STEPS = 50
TOLERANCE = 1e-8


def fit_logistic(
    features: NDArray[np.float64], labels: NDArray[np.int64], classes: int
) -> NDArray[np.float64]:
    """Weights (features + 1, classes), the last row the bias: each class against the rest.

    Minimises mean log loss + RIDGE / 2 * |weights|^2, the bias left free.
    """
    inputs = np.column_stack([features, np.ones(len(features))])
    return np.column_stack([_newton(inputs, labels == label) for label in range(classes)])


def scores(features: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log odds (n, classes)."""
    odds: NDArray[np.float64] = features @ weights[:-1] + weights[-1]
    return odds


def _newton(inputs: NDArray[np.float64], positive: NDArray[np.bool_]) -> NDArray[np.float64]:
    weights = np.zeros(inputs.shape[1])
    # A class without images, or without others, has no finite bias but with a trace of a ridge.
    ridge = np.full(len(weights), RIDGE)
    ridge[-1] = 1e-9
    for _ in range(MOST_STEPS):
        chance = 0.5 * (1 + np.tanh(inputs @ weights / 2))
        gradient = inputs.T @ (chance - positive) / len(inputs) + ridge * weights
        curvature = (inputs.T * (chance * (1 - chance))) @ inputs / len(inputs) + np.diag(ridge)
        step = np.linalg.solve(curvature, gradient)
        weights -= step
        if np.abs(step).max() < TOLERANCE:
            break
    return weights
