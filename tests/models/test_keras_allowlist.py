"""The tables of what a `.keras` file may name: each entry exists, loads, and answers as before."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

from leadline.errors import ModelFileError
from leadline.models.keras_allowlist import (
    ACTIVATIONS,
    CLASSES,
    FUNCTIONS,
    INITIALIZERS,
    OTHER_LAYERS,
    check_config,
)
from leadline.models.keras_loading import load_keras
from leadline.models.layers import LAYER_TYPES

OURS = [name for name, of in LAYER_TYPES.items() if of.keras_path == ("keras.layers", name)]
LAYERS = [*OTHER_LAYERS.split(), *OURS]

IMAGE, SEQUENCE, VOLUME, FLAT = (8, 8, 3), (8, 3), (4, 8, 8, 3), (6,)
GIVEN: dict[str, tuple[Any, ...]] = {
    "Activation": ("relu",),
    "AlphaDropout": (0.5,),
    "CenterCrop": (4, 4),
    "Dense": (3,),
    "Dropout": (0.5,),
    "EinsumDense": ("bhwc,cd->bhwd", (8, 8, 2)),
    "Embedding": (300, 2),
    "GRU": (2,),
    "GaussianDropout": (0.5,),
    "GaussianNoise": (0.5,),
    "LSTM": (2,),
    "Permute": ((2, 1, 3),),
    "RandomBrightness": (0.1,),
    "RandomContrast": (0.1,),
    "RandomRotation": (0.1,),
    "RandomTranslation": (0.1, 0.1),
    "RandomZoom": (0.1,),
    "RepeatVector": (2,),
    "Rescaling": (0.5,),
    "Reshape": ((4, 16, 3),),
    "Resizing": (4, 4),
    "SimpleRNN": (2,),
    "SpatialDropout1D": (0.5,),
    "SpatialDropout2D": (0.5,),
    "SpatialDropout3D": (0.5,),
    "UpSampling1D": (2,),
}
"""Arguments of layers that need some."""
CELLS = ("GRUCell", "LSTMCell", "SimpleRNNCell")
MERGING = ("Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply", "Subtract")
FOR_SEQUENCES = ("GRU", "LSTM", "SimpleRNN", "Masking", *CELLS)


def shape_for(name: str) -> tuple[int, ...]:
    if name == "RepeatVector":
        return FLAT
    if "1D" in name or name in FOR_SEQUENCES:
        return SEQUENCE
    return VOLUME if "3D" in name else IMAGE


def called(name: str, x: Any) -> Any:
    """The layer's answer to a tensor, made with the fewest arguments."""
    special: dict[str, Callable[[], Any]] = {
        "InputLayer": lambda: x,
        "Dot": lambda: layers.Dot(-1)([x, x]),
        "Attention": lambda: layers.Attention()([x, x]),
        "AdditiveAttention": lambda: layers.AdditiveAttention()([x, x]),
        "MultiHeadAttention": lambda: layers.MultiHeadAttention(2, 2)(x, x),
        "GroupQueryAttention": lambda: layers.GroupQueryAttention(2, 2, 1)(
            layers.Reshape((-1, 3))(x), layers.Reshape((-1, 3))(x)
        ),
        "Bidirectional": lambda: layers.Bidirectional(layers.GRU(2))(layers.Reshape((-1, 3))(x)),
        "RNN": lambda: layers.RNN(layers.GRUCell(2))(layers.Reshape((-1, 3))(x)),
        "StackedRNNCells": lambda: layers.RNN(
            layers.StackedRNNCells([layers.GRUCell(2), layers.LSTMCell(2)])
        )(layers.Reshape((-1, 3))(x)),
        "TimeDistributed": lambda: layers.TimeDistributed(layers.Dense(2))(x),
        "SpectralNormalization": lambda: layers.SpectralNormalization(layers.Dense(2))(x),
        "GroupNormalization": lambda: layers.GroupNormalization(3)(x),
        "Normalization": lambda: layers.Normalization(mean=1.0, variance=2.0)(x),
    }
    if name in special:
        return special[name]()
    kind = getattr(layers, name)
    if name in CELLS:
        return layers.RNN(kind(2))(x)
    if name in MERGING:
        return kind()([x, x])
    if "Adaptive" in name:
        return kind(2)(x)
    if "DepthwiseConv" in name:
        return kind(3)(x)
    if "Conv" in name:
        return kind(2, 3)(x)
    if name.startswith(("Average", "Max")) and name.endswith("D") and "Global" not in name:
        return kind(2)(x)
    return kind(*GIVEN.get(name, ()))(x)


def answers(model: keras.Model, given: Any) -> Any:
    return np.asarray(ops.convert_to_numpy(ops.stop_gradient(model(given, training=False))))


def assert_answers_as_before(model: keras.Model, given: Any, file: Path) -> None:
    model.save(file)
    np.testing.assert_allclose(
        answers(load_keras(file), given), answers(model, given), rtol=1e-5, atol=1e-5
    )


@pytest.mark.parametrize("name", LAYERS)
def test_each_layer_loads_and_answers_as_before(name, tmp_path):
    shape = shape_for(name)
    x = keras.Input(shape)
    model = keras.Model(x, called(name, x))
    rng = np.random.default_rng(0)
    for variable in model.trainable_variables:
        variable.assign(rng.normal(size=variable.shape))
    given = np.random.default_rng(1).uniform(0, 255, (2, *shape)).astype(np.float32)
    assert_answers_as_before(model, given, tmp_path / "m.keras")


def of_initializer(name: str) -> Any:
    return getattr(keras.initializers, name)()


@pytest.mark.parametrize("name", INITIALIZERS.split())
def test_each_initializer_loads(name, tmp_path):
    x = keras.Input(FLAT)
    model = keras.Model(x, layers.Dense(6, kernel_initializer=of_initializer(name))(x))
    assert_answers_as_before(model, np.ones((2, *FLAT), np.float32), tmp_path / "m.keras")
    kernel = load_keras(tmp_path / "m.keras").layers[-1].kernel_initializer
    assert type(kernel) is type(of_initializer(name))


@pytest.mark.parametrize("name", ACTIVATIONS.split())
def test_each_activation_loads_and_answers_as_before(name, tmp_path):
    x = keras.Input(FLAT)
    model = keras.Model(x, layers.Activation(getattr(keras.activations, name))(x))
    given = np.random.default_rng(1).uniform(-3, 3, (2, *FLAT)).astype(np.float32)
    assert_answers_as_before(model, given, tmp_path / "m.keras")


RULES = {
    "keras.regularizers": "kernel_regularizer",
    "keras.constraints": "kernel_constraint",
}
"""What a layer calls them."""


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module in RULES for name in CLASSES[module].split()]
)
def test_each_rule_for_weights_loads(module, name, tmp_path):
    argument = RULES[module]
    rule = getattr(importlib.import_module(module), name)()
    x = keras.Input(FLAT)
    model = keras.Model(x, layers.Dense(6, **{argument: rule})(x))
    assert_answers_as_before(model, np.ones((2, *FLAT), np.float32), tmp_path / "m.keras")
    assert type(getattr(load_keras(tmp_path / "m.keras").layers[-1], argument)) is type(rule)


NUMBERS, TWO, PAIR = (3, 4), ("x", "x"), ("xs",)
"""What an operation is asked about: its shape with the batch; one tensor twice; a list of it."""
OPERATIONS: dict[str, tuple[tuple[Any, ...], tuple[Any, ...]]] = {
    "AveragePool": ((2,), ()),
    "MaxPool": ((2,), ()),
    "OneHot": ((5,), ()),
    "Threshold": ((0.5, 0.0), ()),
    "BroadcastTo": (((2, 3, 4),), ()),
    "Cast": (("int32",), ()),
    "Clip": ((0.3, 0.6), ()),
    "Concatenate": ((0,), PAIR),
    "Stack": ((0,), PAIR),
    "Einsum": (("ij,ij->i",), TWO),
    "ExpandDims": ((1,), ()),
    "Moveaxis": ((0, 1), ()),
    "Pad": ((((1, 1), (0, 2)),), ()),
    "Repeat": ((2,), ()),
    "Reshape": (((4, 3),), ()),
    "Swapaxes": ((0, 1), ()),
    "Tile": ((2,), ()),
}
"""Arguments that make an operation, and what it is asked about, where that is not one tensor."""
OF_TWO = """
    Add Divide Equal Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr Maximum Minimum Mod
    Multiply NotEqual Power Subtract TrueDivide
"""
WITH_KERNELS = {
    "Conv": ((3, 3, 3, 2),),
    "DepthwiseConv": ((3, 3, 3, 1),),
    "SeparableConv": ((3, 3, 3, 1), (1, 1, 3, 2)),
    "BatchNorm": ((3,), (3,), (3,), (3,)),
    "Dot": ((3, 2),),
    "Matmul": ((3, 2),),
}
"""Operations of an image and of tensors of these shapes."""


def asked(name: str, module: str) -> keras.Model:
    """A model of one operation, with its inputs; sizes of batches are fixed, as some need it."""
    made, how = OPERATIONS.get(name, ((), ()))
    operation = getattr(importlib.import_module(module), name)
    if name in WITH_KERNELS:
        inputs = [keras.Input(batch_shape=shape) for shape in ((2, *IMAGE), *WITH_KERNELS[name])]
        made = (-1,) if name == "BatchNorm" else made
        return keras.Model(inputs, operation(*made)(*inputs))
    shape = (2, *IMAGE) if name.endswith("Pool") else NUMBERS
    x = keras.Input(batch_shape=(1, *shape[1:]) if name == "Squeeze" else shape)
    if name == "GetItem":
        return keras.Model(x, x[:, 1:3])
    if name in ("OneHot", "Take", "Where", "LogicalNot"):
        whole = ops.cast(x, "bool" if name in ("Where", "LogicalNot") else "int32")
        given = {"Take": (x, whole), "Where": (whole, x, x)}.get(name, (whole,))
        return keras.Model(x, operation(*made)(*given))
    if how == PAIR:
        return keras.Model(x, operation(*made)([x, x]))
    twice = how == TWO or name in OF_TWO.split()
    return keras.Model(x, operation(*made)(*((x, x) if twice else (x,))))


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (module, name)
        for module in CLASSES
        if module.startswith("keras.src.ops.")
        for name in CLASSES[module].split()
    ],
)
def test_each_operation_loads_and_answers_as_before(module, name, tmp_path):
    model = asked(name, module)
    rng = np.random.default_rng(1)
    given = [rng.uniform(0.1, 1, one.shape).astype(np.float32) for one in model.inputs]
    assert_answers_as_before(model, given if len(given) > 1 else given[0], tmp_path / "m.keras")


@pytest.mark.parametrize("name", CLASSES["keras.dtype_policies"].split())
def test_each_policy_loads(name, tmp_path):
    policy = getattr(keras.dtype_policies, name)("mixed_float16")
    x = keras.Input(FLAT)
    keras.Model(x, layers.Dense(6, dtype=policy)(x)).save(tmp_path / "m.keras")
    assert load_keras(tmp_path / "m.keras").layers[-1].dtype_policy.name == "mixed_float16"


def entries() -> list[tuple[str, str]]:
    """Every class and function of the tables, by its module; Keras's functions by their own."""
    functions = [("keras.activations", name) for name in ACTIVATIONS.split()]
    return [(module, name) for module in CLASSES for name in CLASSES[module].split()] + functions


def test_functions_are_keras_activations_alone():
    assert FUNCTIONS == {"builtins": ACTIVATIONS, "keras.activations": ACTIVATIONS}


REACHING = """
    __import__ compile eval exec func_load get_file import_module input load_model open os pickle
    popen python_utils saving_lib shutil socket subprocess sys system urlopen urlretrieve
"""
"""What code is named that reads files, starts programs, or makes code of what it is given."""
PLACES = ("file", "filename", "filepath", "fn", "function", "path", "vocabulary")
HOLDERS = ("Model", "Sequential", "Functional")
"""They save themselves, and the tests above load them."""


@functools.cache
def definitions(module: str) -> dict[str, ast.AST]:
    """The classes and functions of a module, by name, as they are written."""
    tree = ast.parse(inspect.getsource(importlib.import_module(module)))
    kinds = (ast.ClassDef, ast.FunctionDef)
    return {one.name: one for one in tree.body if isinstance(one, kinds)}


def test_nothing_in_the_tables_reaches_a_file_or_code():
    found = {}
    for module, name in entries():
        kind = getattr(importlib.import_module(module), name)
        assert callable(kind)
        if name in HOLDERS:
            continue
        tree = list(ast.walk(definitions(kind.__module__)[kind.__name__]))
        named = {one.id for one in tree if isinstance(one, ast.Name)}
        named |= {one.attr for one in tree if isinstance(one, ast.Attribute)}
        named &= set(REACHING.split())
        named |= set(inspect.signature(kind).parameters) & set(PLACES)
        if named:
            found[f"{module}.{name}"] = named
    assert found == {}


REFUSED = (
    ("keras.layers", "Lambda"),
    ("keras.layers", "TFSMLayer"),
    ("keras.layers", "TorchModuleWrapper"),
    ("keras.layers", "JaxLayer"),
    ("keras.layers", "FlaxLayer"),
    ("keras.layers", "StringLookup"),
    ("keras.layers", "IntegerLookup"),
    ("keras.layers", "TextVectorization"),
    ("keras.layers", "Hashing"),
    ("keras.layers", "Layer"),
    ("keras.layers", "layers.Dense"),
    ("keras.layers", "dense"),
    ("keras.layers", ""),
    ("keras.src.utils.file_utils", "get_file"),
    ("keras.src.saving", "load_model"),
    ("keras.src.layers.core.dense", "Dense"),
    ("keras.src.ops.core", "Map"),
    ("keras.activations", "relu"),
    ("leadline.features.hog", "Dense"),
    ("leadline.models.user_model", "Hog"),
    ("leadline", "Pixels"),
    ("builtins", "eval"),
    ("os", "system"),
    (None, "Dense"),
    ("", "Dense"),
    (["keras.layers"], "Dense"),
    ("keras.layers", ["Dense"]),
)


@pytest.mark.parametrize(("module", "name"), REFUSED)
def test_what_is_in_no_table_is_refused(module, name):
    layer = {"module": module, "class_name": name, "config": {}, "registered_name": None}
    inside = {"module": "keras", "class_name": "Sequential", "config": {"layers": [layer]}}
    with pytest.raises(ModelFileError):
        check_config(inside)


@pytest.mark.parametrize("name", ["eval", "get", "relu.__call__", "", None, ["relu"]])
@pytest.mark.parametrize("module", ["builtins", "keras.activations", "os", None])
def test_a_function_in_no_table_is_refused(module, name):
    function = {"module": module, "class_name": "function", "config": name}
    with pytest.raises(ModelFileError, match="which is neither of Keras's layers"):
        check_config(function)


def test_own_layers_go_by_their_registered_names():
    mine = {"module": "leadline.features.hog", "class_name": "Hog", "config": {}}
    check_config({**mine, "registered_name": "leadline>Hog"})
    for registered in (None, "Hog", "leadline>Pixels", "Custom>Hog"):
        with pytest.raises(ModelFileError):
            check_config({**mine, "registered_name": registered})
