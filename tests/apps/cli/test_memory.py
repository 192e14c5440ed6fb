"""The memory of a check does not grow with the file: it keeps counts of a block, and the worst few claims."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from claimwright_lab.sampling import SampleOptions, write_sample

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


def checked(path: Path, *options: str) -> tuple[str, str, int]:
    """What `claimwright check` prints, its errors, and its peak in kilobytes; there are findings."""
    command = [sys.executable, "-c", SCRIPT, "check", "--as-of", "2025-09-15", *options, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    *printed, kilobytes = done.stdout.splitlines()
    return "\n".join(printed), done.stderr, int(kilobytes)


@pytest.mark.slow
@pytest.mark.long
def test_a_file_seven_times_as_long_takes_no_more_memory_to_check(tmp_path: Path) -> None:
    peaks = []
    for claims in (6_000, 42_000):
        path = tmp_path / f"{claims}.837"
        write_sample(path, SampleOptions(claims=claims, seed=3))
        printed, errors, peak = checked(path, "--quiet")
        assert (printed, errors) == ("", "")
        peaks.append(peak)
    before, after = peaks
    assert after < before * MOST_GROWTH, f"{before:,} kB for 6,000 claims, {after:,} kB for 42,000"


GIGABYTE = 1 << 30

# A check takes 370 MB where it is this small; one segment of gigabytes kept, or copied once, is far more.
MOST_FOR_A_SEGMENT = 600_000


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("is_ended", [True, False])
def test_a_segment_of_gigabytes_is_told_once_and_its_neighbours_are_checked(
    is_ended: bool, samples: Path, tmp_path: Path
) -> None:
    lines = (samples / "professional.837").read_bytes().splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if line.startswith(b"CLM") and number > 300)
    before = sum(line.startswith(b"CLM") for line in lines[:at])
    size = 5 * GIGABYTE if is_ended else GIGABYTE // 4
    path = tmp_path / "long.837"
    with path.open("wb") as file:
        file.writelines([*lines[:at], b"NTE*ADD*"])
        file.seek(size, os.SEEK_CUR)  # a hole: bytes of 0 that take no room on the disk
        file.writelines([b"~\n", *lines[at:]] if is_ended else [b"X"])
    if path.stat().st_blocks > GIGABYTE >> 10:
        pytest.skip("the disk has no files with holes")
    printed, errors, peak = checked(path, "--format", "jsonl")
    assert peak < MOST_FOR_A_SEGMENT
    assert "Traceback" not in errors
    claims = [json.loads(line) for line in printed.splitlines()]
    claims = [row for row in claims if row["claim"] is not None]
    assert len(claims) == (40 if is_ended else before)
    found = [each for row in claims for each in row["findings"] or () if each["code"] == "SYN081"]
    [told] = [*(each["detail"] for each in found), *re.findall(r"\(.*\) \[SYN081\]", errors)]
    assert "bytes, at most 1,048,576" in told
