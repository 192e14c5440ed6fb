"""Many small files: what a biller's inbox costs to check.

    python -m benchmarks.small_files [--files 1000] [--claims 1 20]

Each run is a process of its own, as a user starts it. Printed: CPU seconds, and milliseconds of
CPU a file beyond what a check of one file takes. `PYTHONPATH` names another checkout to compare with.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

# So many files are made; the others are copies with an interchange number of their own.
_DISTINCT = 40
_CHECK = (
    "import sys; sys.argv = ['claimwright', 'check', sys.argv[1], '--as-of', '2025-09-15', '--quiet'];"
    "from claimwright.apps.cli.main import main; main()"
)


def inbox(folder: Path, files: int, claims: int) -> None:
    """Write so many files of so many claims."""
    from claimwright_lab.sampling import SampleOptions, write_sample

    made = []
    for seed in range(min(files, _DISTINCT)):
        path = folder / "made.837"
        write_sample(path, SampleOptions(claims=claims, seed=seed))
        made.append(path.read_bytes())
    for beside in folder.glob("made*"):
        beside.unlink()
    for number in range(files):
        content = made[number % len(made)]
        own = content[90:99]
        (folder / f"{number:05}.837").write_bytes(content.replace(own, f"{number + 1:09}".encode()))


def checked(folder: Path) -> float:
    """CPU seconds of one check of a folder."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", _CHECK, str(folder)], check=False, capture_output=True)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr.decode()[-2000:])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--claims", type=int, nargs="+", default=[1, 20])
    given = parser.parse_args()
    print("| files | claims in each | CPU seconds | CPU ms a file beyond the first |")
    print("| ---: | ---: | ---: | ---: |")
    for claims in given.claims:
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as many:
            inbox(Path(one), 1, claims)
            inbox(Path(many), given.files, claims)
            # The first run fills caches.
            checked(Path(one))
            first = checked(Path(one))
            all_of_them = checked(Path(many))
        beyond = 1000 * (all_of_them - first) / (given.files - 1)
        print(f"| 1 | {claims} | {first:.2f} | |")
        print(f"| {given.files:,} | {claims} | {all_of_them:.2f} | {beyond:.1f} |")


if __name__ == "__main__":
    main()
