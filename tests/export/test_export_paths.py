"""Where an exported file may go."""

from pathlib import Path

import pytest

from leadline.errors import StorageError
from leadline.export.export_paths import BUILDER_START, builder_of, check_place, form_of

STARTS = {
    "onnx": b"\x08\x0a\x12\x07pytorch",
    "keras": b"PK\x03\x04\x14\x00",
    "torch": b"\x40\x00\x00\x00\x00\x00\x00\x00{}",
}
NAMES = {"onnx": "m.onnx", "keras": "m.keras", "torch": "m.safetensors"}


def test_the_name_says_the_form():
    for form, name in NAMES.items():
        assert form_of(Path(name)) == form_of(Path(name.upper())) == form
    assert form_of(Path("m.pt")) is form_of(Path("onnx")) is None


@pytest.mark.parametrize("form", NAMES)
def test_a_free_place_and_files_of_the_same_form(tmp_path, form):
    path = tmp_path / NAMES[form]
    check_place(path, form)
    for content in (b"", STARTS[form]):
        path.write_bytes(content)
        check_place(path, form)


@pytest.mark.parametrize("form", NAMES)
@pytest.mark.parametrize("content", [b"# notes\n", b"\x89PNG\r\n\x1a\n", b"{", *STARTS.values()])
def test_files_of_another_kind_are_not_replaced(tmp_path, form, content):
    path = tmp_path / NAMES[form]
    path.write_bytes(content)
    if content == STARTS[form]:
        return
    with pytest.raises(
        StorageError, match=rf"already exists and is not a {form} file; choose anoth"
    ):
        check_place(path, form)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("cnn-3", "cnn_3"), ("mine", "mine"), ("my model.v2", "my_model_v2"), ("3", "_3"),
        ("class", "_class"), ("é", "_"), ("digits-7-", "digits_7_"),
    ],
)  # fmt: skip
def test_the_builders_name_can_be_imported(name, module):
    assert builder_of(Path("a-b") / f"{name}.safetensors") == Path("a-b") / f"{module}.py"
    assert module.isidentifier()


def test_python_of_ones_own_is_not_replaced_by_the_builder(tmp_path):
    path, builder = tmp_path / "my-net.safetensors", tmp_path / "my_net.py"
    builder.write_bytes(BUILDER_START + b', as a torch module.\n"""')
    check_place(path, "torch")
    builder.write_text("print('mine')")
    check_place(tmp_path / "my-net.onnx", "onnx")
    with pytest.raises(StorageError, match=r"my_net\.py: already exists and would be replaced"):
        check_place(path, "torch")
    builder.unlink()
    builder.mkdir()
    with pytest.raises(StorageError, match="already exists"):
        check_place(path, "torch")


def test_a_pipe_is_no_place(tmp_path):
    import os

    os.mkfifo(tmp_path / "m.onnx")
    with pytest.raises(StorageError, match="already exists"):
        check_place(tmp_path / "m.onnx", "onnx")


@pytest.mark.parametrize(
    ("name", "form", "said"),
    [
        (
            "folder",
            "onnx",
            r"folder: is a folder; give a file name, as in -o .*folder/model\.onnx\.",
        ),
        ("m", "keras", r"m: a keras file's name ends in \.keras; rename it\."),
        ("m.onnx", "torch", r"ends in \.safetensors; rename it, or add --format onnx\."),
        ("m.KERAS", "keras", r"m\.KERAS: a keras file's name ends in \.keras; rename it"),
        ("m.pt", "torch", r"ends in \.safetensors; rename it\."),
        ("gone/m.onnx", "onnx", r"m\.onnx: there is no folder .*gone\."),
    ],
)
def test_what_is_no_place_for_it(tmp_path, name, form, said):
    (tmp_path / "folder").mkdir()
    with pytest.raises(StorageError, match=said):
        check_place(tmp_path / name, form)
