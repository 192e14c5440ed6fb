"""The memory of a check does not grow with the file: it keeps counts of a block, and the worst few claims."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from claimwright.features.sampling import SampleOptions, write_sample

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process's peak"),
]

# What the allocators of Arrow, Polars and DuckDB keep back differs a little from run to run. What may grow is
# eight bytes a claim and kind of key, for duplicates.
MOST_GROWTH = 1.15

# Blocks of a fifth of their size, so that a short file has several in flight as a long one does. The peak is
# of the whole process and never goes down again; it is asked of /proc, since getrusage counts in what the
# process was forked from.
SCRIPT = """
import sys
import claimwright.features.intake.reading as reading
from claimwright.apps.cli.main import app

reading.USED_BLOCK_BYTES = 1 << 20
try:
    app(sys.argv[1:])
finally:
    with open("/proc/self/status") as status:
        print(next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


def peak(path: Path) -> int:
    """The peak of `claimwright check` in kilobytes."""
    command = [sys.executable, "-c", SCRIPT, "check", "--quiet", "--as-of", "2025-09-15", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    return int(done.stdout)


def test_a_file_seven_times_as_long_takes_no_more_memory_to_check(tmp_path: Path) -> None:
    peaks = []
    for claims in (6_000, 42_000):
        path = tmp_path / f"{claims}.837"
        write_sample(path, SampleOptions(claims=claims, seed=3))
        peaks.append(peak(path))
    before, after = peaks
    assert after < before * MOST_GROWTH, f"{before:,} kB for 6,000 claims, {after:,} kB for 42,000"
