"""Keras models from experiments, and the formula of every layer's weights.

| module | holds |
|---|---|
| `build` | `build_model` |
| `built_model` | what building gives: the model, its two halves, its unused layers |
| `topology` | names and wiring of the layers of an experiment file |
| `layers` | layer types: one class each, and the table of all |
| `torch_modules` | the torch module of each layer type |
| `shape_checks` | whether a layer fits the shape that it reads, and the fix where it does not |
| `weight_table` | `layer_table`, `totals`, `format_bytes` |
| `user_model` | the user's own builder |
| `keras_file`, `keras_allowlist` | `.keras` files, checked before Keras reads them |

`register_layer` adds a layer type of your own: see docs/layers.md.
"""

from leadline.models.layers import LAYER_TYPES, register_layer, unregister_layer
from leadline.models.layers.layer_type import LayerType, TorchLayer, Weights, product, summed

__all__ = [
    "LAYER_TYPES",
    "LayerType",
    "TorchLayer",
    "Weights",
    "product",
    "register_layer",
    "summed",
    "unregister_layer",
]
