"""One optimizer step over the variables of a Keras optimizer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

Update = Callable[[Sequence[torch.Tensor | None]], None]


def update_for(optimizer: Any, variables: Sequence[Any]) -> Update:
    """The function that applies gradients, one for each variable, None where there is none."""
    variables = list(variables)
    optimizer.build(variables)

    def apply(gradients: Sequence[torch.Tensor | None]) -> None:
        with torch.no_grad():
            optimizer.apply(gradients, variables)

    return apply
