"""Who may import whom, read from the source: CONTRIBUTING.md's table of levels, as a test."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import leadline

SOURCE = Path(leadline.__file__).parent
STANDARD = sys.stdlib_module_names


@dataclass(frozen=True)
class Room:
    """A row of the table. `top`: packages its modules may import; `inside`: only in functions."""

    level: int
    top: frozenset[str] = frozenset()
    inside: frozenset[str] = frozenset()


def room(level: int, top: str = "", inside: str = "") -> Room:
    return Room(level, frozenset(top.split()), frozenset(inside.split()))


ROOMS = {
    "errors": room(0),
    "scratch": room(0),
    "durable": room(0),
    "bounded": room(0),
    "spreadsheet": room(0),
    "marking": room(0),
    "catalog": room(0),
    "spec": room(0, "pydantic pydantic_core tomli_w"),
    "statistics": room(0, "numpy"),
    "dependency_settings": room(0),
    "process": room(0),
    "processors": room(0, inside="torch"),
    "environment": room(1, inside="torch"),
    "keras_setup": room(1, inside="keras"),
    "zoo": room(1),
    "data": room(1, "numpy PIL", "kagglehub mlxtend pydicom"),
    "features": room(2, "numpy keras", "torch"),
    "models": room(3, "numpy", "h5py keras torch"),
    "training": room(4, "numpy keras torch"),
    "evaluation": room(5, "numpy", "cleanlab scipy sklearn"),
    "explain": room(6, "numpy PIL", "keras scipy torch"),
    "runs": room(7, "numpy", "keras pyarrow"),
    "artefact": room(
        7,
        "numpy pydantic pydantic_core",
        "keras onnx onnxruntime onnxscript safetensors torch",
    ),
    "report": room(7, "jinja2 markupsafe matplotlib numpy PIL", "babel pydantic"),
    # Beside the pipeline: what it tells its watchers, and a run arranged for page and card.
    "events": room(8),
    "card": room(8),
    "card_metadata": room(8),
    "pages": room(8),
    "files": room(8),
    "preparation": room(8, "numpy"),
    "job": room(8),
    "reuse": room(8),
    "auditing": room(8),
    "handover": room(8, "numpy"),
    "judging": room(8, "numpy"),
    "timekeeping": room(8, "numpy"),
    "explaining": room(8, "numpy"),
    "diagnosing": room(8, "numpy"),
    "comparing": room(8, "numpy"),
    "labelling": room(8, "numpy"),
    "mending": room(8, "numpy"),
    "ranking": room(8),
    "why": room(8, "numpy", "torch"),
    "exporting": room(8, "numpy"),
    "pipeline": room(8, inside="keras"),
    "handout": room(8),
    "serving": room(
        9,
        "fastapi h11 jinja2 numpy onnxruntime PIL pydantic python_multipart starlette uvicorn",
        "pyarrow",
    ),
    "scale": room(9, "numpy", "mlflow optuna ray tensorboard torch"),
    "__main__": room(11),
    "interactive": room(11, "numpy", "keras rich"),
    "cli": room(10, "typer rich", "keras numpy onnxruntime pydantic torch"),
}
COPIED = {"leadline.artefact.torch_model": {"torch", "safetensors"}}
"""Written out beside a model's weights, for who has these alone; loaded inside functions only."""
SAME_LEVEL = {
    ("spec", "errors"),
    ("processors", "errors"),
    ("spec", "bounded"),
    ("spec", "marking"),
    ("statistics", "errors"),
    ("durable", "errors"),
    ("durable", "scratch"),
    ("bounded", "errors"),
    ("pipeline", "reuse"),
    ("reuse", "events"),
    ("reuse", "files"),
    ("reuse", "job"),
    ("reuse", "pages"),
    ("pipeline", "events"),
    ("pipeline", "card"),
    ("card", "card_metadata"),
    ("pipeline", "pages"),
    ("pipeline", "files"),
    ("pipeline", "preparation"),
    ("pipeline", "job"),
    ("job", "preparation"),
    ("pipeline", "handover"),
    ("pipeline", "judging"),
    ("handout", "files"),
    ("handout", "pages"),
    ("handout", "pipeline"),
    ("exporting", "card"),
    ("exporting", "events"),
    ("exporting", "handover"),
    ("exporting", "preparation"),
    ("pipeline", "timekeeping"),
    ("pipeline", "explaining"),
    ("pipeline", "diagnosing"),
    ("diagnosing", "judging"),
    ("explaining", "events"),
    ("explaining", "judging"),
    ("preparation", "events"),
    ("pipeline", "auditing"),
    ("pipeline", "comparing"),
    ("pipeline", "labelling"),
    ("labelling", "comparing"),
    ("pages", "mending"),
    ("mending", "comparing"),
    ("ranking", "comparing"),
    ("ranking", "pages"),
    ("auditing", "events"),
    ("auditing", "preparation"),
}
NOT_UP = {"keras", "torch", "tensorflow", "jax"}

# What must load without what, through everything that it loads in turn.
LIGHT = {
    "leadline": {"numpy", "pydantic", "onnxruntime", "torch", "keras"},
    "leadline.cli": {"numpy", "pydantic", "onnxruntime", "torch", "keras"},
    "leadline.errors": {"numpy", "pydantic"},
    "leadline.spec": {"numpy", "torch", "keras"},
    "leadline.data.sources": NOT_UP | {"matplotlib"},
    "leadline.data.audit": NOT_UP | {"scipy", "sklearn", "pyarrow", "onnx"},
    "leadline.evaluation.metrics": NOT_UP | {"scipy", "sklearn"},
    "leadline.models.topology": NOT_UP,
    "leadline.report.audit_page": NOT_UP | {"matplotlib"},
    "leadline.report.explanation_picture": NOT_UP | {"matplotlib", "pyarrow", "scipy", "sklearn"},
    "leadline.report.pages": NOT_UP,
    "leadline.runs": NOT_UP,
    "leadline.serving": NOT_UP | {"matplotlib", "onnx", "pyarrow", "scipy", "sklearn"},
    "leadline.serving.app": NOT_UP | {"matplotlib", "onnx", "pyarrow", "scipy", "sklearn"},
    "leadline.serving.rows": NOT_UP | {"pyarrow"},
    "leadline.why": NOT_UP | {"matplotlib", "onnx", "pyarrow", "scipy", "sklearn"},
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
    assert node.level == 0, f"line {node.lineno}: relative imports hide the level"
    assert node.module is not None
    yield Import(node.module, node.lineno, top)
    for alias in node.names:
        if f"{node.module}.{alias.name}" in MODULES:
            yield Import(f"{node.module}.{alias.name}", node.lineno, top)


def room_of(module: str) -> str:
    """The room of a module; "" for the package itself."""
    return [*module.split("."), ""][1]


def breaches(module: str, found: list[Import]) -> Iterator[str]:
    """What in these imports of a module the table forbids, in words."""
    name = room_of(module)
    here = ROOMS[name]
    for item in found:
        where = f"{module}, line {item.line}, imports {item.name}"
        if item.package == "leadline":
            other = room_of(item.name)
            if other not in {"", name} and not _may(name, other):
                yield f"{where}: level {here.level} may not import level {ROOMS[other].level}"
        elif item.package not in STANDARD | here.top | here.inside:
            yield f"{where}: not for {name}"
        elif item.top and item.package in here.inside - COPIED.get(module, set()):
            yield f"{where}: only inside functions"


def _may(name: str, other: str) -> bool:
    return ROOMS[other].level < ROOMS[name].level or (name, other) in SAME_LEVEL


@pytest.mark.parametrize("module", [name for name in MODULES if name != "leadline"])
def test_imports_follow_the_table(module):
    assert room_of(module) in ROOMS, f"{module} is in no row of the table"
    assert list(breaches(module, imports(MODULES[module]))) == []


@pytest.mark.parametrize("copied", COPIED)
def test_what_is_copied_out_needs_nothing_of_this_package(copied):
    names = {item.package for item in imports(MODULES[copied])}
    assert names <= STANDARD | COPIED[copied]
    for module, path in MODULES.items():
        at_top = [item.name for item in imports(path) if item.top]
        assert not [name for name in at_top if name.startswith(copied)], module


def test_the_package_itself_imports_nothing_but_settings_and_the_standard_library():
    found = [item for item in imports(SOURCE / "__init__.py") if item.top]
    own = {item.name for item in found if item.package == "leadline"}
    assert own <= {"leadline", "leadline.dependency_settings"}
    assert {item.package for item in found} <= STANDARD | {"leadline"}


def test_the_table_knows_no_keras_or_torch_for_serving():
    assert not (ROOMS["serving"].top | ROOMS["serving"].inside) & NOT_UP


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
        ("leadline.data.x", "from leadline.models import build", "level 1 may not import level 3"),
        ("leadline.data.x", "from leadline import pipeline", "level 1 may not import level 8"),
        ("leadline.report.x", "import leadline.runs", "level 7 may not import level 7"),
        ("leadline.serving.x", "def f():\n    import torch", "imports torch: not for serving"),
        ("leadline.models.x", "import keras", "imports keras: only inside functions"),
        ("leadline.models.x", "class A:\n    import keras", "only inside functions"),
        ("leadline.models.x", "try:\n    import keras\nexcept E:\n    pass", "only inside"),
        ("leadline.spec.x", "import numpy.typing", "imports numpy.typing: not for spec"),
    ],
)
def test_a_breach_is_found(tmp_path, module, source, expected):
    assert expected in "\n".join(breaches(module, found_in(tmp_path, source)))


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("leadline.models.x", "def f():\n    import keras\n    from leadline.spec import Data"),
        (
            "leadline.models.x",
            "import typing\nif typing.TYPE_CHECKING:\n    import ray",
        ),
        ("leadline.cli.x", "import os\nimport typer\nfrom leadline import __version__"),
    ],
)
def test_what_is_allowed_is_no_breach(tmp_path, module, source):
    assert list(breaches(module, found_in(tmp_path, source))) == []
