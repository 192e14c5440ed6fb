"""Fresh denial worlds for the benchmarks of prediction, remedies and intervals: each is made once.

The three benchmarks measure the same model in the same world. Results are kept in the cache folder, by what
the code that shapes a model is, so that a run that was stopped goes on, and the next benchmark only writes.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np

from claimwright.features.prediction import Training, history_of, train
from claimwright.features.prediction.training.code_identity import code_identity
from claimwright.foundation import clock
from claimwright_lab.denial_world import WorldOptions, answered_lines, make_world
from claimwright_lab.denial_world.attainable import attainable

ATTAINABLE = "knows all but the demands"
_EDGE = 1e-6
CLAIMS, WORLDS, KIND, MODEL_SEED, DRAWS = 60_000, 5, "published", 1, 200
TRAIN_UNTIL, CALIBRATE_UNTIL = datetime.date(2025, 1, 1), datetime.date(2025, 3, 1)


def seeds_of(day: datetime.date, count: int, first: int = 0) -> list[int]:
    """Seeds that follow from a day and from nothing else, from the `first` on."""
    return [
        int.from_bytes(hashlib.sha256(f"claimwright {day.isoformat()} {number}".encode()).digest()[:4], "big")
        % 2**31
        for number in range(first, first + count)
    ]


def arguments(description: str | None, *, worlds: int = WORLDS) -> argparse.Namespace:
    """The options that the three benchmarks share, with `seeds`."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--claims", type=int, default=CLAIMS)
    parser.add_argument("--worlds", type=int, default=worlds)
    parser.add_argument("--kind", default=KIND)
    parser.add_argument("--day", type=datetime.date.fromisoformat, default=clock.today())
    parser.add_argument("--skip", type=int, default=0, help="seeds of the day that are not fresh any more")
    parser.add_argument("--check", action="store_true", help="write nothing")
    options = parser.parse_args()
    options.seeds = seeds_of(options.day, options.worlds, options.skip)
    print(f"{options.day}: seeds {', '.join(map(str, options.seeds))}", flush=True)
    return options


def measured(kind: str, claims: int, seed: int) -> dict[str, Any]:
    """What a world of this seed shows: `model`, `remedies` and `intervals`, each as its benchmark has it."""
    # They read this module too.
    import model_benchmark
    import prediction_intervals
    import remedy_benchmark

    folder = Path(os.environ.get("CLAIMWRIGHT_CACHE", "/tmp/claimwright-cache")) / "measured_worlds"  # noqa: S108
    path = folder / f"{kind}-{claims}-{seed}-{code_identity()[:12]}.pickle"
    if path.exists():
        kept: dict[str, Any] = pickle.loads(path.read_bytes())  # noqa: S301 - our own file
        return kept
    begun = clock.seconds()
    world = make_world(WorldOptions(claims, seed, kind))
    denied = float(world.truth["denied"].to_numpy().mean())
    print(f"{kind} {seed}: {len(world.batch):,} claims, {denied:.1%} denied", flush=True)
    source = f"denial world {kind}, {claims} claims, seed {seed}"
    history = history_of(world.batch, world.submitted_on, answered_lines(world), source=source)
    options = Training(seed=MODEL_SEED, train_until=TRAIN_UNTIL, calibrate_until=CALIBRATE_UNTIL, draws=DRAWS)
    trained = train(
        history,
        options,
        optimal=world.truth["probability"].to_numpy(),
        beside={ATTAINABLE: np.clip(attainable(world, CALIBRATE_UNTIL), _EDGE, 1 - _EDGE)},
        progress=lambda stage: print(f"  {stage}", flush=True),
    )
    found = {
        "model": model_benchmark.measure(world, trained),
        "remedies": remedy_benchmark.measure(world, history, trained.model),
        "intervals": prediction_intervals.measure(world, history, trained),
    }
    folder.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(found))
    print(f"  {clock.seconds() - begun:.0f} seconds", flush=True)
    return found
