"""What dependencies read from the environment is set before any of them is imported."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import leadline
from leadline.system import dependency_settings
from leadline.system.dependency_settings import (
    apply,
    ignore_matplotlib_configuration,
    use_folder,
    use_torch_backend,
)

ROOT = Path(__file__).parents[2]
CLEAN = {"PATH": os.environ.get("PATH", "")}


def test_telemetry_is_off_whatever_the_environment_says():
    environment = {"ORT_DISABLE_TELEMETRY": "0", "RAY_USAGE_STATS_ENABLED": "1"}
    apply(environment)
    assert environment["ORT_DISABLE_TELEMETRY"] == "1"
    assert environment["RAY_USAGE_STATS_ENABLED"] == "0"
    assert environment["DO_NOT_TRACK"] == environment["HF_HUB_DISABLE_TELEMETRY"] == "1"


def test_idle_threads_sleep_and_keras_runs_on_torch_by_default():
    environment: dict[str, str] = {}
    apply(environment)
    assert environment["OMP_WAIT_POLICY"] == "PASSIVE"
    assert environment["KMP_BLOCKTIME"] == "0"
    assert environment["KERAS_BACKEND"] == "torch"


@pytest.mark.parametrize(
    "chosen",
    [{"OMP_WAIT_POLICY": "ACTIVE"}, {"KMP_BLOCKTIME": "200"}, {"GOMP_SPINCOUNT": "300000"}],
)
def test_a_wait_policy_of_the_users_stays(chosen):
    environment = dict(chosen)
    apply(environment)
    set_now = {name for name in dependency_settings.WAIT_VARIABLES if name in environment}
    assert set_now == set(chosen)
    assert environment.items() >= chosen.items()


def test_a_backend_of_the_users_stays_in_the_library_and_not_in_the_command():
    environment = {"KERAS_BACKEND": "jax", "KERAS_MAX_EPOCHS": "many", "KERAS_NNX_ENABLED": "1"}
    apply(environment)
    assert environment["KERAS_BACKEND"] == "jax"
    assert use_torch_backend(environment) == "jax"
    assert environment["KERAS_BACKEND"] == "torch"
    assert not {"KERAS_MAX_EPOCHS", "KERAS_NNX_ENABLED"} & environment.keys()
    assert use_torch_backend(environment) is None
    assert use_torch_backend({"KERAS_BACKEND": ""}) is None


def test_an_empty_backend_is_none():
    """With an empty KERAS_BACKEND Keras would take that of keras.json."""
    environment = {"KERAS_BACKEND": ""}
    apply(environment)
    assert environment["KERAS_BACKEND"] == "torch"


def test_a_command_drops_what_can_prevent_an_import():
    environment = {"SOURCE_DATE_EPOCH": "today", "KERAS_TORCH_DEVICE": ""}
    assert use_torch_backend(environment) is None
    assert environment == {"KERAS_BACKEND": "torch"}
    environment = {"KERAS_TORCH_DEVICE": "cpu"}
    use_torch_backend(environment)
    assert environment["KERAS_TORCH_DEVICE"] == "cpu"


def test_a_command_ignores_the_users_matplotlib():
    environment = {"MPLBACKEND": "module://matplotlib_inline.backend_inline", "MATPLOTLIBRC": "/x"}
    ignore_matplotlib_configuration(environment)
    assert environment == {"MPLBACKEND": "agg", "MATPLOTLIBRC": os.devnull}


def test_folders_of_dependencies_are_ours_unless_the_user_named_them(tmp_path):
    environment = {"MPLCONFIGDIR": "/somewhere"}
    use_folder(tmp_path, environment)
    assert environment["MPLCONFIGDIR"] == "/somewhere"
    assert environment["KERAS_HOME"] == str(tmp_path / "keras")
    assert environment["TORCHINDUCTOR_CACHE_DIR"] == str(tmp_path / "torchinductor")


@pytest.mark.parametrize(
    "module", ["leadline", "leadline.export.model_file", "leadline.system.process"]
)
def test_importing_any_module_sets_them_for_this_process_and_its_children(module):
    code = (
        f"import {module}, os, subprocess, sys; "
        "sys.exit(subprocess.call([sys.executable, '-c', "
        "\"import os, sys; sys.exit(os.environ['ORT_DISABLE_TELEMETRY'] != '1')\"]))"
    )
    path = os.pathsep.join(sys.path)
    done = subprocess.run(
        [sys.executable, "-c", code], env={**CLEAN, "PYTHONPATH": path}, check=False
    )
    assert done.returncode == 0


def imported(path: Path) -> list[str]:
    """Top-level packages in the order in which the statements of a file import them."""
    nodes = sorted(
        (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
         if isinstance(node, ast.Import | ast.ImportFrom)),
        key=lambda node: node.lineno,
    )  # fmt: skip
    found = []
    for node in nodes:
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else [node.module]
        found += [(name or "").split(".")[0] for name in names]
    return found


def scripts() -> list[Path]:
    return [path for room in ("benchmarks", "zoo") for path in (ROOT / room).glob("*.py")]


@pytest.mark.parametrize("path", scripts(), ids=lambda path: path.name)
def test_no_script_imports_onnx_runtime_before_leadline(path):
    order = imported(path)
    if "onnxruntime" in order:
        assert "leadline" in order[: order.index("onnxruntime")], path


def test_the_tests_themselves_run_with_them():
    assert leadline.__file__
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
