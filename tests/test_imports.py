"""Which module may import which, and what `import galago` costs."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import galago

SOURCE = Path(galago.__file__).parent

#: Imports go down only. Modules of one level do not know each other, files of one package may.
LEVELS = [
    {"cli", "lab", "experiments", "sklearn", "tf"},
    {"bench"},
    {"explain"},
    {"applications"},
    {"models"},
    {"callbacks", "datasets", "utils"},
    {"image"},
    {"diagrams", "figures"},
    {"training", "saving"},
    {"engine", "layers", "metrics", "windows"},
    {"graph", "losses", "optimizers", "initializers", "regularizers", "constraints", "data"},
    {"activations", "variables", "configurable"},
    {"config", "random", "shapes"},
    {"filters", "quantile"},
    {"checks", "elementary", "markup", "naming", "opening", "registry"},
    {"errors"},
]
LEVEL = {name: depth for depth, names in enumerate(LEVELS) for name in names}
#: (importer, imported) upwards, for types only: a callback knows the type of its model.
TYPES_ONLY = {("callbacks", "models"), ("utils", "models")}


def modules() -> list[Path]:
    return sorted(path for path in SOURCE.rglob("*.py") if path != SOURCE / "__init__.py")


def owner(path: Path) -> str:
    """Name of the package or module right under galago."""
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imported(tree: ast.AST) -> set[str]:
    """Parts of galago that a file imports, at the top or inside of functions."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "galago":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("galago."):
            found.add((node.module or "").split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("galago.")}
        assert not (isinstance(node, ast.ImportFrom) and node.level), "write galago.x, not .x"
    return found


def without_type_checking(tree: ast.Module) -> ast.Module:
    """The file without its `if TYPE_CHECKING:` blocks."""
    body = [
        node
        for node in tree.body
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    ]
    return ast.Module(body, [])


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_go_one_way(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    importer = owner(path)
    for name in imported(without_type_checking(tree)) - {importer, "__version__", "_core"}:
        assert LEVEL[importer] < LEVEL[name], f"{importer} must not import {name}"
    for name in imported(tree) - imported(without_type_checking(tree)) - {importer}:
        assert LEVEL[importer] < LEVEL[name] or (importer, name) in TYPES_ONLY


def test_only_the_border_knows_the_extension() -> None:
    knowing = [path.name for path in modules() if "_core" in imported(ast.parse(path.read_text()))]
    assert knowing == ["engine.py"]


def test_every_public_name_is_there() -> None:
    for name in galago.__all__:
        assert getattr(galago, name) is not None
    assert set(galago.__all__) <= set(dir(galago))


def test_every_public_name_is_known_to_type_checkers() -> None:
    tree = ast.parse((SOURCE / "__init__.py").read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    names = {alias.asname for node in block.body for alias in node.names}  # type: ignore[attr-defined]
    assert names == set(galago.__all__) - {"__version__"}


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="module 'galago' has no attribute 'Sequentail'"):
        galago.Sequentail  # noqa: B018


def test_the_version_is_the_projects() -> None:
    project = SOURCE.parents[1] / "pyproject.toml"
    if project.exists():
        assert tomllib.loads(project.read_text())["project"]["version"] == galago.__version__


def run_python(code: str) -> str:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_importing_galago_loads_nothing_else() -> None:
    code = (
        "import sys; before = set(sys.modules); import galago;"
        "print(*sorted({name.split('.')[0] for name in set(sys.modules) - before}))"
    )
    loaded = set(run_python(code).split())
    assert loaded - set(sys.stdlib_module_names) == {"galago"}


def test_importing_galago_is_quick() -> None:
    code = (
        "import time, numpy; start = time.perf_counter(); import galago;"
        "print(time.perf_counter() - start)"
    )
    assert min(float(run_python(code)) for _ in range(3)) < 0.060


def test_a_first_model_needs_numpy_and_the_engine_only() -> None:
    code = (
        "import sys, numpy; before = set(sys.modules); import galago;"
        "galago.Sequential([galago.layers.Dense(1, input_shape=(2,))]);"
        "print(*sorted({name.split('.')[0] for name in set(sys.modules) - before}))"
    )
    loaded = set(run_python(code).split()) - set(sys.stdlib_module_names)
    loaded = {name for name in loaded if "cython" not in name}  # of numpy.random
    assert loaded <= {"galago", "numpy", "nanobind_backend"}
