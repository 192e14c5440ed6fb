"""A model's id changes with the sources that shape a model, and with no others."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest

from claimwright.features.prediction.training.code_identity import SHAPING, code_identity

# Modules of the engine that training reaches, and why a change in them makes no other model.
NOT_SHAPING = {
    "engines/prediction/measures.py": "measures a finished model",
    "engines/prediction/fingerprints.py": "names the claims that were learned from",
    "engines/prediction/artifact.py": "writes and reads a finished model",
    "engines/prediction/arrays.py": "packs a finished model's arrays into its file",
    "engines/prediction/remedy_files.py": "packs a finished model's remedies into its file",
    "features/prediction/training/code_identity.py": "only lists the others",
    "features/prediction/training/interval_notes.py": "measures a finished model",
}
PACKAGES = ("engines/prediction", "features/prediction/training")


@pytest.fixture
def sources(repo_root: Path, tmp_path: Path) -> Path:
    """A copy of the rooms of prediction, to change."""
    package = repo_root / "src" / "claimwright"
    for room in ("engines/prediction", "features/prediction"):
        shutil.copytree(package / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def change(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8") + "\nCHANGED = True\n", encoding="utf-8")


def test_a_copy_of_the_sources_has_the_identity_of_this_version(sources: Path) -> None:
    assert code_identity(sources) == code_identity()


@pytest.mark.parametrize("name", SHAPING)
def test_a_change_in_a_module_that_shapes_the_model_changes_its_identity(sources: Path, name: str) -> None:
    change(sources / name)
    assert code_identity(sources) != code_identity()


def test_a_change_in_any_other_module_leaves_the_identity(sources: Path) -> None:
    others = [path for path in sources.rglob("*.py") if str(path.relative_to(sources)) not in SHAPING]
    assert len(others) > 20
    for path in others:
        change(path)
    assert code_identity(sources) == code_identity()


def imported(path: Path, package: Path) -> set[str]:
    """The modules of `PACKAGES` that a module imports, as paths inside the package."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom) or not node.module:
            continue
        folder = path.parent if node.level else package.parent
        module = folder.joinpath(*node.module.split("."))
        for target in (module.with_suffix(".py"), module / "__init__.py"):
            if target.is_file() and str(target.relative_to(package)).startswith(PACKAGES):
                found.add(str(target.relative_to(package)))
    return found


def test_every_module_that_training_reaches_is_listed_or_excused(repo_root: Path) -> None:
    """A new module of the engine can't be forgotten."""
    package = repo_root / "src" / "claimwright"
    reached, waiting = set[str](), ["features/prediction/training/fitting.py"]
    while waiting:
        name = waiting.pop()
        if name not in reached and name not in NOT_SHAPING:
            reached.add(name)
            waiting += imported(package / name, package)
    assert {name for name in reached if not name.endswith("__init__.py")} == set(SHAPING)
