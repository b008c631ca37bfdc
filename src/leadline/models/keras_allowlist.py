"""Layers allowed in a `.keras` file: Keras's own that only compute, and leadline's.

Keras builds a model from JSON that names classes and functions, and looks some of them up by
importing modules. Its safe mode refuses code in the file, but ways around it were found several
times (CVE-2025-1550, CVE-2025-8747, CVE-2025-9906). So every name is compared with the tables here
before Keras reads any. Not in them: what holds code (Lambda, layers of torch, JAX or TensorFlow),
what reads files (lookups, text), what belongs to no model of images.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from leadline.errors import ModelFileError
from leadline.models.layers import LAYER_TYPES

MOST_DEPTH = 100
MOST_OBJECTS = 50_000

OTHER_LAYERS = """
    ActivityRegularization AdaptiveAveragePooling1D AdaptiveAveragePooling2D
    AdaptiveAveragePooling3D AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D
    AdditiveAttention AlphaDropout Attention Average AveragePooling1D AveragePooling3D
    Bidirectional CenterCrop Conv1DTranspose Conv2DTranspose Conv3DTranspose Cropping1D
    Cropping2D Cropping3D Dot EinsumDense Embedding GRU GRUCell GaussianDropout GaussianNoise
    GlobalAveragePooling1D GlobalAveragePooling3D GlobalMaxPooling1D GlobalMaxPooling3D
    GroupQueryAttention LSTM LSTMCell Masking MaxPooling1D MaxPooling3D Maximum Minimum
    MultiHeadAttention PReLU Permute RNN RandomBrightness RandomContrast RandomFlip
    RandomRotation RandomTranslation RandomZoom RepeatVector Resizing SimpleRNN SimpleRNNCell
    SpatialDropout1D SpatialDropout3D SpectralNormalization StackedRNNCells Subtract
    TimeDistributed UpSampling1D UpSampling2D UpSampling3D ZeroPadding1D ZeroPadding3D
"""
"""Layers of Keras in models of the user's own, beside those of `models.layers`."""
INITIALIZERS = """
    Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity LecunNormal LecunUniform Ones
    Orthogonal RandomNormal RandomUniform TruncatedNormal VarianceScaling Zeros
"""
NN_OPERATIONS = """
    AveragePool BatchNorm Celu Conv DepthwiseConv Elu Gelu Glu HardShrink HardSigmoid HardSilu
    HardTanh LeakyRelu LogSigmoid LogSoftmax MaxPool Normalize OneHot Relu Relu6 Selu SeparableConv
    Sigmoid Silu SoftShrink Softmax Softplus Softsign SparsePlus SparseSigmoid Sparsemax Squareplus
    TanhShrink Threshold
"""
NUMPY_OPERATIONS = """
    Abs Absolute Add All Amax Amin Any Argmax Argmin Average BroadcastTo Ceil Clip Concatenate
    Conjugate Cos Divide Dot Einsum Equal Exp ExpandDims Expm1 Flip Floor GetItem Greater
    GreaterEqual Less LessEqual Log Log10 Log1p Log2 LogicalAnd LogicalNot LogicalOr Matmul Max
    Maximum Mean Min Minimum Mod Moveaxis Multiply Negative NotEqual Pad Power Prod Reciprocal
    Repeat Reshape Round Sign Sin Sqrt Square Squeeze Stack Std Subtract Sum Swapaxes Take Tanh
    Tile Transpose Tril Triu TrueDivide Var Where
"""
ACTIVATIONS = """
    celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh
    leaky_relu linear log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax
    softplus softsign sparse_plus sparse_sigmoid sparsemax squareplus swish tanh tanh_shrink
"""
CLASSES = {
    "keras": "DTypePolicy FloatDTypePolicy Model Sequential",
    "keras.models": "Model Sequential",
    "keras.src.models.functional": "Functional",
    "keras.layers": OTHER_LAYERS,
    "keras.initializers": INITIALIZERS,
    "keras.regularizers": "L1 L1L2 L2 OrthogonalRegularizer",
    "keras.constraints": "MaxNorm MinMaxNorm NonNeg UnitNorm",
    "keras.dtype_policies": "DTypePolicy FloatDTypePolicy",
    "keras.src.ops.core": "Cast",
    "keras.src.ops.nn": NN_OPERATIONS,
    "keras.src.ops.numpy": NUMPY_OPERATIONS,
}
"""By the modules that a file names; the layer types of `models.layers` are allowed as well."""
FUNCTION = "function"
FUNCTIONS = {"builtins": ACTIVATIONS, "keras.activations": ACTIVATIONS}
"""Keras calls its own functions builtins."""
VALUES = ("__keras_tensor__", "__slice__", "__ellipsis__")
"""Values that JSON has no word for."""
CODE = ("Lambda", "__lambda__")
KIND, WITHIN, MODULE, REGISTERED, COMPILED = (
    "class_name", "config", "module", "registered_name", "compile_config",
)  # fmt: skip
FIX = "save the model again"
TRUSTED = "if you know who made it, give --trust"


def check_config(config: dict[str, Any]) -> None:
    """Raise ModelFileError, without the file's name, for a name that is not in the tables.

    config: the whole of `config.json`. Says which layer it is.
    """
    outermost = {key: value for key, value in config.items() if key != COMPILED}  # not loaded
    if KIND not in outermost:
        raise ModelFileError(f"its config names no model; {FIX}.")
    for count, (found, where) in enumerate(_objects(outermost)):
        if count >= MOST_OBJECTS:
            raise ModelFileError(f"its config has more than {MOST_OBJECTS:,} objects; {FIX}.")
        _check_object(found, where)


def _objects(config: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Every table that names a class, with the layer that it is of."""
    waiting: list[tuple[Any, str, int]] = [(config, "the model", 0)]
    while waiting:
        value, where, depth = waiting.pop()
        if depth > MOST_DEPTH:
            raise ModelFileError(f"its config is nested more than {MOST_DEPTH} deep; {FIX}.")
        if isinstance(value, dict):
            where = _named(value) or where
            if KIND in value:
                yield value, where
            waiting += [(inner, where, depth + 1) for inner in value.values()]
        elif isinstance(value, list):
            waiting += [(inner, where, depth + 1) for inner in value]


def _named(value: dict[str, Any]) -> str | None:
    """What errors call a layer; only layers have their name beside their class."""
    inner = value.get(WITHIN)
    name = inner.get("name") if isinstance(inner, dict) and KIND in value else None
    return f"layer {name[:100]!r}" if isinstance(name, str) and MODULE in value else None


def _check_object(value: dict[str, Any], where: str) -> None:
    kind, module, inner = value[KIND], value.get(MODULE), value.get(WITHIN)
    if kind in CODE:
        raise ModelFileError(f"{where} is a Lambda, which is code in the file; {TRUSTED}.")
    if kind == FUNCTION:
        allowed = _is_function(module, inner) and value.get(REGISTERED) in (None, inner)
        name = inner
    elif kind in VALUES:
        allowed, name = module is None and isinstance(inner, dict), kind
    else:
        allowed = _is_class(module, kind, value.get(REGISTERED)) and isinstance(inner, dict)
        name = kind
    if not allowed:
        shown = f"{str(module)[:100]}.{str(name)[:100]}"
        raise ModelFileError(
            f"{where} asks for {shown!a}, which is neither of Keras's layers that only compute nor "
            f"of leadline's; {TRUSTED}."
        )
    if value.get(COMPILED):
        raise ModelFileError(f"{where} says how it was compiled, inside a model; {TRUSTED}.")


def _is_class(module: object, kind: object, registered: object) -> bool:
    if not isinstance(module, str) or not isinstance(kind, str):
        return False
    layer_type = LAYER_TYPES.get(kind)
    known = layer_type is not None and layer_type.keras_path == (module, kind)
    if not known and kind not in CLASSES.get(module, "").split():
        return False
    # Keras looks for a registered name first, whatever the module is.
    own = module.split(".")[0] != "keras"
    return registered == _registered_name(module, kind) if own else registered in (None, kind)


def _registered_name(module: str, kind: str) -> str:
    """The name under which Keras registered a class that is not its own."""
    import keras

    found = getattr(import_module(module), kind)
    return str(keras.saving.get_registered_name(found))


def _is_function(module: object, name: object) -> bool:
    known = FUNCTIONS.get(module, "") if isinstance(module, str) else ""
    return isinstance(name, str) and name in known.split()
