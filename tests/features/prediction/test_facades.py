"""What the rooms of prediction export, and that exporting it loads nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

ROOT = "claimwright.features.prediction"
ROOMS = ("scoring", "training", "feedback", "jobs")
FACADES = (ROOT, *(f"{ROOT}.{room}" for room in ROOMS))


def tree_of(facade: str) -> ast.Module:
    path = import_module(facade).__file__
    assert path is not None
    return ast.parse(Path(path).read_text(encoding="utf-8"))


@pytest.mark.parametrize("facade", FACADES)
def test_every_exported_name_is_there_for_the_type_checker_and_when_it_runs(facade: str) -> None:
    module = import_module(facade)
    typed = {
        alias.asname or alias.name
        for node in ast.walk(tree_of(facade))
        if isinstance(node, ast.ImportFrom) and node.level == 1
        for alias in node.names
    }
    # Its home is the vocabulary: every feature may raise it.
    assert typed == set(module.__all__) - {"ClaimNotFoundError"}
    for name in module.__all__:
        assert getattr(module, name) is not None, name


@pytest.mark.parametrize("facade", FACADES)
def test_no_exported_name_is_that_of_a_module(facade: str) -> None:
    """Once such a module is imported, Python would find it in the place of the name."""
    module = import_module(facade)
    folder = Path(str(module.__file__)).parent
    assert {path.stem for path in folder.iterdir()} & set(module.__all__) == set()


@pytest.mark.parametrize("facade", FACADES)
def test_an_unknown_name_is_an_attribute_error(facade: str) -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing_of_that_name'"):
        import_module(facade).nothing_of_that_name  # noqa: B018 - the access is the test


def test_the_facades_load_neither_a_database_driver_nor_the_machine() -> None:
    code = (
        "import sys\n"
        + "".join(f"import {facade}\n" for facade in FACADES)
        + f"from {ROOT} import Registry\n"
        + "print([name for name in ('psycopg', 'sklearn', 'lightgbm') if name in sys.modules])\n"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_uses_only_what_another_exports(room: str, repo_root: Path) -> None:
    found = [
        f"{path.name}: {node.module}"
        for path in (repo_root / "src/claimwright/features/prediction" / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{ROOT}.")
        if node.module not in FACADES
    ]
    assert found == []
