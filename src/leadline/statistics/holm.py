"""Several tests at once: p-values that keep their word for all of them together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from leadline.errors import DataError


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Corrected p-values, 0 to 1, in the order given.

    Rejecting those below 0.05 rejects a true hypothesis, any at all, in at most 5% of studies,
    however the tests hang together. The smallest is multiplied by how many there are, the next by
    one less, and none is below one before it. Holm, Scandinavian Journal of Statistics 6 (1979).
    Raises DataError for what is no probability.
    """
    p = np.asarray(p_values, dtype=np.float64)
    if not ((p >= 0) & (p <= 1)).all():
        raise DataError(f"expected p-values from 0 to 1. Received: {p.tolist()}.")
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    corrected = np.empty_like(p)
    corrected[order] = np.minimum(stepped, 1.0)
    return tuple(corrected.tolist())
