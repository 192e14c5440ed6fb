"""The benchmark's worker processes: their end where their database goes away, and their memory."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.database_server import running_server

from claimwright_lab.pipeline_benchmark.memory_watched import memory_watched

CODE = "import sys, claimwright_lab.pipeline_benchmark.benchmark as b; b.help_out(*sys.argv[1:])"


@pytest.mark.slow
@pytest.mark.long
def test_a_worker_of_the_benchmark_says_in_one_line_that_its_database_has_gone(tmp_path: Path) -> None:
    with running_server() as server:
        server.stop()
        done = subprocess.run(
            [sys.executable, "-c", CODE, str(server.home), str(tmp_path)], capture_output=True, text=True
        )
    assert done.returncode == 2
    assert done.stderr == "claimwright: the benchmark's database went away: DatabaseError.\n"


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone tells what memory another process has")
def test_the_memory_of_several_processes_is_what_they_have_at_once() -> None:
    code = "held = bytes(50_000_000).replace(b'\\0', b'1'); print('holds', flush=True); input()"
    held = [
        subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    try:
        for each in held:
            assert each.stdout is not None
            assert each.stdout.readline() == b"holds\n"
        with memory_watched(held) as seen:
            # It begins with 0; then one more each second.
            while len(seen) < 2:
                time.sleep(0.1)
    finally:
        for each in held:
            each.communicate(b"\n")
    # Twice 50 MB, and the interpreter.
    assert 100 < max(seen) < 180
