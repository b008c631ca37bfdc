"""Model files small enough to work out by hand what they answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from leadline.export import Metadata
from leadline.metrics.estimates import DecisionRule, OperatingPoint

LIMITS = "This is a test. Nothing follows from it."
POINTS = (
    OperatingPoint("youden", 0.3, 0.8, 0.81, 0.02),
    OperatingPoint("sensitivity", 0.7, 0.96, floor=0.95),
)


def brightness(
    path: Path,
    classes: tuple[str, ...] = ("dark", "light"),
    *,
    points: tuple[OperatingPoint, ...] = POINTS,
    size_px: tuple[int, int] = (4, 4),
    channels: int = 1,
    limits: str = LIMITS,
    scored: bool = True,
    **about: Any,
) -> Path:
    """A model file for which p(second class) is the image's mean over 255.

    With two classes the second is the positive one. Classes beyond two have p = 0. The score is the
    mean over 204, so images up to 204 are in scope. about: more of its metadata.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    n = len(classes)
    weights, start = np.zeros((1, n), np.float32), np.zeros(n, np.float32)
    weights[0, :2], start[0] = (-1, 1), 1

    def constant(name: str, value: Any) -> Any:
        return numpy_helper.from_array(np.asarray(value), name)

    nodes = [
        helper.make_node("Cast", ["images"], ["pixels"], to=1),
        helper.make_node("ReduceMean", ["pixels", "axes"], ["mean"], keepdims=0),
        helper.make_node("Div", ["mean", "white"], ["share"]),
        helper.make_node("Unsqueeze", ["share", "one"], ["column"]),
        helper.make_node("MatMul", ["column", "weights"], ["moved"]),
        helper.make_node("Add", ["moved", "start"], ["probabilities"]),
        helper.make_node("Div", ["mean", "limit"], ["scope"]),
    ]
    constants = [
        constant("axes", np.array([1, 2, 3])), constant("one", np.array([1])),
        constant("white", np.float32(255)), constant("limit", np.float32(204)),
        constant("weights", weights), constant("start", start),
    ]  # fmt: skip
    image = helper.make_tensor_value_info("images", TensorProto.UINT8, ["n", *size_px, channels])
    ends = [
        helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", n]),
        helper.make_tensor_value_info("scope", TensorProto.FLOAT, ["n"]),
    ]
    graph = helper.make_graph(nodes, "g", [image], ends[: 1 + scored], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    said = Metadata(
        name="brightness", classes=classes, size_px=size_px, channels=channels, limits=limits,
        decision=DecisionRule(classes[1], 1.0, (), points) if n == 2 and points else None,
        **about,
    )  # fmt: skip
    helper.set_model_props(model, said.as_properties())
    onnx.save(model, path)
    return path


def save_flat(path: Path, level: int, size_px: tuple[int, int] = (4, 4)) -> Path:
    """An image of one grey level, for which the model file answers level / 255."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full(size_px, level, np.uint8)).save(path, format="PNG")
    return path
