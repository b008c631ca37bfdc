"""The out-of-distribution score of `analysis.ood.ood_score` as nodes of an ONNX graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from leadline.analysis.ood import ood_features
from leadline.analysis.ood.ood_score import LEAST_DISTANCE, OODScore

if TYPE_CHECKING:
    import onnx

IMAGES = "images"
PROBABILITIES = "probabilities"
SCOPE = "scope"


def name_ends(graph: onnx.GraphProto) -> None:
    """Call the graph's input and output "images" and "probabilities", whatever they were called."""
    import onnx

    source, answer = graph.input[0], graph.output[0]
    first = onnx.helper.make_node("Identity", [IMAGES], [source.name])
    last = onnx.helper.make_node("Identity", [answer.name], [PROBABILITIES])
    graph.node.insert(0, first)
    graph.node.append(last)
    source.name, answer.name = IMAGES, PROBABILITIES


def add_ood_score(graph: onnx.GraphProto, ood_score: OODScore) -> None:
    """Add the output "scope", float32 (n,), worked out from the input "images"."""
    import onnx

    nodes = _Nodes(graph)
    numbers = _thumbnails(nodes, ood_score.thumbnails)
    turned = nodes("Gather", numbers, nodes.constant(ood_score.thumbnails.turned), axis=1)
    directions = nodes.constant(ood_score.directions)
    distance = _distance(nodes, ood_score, numbers, directions)
    turned_distance = _distance(nodes, ood_score, turned, directions)
    below = nodes("Add", turned_distance, nodes.number(LEAST_DISTANCE))
    far = nodes("Div", distance, nodes.number(ood_score.farthest))
    quotient = nodes("Div", nodes("Div", distance, below), nodes.number(ood_score.turned_limit))
    score = nodes("Max", far, quotient)
    graph.node.append(onnx.helper.make_node("Identity", [score], [SCOPE]))
    kind = onnx.TensorProto.FLOAT
    graph.output.append(onnx.helper.make_tensor_value_info(SCOPE, kind, ["batch"]))


class _Nodes:
    """Appends nodes and constants to a graph, and gives their outputs' names."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self._graph = graph
        self._count = 0

    def __call__(self, kind: str, *inputs: str, **attributes: Any) -> str:
        import onnx

        name = self._name(kind)
        self._graph.node.append(
            onnx.helper.make_node(kind, list(inputs), [name], name=name, **attributes)
        )
        return name

    def constant(self, value: NDArray[Any]) -> str:
        import onnx

        name = self._name("constant")
        array = np.ascontiguousarray(value)
        self._graph.initializer.append(onnx.numpy_helper.from_array(array, name))
        return name

    def number(self, value: float) -> str:
        return self.constant(np.array(value, np.float32))

    def mean(self, values: str, axes: tuple[int, ...], length: int) -> str:
        """Over these axes, which have `length` values together, and are kept."""
        total = self("ReduceSum", values, self.constant(np.array(axes)), keepdims=1)
        return self("Div", total, self.number(length))

    def _name(self, kind: str) -> str:
        self._count += 1
        return f"{SCOPE}/{kind}_{self._count}"


def _thumbnails(nodes: _Nodes, thumbnails: ood_features.Thumbnails) -> str:
    """As `Thumbnails` has them, (n, size)."""
    height_px, width_px, channels = thumbnails.image_shape
    rows, columns, coarse, across = thumbnails.matrices()
    pixels = nodes("Cast", IMAGES, to=1)  # 1 is float32
    total = nodes("ReduceSum", pixels, nodes.constant(np.array([3])), keepdims=0)
    mean = nodes.mean(nodes.mean(total, (2,), width_px), (1,), height_px)
    scale = nodes.number(1 / (255 * channels))
    centred = nodes("Mul", nodes("Sub", total, mean), scale)
    cells = nodes.constant(rows), nodes.constant(columns.T)
    means = _between(nodes, cells, centred)
    squares = _between(nodes, cells, nodes("Mul", centred, centred))
    squared_means = nodes("Mul", means, means)
    between = nodes.mean(squared_means, (1, 2), len(rows) * len(columns))
    variance = nodes("Add", between, nodes.number(ood_features.LEAST_VARIANCE))
    within = nodes("Div", nodes("Relu", nodes("Sub", squares, squared_means)), variance)
    larger = _between(nodes, (nodes.constant(coarse), nodes.constant(across.T)), within)
    detail = nodes("Log", nodes("Add", larger, nodes.number(ood_features.LEAST_DETAIL)))
    outline = nodes("Div", means, nodes("Sqrt", variance))
    flat = (_flat(nodes, outline, rows, columns), _flat(nodes, detail, coarse, across))
    return nodes("Concat", *flat, axis=1)


def _between(nodes: _Nodes, cells: tuple[str, str], values: str) -> str:
    left, right = cells
    return nodes("MatMul", nodes("MatMul", left, values), right)


def _flat(nodes: _Nodes, values: str, rows: NDArray[Any], columns: NDArray[Any]) -> str:
    # 0 keeps the batch as it is, so that an empty one stays empty.
    shape = nodes.constant(np.array([0, len(rows) * len(columns)]))
    return nodes("Reshape", values, shape, allowzero=0)


def _distance(nodes: _Nodes, ood_score: OODScore, numbers: str, directions: str) -> str:
    """As `OODScore` has it, (n,)."""
    centred = nodes("Sub", numbers, nodes.constant(ood_score.mean))
    along = nodes("MatMul", centred, directions)
    across = nodes("Sub", centred, nodes("Gemm", along, directions, transB=1))
    axis = nodes.constant(np.array([1]))
    weighed = nodes("Div", nodes("Mul", along, along), nodes.constant(ood_score.variances))
    first = nodes("ReduceSum", weighed, axis, keepdims=0)
    second = nodes("ReduceSum", nodes("Mul", across, across), axis, keepdims=0)
    squared = nodes("Add", first, nodes("Div", second, nodes.number(ood_score.rest)))
    return nodes("Div", squared, nodes.number(ood_score.mean.size))
