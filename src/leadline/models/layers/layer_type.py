"""Base class of layer types: everything that the package knows about one type.

A type answers from settings or from a built Keras layer, and never looks at the weights themselves,
so that what it says can be compared with Keras. Nothing here loads Keras or torch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any, ClassVar, Literal

from leadline.experiments.layer_settings import Layer, Size

Shape = tuple[int, ...]
"""Sizes without the batch axis."""
Formula = tuple[int | str, ...]
"""Numbers, signs and names in the order in which they are read: ("(", 784, "×", 512, ")", ...)."""
Kind = Literal["convolution", "dense", "normalization", "pass-through", "other"]
"""Category under which a layer's weights are counted. pass-through: the identity in prediction."""


@dataclass(frozen=True)
class Weights:
    """Weights of a layer: their number, the formula for it, the multiply-adds for one image."""

    count: int
    formula: Formula
    multiply_adds: int = 0


@dataclass(frozen=True, eq=False)
class TorchLayer:
    """A Keras layer as a module of `torch_modules`, or of a user's own file.

    module: the class, by name. settings: its arguments. weights: Keras variables by the names of
    the module's parameters and buffers. source: the class itself if it is the user's own.
    """

    module: str
    settings: dict[str, Any] = field(default_factory=dict)
    weights: dict[str, Any] = field(default_factory=dict)
    source: type | None = None


class NoCounterpart(Exception):
    """A layer is set in a way that its torch module does not compute; the message says which."""


class LayerType:
    """One type of layer: settings, Keras layer, shapes, weights, torch module, explanation.

    A subclass sets the attributes that differ and overrides the methods that apply. Register your
    own with `leadline.models.register_layer`.

    Attributes
    ----------
    name : str
        Its `type` in an experiment file, and the name of the Keras class.
    settings : type of Layer, optional
        The Pydantic model of its settings; None for types that experiment files cannot name.
    keras : str
        The Keras class as "module:Class"; by default `keras.layers:NAME`.
    kind : str
        Where reports count its weights.
    initializers : tuple of str
        Keras arguments that draw weights: each gets a Glorot-uniform initializer with its own seed.
    seeded : bool
        The Keras class takes a `seed`.
    merges : bool
        It reads a list of two or more layers.
    reads_images : bool
        It needs height × width × channels.
    meanings : mapping
        What a layer without weights does: stored code to English text, which pages translate.
    """

    name: ClassVar[str]
    settings: ClassVar[type[Layer] | None] = None
    keras: ClassVar[str] = ""
    kind: ClassVar[Kind] = "other"
    initializers: ClassVar[tuple[str, ...]] = ()
    seeded: ClassVar[bool] = False
    merges: ClassVar[bool] = False
    reads_images: ClassVar[bool] = False
    meanings: ClassVar[Mapping[str, str]] = {}

    @property
    def keras_path(self) -> tuple[str, str]:
        """Module and name of the Keras class."""
        module, _, name = (self.keras or f"keras.layers:{self.name}").partition(":")
        return module, name

    def misfit(self, settings: Any, shapes: Sequence[Shape]) -> str | None:
        """Say what is wrong with the shapes that it reads, and the fix; None where they fit."""

    def output_shape(self, settings: Any, shape: Shape) -> Shape | None:
        """Shape of its output by arithmetic alone; None where only Keras knows it."""

    def weights(self, layer: Any, shape_in: Shape, shape_out: Shape) -> Weights | None:
        """Weights of a built layer, from its sizes; None for a layer without weights."""

    def meaning(self, layer: Any) -> str:
        """Code of what a layer without weights does: one of `meanings`, or "" ."""
        return next(iter(self.meanings), "")

    def values(self, layer: Any) -> dict[str, float]:
        """Numbers in the text of the meaning."""
        return {}

    def size_formula(self, layer: Any, shape_in: Shape, shape_out: Shape) -> Formula:
        """Equation of the size of its output, as 28 ÷ 2 = 14; () where the size stays."""
        return ()

    def torch(self, layer: Any) -> TorchLayer | None:
        """Its torch module, None where it does nothing. Raises NoCounterpart."""
        raise NoCounterpart("it has no counterpart in torch")


def pair(size: Size | Sequence[int]) -> tuple[int, int]:
    """(height, width) of a size that may be given as one number."""
    if isinstance(size, int):
        return size, size
    height, width = size
    return height, width


def only(layer: Any, **allowed: Any) -> None:
    """Raise NoCounterpart unless each attribute of a Keras layer, if it has it, is as given."""
    for name, value in allowed.items():
        actual = getattr(layer, name, value)
        if actual != value:
            raise NoCounterpart(f"{name} = {actual!r} has no counterpart in torch")


def require_last_axis(layer: Any) -> None:
    """Raise NoCounterpart unless a normalization works along the channels of images or rows."""
    axis = layer.axis if isinstance(layer.axis, int) else list(layer.axis)
    rank = layer.input_spec.ndim if layer.input_spec and layer.input_spec.ndim else None
    last = (-1, [-1]) if rank is None else (-1, [-1], rank - 1, [rank - 1])
    if axis not in last or rank not in (None, 2, 4):
        shown = f" of {rank - 1}" if rank else ""
        raise NoCounterpart(f"axis = {layer.axis!r}{shown} has no counterpart in torch")


def activation_name(layer: Any) -> str:
    """Keras's name of a layer's activation. Raises NoCounterpart for one of the user's own."""
    import keras

    name = getattr(layer.activation, "__name__", type(layer.activation).__name__)
    if getattr(keras.activations, name, None) is not layer.activation or name not in ACTIVATIONS:
        raise NoCounterpart(f"the activation {name} has no counterpart in torch")
    return str(name)


def product(*factors: int | Formula) -> Formula:
    """Factors joined by ×; 1 for none."""
    tokens: list[int | str] = []
    for factor in factors:
        tokens += ["×", *(factor if isinstance(factor, tuple) else (factor,))]
    return tuple(tokens[1:]) or (1,)


def bracketed(formula: Formula) -> Formula:
    """The formula in brackets."""
    return ("(", *formula, ")")


def summed(terms: Sequence[Formula], count: int, multiply_adds: int = 0) -> Weights:
    """Weights whose formula is the sum of terms; products are put in brackets beside others."""
    tokens: list[int | str] = []
    for term in terms:
        tokens += ["+", *(bracketed(term) if len(terms) > 1 and "×" in term else term)]
    formula = tuple(tokens[1:])
    return Weights(count, formula if formula == (count,) else (*formula, "=", count), multiply_adds)


def formula_text(
    formula: Formula,
    number: Callable[[int], str] = "{:,}".format,
    name: Callable[[str], str] = str,
) -> str:
    """A formula as text: "(784 × 512) + 512 = 401,920".

    number, name: write a number and a name in the reader's language.
    """
    text = ""
    for token in formula:
        if isinstance(token, int):
            word = number(token)
        else:
            word = name(token) if token.isalpha() else token
        joined = not text or text[-1] in "(⌊⌈" or word in {")", "⌋", "⌉", ","}
        text += word if joined else f" {word}"
    return text


def row_formula(shape_in: Shape, shape_out: Shape) -> Formula:
    """Equation of the values of an image in a row: height × width × channels."""
    if len(shape_in) < 2 or len(shape_out) != 1:
        return ()
    return (*product(*shape_in), "=", prod(shape_in))


def channels_of(layer: Any, shape: Shape) -> int:
    """Number of channels of an image in the layer's own data format."""
    return shape[0] if layer.data_format == "channels_first" else shape[-1]


ACTIVATIONS = (
    "linear", "relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "sigmoid",
    "hard_sigmoid", "tanh", "softplus", "softsign", "softmax",
)  # fmt: skip
"""Keras's names of the activations that `torch_model` has."""
