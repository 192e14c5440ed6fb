"""The benchmark's worker processes end in one clear line where their database goes away."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.database_server import running_server

CODE = "import sys, claimwright.features.pipeline.benchmark as b; b.help_out(*sys.argv[1:])"


@pytest.mark.slow
def test_a_worker_of_the_benchmark_says_in_one_line_that_its_database_has_gone(tmp_path: Path) -> None:
    with running_server() as server:
        server.stop()
        done = subprocess.run(
            [sys.executable, "-c", CODE, str(server.home), str(tmp_path)], capture_output=True, text=True
        )
    assert done.returncode == 2
    assert done.stderr == "claimwright: the benchmark's database went away: DatabaseProblem.\n"
