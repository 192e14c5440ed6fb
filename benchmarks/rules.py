"""How long every rule takes over 100,000 claims with the full edit tables: one JSON line.

    python -m benchmarks.rules --source FOLDER [--claims 100000] [--record]

The folder holds CMS's NCCI and MUE files, which are loaded as a user would into a store of their own. The
claims are professional ones of the quarter for which these tables are, so that every table is asked. They
are in memory, in blocks as they come from a file, before the clock starts; rules run as they do in a check,
in as many threads. Prices, and reading, are not part of it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from typing import Any

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.derived import SeenClaims, facts
from claimwright.engines.rules import RuleEngine, load_rulebook
from claimwright.features.intake import cut_source, sources
from claimwright.features.reference_data import load
from claimwright.foundation.overlap import WORKERS, Leg, Relay, spread
from claimwright.reference import Snapshot, snapshot
from claimwright_lab.sampling import SampleOptions, write_sample

from .reference import FULL, QUARTER
from .run import machine, record

# The middle of the quarter whose NCCI and MUE tables are loaded.
AS_OF = date(2024, 9, 25)


def judged(engine: RuleEngine, batches: list[ClaimBatch]) -> int:
    """The findings of all blocks, judged as `Checker.check_blocks` does."""
    turns = Relay(SeenClaims())

    def work(taken: tuple[ClaimBatch, Leg[SeenClaims]]) -> int:
        batch, turn = taken
        known = facts(batch, as_of=AS_OF)
        turn.run(lambda seen: (known.count_occurrences(seen), seen))
        return engine.judge(known).findings.height

    return sum(spread(work, ((batch, turns.leg()) for batch in batches)))


def measured(known: Snapshot, batches: list[ClaimBatch], rounds: int) -> dict[str, Any]:
    """Seconds over all claims, by the clock and of all threads together; the median of some rounds."""
    book = load_rulebook()
    engine = RuleEngine(book, threads=1, reference=lambda _: known)
    judged(engine, batches[: 2 * WORKERS])
    clock, processor, findings = [], [], 0
    for _ in range(rounds):
        begun = time.perf_counter(), time.process_time()
        findings = judged(engine, batches)
        clock.append(time.perf_counter() - begun[0])
        processor.append(time.process_time() - begun[1])
    return {
        "rules": len(book),
        "claims": sum(len(batch) for batch in batches),
        "lines": sum(batch.lines.height for batch in batches),
        "findings": findings,
        "seconds": round(median(clock), 2),
        "processor_seconds": round(median(processor), 2),
    }


def main() -> int:
    """Measure, and print the line of JSON last."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--source", type=Path, required=True, help="folder with CMS's files")
    parser.add_argument("--claims", type=int, default=100_000, help="how many claims (100,000)")
    parser.add_argument("--rounds", type=int, default=3, help="how often (3)")
    parser.add_argument("--record", action="store_true", help="keep the figures in docs/benchmarks.md")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="claimwright-bench-") as folder:
        store = Path(folder) / "store"
        rows = sum(
            load(name, [asked.source / file], store, now=datetime.now(UTC), effective_from=QUARTER).rows
            for name, file in FULL
        )
        path = Path(folder) / "claims.837"
        write_sample(path, SampleOptions(claims=asked.claims, seed=7, forms={"P": 1}, as_of=AS_OF))
        batches = [unread.reading().batch for unread in cut_source(sources([path])[0])]
        figures = measured(snapshot(AS_OF, store), batches, asked.rounds)
    figures = {"benchmark": "rules", **machine(), "edit_rows": rows, **figures}
    if asked.record:
        record(
            "rules",
            f"{figures['rules']} rules over {figures['claims']:,} professional claims with"
            f" {figures['lines']:,} lines, {rows:,} rows of NCCI, MUE and add-on edits loaded:"
            f" {figures['seconds']} seconds by the clock, {figures['processor_seconds']} of all threads"
            f" together; {figures['findings']:,} findings; {figures['cpus']} CPUs.",
        )
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
