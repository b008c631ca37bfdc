"""Layer types: one class each, and the table of all.

| module | layer types |
|---|---|
| `dense` | dense layers |
| `convolutions`, `pooling` | windows that move over images; `windows` has their arithmetic |
| `normalization`, `dropout` | layers that differ between training and prediction |
| `elementwise` | activations, flattening, joining of inputs |
| `model_ends` | the image, the features, the calibration |
| `layer_type` | the base class, formulas |

The torch modules are in `models.torch_modules`: training runs them, and `export --format torch`
writes them out.
"""

from __future__ import annotations

from typing import Any, TypeVar

from leadline.errors import SpecError
from leadline.experiments.experiment import add_layer_settings
from leadline.models.layers.convolutions import (
    Conv1D,
    Conv2D,
    Conv3D,
    DepthwiseConv1D,
    DepthwiseConv2D,
    SeparableConv1D,
    SeparableConv2D,
)
from leadline.models.layers.dense import Dense
from leadline.models.layers.dropout import Dropout, SpatialDropout2D
from leadline.models.layers.elementwise import (
    ELU,
    Activation,
    Add,
    Concatenate,
    Flatten,
    Identity,
    LeakyReLU,
    Multiply,
    ReLU,
    Rescaling,
    Reshape,
    Softmax,
    ZeroPadding2D,
)
from leadline.models.layers.layer_type import Kind, LayerType
from leadline.models.layers.model_ends import Hog, InputLayer, Pixels, Temperature
from leadline.models.layers.normalization import (
    BatchNormalization,
    GroupNormalization,
    LayerNormalization,
    Normalization,
    RMSNormalization,
    UnitNormalization,
)
from leadline.models.layers.pooling import (
    AveragePooling2D,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
    MaxPooling2D,
)

LAYER_TYPES: dict[str, LayerType] = {
    layer_type.name: layer_type()
    for layer_type in (
        # In experiment files.
        Dense, Conv2D, DepthwiseConv2D, SeparableConv2D,
        MaxPooling2D, AveragePooling2D, GlobalMaxPooling2D, GlobalAveragePooling2D,
        BatchNormalization, LayerNormalization, GroupNormalization,
        Dropout, SpatialDropout2D, Flatten, Activation, Add, Concatenate,
        # At the ends of every model.
        InputLayer, Pixels, Hog, Temperature,
        # In Keras models of the user's own.
        Conv1D, Conv3D, DepthwiseConv1D, SeparableConv1D,
        UnitNormalization, RMSNormalization, Normalization,
        Identity, Multiply, Reshape, ReLU, LeakyReLU, ELU, Softmax, ZeroPadding2D, Rescaling,
    )
}  # fmt: skip
"""All layer types by name."""

Registered = TypeVar("Registered", bound=type[LayerType])


def register_layer(layer_type: Registered) -> Registered:
    """Add a layer type of your own; also a class decorator.

    Do it before experiments that name the type are loaded. From then on it can be named in
    experiment files, is trained, counted and explained by `show` and in reports, loaded from
    `.keras` files, and exported. See docs/layers.md.

    Raises
    ------
    SpecError
        The name is taken, or is not the `type` of the settings.
    """
    name = layer_type.name
    if name in LAYER_TYPES:
        raise SpecError(f"layer type {name!r} is already registered; choose another name.")
    if layer_type.settings is not None:
        add_layer_settings(name, layer_type.settings)
    LAYER_TYPES[name] = layer_type()
    return layer_type


def unregister_layer(name: str) -> None:
    """Remove a registered layer type, as tests and notebooks that redefine one need to.

    Raises KeyError for an unknown name.
    """
    removed = LAYER_TYPES.pop(name)
    if removed.settings is not None:
        add_layer_settings(name, None)


def layer_type_of(layer: Any) -> LayerType | None:
    """Type of a Keras layer; None for a class that only shares the name of a known one."""
    layer_class = type(layer)
    found = LAYER_TYPES.get(layer_class.__name__)
    if found is None:
        return None
    module, _name = found.keras_path
    home = layer_class.__module__
    known = home.startswith("keras.") if module == "keras.layers" else home == module
    return found if known else None


def kind_of(type_name: str) -> Kind:
    """Kind of a layer by the name of its type, also for types that nothing else is known of."""
    if type_name in LAYER_TYPES:
        return LAYER_TYPES[type_name].kind
    return "convolution" if "Conv" in type_name else "other"


def meaning_text(code: str) -> str:
    """English text of a stored meaning; "" for a code that no registered type has."""
    texts = (layer_type.meanings.get(code, "") for layer_type in LAYER_TYPES.values())
    return next((text for text in texts if text), "")
