"""One worker runs the tests of a file, with the versions of pytest and pytest-xdist that are installed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from tests.by_file import FOLDERS, ByFile

FILE = """
import os, pathlib, pytest

@pytest.mark.parametrize("number", range(6))
def test_something(number):
    with pathlib.Path("told").open("a") as told:
        told.write(f"{os.environ['PYTEST_XDIST_WORKER']} {pathlib.Path(__file__).name}\\n")
"""


def test_workers_share_files_and_no_file_is_shared(repo_root: Path, tmp_path: Path) -> None:
    names = {f"test_{letter}.py" for letter in "abcd"}
    for name in names:
        (tmp_path / name).write_text(FILE, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", "-p", "tests.by_file"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(repo_root)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    workers = defaultdict(list)
    for line in (tmp_path / "told").read_text(encoding="utf-8").splitlines():
        worker, name = line.split()
        workers[name].append(worker)
    assert {name: len(told) for name, told in workers.items()} == dict.fromkeys(names, 6)
    assert all(len(set(told)) == 1 for told in workers.values()), workers
    assert {told[0] for told in workers.values()} == {"gw0", "gw1"}


def test_folders_whose_files_go_together_are_there(repo_root: Path) -> None:
    assert [each for each in FOLDERS if not (repo_root / each).is_dir()] == []


def test_a_file_is_a_unit_unless_its_folder_is() -> None:
    folder = FOLDERS[0]
    assert ByFile.unit_of(f"{folder}/test_a.py::test_b[c::d]") == folder
    assert ByFile.unit_of("tests/engines/test_a.py::test_b[c::d]") == "tests/engines/test_a.py"


def test_no_test_asks_for_a_group_that_has_no_effect(repo_root: Path, tracked: list[Path]) -> None:
    """`xdist_group` says nothing where it does nothing; a folder whose files go together is in `FOLDERS`."""
    mark = "mark." + "xdist_group"
    tests = [path for path in tracked if path.parts[0] == "tests" and path.suffix == ".py"]
    assert [each for each in tests if mark in (repo_root / each).read_text(encoding="utf-8")] == []
