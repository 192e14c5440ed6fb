"""The built wheel works where nothing else is: its data, its entry point, its dependencies."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_800)]


def run(
    *command: str | Path, cwd: Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )


def must(*command: str | Path, cwd: Path) -> None:
    result = run(*command, cwd=cwd)
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"


@pytest.fixture(scope="module")
def uv() -> Path:
    """The locked uv of the development environment, else one on the path."""
    found = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if found is None:
        pytest.skip("uv is not installed: `make setup` installs the locked one")
    return Path(found)


@pytest.fixture(scope="module")
def wheel(repo_root: Path, uv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built with the locked build backend and nothing fetched."""
    folder = tmp_path_factory.mktemp("dist")
    must(
        uv, "build", "--wheel", "--no-build-isolation", "--python", sys.executable, "--out-dir", folder,
        repo_root,
        cwd=repo_root,
    )  # fmt: skip
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(repo_root: Path, uv: Path, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `claimwright` command in an environment of the wheel and the locked packages of the base."""
    environment = tmp_path_factory.mktemp("empty") / "venv"
    must(uv, "venv", "--python", sys.executable, environment, cwd=environment.parent)
    python = environment / "bin" / "python"
    install = (uv, "pip", "install", "--quiet", "--python", python)
    must(
        *install,
        "--require-hashes",
        "--requirement",
        repo_root / "requirements-base.lock",
        cwd=environment.parent,
    )
    must(*install, "--no-deps", "--no-index", wheel, cwd=environment.parent)
    return environment / "bin" / "claimwright"


@pytest.fixture
def clean_environment() -> dict[str, str]:
    """The process environment without anything that would let the checkout's own source be imported."""
    kept = {"PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "SYSTEMROOT"}
    return {name: value for name, value in os.environ.items() if name in kept}


def test_the_wheel_carries_its_data_and_its_licence(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "claimwright/py.typed" in names
    assert any(name.startswith("claimwright/rulebook/") and name.endswith(".yaml") for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "samples/", "lab/", "claimwright_lab/"))]


def test_the_wheel_says_its_version(
    installed: Path, clean_environment: dict[str, str], tmp_path: Path
) -> None:
    result = run(installed, "--version", cwd=tmp_path, env=clean_environment)
    assert result.returncode == 0, result.stderr
    assert "0.1.0" in result.stdout


def test_a_command_of_the_lab_says_what_to_install(
    installed: Path, clean_environment: dict[str, str], tmp_path: Path
) -> None:
    result = run(installed, "sample", "--out", "x.837", cwd=tmp_path, env=clean_environment)
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert "`claimwright sample` is part of the lab" in result.stderr
    assert "pip install ./lab" in result.stderr


def test_a_command_of_the_platform_says_what_to_install(
    installed: Path, clean_environment: dict[str, str], tmp_path: Path
) -> None:
    result = run(installed, "run", cwd=tmp_path, env=clean_environment)
    assert result.returncode == 2
    assert result.stderr.endswith("is not installed. pip install 'claimwright[platform]'\n")
    assert len(result.stderr.splitlines()) == 1


def test_the_wheel_checks_the_samples(
    installed: Path, clean_environment: dict[str, str], samples: Path, tmp_path: Path
) -> None:
    result = run(installed, "check", samples, "--as-of", "2025-09-15", cwd=tmp_path, env=clean_environment)
    assert result.returncode == 1, result.stdout + result.stderr  # 1: there are findings
    assert "claims" in result.stdout.lower()
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == [], "a check writes nothing where it is not asked to"
