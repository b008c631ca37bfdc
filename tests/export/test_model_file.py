"""Model files opened: whole ones, and files that are damaged, huge, foreign or hostile."""

import contextlib
import os
import subprocess
import sys

import numpy as np
import onnx
import pytest
from tests.export.making import ABOUT, some_images

from leadline.errors import ModelFileError
from leadline.export import open_model_file, read_metadata
from leadline.export.model_file import MOST_BYTES


def test_an_model_file_answers_with_probabilities_and_scores(written):
    model_file = open_model_file(written.path, threads=1)
    assert model_file.metadata == ABOUT
    probabilities, scores = model_file.answer(written.images)
    np.testing.assert_allclose(probabilities, written.expected, atol=1e-5)
    assert scores is not None
    np.testing.assert_allclose(scores, written.ood_score.score(written.images), rtol=1e-4)


def test_the_metadata_alone(written):
    assert read_metadata(written.path) == ABOUT


def test_without_a_score_there_is_none(written, tmp_path):
    proto = onnx.load(written.path)
    del proto.graph.output[1]
    onnx.save(proto, tmp_path / "m.onnx")
    probabilities, scores = open_model_file(tmp_path / "m.onnx").answer(written.images[:2])
    assert probabilities.shape == (2, 2)
    assert scores is None


def test_no_images_have_no_answers(written):
    probabilities, scores = open_model_file(written.path).answer(written.images[:0])
    assert probabilities.shape == (0, 2)
    assert scores is not None
    assert scores.shape == (0,)


@pytest.mark.parametrize(
    "images", [np.zeros((2, 20, 17, 3), np.float32), np.zeros((2, 17, 20, 3), np.uint8)]
)
def test_other_images_are_refused(written, images):
    wanted = rf"uint8 images \(n, 20, 17, 3\). Received: {images.dtype}"
    with pytest.raises(ModelFileError, match=wanted):
        open_model_file(written.path).answer(images)


def changed(written, tmp_path, change):
    proto = onnx.load(written.path)
    change(proto)
    path = tmp_path / "changed.onnx"
    onnx.save(proto, path)
    return path


def say(**values):
    def change(proto):
        said = {item.key: item.value for item in proto.metadata_props}
        onnx.helper.set_model_props(proto, {**said, **values})

    return change


def forget(proto):
    del proto.metadata_props[:]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (forget, "not a leadline model file"),
        (
            say(**{"leadline.classes": '["no", "maybe", "yes"]', "leadline.decision": "null"}),
            "does not match its metadata",
        ),
        (say(**{"leadline.size_px": "[17, 20]"}), "does not match its metadata"),
        (say(**{"leadline.channels": "1"}), "does not match its metadata"),
        (say(**{"leadline.limits": "x" * 2_000_000}), "at most 1,000,000 are read"),
    ],
)
def test_a_foreign_or_changed_file_is_refused_in_one_line(written, tmp_path, change, complaint):
    path = changed(written, tmp_path, change)
    with pytest.raises(ModelFileError, match=complaint) as error:
        read_metadata(path)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("kept", [0, 10, 1000, -100])
def test_a_file_that_broke_off_is_refused(written, tmp_path, kept):
    path = tmp_path / "m.onnx"
    path.write_bytes(written.path.read_bytes()[:kept])
    with pytest.raises(ModelFileError, match=r"m\.onnx: ") as error:
        read_metadata(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("position", range(0, 3000, 97))
def test_a_changed_byte_is_refused_or_does_no_harm(written, tmp_path, position):
    content = bytearray(written.path.read_bytes())
    content[position % len(content)] ^= 0xFF
    (tmp_path / "m.onnx").write_bytes(content)
    with contextlib.suppress(ModelFileError):  # and nothing else
        open_model_file(tmp_path / "m.onnx", threads=1)


def test_a_file_that_reads_another_one_is_refused(written, tmp_path):
    """ONNX can keep weights in other files; none of ours does."""

    def elsewhere(proto):
        weight = next(one for one in proto.graph.initializer if len(one.raw_data) > 1000)
        weight.ClearField("raw_data")
        weight.data_location = onnx.TensorProto.EXTERNAL
        weight.external_data.add(key="location", value="../secret")

    (tmp_path.parent / "secret").write_bytes(b"\0" * 100_000)
    with pytest.raises(ModelFileError, match=r"changed\.onnx: has weights in another file"):
        read_metadata(changed(written, tmp_path, elsewhere))


def test_what_onnx_runtime_says_of_its_own_code_is_left_out(written, tmp_path):
    def later(proto):
        proto.ir_version = 99

    with pytest.raises(ModelFileError) as raised:
        read_metadata(changed(written, tmp_path, later))
    said = str(raised.value).partition(".onnx: ")[2]
    assert said.startswith(
        "not an ONNX file that can be run (Unsupported model IR version: 99, max"
    )


def test_a_huge_file_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "m.onnx"
    with path.open("wb") as file:
        os.truncate(file.fileno(), MOST_BYTES + 1)
    with pytest.raises(ModelFileError, match=r"has 536,870,913 bytes, and at most 536,870,912"):
        read_metadata(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "none.onnx", tmp_path):
        with pytest.raises(ModelFileError, match=r"no such file; give the model\.onnx"):
            read_metadata(path)


def test_neither_torch_nor_keras_nor_onnx_is_loaded(written):
    code = (
        "import sys; from pathlib import Path; from leadline.export import read_metadata;"
        f"read_metadata(Path({str(written.path)!r}));"
        "sys.exit(bool({'torch', 'keras', 'onnx', 'scipy', 'sklearn'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_images_of_the_kind_are_mostly_in_scope_and_others_are_not(written):
    model_file = open_model_file(written.path)
    _, usual = model_file.answer(some_images(200, seed=9))
    _, inverted = model_file.answer(255 - some_images(50, seed=9))
    assert usual is not None
    assert inverted is not None
    assert (usual <= 1).mean() > 0.95
    assert (inverted > 1).all()
