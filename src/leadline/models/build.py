"""The layers of an experiment become one Keras model, and its two halves."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from leadline.errors import LeadlineError, SpecError
from leadline.experiments.experiment import Experiment
from leadline.models import topology
from leadline.models.built_model import BuiltModel
from leadline.models.keras_setup import with_standard_keras
from leadline.models.layers import LAYER_TYPES
from leadline.models.layers.layer_type import Shape
from leadline.models.library_messages import in_one_line
from leadline.models.seeds import layer_seed
from leadline.models.shape_checks import describe, misfit
from leadline.models.topology import FEATURES, HEAD, IMAGE, Node
from leadline.models.user_model import build_user_model

if TYPE_CHECKING:
    import keras


@with_standard_keras
def build_model(
    experiment: Experiment, image_shape: tuple[int, int, int], classes: int, *, seed: int
) -> BuiltModel:
    """The experiment's network for images of that shape and that number of classes.

    image_shape: (height, width, channels) of the uint8 images. seed: 0 or above; the same seed
    gives the same weights, whatever was drawn or built before, and no global generator moves.
    Layers keep their names; "image", "features" and "probabilities" are the input, the feature
    layer and the softmax head. Unused layers are left out and listed in `unused_layers`.

    An experiment with `model.python` runs the user's own code: see `user_model`.
    Raises SpecError, naming the layer, what it received and the fix, where the parts do not fit.
    """
    import keras

    if seed < 0:
        raise SpecError(f"{experiment.name}: seed = {seed}; a seed is 0 or above.")
    image = keras.Input(image_shape, dtype="uint8", name=IMAGE)
    features, tensor = _features(experiment, image)
    if experiment.model is not None:
        classifier = build_user_model(experiment, shape_of(tensor), classes, seed=seed)
        model = keras.Model(image, classifier(tensor), name=_model_name(experiment))
        return BuiltModel(model, features, classifier)
    used, unused = topology.split_unused(topology.wire(experiment))
    outputs = _connect(experiment, used, tensor, classes, seed)
    name = _model_name(experiment)
    model = keras.Model(image, outputs, name=name)
    classifier = keras.Model(tensor, outputs, name=f"{name}_classifier")
    return BuiltModel(model, features, classifier, unused)


def shape_of(tensor: keras.KerasTensor) -> Shape:
    """The shape without the batch axis."""
    return tuple(tensor.shape[1:])


def _model_name(experiment: Experiment) -> str:
    """A dot is not allowed: torch joins the names of modules with dots."""
    return experiment.name.replace(".", "_")


def _features(
    experiment: Experiment, image: keras.KerasTensor
) -> tuple[keras.layers.Layer, keras.KerasTensor]:
    from leadline.features import build_features

    try:
        layer = build_features(experiment.features)
        return layer, layer(image)
    except (LeadlineError, ValueError, TypeError, RuntimeError) as error:
        raise SpecError(
            f"{experiment.name}: {experiment.features.kind} features received "
            f"{describe(shape_of(image))} from the image: {in_one_line(error)}."
        ) from None


def _connect(
    experiment: Experiment,
    nodes: Iterable[Node],
    tensor: keras.KerasTensor,
    classes: int,
    seed: int,
) -> keras.KerasTensor:
    """Call each layer on what it reads, then the head on the last."""
    tensors = {FEATURES: tensor}
    last = FEATURES
    for node in nodes:
        read = [tensors[name] for name in node.reads]
        tensors[node.name] = _call(experiment, node, read, seed)
        last = node.name
    return _head(experiment, tensors[last], last, classes, seed)


def _call(
    experiment: Experiment, node: Node, read: list[keras.KerasTensor], seed: int
) -> keras.KerasTensor:
    shapes = [shape_of(tensor) for tensor in read]
    problem = misfit(node.layer, shapes, experiment.features)
    if problem is None:
        try:
            layer = _make(node, seed)
            return layer(read if LAYER_TYPES[node.layer.type].merges else read[0])
        except (ValueError, TypeError, RuntimeError, MemoryError) as error:
            problem = in_one_line(error)
    received = " and ".join(describe(shape) for shape in shapes)
    raise SpecError(
        f"{experiment.name}: {node} received {received} from {' and '.join(node.reads)}: {problem}."
    )


def _make(node: Node, seed: int) -> keras.layers.Layer:
    kind = node.layer.type
    arguments: dict[str, Any] = node.layer.model_dump(exclude={"type", "name", "input"})
    arguments |= _seeded(kind, seed, node.number)
    module, name = LAYER_TYPES[kind].keras_path
    return getattr(import_module(module), name)(name=node.name, **arguments)


def _head(
    experiment: Experiment, tensor: keras.KerasTensor, last: str, classes: int, seed: int
) -> keras.KerasTensor:
    import keras

    shape = shape_of(tensor)
    if len(shape) != 1:
        raise SpecError(
            f"{experiment.name}: the head (Dense, {classes} units, softmax) received "
            f"{describe(shape)} from {last}: it needs a flat vector; add a Flatten or "
            "GlobalAveragePooling2D layer before it."
        )
    initializers = _seeded("Dense", seed, 0)
    return keras.layers.Dense(classes, activation="softmax", name=HEAD, **initializers)(tensor)


def _seeded(kind: str, seed: int, number: int) -> dict[str, Any]:
    """The arguments by which a layer draws from this seed alone; number 0 is the head.

    All weights are drawn by Glorot's uniform rule, Keras's default.
    """
    import keras

    layer_type = LAYER_TYPES[kind]
    if layer_type.seeded:
        return {"seed": layer_seed(seed, number, 0)}
    return {
        argument: keras.initializers.GlorotUniform(seed=layer_seed(seed, number, which))
        for which, argument in enumerate(layer_type.initializers)
    }
