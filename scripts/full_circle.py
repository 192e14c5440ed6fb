"""Write docs/full_circle.md: claims of the denial world, sent, adjudicated, answered by 835s, and posted.

    python scripts/full_circle.py [--claims 20000] [--timed 100000]

`--claims` go around with a file of answers a month; `--timed` with one file, beside copying the same rows.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from claimwright.foundation import clock
from claimwright_lab.full_circle import Circle, go_around

PAGE = Path(__file__).parent.parent / "docs" / "full_circle.md"
INTRODUCTION = """# Full circle

What `make full-circle` found when it last ran. Claims of the [denial world](denial_world.md) are staged,
checked and put into production; the world's payers adjudicate them; their 835s are matched, posted into the
ledger and classified. What the ledger holds is compared with what the payers decided. All of it is synthetic.
The first run posts a file a month, the second one file. Times are of the wall clock, on whatever else the
machine did; [Remittances](remittance.md#measured) has processor times.

"""


def said(circle: Circle, seed: int) -> str:
    """One circle as a table."""
    rows = [
        f"## {circle.claims:,} claims, seed {seed}\n\n",
        f"Answers: {', '.join(f'{count:,} {state}' for state, count in sorted(circle.answers.items()))}",
        f" ({', '.join(f'{n:,} {r}' for r, n in sorted(circle.reasons.items()))})" if circle.reasons else "",
        f". Denied lines: {circle.denied_lines:,}; denials found: {circle.denials_found:,}, ",
        f"{circle.unknown_denials:,} of them of unknown category.\n\n",
        "| account | decided by the payers | in the ledger |\n| --- | ---: | ---: |\n",
    ]
    for account in sorted(set(circle.expected) | set(circle.posted)):
        decided, posted = circle.expected.get(account, 0), circle.posted.get(account, 0)
        rows.append(f"| {account} | {decided / 100:,.2f} | {posted / 100:,.2f} |\n")
    rows.append(
        "\nMatching, posting and classifying, sealed and audited: "
        f"{circle.seconds:.1f} s; copying the rows that it wrote: {circle.copy_seconds:.1f} s; "
        f"{circle.times_the_copy:.1f} times.\n\n"
    )
    return "".join(rows)


def main() -> None:
    """Go around, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=20_000)
    parser.add_argument("--timed", type=int, default=100_000)
    given = parser.parse_args()
    # A fresh seed for every report: the date.
    seed = int(f"{clock.now():%y%m%d}")
    whole = True
    parts = [INTRODUCTION]
    for claims, one_file in ((given.claims, False), (given.timed, True)):
        if claims:
            circle = go_around(claims, seed=seed, one_file=one_file, say=lambda text: print(text, flush=True))
            whole = whole and circle.is_exact
            parts.append(said(circle, seed))
            print(parts[-1])
    PAGE.write_text("".join(parts), encoding="utf-8")
    sys.exit(0 if whole else 1)


if __name__ == "__main__":
    main()
