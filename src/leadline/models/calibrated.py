"""A trained model with its calibration appended."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from leadline.models.built_model import BuiltModel

if TYPE_CHECKING:
    import keras

NAME = "temperature"


def with_temperature(built: BuiltModel, temperature: float) -> BuiltModel:
    """The same network, layers and weights shared, with a `Temperature` layer behind its answers.

    temperature: above 0; with 1.0 the very model that was given, for nothing would change. Both
    halves of the result give calibrated probabilities, also where the user built the classifier.
    """
    if temperature == 1.0:
        return built
    image = built.model.inputs[0].shape
    features = built.features.compute_output_shape(tuple(image))
    return replace(
        built,
        model=_appended(built.model, image[1:], temperature),
        classifier=_appended(built.classifier, features[1:], temperature),
    )


def _appended(model: keras.Model, shape: tuple[int | None, ...], temperature: float) -> keras.Model:
    """shape: of the model's input, without the batch axis."""
    import keras

    from leadline.features.temperature import Temperature

    # A layer of the user's own may have the name.
    name = NAME + "_" * sum(layer.name.rstrip("_") == NAME for layer in model.layers)
    layer = Temperature(temperature, name=name)
    inputs, outputs = getattr(model, "inputs", None), getattr(model, "outputs", None)
    if inputs and outputs:
        return keras.Model(inputs[0], layer(outputs[0]), name=model.name)
    # A subclass of keras.Model has no graph to go on from: it becomes a layer of a new one.
    source = keras.Input(shape)
    return keras.Model(source, layer(model(source)), name=f"{model.name}_calibrated")
