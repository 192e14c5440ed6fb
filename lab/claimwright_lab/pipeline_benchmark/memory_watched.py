"""What other processes have in memory, for as long as they are measured. Linux alone tells."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def memory_watched(processes: Iterable[subprocess.Popen[bytes]]) -> Iterator[list[float]]:
    """What processes have in memory each second, in megabytes. To look takes some 7 ms for each."""
    seen, over = [0.0], threading.Event()

    def look() -> None:
        while not over.wait(1):
            seen.append(_memory_mb(processes))

    watching = threading.Thread(target=look)
    watching.start()
    try:
        yield seen
    finally:
        over.set()
        watching.join()


def _memory_mb(processes: Iterable[subprocess.Popen[bytes]]) -> float:
    """What processes of one program have in memory, what they share counted once: proc_pid_smaps(5)."""
    own, shared = 0, [0]
    for each in processes:
        # One that has ended has none.
        with suppress(OSError):
            told = Path(f"/proc/{each.pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
            own += _kibibytes(told, "Private_")
            shared.append(_kibibytes(told, "Shared_"))
    return round((own + max(shared)) * 1024 / 1e6, 1)


def _kibibytes(told: list[str], names: str) -> int:
    return sum(int(line.split()[1]) for line in told if line.startswith(names))
