"""The public names, and what importing them costs."""

import subprocess
import sys

import pytest

import leadline


def test_public_names_are_few_and_all_there():
    assert len(leadline.__all__) <= 21
    for name in leadline.__all__:
        assert getattr(leadline, name) is not None
    assert set(leadline.__all__) - {"__version__"} == set(leadline._HOMES)
    assert dir(leadline) == sorted(leadline.__all__)


def test_every_public_function_and_class_is_documented():
    for name in leadline._HOMES:
        assert (getattr(leadline, name).__doc__ or "").strip(), name


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'trian'"):
        _ = leadline.trian


def test_importing_leadline_imports_nothing_heavy():
    code = (
        "import sys, leadline; "
        "heavy = {'numpy', 'torch', 'keras', 'pydantic', 'onnxruntime', 'PIL'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
