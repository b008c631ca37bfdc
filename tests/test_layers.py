"""The package's floors: which package may import which, read from the source.

The table is the one in CONTRIBUTING.md.
"""

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import leadline

SOURCE = Path(leadline.__file__).parent
STANDARD = sys.stdlib_module_names


@dataclass(frozen=True)
class Floor:
    """A package of leadline. `top`: what its modules may import; `inside`: only in functions."""

    number: int
    top: frozenset[str] = frozenset()
    inside: frozenset[str] = frozenset()


def floor(number: int, top: str = "", inside: str = "") -> Floor:
    return Floor(number, frozenset(top.split()), frozenset(inside.split()))


FLOORS = {
    "errors": floor(0),
    "system": floor(0, inside="torch"),
    "statistics": floor(0, "numpy"),
    "experiments": floor(0, "pydantic pydantic_core tomli_w"),
    "data": floor(1, "numpy PIL", "kagglehub mlxtend pydicom"),
    "zoo": floor(1),
    "features": floor(2, "numpy keras", "torch"),
    "models": floor(3, "numpy", "h5py keras torch"),
    "training": floor(4, "numpy keras torch"),
    "metrics": floor(5, "numpy", "scipy sklearn"),
    "analysis": floor(6, "numpy", "cleanlab scipy sklearn"),
    "explain": floor(7, "numpy PIL", "keras scipy torch"),
    "runs": floor(7, "numpy", "keras pyarrow pydantic"),
    "export": floor(
        7,
        "numpy pydantic pydantic_core",
        "keras onnx onnxruntime onnxscript safetensors torch",
    ),
    "report": floor(8, "jinja2 markupsafe matplotlib numpy PIL", "babel pydantic yaml"),
    "workflow": floor(9, "numpy", "keras torch"),
    "serving": floor(
        10,
        "fastapi jinja2 numpy onnxruntime PIL prometheus_client pydantic python_multipart "
        "starlette uvicorn",
        "pyarrow",
    ),
    "cli": floor(11, "typer rich numpy", "keras onnxruntime pydantic torch"),
    "__main__": floor(12),
}
COPIED = {
    "leadline.export.torch_model": {"torch", "safetensors"},
    "leadline.models.torch_modules": {"torch"},
}
"""Copied into one file for users who have these packages alone."""
SAME_FLOOR = {
    ("system", "errors"),
    ("statistics", "errors"),
    ("experiments", "errors"),
    ("experiments", "system"),
    ("runs", "explain"),
}
NOT_UP = {"keras", "torch", "tensorflow", "jax"}

# Packages that importing a module must not load, directly or indirectly.
LIGHT = {
    "leadline": {"numpy", "pydantic", "onnxruntime", "torch", "keras"},
    "leadline.cli": {"numpy", "pydantic", "onnxruntime", "torch", "keras"},
    "leadline.errors": {"numpy", "pydantic"},
    "leadline.experiments": {"numpy", "pydantic", "torch", "keras"},
    "leadline.experiments.experiment": {"numpy", "torch", "keras"},
    "leadline.data.sources.source_list": NOT_UP | {"matplotlib"},
    "leadline.data.audit": NOT_UP | {"scipy", "sklearn", "pyarrow", "onnx"},
    "leadline.metrics.classification": NOT_UP | {"scipy", "sklearn"},
    "leadline.models.layers": NOT_UP | {"numpy"},
    "leadline.models.topology": NOT_UP,
    "leadline.report.audit_page": NOT_UP | {"matplotlib"},
    "leadline.report.picture.explanation_picture": NOT_UP
    | {"matplotlib", "pyarrow", "scipy", "sklearn"},
    "leadline.report.html_pages": NOT_UP,
    "leadline.runs": NOT_UP,
    "leadline.serving": NOT_UP | {"matplotlib", "onnx", "pyarrow", "scipy", "sklearn"},
    "leadline.serving.app": NOT_UP | {"matplotlib", "onnx", "pyarrow", "scipy", "sklearn"},
    "leadline.serving.answer_rows": NOT_UP | {"pyarrow"},
    "leadline.workflow.image_explanation": NOT_UP
    | {"matplotlib", "onnx", "pyarrow", "scipy", "sklearn"},
}


@dataclass(frozen=True)
class Import:
    """One imported module: dotted name, line, and whether it is loaded with the module."""

    name: str
    line: int
    top: bool

    @property
    def package(self) -> str:
        return self.name.partition(".")[0]


def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE.parent).with_suffix("").parts
        found[".".join(parts).removesuffix(".__init__")] = path
    return found


MODULES = modules()


def imports(path: Path) -> list[Import]:
    return list(_imports(ast.parse(path.read_text(encoding="utf-8")).body, top=True))


def _imports(body: list[ast.stmt], *, top: bool) -> Iterator[Import]:
    """Imports that run; those under TYPE_CHECKING never do."""
    for node in body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from _imports(node.orelse, top=top)
        elif isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno, top) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from _from(node, top=top)
        else:
            deeper = top and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            for name in ("body", "orelse", "finalbody"):
                yield from _imports(getattr(node, name, []), top=deeper)
            for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
                yield from _imports(part.body, top=deeper)


def _from(node: ast.ImportFrom, *, top: bool) -> Iterator[Import]:
    """`from a import b` loads a, and a.b where that is a module."""
    assert node.level == 0, f"line {node.lineno}: relative imports hide the floor"
    assert node.module is not None
    yield Import(node.module, node.lineno, top)
    for alias in node.names:
        if f"{node.module}.{alias.name}" in MODULES:
            yield Import(f"{node.module}.{alias.name}", node.lineno, top)
        elif alias.name in LAZY.get(node.module, {}):
            yield Import(f"{node.module}.{LAZY[node.module][alias.name]}", node.lineno, top)


def _lazy_table(path: Path) -> dict[str, str]:
    """Names that a package looks up when they are used, each with its module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "lazy_names":
            return dict(ast.literal_eval(node.args[1]))
    return {}


LAZY = {name: _lazy_table(path) for name, path in MODULES.items() if path.name == "__init__.py"}


def package_of(module: str) -> str:
    """Package of a module; "" for leadline itself."""
    return [*module.split("."), ""][1]


def breaches(module: str, found: list[Import]) -> Iterator[str]:
    """One sentence for each import that the table forbids."""
    name = package_of(module)
    here = FLOORS[name]
    for item in found:
        where = f"{module}, line {item.line}, imports {item.name}"
        if item.package == "leadline":
            other = package_of(item.name)
            if other not in {"", name} and not _may(name, other):
                yield f"{where}: floor {here.number} may not import floor {FLOORS[other].number}"
        elif item.package not in STANDARD | here.top | here.inside:
            yield f"{where}: not for {name}"
        elif item.top and item.package in here.inside - COPIED.get(module, set()):
            yield f"{where}: only inside functions"


def _may(name: str, other: str) -> bool:
    return FLOORS[other].number < FLOORS[name].number or (name, other) in SAME_FLOOR


@pytest.mark.parametrize("module", [name for name in MODULES if name != "leadline"])
def test_imports_follow_the_table(module):
    assert package_of(module) in FLOORS, f"{module} is in no row of the table"
    assert list(breaches(module, imports(MODULES[module]))) == []


@pytest.mark.parametrize("copied", COPIED)
def test_what_is_copied_out_needs_nothing_of_this_package(copied):
    names = {item.package for item in imports(MODULES[copied]) if item.name not in COPIED}
    assert names - {"leadline"} <= STANDARD | COPIED[copied]
    own = {item.name for item in imports(MODULES[copied]) if item.package == "leadline"}
    assert own <= COPIED.keys() | {"leadline.models"}
    for module, path in MODULES.items():
        at_top = [item.name for item in imports(path) if item.top]
        loads_torch = package_of(module) == "training" or module in COPIED
        assert loads_torch or not [name for name in at_top if name.startswith(copied)], module


def test_the_package_itself_imports_nothing_but_settings_and_the_standard_library():
    found = [item for item in imports(SOURCE / "__init__.py") if item.top]
    own = {item.name for item in found if item.package == "leadline"}
    assert own <= {"leadline", "leadline.system", "leadline.system.dependency_settings"}
    assert {item.package for item in found} <= STANDARD | {"leadline"}


def test_names_of_lazy_packages_exist():
    for package, names in LAZY.items():
        for name, home in names.items():
            owner = importlib.import_module(f"{package}.{home}")
            assert getattr(importlib.import_module(package), name) is getattr(owner, name)


def test_other_names_of_lazy_packages_are_attribute_errors():
    with pytest.raises(AttributeError, match=r"'leadline\.export' has no attribute 'nothing'"):
        importlib.import_module("leadline.export").nothing  # noqa: B018


def test_predict_builds_no_model_of_an_experiment():
    code = "import sys, leadline.serving; print(*sys.modules, sep='\\n')"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert "leadline.export.model_metadata" in loaded.stdout.split()
    assert "leadline.experiments.experiment" not in loaded.stdout.split()


def test_the_table_knows_no_keras_or_torch_for_serving():
    assert not (FLOORS["serving"].top | FLOORS["serving"].inside) & NOT_UP


def loaded_with(module: str) -> dict[str, str]:
    """Packages that loading a module loads, each with the module that imports it."""
    seen: set[str] = set()
    packages: dict[str, str] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in seen or name not in MODULES:
            continue
        seen.add(name)
        parts = name.split(".")
        waiting += [".".join(parts[:end]) for end in range(1, len(parts))]
        for item in imports(MODULES[name]):
            if item.top and item.package == "leadline":
                waiting.append(item.name)
            elif item.top:
                packages.setdefault(item.package, name)
    return packages


@pytest.mark.parametrize("module", [name for name in LIGHT if name in MODULES])
def test_what_loads_without_what(module):
    loaded = loaded_with(module)
    heavy = {package: loaded[package] for package in loaded.keys() & LIGHT[module]}
    assert heavy == {}


# The test itself must be able to fail: a few breaches, written out.


def found_in(tmp_path: Path, source: str) -> list[Import]:
    path = tmp_path / "module.py"
    path.write_text(source, encoding="utf-8")
    return imports(path)


@pytest.mark.parametrize(
    ("module", "source", "expected"),
    [
        ("leadline.data.x", "from leadline.models import build", "floor 1 may not import floor 3"),
        ("leadline.data.x", "from leadline import workflow", "floor 1 may not import floor 9"),
        ("leadline.runs.x", "import leadline.export", "floor 7 may not import floor 7"),
        ("leadline.serving.x", "def f():\n    import torch", "imports torch: not for serving"),
        ("leadline.models.x", "import keras", "imports keras: only inside functions"),
        ("leadline.data.x", "from leadline.export import Metadata", "floor 1 may not import"),
        ("leadline.models.x", "class A:\n    import keras", "only inside functions"),
        ("leadline.models.x", "try:\n    import keras\nexcept E:\n    pass", "only inside"),
        (
            "leadline.experiments.x",
            "import numpy.typing",
            "imports numpy.typing: not for experiments",
        ),
    ],
)
def test_a_breach_is_found(tmp_path, module, source, expected):
    assert expected in "\n".join(breaches(module, found_in(tmp_path, source)))


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (
            "leadline.models.x",
            "def f():\n    import keras\n    from leadline.experiments import Data",
        ),
        (
            "leadline.models.x",
            "import typing\nif typing.TYPE_CHECKING:\n    import ray",
        ),
        ("leadline.cli.x", "import os\nimport typer\nfrom leadline import __version__"),
    ],
)
def test_what_is_allowed_is_no_breach(tmp_path, module, source):
    assert list(breaches(module, found_in(tmp_path, source))) == []


def test_the_top_of_the_package_holds_no_loose_modules():
    files = {path.name for path in SOURCE.iterdir() if path.is_file()}
    assert files == {"__init__.py", "__main__.py", "errors.py", "py.typed"}
    folders = {path.name for path in SOURCE.iterdir() if path.is_dir()} - {"__pycache__"}
    assert folders == FLOORS.keys() - {"errors", "__main__"}


def test_a_module_name_occurs_once():
    names = [path.stem for path in MODULES.values() if path.stem != "__init__"]
    assert sorted(names) == sorted(set(names))


def circles() -> list[str]:
    """Modules that import themselves through others, also inside functions."""
    reached = {name: set(_leadline_imports(path)) for name, path in MODULES.items()}
    for middle in MODULES:
        for name in MODULES:
            if middle in reached[name]:
                reached[name] |= reached[middle]
    return sorted(name for name, others in reached.items() if name in others)


def _leadline_imports(path: Path) -> Iterator[str]:
    """Imported modules of leadline; a package counts only where a name comes from its own file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and id(node) not in typing_only:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in MODULES else node.module


def test_no_module_imports_itself_through_others():
    assert circles() == []
