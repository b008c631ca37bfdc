"""Features: weight-less Keras layers, uint8 images (n, height, width, channels) in, float32 out.

| kind | layer | output |
|---|---|---|
| `pixels` | `pixels.Pixels` | pixels scaled to 0-1, as an image or flat |
| `hog` | `hog.Hog` | histograms of oriented gradients, flat |

Being layers, they travel inside the saved model and the ONNX model file.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from leadline.errors import SpecError

if TYPE_CHECKING:
    from leadline.experiments import AnyFeatures
    from leadline.features.feature_layer import FeatureLayer

__all__ = ["FEATURES", "build_features"]

FEATURES = {
    "pixels": "leadline.features.pixels:Pixels",
    "hog": "leadline.features.hog:Hog",
}


def build_features(features: AnyFeatures) -> FeatureLayer:
    """The feature layer that a specification names; its settings are the layer's arguments.

    Raises SpecError where the kind is not in FEATURES.
    """
    if features.kind not in FEATURES:
        known = ", ".join(FEATURES)
        raise SpecError(f"features.kind = {features.kind!r}; choose one of {known}.")
    module, layer = FEATURES[features.kind].split(":")
    built: FeatureLayer = getattr(import_module(module), layer)(
        **features.model_dump(exclude={"kind"}), name="features"
    )
    return built
