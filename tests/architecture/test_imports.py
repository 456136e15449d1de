"""The import rule holds, and nothing in the program is shared behind its back."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
MODULES = sorted((ROOT / "qtmail").rglob("*.py"))
CONTAINERS = {"dict", "list", "set", "bytearray", "defaultdict", "deque", "Counter", "OrderedDict", "Queue"}


def test_layers_import_only_what_stands_below_them() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    found = subprocess.run(
        [shutil.which(str(linter)) or "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_hold_no_mutable_state(path: Path) -> None:
    """Long-lived objects are built in app and cli and passed on; a module's names are constants."""
    tree = ast.parse(path.read_text("utf-8"))
    assert [f"line {node.lineno}" for node in _module_state(tree)] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_function_rebinds_a_module_name(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Global)] == []


def _module_state(tree: ast.Module) -> Iterator[ast.expr]:
    """Containers that start empty at module level: they are there to be filled. Full ones are tables."""
    for statement in tree.body:
        match statement:
            case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value) if _starts_empty(value):
                yield value


def _starts_empty(value: ast.expr) -> bool:
    match value:
        case ast.List(elts=[]) | ast.Dict(keys=[]):
            return True
        case ast.Call(args=[]):
            return _called(value) in CONTAINERS
    return False


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""
