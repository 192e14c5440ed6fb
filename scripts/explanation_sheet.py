"""Thirty explanations of claims of a fresh world for readers who do not know the truth, and the truth apart.

    python scripts/explanation_sheet.py FOLDER [--claims 40000] [--day 2026-11-30] [--seed 1]

`FOLDER/sheet.md` has the thirty texts as `claimwright explain` prints them, with the questions for a reader:
is it clear, would it be useful to a biller. `FOLDER/key.md` has for each what the world's truth is: the true
probability, the true causes with their share of the risk, and what each offered step truly changes. One
person reads the sheet, another one, who has the key, judges whether the texts are true.
"""

from __future__ import annotations

import argparse
import datetime
import sys
from io import StringIO
from pathlib import Path

import numpy as np
import polars as pl
from rich.console import Console

from claimwright.apps.cli import claim_prediction
from claimwright.domain.batch import ClaimBatch
from claimwright.engines.prediction import Model, Past, facts_of
from claimwright.engines.prediction.steps import STEPS
from claimwright.features.prediction import Explanation, History, Training, explain, history_of, train
from claimwright.foundation import clock
from claimwright_lab.advice_trial import changed
from claimwright_lab.denial_world import World, WorldOptions, adjudicated_again, answered_lines, make_world
from measured_worlds import CALIBRATE_UNTIL, KIND, MODEL_SEED, TRAIN_UNTIL, seeds_of

# Worlds of the day that no benchmark uses.
_PLACE, _TEXTS, _LEAST = 7, 30, 0.2
_FORMS = {"P": "Professional", "I": "Institutional", "D": "Dental"}
_FIRST, _LAST = datetime.date(2025, 6, 1), datetime.date(2025, 6, 15)

QUESTIONS = """\
# Thirty explanations

You are a biller in a practice. Each text is about one claim that is about to be sent. Answer for each: do I
understand it (yes or no), and does it tell me something that I can use (yes or no, and what is in the way).
You are not told what is true.
"""
LEGEND = """\
A judge who has this key answers for each text: is what it calls the main cause true (the cause is here with a
share that matters), is what it says of other causes true, and is a text true that says that no single cause
stands out, or that the chance may be too high. Hints ("possible cause, seen in few decisions") claim less.

eligibility, identity, other_coverage, parents_coverage, any_coverage: no claim shows them. filing: past the
payer's limit. exclusion: the service is not covered. age_limit: not covered at this age. frequency: again too
soon. authorization: none, and it is needed; wrong_authorization: for something else. referral, rendering,
taxonomy, drug_code: missing. documentation: a service without records; charge: a charge without records.
necessity: the diagnosis; units: too many. modifier, bundling, place: coding. provider: not eligible.
"""


def main() -> int:
    """Make the world, train, write both files."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--claims", type=int, default=40_000)
    parser.add_argument("--day", type=datetime.date.fromisoformat, default=clock.today())
    parser.add_argument("--seed", type=int, help="of the world; otherwise it follows from the day")
    options = parser.parse_args()
    [seed] = [options.seed] if options.seed is not None else seeds_of(options.day, 1, _PLACE)
    world, history, model = known_world(seed, options.claims)
    # What an office knows on the day on which it sends: also claims that it sent the day before.
    knowing = {_FIRST: model.with_past(Past.of(history.facts, history.answers, model, _FIRST))}
    sent = world.submitted_on.is_between(_FIRST, _LAST)
    claims = world.batch.claims["claim"].filter(sent)
    found = knowing[_FIRST].predict(world.batch.select(claims), _FIRST).claims
    likely = found.filter(pl.col("denial_probability") >= _LEAST)["claim"]
    drawn = likely.gather(pl.Series(np.random.default_rng(seed).permutation(len(likely))[:_TEXTS]))
    texts, keys = (
        [QUESTIONS],
        [f"# The truth, world {KIND} of seed {seed}, {options.claims:,} claims\n", LEGEND],
    )
    truths = _Truths(world)
    for number, claim in enumerate(drawn, start=1):
        batch = world.batch.select(pl.Series([claim]))
        day = world.submitted_on.filter(world.batch.claims["claim"] == claim)[0]
        if day not in knowing:
            knowing[day] = model.with_past(Past.of(history.facts, history.answers, model, day))
        [told] = explain(knowing[day], batch, day)
        texts.append(f"## {number}\n\n{_facts(batch, day)}\n\n```\n{_printed(told)}```\n")
        keys.append(f"## {number}\n\n{truths.of(claim)}\n")
    options.folder.mkdir(parents=True, exist_ok=True)
    (options.folder / "sheet.md").write_text("\n".join(texts), encoding="utf-8")
    (options.folder / "key.md").write_text("\n".join(keys), encoding="utf-8")
    print(f"{options.folder}: {len(drawn)} explanations of the world of seed {seed}")
    return 0


def known_world(seed: int, claims: int) -> tuple[World, History, Model]:
    """The world of a seed, its history, and a model that was trained on what came before March 2025."""
    world = make_world(WorldOptions(claims, seed, KIND))
    history = history_of(world.batch, world.submitted_on, answered_lines(world), source=f"seed {seed}")
    training = Training(
        seed=MODEL_SEED, train_until=TRAIN_UNTIL, calibrate_until=CALIBRATE_UNTIL, baselines=False, draws=2
    )
    return world, history, train(history, training).model


def _facts(batch: ClaimBatch, day: datetime.date) -> str:
    [claim] = batch.claims.to_dicts()
    lines = ", ".join(
        f"{each['procedure'] or each['revenue_code']}"
        f"{'-' + each['modifier_1'] if each['modifier_1'] else ''} x{each['units']} ${each['line_charge']}"
        for each in batch.lines.to_dicts()
    )
    codes = ", ".join(batch.diagnoses.sort("position")["diagnosis"].to_list())
    [facts] = facts_of(batch, day).claims.to_dicts()
    has = [
        f"{'with' if facts[name] else 'no'} {what}"
        for name, what in (("authorized", "authorization number"), ("referred", "referring provider"),
                           ("rendered", "rendering provider"), ("attached", "attachment"))
    ]  # fmt: skip
    return (
        f"{_FORMS[claim['form']]} claim{' (a correction)' if facts['corrected'] else ''} to "
        f"{claim['payer_id']}, sent {day}, {_days(facts['days_to_filing'])} after the service: {lines}. "
        f"Diagnoses: {codes or 'none'}. "
        f"Patient aged {max(facts['age'] or 0, 0):.0f}; {', '.join(has)}."
    )


def _days(count: float) -> str:
    return f"{count:.0f} day" + ("" if round(count) == 1 else "s")


def _printed(told: Explanation) -> str:
    """As the command prints it."""
    console = Console(file=StringIO(), width=150)
    claim_prediction.print_explanation(told, "the model", console)
    file = console.file
    assert isinstance(file, StringIO)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines()) + "\n"


class _Truths:
    """What is true of claims of the world, and of what would be true with each step done."""

    def __init__(self, world: World) -> None:
        self._reasons = adjudicated_again(world, world.batch)
        self._after = {
            step.name: adjudicated_again(world, changed(world.batch, step))["probability"] for step in STEPS
        }
        self._claims = world.batch.claims["claim"]
        self._denied = world.truth["denied"]

    def of(self, claim: int) -> str:
        """The truth of one claim."""
        [at] = np.flatnonzero((self._claims == claim).to_numpy()).tolist()
        row = self._reasons.row(at, named=True)
        probability = row["probability"]
        causes = sorted(
            ((value, name) for name, value in row.items() if name not in ("claim", "probability")),
            reverse=True,
        )
        parts = ", ".join(f"{name} {value:.0%}" for value, name in causes if value >= 0.01)
        steps = ", ".join(
            f"{name}: to {after[at]:.0%}"
            for name, after in self._after.items()
            if probability - after[at] > 0.01
        )
        return (
            f"True probability {probability:.0%}, {'denied' if self._denied[at] else 'paid'}. "
            f"Causes alone: {parts or 'none'}. What would truly lower it: {steps or 'nothing'}."
        )


if __name__ == "__main__":
    sys.exit(main())
