"""What may not stand in any file of the project."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

# The words are put together here, so that this file does not contain what it looks for.
REGISTRY_HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("py" + "pi", "org"),
        ("files", "python" + "hosted", "org"),
        ("registry", "npm" + "js", "org"),
        ("registry", "yarn" + "pkg", "com"),
        ("deb", "deb" + "ian", "org"),
    )
)
# Folders under which people and machines keep their checkouts and environments.
HOMES = ("home", "root", "work", "Users", "workspace", "opt/" + "py" + "pi")
MACHINE_PATH = re.compile(rb"(?<![\w.~*$}<>-])/(?:" + "|".join(HOMES).encode() + rb")/[\w.]")

LARGEST = 2_000_000  # bytes; a larger sample is made with `claimwright sample`, not kept in git


def mentions(root: Path, tracked: list[Path], pattern: re.Pattern[bytes]) -> list[str]:
    found = []
    for path in tracked:
        for number, line in enumerate((root / path).read_bytes().splitlines(), start=1):
            if pattern.search(line):
                found.append(f"{path}:{number}")
    return found


def test_no_file_names_the_host_of_a_package_registry(repo_root: Path, tracked: list[Path]) -> None:
    hosts = re.compile(b"|".join(re.escape(host).encode() for host in REGISTRY_HOSTS), re.IGNORECASE)
    assert mentions(repo_root, tracked, hosts) == []


def test_no_file_names_a_path_of_somebodys_machine(repo_root: Path, tracked: list[Path]) -> None:
    here = re.compile(re.escape(str(repo_root)).encode() + rb"\b")
    assert mentions(repo_root, tracked, here) == []
    assert mentions(repo_root, tracked, MACHINE_PATH) == []


@pytest.mark.parametrize("home", HOMES)
@pytest.mark.parametrize("line", ["see /{}/main", '"/{}/ann/x.py"', "path=/{}/.cache"])
def test_a_path_of_a_machine_is_recognised(line: str, home: str) -> None:
    assert MACHINE_PATH.search(line.format(home).encode())


@pytest.mark.parametrize(
    "line", [b"at home/opt place", b"$HOME/root/x", b"https://x.example/home/a", b"~/root/a"]
)
def test_what_only_looks_like_a_path_of_a_machine_is_left_alone(line: bytes) -> None:
    assert not MACHINE_PATH.search(line)


def test_no_file_is_too_large_for_git(repo_root: Path, tracked: list[Path]) -> None:
    assert [str(path) for path in tracked if (repo_root / path).stat().st_size > LARGEST] == []


def test_no_file_carries_a_merge_conflict(repo_root: Path, tracked: list[Path]) -> None:
    marks = re.compile(rb"^(<{7}|>{7}) ")
    assert mentions(repo_root, tracked, marks) == []


def test_the_licence_is_apache_2_and_the_wheel_carries_it(repo_root: Path) -> None:
    licence = (repo_root / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in licence
    assert "Version 2.0, January 2004" in licence
    project = (repo_root / "pyproject.toml").read_text(encoding="utf-8")
    assert 'license = "Apache-2.0"' in project
    assert 'license-files = ["LICENSE", "NOTICE"]' in project


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "NOTICE"])
def test_a_newcomer_finds_the_usual_pages(repo_root: Path, name: str) -> None:
    assert len((repo_root / name).read_text(encoding="utf-8").split()) > 40
