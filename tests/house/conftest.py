"""The project's own files, as the tests about the house see them."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tracked(repo_root: Path) -> list[Path]:
    """Every file that is in git or would be with `git add .`, relative to the root of the checkout."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=repo_root, capture_output=True, check=True, text=True).stdout
    return sorted(Path(name) for name in set(listing.split("\0")) if name and (repo_root / name).is_file())


@pytest.fixture(scope="session")
def python_files(tracked: list[Path]) -> list[Path]:
    """The Python files among them."""
    return [path for path in tracked if path.suffix == ".py"]


@pytest.fixture(scope="session")
def source_trees(repo_root: Path, python_files: list[Path]) -> dict[Path, ast.Module]:
    """The parsed modules of the package itself and of the lab."""
    return {
        path: ast.parse((repo_root / path).read_text(encoding="utf-8"))
        for path in python_files
        if path.parts[0] in {"src", "lab"}
    }
