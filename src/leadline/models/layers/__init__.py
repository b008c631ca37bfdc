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
from leadline.models.layers import (
    convolutions,
    dense,
    dropout,
    elementwise,
    model_ends,
    normalization,
    pooling,
)
from leadline.models.layers.layer_type import Kind, LayerType

LAYER_TYPES: dict[str, LayerType] = {
    layer_type.name: layer_type()
    for layer_type in (
        *dense.TYPES,
        *convolutions.TYPES,
        *pooling.TYPES,
        *normalization.TYPES,
        *dropout.TYPES,
        *elementwise.TYPES,
        *model_ends.TYPES,
    )
}
"""All layer types by name; each module lists its own."""

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
