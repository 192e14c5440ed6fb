"""How many explanations are true, counted by machine in denial worlds, by pattern of what is not.

    python scripts/explanation_scores.py SEED [SEED ...] [--claims 40000] [--every 2] [--out FILE.csv]

For each seed it makes a world, trains a model, explains the claims of June 2025 with a chance of 20 percent
or more, and compares what each explanation claims with the truth. A seed that a limit was chosen on is no
test of it: state which seeds were used to choose, and judge on others.
"""

from __future__ import annotations

import argparse
import datetime
import sys
from pathlib import Path

from claimwright_lab.explanation_score import FAULTS, Scored, score_explanations, shares
from explanation_sheet import known_world

_FIRST, _DAYS = datetime.date(2025, 6, 1), 30


def main() -> int:
    """Score every seed, print the shares of each and of all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("seeds", type=int, nargs="+")
    parser.add_argument("--claims", type=int, default=40_000)
    parser.add_argument("--every", type=int, default=2, help="score the claims of every so many days")
    parser.add_argument("--out", type=Path, help="a CSV file with one row a claim")
    options = parser.parse_args()
    days = [_FIRST + datetime.timedelta(days=each) for each in range(0, _DAYS, options.every)]
    found, rows = [], ["seed,claim,stated,true,faults,told,causes"]
    for seed in options.seeds:
        world, history, model = known_world(seed, options.claims)
        scored = score_explanations(world, history, model, days)
        found += scored
        print(f"seed {seed}: {len(scored)} explanations, {_of(scored)} true", flush=True)
        for each in scored:
            told = " ".join(f"{name}:{role}:{value:.2f}" for name, role, value in each.told)
            causes = " ".join(f"{name}:{value:.2f}" for name, value in each.causes.items())
            faults = " ".join(sorted(each.faults))
            rows.append(f"{seed},{each.claim},{each.stated:.3f},{each.true:.3f},{faults},{told},{causes}")
    for what, claims, of, share in shares(found).iter_rows():
        print(f"{FAULTS.get(what, what):70} {claims:5} of {of:5}  {share:6.1%}")
    if options.out is not None:
        options.out.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return 0


def _of(scored: list[Scored]) -> str:
    return f"{sum(each.is_true for each in scored) / max(len(scored), 1):.1%}"


if __name__ == "__main__":
    sys.exit(main())
