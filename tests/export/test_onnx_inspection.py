"""ONNX files that bring more than a plain graph, made with the onnx package; random bytes."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline import zoo
from leadline.errors import ModelFileError
from leadline.export import onnx_inspection, open_model_file
from leadline.export.onnx_inspection import inspect

onnx = pytest.importorskip("onnx")
helper, INT64, FLOAT, UINT8 = onnx.helper, 7, 1, 2


def tensor(name="w", values=(1.0,), kind=FLOAT):
    return helper.make_tensor(name, kind, [len(values)], values)


def external(name="w", location="w.bin"):
    proto = onnx.TensorProto(name=name, data_type=FLOAT, dims=[1], data_location=1)
    proto.external_data.add(key="location", value=location)
    return proto


def constant(name, **value):
    return helper.make_node("Constant", [], [name], **value)


def holding(name, value):
    """A Constant whose value is given as it is: `make_node` would look into it."""
    node = onnx.NodeProto(op_type="Constant", output=["w"])
    attribute = node.attribute.add(name=name)
    getattr(attribute, name).CopyFrom(value)
    return node


def sparse():
    """Four bytes that unfold to 16 GB."""
    return helper.make_sparse_tensor(tensor(), tensor("i", [0], INT64), [4 * 10**9])


def graph(nodes=(), weights=(), **more):
    ends = [
        helper.make_tensor_value_info("images", UINT8, ["n", 4, 4, 1]),
        helper.make_tensor_value_info("w", FLOAT, None),
    ]
    return helper.make_graph(list(nodes), "g", ends[:1], ends[1:], list(weights), **more)


def model(*given, **more):
    proto = helper.make_model(graph(*given, **more), opset_imports=[helper.make_opsetid("", 20)])
    proto.ir_version = 9
    return proto


def branch():
    inner = graph([constant("w", value=tensor())])
    return helper.make_node("If", ["c"], ["w"], then_branch=inner, else_branch=inner)


def with_function():
    proto = model()
    opset = [helper.make_opsetid("", 20)]
    proto.functions.append(helper.make_function("own", "f", [], ["w"], [], opset))
    return proto


def with_training():
    proto = model()
    proto.training_info.add().algorithm.CopyFrom(graph())
    return proto


def with_operators_of(domain):
    proto = model()
    proto.opset_import.append(helper.make_opsetid(domain, 1))
    return proto


def graph_list():
    node = onnx.NodeProto(op_type="Any", output=["w"])
    node.attribute.add(name="gs").graphs.add().CopyFrom(graph())
    return model([node])


def tensor_list():
    node = onnx.NodeProto(op_type="Any", output=["w"])
    node.attribute.add(name="ts").tensors.add().CopyFrom(external())
    return model([node])


def sparse_list():
    node = onnx.NodeProto(op_type="Any", output=["w"])
    node.attribute.add(name="ss").sparse_tensors.add().CopyFrom(sparse())
    return model([node])


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "weights": (lambda: model((), [external()]), r"has weights in another file \('w.bin'\)"),
    "constant": (lambda: model([holding("t", external())]), "weights in another file"),
    "constants": (tensor_list, "weights in another file"),
    "sparse-weights": (lambda: model(sparse_initializer=[sparse()]), "sparse weights"),
    "sparse-constant": (lambda: model([constant("w", sparse_value=sparse())]), "sparse weights"),
    "sparse-constants": (sparse_list, "sparse weights"),
    "branch": (lambda: model([branch()]), "a graph within its graph"),
    "graphs": (graph_list, "a graph within its graph"),
    "function": (with_function, "functions of its own"),
    "training": (with_training, "instructions for training"),
    "operator": (
        lambda: model([helper.make_node("Any", [], ["w"], domain="com.microsoft")]),
        "operators of 'com.microsoft'",
    ),
    "operators": (lambda: with_operators_of("evil"), "operators of 'evil'"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_more_than_a_plain_graph_is_refused(name, tmp_path):
    make, reason = REFUSED[name]
    path = tmp_path / "m.onnx"
    path.write_bytes(make().SerializeToString())
    with pytest.raises(ModelFileError, match=reason) as error:
        open_model_file(path, threads=1)
    assert str(error.value).startswith(f"{path}: has ")
    assert "export the model again" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_second_graph_that_would_be_merged_is_looked_through(written):
    more = model((), [external()]).SerializeToString()
    with pytest.raises(ModelFileError, match="weights in another file"):
        inspect(written.path.read_bytes() + more)


@pytest.mark.parametrize("name", zoo.names())
def test_the_zoo_passes_quickly(name):
    content = zoo.model_file_path(name).read_bytes()
    inspect(content)  # once to load
    started = time.perf_counter()
    inspect(content)
    assert time.perf_counter() - started < 0.1  # 7 ms


# The protobuf itself, written by hand: number << 3 | type, then the value.
GRAPH, WEIGHTS = 7 << 3 | 2, 5 << 3 | 2
LOCATION = 14 << 3


def nested(tag: int, content: bytes) -> bytes:
    return bytes([tag, len(content)]) + content


def weights(content: bytes) -> bytes:
    return nested(GRAPH, nested(WEIGHTS, content))


@pytest.mark.parametrize(
    "said",
    [
        bytes([LOCATION, 1]),  # EXTERNAL
        bytes([LOCATION, 0x81, 0x80, 0x00]),  # the same, spelled at length
        bytes([LOCATION | 0x80, 0x00, 1]),  # the field's number spelled at length
        bytes([LOCATION, 2]),  # of a later standard
        bytes([LOCATION, 1, LOCATION, 0]),  # taken back
        bytes([13 << 3 | 2, 0]),  # an entry that says nothing
        bytes([13 << 3 | 2, 6, 1 << 3 | 2, 1, ord("a"), 2 << 3 | 2, 1, 0xFF]),  # no UTF-8
    ],
)
def test_weights_elsewhere_however_they_are_spelled(said):
    with pytest.raises(ModelFileError, match="weights in another file"):
        inspect(weights(said))


def test_weights_said_to_be_here_are_here():
    inspect(weights(bytes([LOCATION, 0])))


@pytest.mark.parametrize(
    "content",
    [
        b"\x80",  # a number without an end
        b"\xff" * 11,  # longer than any
        bytes([1 << 3 | 3]),  # a group, which no later than 2008 was written
        bytes([GRAPH, 5]) + b"cut",
        bytes([1 << 3 | 1]) + b"1234567",  # 7 bytes of 8
        bytes([1 << 3 | 5]) + b"123",  # 3 bytes of 4
        # Number 14 to those who keep 32 bits of the tag, another to those who keep all.
        weights(bytes([LOCATION | 0x80, 0x80, 0x80, 0x80, 0x10, 1])),
    ],
)
def test_what_is_no_protobuf(content):
    with pytest.raises(ModelFileError, match=r"not an ONNX file, or cut short \(at byte \d+\)"):
        inspect(content)


def test_fields_without_end_are_not_walked(monkeypatch):
    monkeypatch.setattr(onnx_inspection, "MOST_FIELDS", 1000)
    inspect(b"\x08\x01" * 1000)
    with pytest.raises(ModelFileError, match="more than 1,000 parts"):
        inspect(b"\x08\x01" * 1001)


@given(st.binary(max_size=200))
def test_random_bytes_are_refused_or_plain(content):
    refused_or_plain(content)
    refused_or_plain(weights(content[:100]))


@given(st.data())
def test_a_file_cut_and_changed_is_refused_or_plain(written, data):
    content = bytearray(written.path.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    refused_or_plain(bytes(content[: data.draw(st.integers(0, len(content)))]))


def refused_or_plain(content: bytes) -> None:
    with contextlib.suppress(ModelFileError):  # and nothing else
        inspect(content)


@given(
    st.lists(
        st.builds(
            lambda dims, name, value: onnx.TensorProto(
                dims=dims, name=name, data_type=FLOAT, float_data=value
            ),
            st.lists(st.integers(0, 2**62), max_size=4),
            st.text(max_size=20),
            st.lists(st.floats(width=32), max_size=30),
        ),
        max_size=5,
    ),
    st.booleans(),
)
def test_what_the_onnx_package_finds_elsewhere_is_found_and_no_more(tensors, elsewhere):
    """Against the package's own reading of the same bytes."""
    proto = model((), tensors)
    if elsewhere and tensors:
        tensors[-1].data_location = 1
        proto.graph.initializer[-1].data_location = 1
    found = any(one.data_location == 1 for one in proto.graph.initializer)
    assert is_refused(proto.SerializeToString()) == found


def is_refused(content: bytes) -> bool:
    try:
        inspect(content)
    except ModelFileError:
        return True
    return False


# What a graph may still ask for: to be computed, which must not happen on opening it.

LARGE = 10**9  # numbers: 4 GB


def large_constant():
    """4 GB in five parts, each below the size at which ONNX Runtime stops by itself."""
    parts = [helper.make_node("Expand", ["one", "shape"], [f"x{n}"]) for n in range(5)]
    total = helper.make_node("Sum", [f"x{n}" for n in range(5)], ["x"])
    return [*parts, total], [tensor("one"), tensor("shape", [LARGE // 5], INT64)]


def answering(nodes, given):
    """Made a model file: the mean of the images and what the nodes computed, twice."""
    nodes = [
        *nodes,
        helper.make_node("ReduceMax", ["x"], ["most"], keepdims=0),
        helper.make_node("Cast", ["images"], ["f"], to=FLOAT),
        helper.make_node("ReduceMean", ["f"], ["m"], keepdims=1),
        helper.make_node("Reshape", ["m", "flat"], ["mean"]),
        helper.make_node("Add", ["mean", "most"], ["a"]),
        helper.make_node("Concat", ["a", "a"], ["probabilities"], axis=1),
    ]
    given = [*given, tensor("flat", [1, 1], INT64)]
    proto = model(nodes, given)
    del proto.graph.output[:]
    proto.graph.output.append(helper.make_tensor_value_info("probabilities", FLOAT, ["n", 2]))
    about = {"format": "2", "name": "large", "classes": '["a", "b"]', "size_px": "[4, 4]"}
    about |= {"channels": "1"}
    helper.set_model_props(proto, {f"leadline.{key}": value for key, value in about.items()})
    return proto


OPENING = """
import resource, sys
from pathlib import Path
from leadline.export import open_model_file
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
open_model_file(Path(sys.argv[1]), threads=1)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="counts memory as Linux does")
def test_nothing_is_computed_on_opening(tmp_path):
    path = tmp_path / "m.onnx"
    path.write_bytes(answering(*large_constant()).SerializeToString())
    said = subprocess.run(
        [sys.executable, "-c", OPENING, path],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert int(said.stdout) < 200_000  # kB


def test_weights_that_are_not_there_are_refused(tmp_path):
    """4 GB of weights in a file of a few hundred bytes."""
    weights = onnx.TensorProto(name="x", data_type=FLOAT, dims=[LARGE], raw_data=b"")
    path = tmp_path / "m.onnx"
    path.write_bytes(answering([], [weights]).SerializeToString())
    with pytest.raises(ModelFileError, match="not an ONNX file that can be run"):
        open_model_file(path)


def test_later_versions_of_the_format_and_of_the_standard(tmp_path):
    proto = answering([], [tensor("x", [0.5])])
    path = tmp_path / "m.onnx"
    path.write_bytes(proto.SerializeToString())
    images = np.zeros((1, 4, 4, 1), np.uint8)
    assert open_model_file(path).answer(images)[0].tolist() == [[0.5, 0.5]]
    for holder, name in ((proto, "ir_version"), (proto.opset_import[0], "version")):
        before = getattr(holder, name)
        setattr(holder, name, 999)
        path.write_bytes(proto.SerializeToString())
        setattr(holder, name, before)
        with pytest.raises(ModelFileError, match="not an ONNX file that can be run"):
            open_model_file(path)


@pytest.mark.parametrize("content", [b"", b"\0" * 1000, b"PK\x03\x04", b"\x80\x04\x95", b"ORTM"])
def test_files_of_other_kinds(content, tmp_path):
    path = tmp_path / "m.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match="not an ONNX file"):
        open_model_file(path)


def test_a_file_of_600_mb_is_not_read(tmp_path):
    path = tmp_path / "m.onnx"
    with path.open("wb") as file:
        file.truncate(600_000_000)  # which takes no room on the disk
    with pytest.raises(ModelFileError, match="has 600,000,000 bytes, and at most 536,870,912"):
        open_model_file(path)


def test_a_graph_that_fails_when_asked_is_an_error_of_one_line(tmp_path):
    """The images have 16 numbers each, which do not fill 5 places."""
    nodes = [
        helper.make_node("Cast", ["images"], ["whole"], to=FLOAT),
        helper.make_node("Reshape", ["whole", "five"], ["x"]),
    ]
    path = tmp_path / "m.onnx"
    path.write_bytes(answering(nodes, [tensor("five", [-1, 5], INT64)]).SerializeToString())
    model_file = open_model_file(path)
    with pytest.raises(
        ModelFileError, match=r"^large: its graph does not run \(.*Reshape.*\); export"
    ) as error:
        model_file.answer(np.zeros((1, 4, 4, 1), np.uint8))
    assert "\n" not in str(error.value)
