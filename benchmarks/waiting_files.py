"""What a small file costs intake, by how many wait for the same turn.

    python -m benchmarks.waiting_files [--files 96] [--claims 10] [--waiting 1 4 16]

Printed: milliseconds of processor time of this process for a file, read alone and read with those that wait,
in turns, so that both meet the same machine. The database's own time is not in it.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.served import own_store
from claimwright.assembly.intakes import make_intake
from claimwright.assembly.stores import open_store
from claimwright.domain.caller import Caller
from claimwright.features.intake import Intake, SmallFiles
from claimwright.platform.settings import load_settings
from claimwright_lab.sampling import SampleOptions, write_sample

CALLER = Caller("default", "system:benchmark")
_ROUNDS = 3
_FACILITIES = 50


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--files", type=int, default=96, help="in each round")
    parser.add_argument("--claims", type=int, default=10)
    parser.add_argument("--waiting", type=int, nargs="+", default=[1, 4, 16])
    given = parser.parse_args()
    with own_store() as (folder, variables):
        settings = load_settings(folder=folder, variables=variables)
        sample = folder / "sample.837"
        write_sample(sample, SampleOptions(claims=given.claims, seed=1))
        with open_store(settings) as database:
            found = _measured(make_intake(settings, database), sample, given.files, given.waiting)
    print("| files that wait | alone, ms a file | together, ms a file | times |")
    print("| ---: | ---: | ---: | ---: |")
    for waiting, (alone, together) in found.items():
        print(f"| {waiting} | {alone:.1f} | {together:.1f} | {alone / together:.1f} |")


def _measured(intake: Intake, sample: Path, files: int, waiting: list[int]) -> dict[int, tuple[float, float]]:
    content, numbers = sample.read_bytes(), itertools.count(1)
    queue = SmallFiles(lambda: intake)

    def made(count: int) -> list[tuple[bytes, str]]:
        return [
            (content.replace(b"CLM*", b"CLM*%06d" % number), f"FAC{number % _FACILITIES:03}")
            for number in itertools.islice(numbers, count)
        ]

    def alone(given: list[tuple[bytes, str]]) -> None:
        for text, facility in given:
            intake.stage(CALLER, iter([text]), facility=facility)

    def together(given: list[tuple[bytes, str]]) -> None:
        futures = [queue.offer(CALLER, iter([text]), facility=facility) for text, facility in given]
        for each in futures:
            each.result()

    alone(made(10))
    found = {}
    for count in waiting:
        spent = {alone: 0.0, together: 0.0}
        done = 0
        for _ in range(_ROUNDS * max(1, files // count)):
            for way in spent:
                spent[way] += _seconds(way, made(count))
            done += count
        found[count] = (1_000 * spent[alone] / done, 1_000 * spent[together] / done)
    return found


def _seconds(work: Callable[[list[tuple[bytes, str]]], None], given: list[tuple[bytes, str]]) -> float:
    begun = time.process_time()
    work(given)
    return time.process_time() - begun


if __name__ == "__main__":
    main()
