"""How long the reference data takes to load, what it holds in memory, and how fast it is asked: one JSON
line.

    python benchmarks/reference.py --source FOLDER [--lines 300000]

The folder holds CMS's NCCI and MUE files, which are loaded as a user would into a store of their own. The
cold load and the memory are measured in a process that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import polars as pl

from claimwright.features.reference_data import load
from claimwright.reference import Snapshot, snapshot
from claimwright.reference.lookups import LOOKUPS

AS_OF = date(2026, 11, 22)
QUARTER = date(2024, 7, 1)
FULL = (
    ("ncci_practitioner", "ncci/ncci_ptp_practitioner_2024q3.parquet"),
    ("ncci_outpatient", "ncci/ncci_ptp_outpatient_2024q3.parquet"),
    ("mue_practitioner", "ncci/ncci_mue_prac.csv"),
    ("mue_outpatient", "ncci/ncci_mue_out.csv"),
    ("mue_dme", "ncci/ncci_mue_dme.csv"),
    ("add_on", "ncci/ncci_aoc.csv"),
)

COLD = """
import json, sys, time
def memory(what):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(what))
import numpy, polars
from datetime import date
from pathlib import Path
before = memory("VmRSS")
begun = time.perf_counter()
from claimwright.reference import snapshot
from claimwright.reference.warming import warm
warm(snapshot(date(2026, 11, 22), Path(sys.argv[1])))
seconds = time.perf_counter() - begun
held = memory("VmRSS") - before
print(json.dumps({"seconds": seconds, "held": held, "peak": memory("VmHWM"), "process": memory("VmRSS")}))
"""


def cold(store: Path, times: int = 3) -> dict[str, float]:
    """The median of cold loads of everything, each in a process of its own."""
    runs = []
    for _ in range(times):
        done = subprocess.run(
            [sys.executable, "-c", COLD, str(store)], capture_output=True, text=True, check=True
        )
        runs.append(json.loads(done.stdout))
    runs.sort(key=lambda run: run["seconds"])
    middle: dict[str, float] = runs[len(runs) // 2]
    return middle


def columns(known: Snapshot, lines: int, seed: int = 1) -> dict[str, pl.Series]:
    """Columns to ask about: a thousand codes of each table, drawn at random, a tenth of the rows no code."""
    draw = np.random.default_rng(seed)
    procedures = known.table("physician_fee_schedule").collect()["procedure"].unique().sort()
    diagnoses = known.table("icd10cm").collect()["code"].unique().sort()

    def some(codes: pl.Series) -> pl.Series:
        used = codes.gather(pl.Series(draw.integers(0, len(codes), 1_000)))
        return used.gather(pl.Series(draw.integers(0, len(used), lines))).set(
            pl.Series(draw.random(lines) < 0.1), "99998"
        )

    days = pl.Series(draw.integers(0, 800, lines)).cast(pl.Int32) + (
        AS_OF.toordinal() - date(1970, 1, 1).toordinal() - 830
    )
    return {
        "procedure": some(procedures),
        "other": some(procedures),
        "diagnosis": some(diagnoses),
        "day": days.cast(pl.Date),
        "diagnoses": pl.DataFrame({"row": np.arange(lines) // 3, "code": some(diagnoses)})
        .group_by("row", maintain_order=True)
        .agg("code")["code"],
    }


def asked(known: Snapshot, lines: int) -> dict[str, float]:
    """Seconds of each lookup over all lines, the tables in memory."""
    given = columns(known, lines)
    calls: dict[str, tuple[list[str], list[str]]] = {
        "ncci_indicator": (["practitioner"], ["procedure", "other", "day"]),
        "mue_units": (["practitioner"], ["procedure", "day"]),
        "hcpcs_active": ([], ["procedure", "day"]),
        "global_days": ([], ["procedure", "day"]),
        "is_add_on": ([], ["procedure", "day"]),
        "icd10_billable": ([], ["diagnosis", "day"]),
        "icd10_is_manifestation": ([], ["diagnosis", "day"]),
        "icd10_excludes1_among": ([], ["diagnoses"]),
    }
    seconds = {}
    for name, (literals, wanted) in calls.items():
        values = [given[column] for column in wanted]
        LOOKUPS[name].compute(known, literals, values)
        begun = time.perf_counter()
        LOOKUPS[name].compute(known, literals, values)
        seconds[name] = round(time.perf_counter() - begun, 4)
    return seconds


def main() -> None:
    """Print one line of JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--source", type=Path, required=True, help="folder with CMS's files")
    parser.add_argument("--lines", type=int, default=300_000, help="how many lines to ask about")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder)
        loaded = {}
        for name, file in FULL:
            begun = time.perf_counter()
            version = load(
                name, [arguments.source / file], store, now=datetime.now(UTC), effective_from=QUARTER
            )
            loaded[name] = {
                "rows": version.rows,
                "seconds": round(time.perf_counter() - begun, 2),
                "bytes": version.path.stat().st_size,
            }
        run = cold(store)
        print(
            json.dumps(
                {
                    "benchmark": "reference",
                    "cold_load_seconds": round(run["seconds"], 3),
                    "held_mb": round(run["held"] / 1e6, 1),
                    "peak_mb": round(run["peak"] / 1e6, 1),
                    "lines": arguments.lines,
                    "lookup_seconds": asked(snapshot(AS_OF, store), arguments.lines),
                    "loaded": loaded,
                }
            )
        )


if __name__ == "__main__":
    main()
