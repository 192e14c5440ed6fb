"""What is freed is used again, and the machine's C library is asked once."""

from __future__ import annotations

import subprocess
import sys

import pytest

# Each thread frees what it made and ends; the memory of one must serve the next.
THREADS = """
import resource, sys, threading
import numpy as np
from claimwright.platform.allocation import use_memory_again

if sys.argv[1] == "again":
    assert use_memory_again()

def work():
    # Small enough that no array is asked of the machine by itself.
    made = [np.ones(1 << 17, dtype=np.uint8) for _ in range(400)]
    made.clear()
    done.append(1)
    gate.wait()

done = []
for _ in range(4):
    gate = threading.Barrier(3)
    pair = [threading.Thread(target=work) for _ in range(2)]
    for thread in pair:
        thread.start()
    gate.wait()
    for thread in pair:
        thread.join()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak_kb(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", THREADS, how], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's settings")
def test_threads_that_end_leave_their_memory_to_the_next() -> None:
    assert peak_kb("again") < peak_kb("as it comes") - 16 * 1024
