"""A short run of the fuzzer at every test; `make fuzz` is the long one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.fuzz.__main__ import exercise, main, seeds

SECONDS = 10


@pytest.mark.parametrize("name", seeds())
def test_what_the_fuzzer_begins_from_is_read_answered_and_written(name: str) -> None:
    exercise(seeds()[name])


def test_an_input_that_broke_can_be_run_again(tmp_path: Path) -> None:
    (tmp_path / "crash-1").write_bytes(seeds()["P.837"][:700])
    assert main([str(tmp_path / "crash-1")]) == 0


@pytest.mark.slow
def test_some_seconds_of_fuzzing_break_nothing(repo_root: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "tests.fuzz",
        "--seconds",
        str(SECONDS),
        "--corpus",
        str(tmp_path / "corpus"),
    ]
    result = subprocess.run(command, cwd=repo_root, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr[-3_000:]
