"""Memory does not grow with the file: the peak of a process over a long one is that over a short one.

Checking has a test of its own, through the command; the benchmark measures a million claims.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from claimwright_lab.sampling import SampleOptions, write_sample

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process's peak"),
]

# What the allocators of Arrow, Polars and DuckDB keep back differs a little from run to run.
MOST_GROWTH = 1.15

# Runs in a process of its own: the peak is of the whole process and never goes down again. It is asked of
# /proc, since getrusage counts in what the process was forked from.
SCRIPT = """
import sys
from claimwright.features.intake import read_blocks

work, path, block_bytes, repetitions = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])

def chunks():
    with open(path, "rb") as file:
        data = file.read()
    left = int(len(data) * repetitions)
    while left > 0:
        for at in range(0, min(len(data), left), 1 << 20):
            yield data[at : at + (1 << 20)]
        left -= len(data)

claims = 0
readings = read_blocks(chunks(), block_bytes=block_bytes)
if work == "convert":
    from claimwright.engines.x12 import write_837
    claims = sum(piece.count(b"CLM*") for piece in write_837(reading.batch for reading in readings))
else:
    claims = sum(len(reading.batch) for reading in readings)
with open("/proc/self/status") as status:
    print(claims, next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


def peak(work: str, path: Path, *, block_bytes: int, repetitions: float) -> tuple[int, int]:
    """Claims, and the peak in kilobytes, of a process that works on so many times the file."""
    command = [sys.executable, "-c", SCRIPT, work, str(path), str(block_bytes), str(repetitions)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    claims, kilobytes = done.stdout.split()
    return int(claims), int(kilobytes)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """8,000 claims in 5 MB."""
    path = tmp_path_factory.mktemp("memory") / "claims.837"
    write_sample(path, SampleOptions(claims=8_000, seed=3))
    return path


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize(
    ("work", "block_bytes", "short", "long"),
    [
        # Several blocks are in flight at once, and the short file has to hold all of them.
        ("read", 1 << 19, 1, 20),
        ("convert", 1 << 19, 1, 4),
    ],
)
def test_a_file_many_times_as_long_takes_no_more_memory(
    work: str, block_bytes: int, short: float, long: float, sample: Path
) -> None:
    few, before = peak(work, sample, block_bytes=block_bytes, repetitions=short)
    many, after = peak(work, sample, block_bytes=block_bytes, repetitions=long)
    assert many == pytest.approx(few * long / short, rel=0.05)
    assert after < before * MOST_GROWTH, f"{before:,} for {few:,} claims, {after:,} for {many:,}"
