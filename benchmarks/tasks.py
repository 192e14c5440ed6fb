"""What is measured of Claimwright, each in a process of its own.

    python -m benchmarks.tasks read big.837

prints one line of JSON: seconds, claims, bytes, and the peak of the process's memory. Imports and a file
of fifty claims come before the clock starts, as they do for the readers beside us.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from claimwright.foundation.allocation import use_memory_again

# The day on which samples are made (`claimwright_lab.sampling.DEFAULT_AS_OF`).
AS_OF = date(2025, 9, 15)


def read(path: Path) -> int:
    """Read every claim into columns, with its structural findings."""
    from claimwright.features.intake import read_source, sources

    return sum(len(reading.batch) for reading in read_source(sources([path])[0]))


def read_remittance(path: Path) -> int:
    """Read every remitted claim into columns, with its findings and balances."""
    from claimwright.features.intake import sources
    from claimwright.features.remittance_files import read_remittances

    return sum(part.claims.height for part in read_remittances(sources([path])[0]))


def read_remittance_unchecked(path: Path) -> int:
    """The same without the checks of the guide and the balances: what a reader does that only reads."""
    from claimwright.engines.x12.checks.fault_collector import FaultCollector
    from claimwright.engines.x12.remittance835 import read, remittance_block
    from claimwright.engines.x12.remittance835.checks import REMITTANCE_CHECKS

    none = replace(REMITTANCE_CHECKS, begin=lambda *_: None, finish=lambda *_: None)
    vars(read)["REMITTANCE_CHECKS"] = none
    vars(remittance_block)["finish_check"] = lambda begun: FaultCollector().frame(begun.place)
    return read_remittance(path)


def check(path: Path) -> int:
    """Read, apply every rule of the rulebook, and price every line."""
    from claimwright.features.checking import Checker
    from claimwright.features.intake import cut_source, sources

    checker = Checker(as_of=AS_OF)
    return sum(len(each.batch) for each in checker.check_blocks(cut_source(sources([path])[0])))


def write(path: Path) -> Callable[[], int]:
    """Write claims that are in memory, as 837."""
    from claimwright.engines.x12 import write_837
    from claimwright.features.intake import read_source, sources

    batches = [reading.batch for reading in read_source(sources([path])[0])]

    def timed() -> int:
        for _ in write_837(batches):
            pass
        return sum(map(len, batches))

    return timed


def sample(path: Path, claims: int, **options: Any) -> None:
    """Make a file of synthetic claims."""
    from claimwright_lab.sampling import SampleOptions, write_sample

    write_sample(path, SampleOptions(claims=claims, seed=7, **options))


def peak_mb() -> float:
    """The most memory that this process has had, in millions of bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Kibibytes, but bytes on macOS (getrusage(2)).
    return round(peak * (1 if sys.platform == "darwin" else 1024) / 1e6, 1)


def main(task: str, name: str, warm_up: str = "", claims: str = "", forms: str = "", rate: str = "") -> None:
    """Run one task on one file and print what it took."""
    # As the command does.
    use_memory_again()
    path = Path(name)
    if task == "sample":
        begun, begun_cpu = time.perf_counter(), time.process_time()
        extra: dict[str, Any] = {}
        if forms:
            extra["forms"] = {
                form: int(share) for form, share in (each.split("=") for each in forms.split(","))
            }
        if rate:
            extra["defect_rate"] = float(rate)
        sample(path, int(claims), **extra)
        count = int(claims)
    else:
        run: dict[str, Callable[[Path], Any]] = {
            "read": read,
            "read_remittance": read_remittance,
            "read_remittance_unchecked": read_remittance_unchecked,
            "check": check,
            "write": write,
        }
        if warm_up:
            prepared = run[task](Path(warm_up))
            if callable(prepared):
                prepared()
        prepared = run[task] if task != "write" else None
        timed = (lambda: run[task](path)) if prepared is not None else write(path)
        begun, begun_cpu = time.perf_counter(), time.process_time()
        count = timed()
    figures = {
        "seconds": time.perf_counter() - begun,
        "cpu_seconds": time.process_time() - begun_cpu,
        "claims": count,
        "bytes": path.stat().st_size,
        "peak_mb": peak_mb(),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(*sys.argv[1:])
