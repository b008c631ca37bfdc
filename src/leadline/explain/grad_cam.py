"""Grad-CAM: regions of the last convolution that support a class.

Selvaraju, Cogswell, Das, Vedantam, Parikh and Batra, ICCV 2017. Of a stage with channels A_k, the
weight of a channel is the mean over places of the gradient of the class's logit,

    a_k = mean over i, j of d y / d A_kij,      map = max(0, sum over k of a_k A_k)

Which stage: the last layer whose output still has the places of the last convolution. So the
normalisation, activation or sum (of a residual block) after that convolution is in the map, and
the pooling that throws places away is not.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from leadline.errors import RunError
from leadline.explain.heat_maps import HeatMaps, asked_classes, scaled

if TYPE_CHECKING:
    import keras
    import torch

BATCH = 32


@dataclass(frozen=True)
class Stage:
    """One call of a layer inside a model.

    call: how many layers (nested ones counted, in the order in which they finish) come before it.
    size: height and width of its output. channels: their number.
    """

    layer: str
    call: int
    size: tuple[int, int]
    channels: int


@dataclass(frozen=True, eq=False)
class _Call:
    layer: Any
    given: Any
    output: torch.Tensor


def find_stage(model: keras.Model) -> Stage | None:
    """The stage that Grad-CAM reads; None where the model has no convolution over places.

    model: uint8 images (n, height, width, channels) to probabilities, as a run folder holds it;
    nested models and subclassed ones are looked into.
    """
    import torch

    image = np.zeros((1, *model.input_shape[1:]), np.uint8)
    calls: list[_Call] = []

    def see(call: _Call) -> torch.Tensor:
        # A leaf that asks for a gradient, so that frozen weights do not hide what leads where.
        output = call.output
        if output.ndim == 4 and output.is_floating_point() and not output.requires_grad:
            output = output.detach().requires_grad_()
        calls.append(_Call(call.layer, call.given, output))
        return output

    with torch.enable_grad(), _watching(see):
        answer = model(image, training=False)
    spatial = _leading_to(answer, calls)
    convolutions = [number for number in spatial if _is_convolution(calls[number].layer)]
    if not convolutions:
        return None
    last = convolutions[-1]
    size = calls[last].output.shape[1:3]
    number = [one for one in spatial if calls[one].output.shape[1:3] == size][-1]
    height, width, channels = (int(side) for side in calls[number].output.shape[1:])
    return Stage(calls[number].layer.name, number, (height, width), channels)


def grad_cam(
    model: keras.Model,
    images: NDArray[np.uint8],
    *,
    classes: int | NDArray[np.int64] | None = None,
    stage: Stage | None = None,
    batch_size: int = BATCH,
) -> HeatMaps:
    """The Grad-CAM map of each image, resized bilinearly to the image's size.

    images: uint8 (n, height, width, channels). classes: what to explain, for all images or for
    each; the most probable class where None. stage: as `find_stage` gave it, to save its search.
    The gradient is that of the logit where the model ends in softmax (a temperature after it does
    not matter), and else that of the log-odds. Raises RunError where there is no convolution.
    """
    stage = stage or find_stage(model)
    if stage is None:
        raise RunError(
            f"{model.name}: has no convolution, which Grad-CAM needs; use an occlusion map."
        )
    asked = None if classes is None else np.broadcast_to(classes, (len(images),))
    evidence = np.empty(images.shape[:3], np.float32)
    said = np.empty(len(images), np.int64)
    probabilities = np.empty(len(images), np.float32)
    for start in range(0, len(images), batch_size):
        some = slice(start, start + batch_size)
        wanted = None if asked is None else asked[some]
        evidence[some], said[some], probabilities[some] = _evidence(
            model, images[some], wanted, stage
        )
    maps, empty = scaled(evidence)
    return HeatMaps(maps, empty, said, probabilities, method="Grad-CAM", layer=stage.layer)


def _evidence(
    model: keras.Model,
    images: NDArray[np.uint8],
    classes: NDArray[np.int64] | None,
    stage: Stage,
) -> tuple[NDArray[Any], NDArray[np.int64], NDArray[np.float32]]:
    """For one batch: the signed map at the image's size, the class, its probability."""
    import torch

    calls: list[_Call] = []
    places: list[torch.Tensor] = []
    number = -1

    def see(call: _Call) -> torch.Tensor:
        nonlocal number
        number += 1
        if number < stage.call:
            return call.output
        if number == stage.call:
            # Nothing below needs a gradient; from here on the block's no_grad is lifted.
            places.append(call.output.detach().requires_grad_())
            torch.set_grad_enabled(True)
            return places[0]
        calls.append(call)
        return call.output

    with torch.no_grad(), _watching(see):
        answer = model(images, training=False)
        probabilities = answer.detach().float().cpu().numpy()
        said = asked_classes(classes, probabilities)
        scores = _class_scores(calls, answer, torch.tensor(said, device=answer.device))
        (gradient,) = torch.autograd.grad(scores.sum(), places)
    weights = gradient.float().mean(dim=(1, 2))
    small = torch.einsum("nhwc,nc->nhw", places[0].detach().float(), weights).clamp(min=0)
    large = torch.nn.functional.interpolate(
        small[:, None], size=images.shape[1:3], mode="bilinear", align_corners=False
    )
    return large[:, 0].cpu().numpy(), said, probabilities[np.arange(len(said)), said]


def _class_scores(calls: list[_Call], answer: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
    """Return the logit of each image's class, (n,); the log-odds if the head is not a softmax."""
    import torch

    logits = _logits(calls, answer)
    if logits is not None:
        return logits.gather(1, classes[:, None])[:, 0]
    chosen = torch.nn.functional.one_hot(classes, answer.shape[1]).bool()
    tiny = torch.finfo(torch.float32).tiny
    asked = answer.masked_fill(~chosen, 0).sum(dim=1)
    others = answer.masked_fill(chosen, 0).sum(dim=1)
    return torch.log(asked.clamp(min=tiny)) - torch.log(others.clamp(min=tiny))


def _logits(calls: list[_Call], answer: torch.Tensor) -> torch.Tensor | None:
    """Return the input of the final softmax; None if the output has another source."""
    import keras

    from leadline.features.temperature import Temperature
    from leadline.training.forward import bare_dense, is_softmax_head

    for call in reversed(calls):
        if call.output is not answer or isinstance(call.layer, keras.Model):
            continue
        if is_softmax_head(call.layer):
            logits: torch.Tensor = bare_dense(call.layer)(call.given)
            return logits
        if _is_bare_softmax(call.layer):
            given: torch.Tensor = call.given
            return given
        if not isinstance(call.layer, Temperature):
            return None
        # It divides all logits by one number, which maps scaled to 1 do not show.
        answer = call.given
    return None


def _is_bare_softmax(layer: Any) -> bool:
    import keras

    if isinstance(layer, keras.layers.Softmax):
        return bool(layer.axis == -1)
    return (
        isinstance(layer, keras.layers.Activation) and layer.activation is keras.activations.softmax
    )


def _is_convolution(layer: Any) -> bool:
    """A layer with a kernel over places of its own; what holds other layers is looked into."""
    import keras

    if any(isinstance(part, keras.layers.Layer) for part in layer.children()):
        return False
    return any(len(variable.shape) == 4 for variable in layer.weights)


def _leading_to(answer: torch.Tensor, calls: list[_Call]) -> list[int]:
    """Numbers of the calls with places, more than one of them, that the answer depends on."""
    import keras
    import torch

    found = [
        number
        for number, call in enumerate(calls)
        if call.output.ndim == 4
        and call.output.requires_grad
        and call.output.shape[1] * call.output.shape[2] > 1
        and not isinstance(call.layer, keras.Model)
    ]
    if not found or not answer.requires_grad:
        return []
    outputs = [calls[number].output for number in found]
    gradients = torch.autograd.grad(answer.sum(), outputs, allow_unused=True)
    return [number for number, one in zip(found, gradients, strict=True) if one is not None]


@contextmanager
def _watching(see: Callable[[_Call], torch.Tensor]) -> Iterator[None]:
    """Pass every call of a layer to `see`, whose result replaces the layer's output.

    torch's hook for all modules reaches layers that no list of Keras's public interface names, as
    those inside a subclassed model.
    """
    import torch

    here = threading.get_ident()

    def hook(layer: Any, given: tuple[Any, ...], output: Any) -> Any:
        if threading.get_ident() != here or not torch.is_tensor(output):
            return None
        return see(_Call(layer, given[0] if given else None, output))

    handle = torch.nn.modules.module.register_module_forward_hook(hook)
    try:
        yield
    finally:
        handle.remove()
