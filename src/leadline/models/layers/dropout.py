"""Dropout, of single values and of whole channels; Srivastava et al., JMLR 2014."""

from __future__ import annotations

from typing import Any, ClassVar

from leadline.errors import mark
from leadline.experiments import layer_settings
from leadline.experiments.layer_settings import Layer
from leadline.models.layers.layer_type import LayerType, Shape, TorchLayer, only


class Dropout(LayerType):
    name = "Dropout"
    settings: ClassVar[type[Layer] | None] = layer_settings.Dropout
    kind = "pass-through"
    seeded = True
    meanings: ClassVar = {"drops-values": mark("sets values to zero, only while training")}
    by_channel = False

    def output_shape(self, settings: Any, shape: Shape) -> Shape:
        return shape

    def torch(self, layer: Any) -> TorchLayer:
        only(layer, noise_shape=None, data_format="channels_last")
        settings = {"rate": float(layer.rate), "by_channel": self.by_channel}
        return TorchLayer("Dropout", settings)


class SpatialDropout2D(Dropout):
    name = "SpatialDropout2D"
    settings = layer_settings.SpatialDropout2D
    reads_images = True
    meanings: ClassVar = {
        "drops-channels": mark("sets whole channels to zero, only while training")
    }
    by_channel = True

    def torch(self, layer: Any) -> TorchLayer:
        only(layer, data_format="channels_last")
        return TorchLayer("Dropout", {"rate": float(layer.rate), "by_channel": True})


TYPES: tuple[type[LayerType], ...] = (Dropout, SpatialDropout2D)
