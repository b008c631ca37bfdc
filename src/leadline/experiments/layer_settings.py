"""The layers that a TOML file can name, with Keras's own names and arguments.

A layer reads the layer before it, unless `input` names another one (or several, for `Add` and
`Concatenate`); `"features"` is the output of the feature layer. The softmax head is not listed:
it is added, one unit a class.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Union, get_args

from pydantic import Field, GetCoreSchemaHandler

from leadline.experiments.frozen_model import (
    LAYER_NAME,
    Flag,
    Fraction,
    Part,
    PositiveFloat,
    PositiveInt,
)

Size = PositiveInt | tuple[PositiveInt, PositiveInt]
Padding = Literal["valid", "same"]
Activation = Literal[
    "linear", "relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "mish",
    "sigmoid", "hard_sigmoid", "tanh", "softplus", "softsign", "softmax",
]  # fmt: skip


class Layer(Part):
    """Settings of every layer: its type, an optional name, and its input.

    A subclass gives `type` as a Literal, and adds the settings of its own.
    """

    name: Annotated[str, Field(pattern=LAYER_NAME)] | None = None
    input: str | tuple[str, ...] | None = None
    type: str


class Dense(Layer):
    type: Literal["Dense"]
    units: PositiveInt
    activation: Activation = "linear"
    use_bias: Flag = True


class Conv2D(Layer):
    type: Literal["Conv2D"]
    filters: PositiveInt
    kernel_size: Size
    strides: Size = 1
    padding: Padding = "valid"
    dilation_rate: Size = 1
    groups: PositiveInt = 1
    activation: Activation = "linear"
    use_bias: Flag = True


class DepthwiseConv2D(Layer):
    type: Literal["DepthwiseConv2D"]
    kernel_size: Size
    strides: Size = 1
    padding: Padding = "valid"
    depth_multiplier: PositiveInt = 1
    dilation_rate: Size = 1
    activation: Activation = "linear"
    use_bias: Flag = True


class SeparableConv2D(Layer):
    type: Literal["SeparableConv2D"]
    filters: PositiveInt
    kernel_size: Size
    strides: Size = 1
    padding: Padding = "valid"
    depth_multiplier: PositiveInt = 1
    dilation_rate: Size = 1
    activation: Activation = "linear"
    use_bias: Flag = True


class MaxPooling2D(Layer):
    type: Literal["MaxPooling2D"]
    pool_size: Size = 2
    strides: Size | None = None
    padding: Padding = "valid"


class AveragePooling2D(Layer):
    type: Literal["AveragePooling2D"]
    pool_size: Size = 2
    strides: Size | None = None
    padding: Padding = "valid"


class GlobalMaxPooling2D(Layer):
    type: Literal["GlobalMaxPooling2D"]


class GlobalAveragePooling2D(Layer):
    type: Literal["GlobalAveragePooling2D"]


class BatchNormalization(Layer):
    type: Literal["BatchNormalization"]
    momentum: Fraction = 0.99
    epsilon: PositiveFloat = 1e-3
    center: Flag = True
    scale: Flag = True


class LayerNormalization(Layer):
    type: Literal["LayerNormalization"]
    epsilon: PositiveFloat = 1e-3
    center: Flag = True
    scale: Flag = True


class GroupNormalization(Layer):
    type: Literal["GroupNormalization"]
    groups: PositiveInt = 32
    epsilon: PositiveFloat = 1e-3
    center: Flag = True
    scale: Flag = True


class Dropout(Layer):
    type: Literal["Dropout"]
    rate: Fraction


class SpatialDropout2D(Layer):
    type: Literal["SpatialDropout2D"]
    rate: Fraction


class Flatten(Layer):
    type: Literal["Flatten"]


class ActivationLayer(Layer):
    type: Literal["Activation"]
    activation: Activation


class Add(Layer):
    type: Literal["Add"]
    input: tuple[str, ...]


class Concatenate(Layer):
    type: Literal["Concatenate"]
    input: tuple[str, ...]


def type_of(settings: type[Layer]) -> str:
    """The `type` that these settings are for; "" where they give no Literal."""
    names = get_args(settings.model_fields["type"].annotation)
    return str(names[0]) if names else ""


LAYER_SETTINGS: dict[str, type[Layer]] = {
    type_of(settings): settings
    for settings in (
        Dense, Conv2D, DepthwiseConv2D, SeparableConv2D,
        MaxPooling2D, AveragePooling2D, GlobalMaxPooling2D, GlobalAveragePooling2D,
        BatchNormalization, LayerNormalization, GroupNormalization,
        Dropout, SpatialDropout2D, Flatten, ActivationLayer, Add, Concatenate,
    )
}  # fmt: skip
"""Settings by the `type` of a layer. What a type computes is in `models.layers`."""


class _OfAnyType:
    """The union of all settings, told apart by `type`, as it is when a schema is built."""

    def __get_pydantic_core_schema__(self, _source: Any, handler: GetCoreSchemaHandler) -> Any:
        union: Any = Union[tuple(LAYER_SETTINGS.values())]  # noqa: UP007 - made of a tuple
        tagged = Annotated[union, Field(discriminator="type")]
        return handler.generate_schema(tagged)


AnyLayer = Annotated[Layer, _OfAnyType()]
