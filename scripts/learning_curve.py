"""Does more data close the distance to the optimum? One large fresh world, and ever fewer of its answers.

    python scripts/learning_curve.py                   one with 80,000 claims of training, and down to 10,000
    python scripts/learning_curve.py --claims 230000   one with 160,000

For each size, a random part of the world's claims is known with its answers, in all periods, and the rest is
not. All sizes are judged on the same claims. `make model-benchmark` writes what is kept here into its page.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.engines.prediction.calibration import calibrate, payer_shifts, shifted
from claimwright.engines.prediction.encoding import Real
from claimwright.engines.prediction.learning import Effort, fit_baselines, fit_terms
from claimwright.engines.prediction.measures import quality
from claimwright.features.prediction import Training, history_of
from claimwright.features.prediction.training.fitting import CHAMPION_KIND, OPTIMAL, evidence_of, periods_of
from claimwright.foundation import clock
from claimwright_lab.denial_world import World, WorldOptions, answered_lines, make_world
from claimwright_lab.denial_world.attainable import attainable
from measured_worlds import ATTAINABLE, CALIBRATE_UNTIL, KIND, MODEL_SEED, TRAIN_UNTIL, seeds_of

KEPT = Path(__file__).resolve().parent / "learning_curve.json"
# Seeds of the day that the five worlds of the benchmarks use come first.
_PLACE, _PARTS, _JUDGED = 5, (0.125, 0.25, 0.5, 1.0), 12_000
Rows = npt.NDArray[np.int64]


def main() -> int:
    """Make the world, learn from parts of it, keep what was reached."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--claims", type=int, default=115_000)
    parser.add_argument("--day", type=datetime.date.fromisoformat, default=clock.today())
    parser.add_argument("--seed", type=int, help="a world that is not of the day")
    options = parser.parse_args()
    seed = seeds_of(options.day, 1, _PLACE)[0] if options.seed is None else options.seed
    world = make_world(WorldOptions(options.claims, seed, KIND))
    print(f"seed {seed}: {len(world.batch):,} claims", flush=True)
    best = world.truth["probability"].to_numpy()
    told = attainable(world, CALIBRATE_UNTIL)
    luck = np.random.default_rng(0).random(len(best))
    is_judged = np.zeros(len(best), dtype=bool)
    late = np.flatnonzero((world.submitted_on >= CALIBRATE_UNTIL).to_numpy())
    is_judged[np.random.default_rng(1).permutation(late)[:_JUDGED]] = True
    rows = []
    for part in _PARTS:
        row = _learned(world, luck < part, is_judged, {ATTAINABLE: told, OPTIMAL: best})
        print(row, flush=True)
        rows.append(row)
    found = {"seed": seed, "claims": options.claims, "day": str(options.day), "rows": rows}
    KEPT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


def _learned(
    world: World, is_known: npt.NDArray[np.bool_], is_judged: npt.NDArray[np.bool_], told: dict[str, Real]
) -> dict[str, Any]:
    """What is reached on the judged claims by who knows the answers to these claims."""
    used = is_known | is_judged
    claims = world.batch.claims["claim"].filter(pl.Series(used))
    known = world.batch.claims["claim"].filter(pl.Series(is_known))
    lines = answered_lines(world)
    sent = world.submitted_on.filter(pl.Series(used))
    batch = world.batch.select(claims)
    history = history_of(batch, sent, lines.filter(pl.col("claim").is_in(known.implode())), source="a part")
    options = Training(seed=MODEL_SEED, train_until=TRAIN_UNTIL, calibrate_until=CALIBRATE_UNTIL)
    periods = periods_of(history, options)
    evidence, columns = evidence_of(history, periods)
    train, chosen, weights = periods.train, periods.calibrate, periods.weights
    denied = history.denied
    payer = evidence.words.codes("payer", history.facts.claims["payer"])
    terms = fit_terms(columns[train], denied[train], seed=MODEL_SEED, effort=Effort(), weights=weights[train])
    scores = {CHAMPION_KIND: terms.scored(columns)[1]}
    for each in fit_baselines(columns[train], denied[train], seed=MODEL_SEED, weights=weights[train]):
        scores[each.name] = each.score(columns)
    # The history is in the order of its claims' numbers, as the world is.
    at = np.searchsorted(world.batch.claims["claim"].to_numpy(), history.claim.to_numpy())
    answered = world.batch.claims["claim"].is_in(world.payments["claim"].implode()).to_numpy()
    judged = np.flatnonzero(is_judged[at] & answered[at])
    outcome = world.truth["denied"].to_numpy()[at][judged]
    found: dict[str, float] = {}
    for name, score in scores.items():
        given = calibrate(score[chosen], denied[chosen], weights[chosen]).apply(score)
        shift = payer_shifts(
            given[chosen], denied[chosen], payer[chosen], evidence.words.size("payer"), weights[chosen]
        )
        found[name] = quality(shifted(given, shift[payer])[judged], outcome).pr_auc
    for name, given in told.items():
        found[name] = quality(np.clip(given[at][judged], 1e-6, 1 - 1e-6), outcome).pr_auc
    return {"training": int(train.sum()), "judged": len(judged), "pr_auc": found}


if __name__ == "__main__":
    sys.exit(main())
