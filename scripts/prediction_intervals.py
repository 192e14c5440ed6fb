"""Judge intervals and confidence of denial prediction in worlds of fresh seeds, and write the page.

    python scripts/prediction_intervals.py [--worlds 5] [--claims 40000]

The seeds follow from the date, so that nothing can be tuned to them. The worlds know the true probability of
every claim: coverage is counted by true shares, which no chance moves, and by what was decided.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from claimwright.engines.prediction.confidence import UNKNOWN_PAYER, coverage
from claimwright.engines.prediction.offers import part_of
from claimwright.engines.prediction.review import advise
from claimwright.features.prediction import History, Trained, feature_columns
from claimwright.foundation import clock
from claimwright_lab.denial_world import World
from markdown_tables import table
from measured_worlds import arguments, measured

PAGE = Path(__file__).resolve().parent.parent / "docs/prediction_intervals.md"
DRIFTING = 2
FEWEST = 50
FLOORS = (0.3, 0.4, 0.5, 0.6, 0.7)
CLASSES = ((0.0, 0.5), (0.5, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.01))


@dataclass(frozen=True)
class Judged:
    """One world: coverage of groups and payers, the payer known and as if it were new; and the card."""

    kind: str
    seed: int
    claims: int
    known: dict[str, float]
    known_payers: float
    new: dict[str, float]
    new_payers: float
    newcomer: str
    confidence: list[tuple[int, float, float]]
    below: dict[float, tuple[float, float]]
    notes: dict[str, Any]
    errors: dict[str, float]


def measure(world: World, history: History, trained: Trained) -> Judged:
    """Judge the intervals of one world by its truth."""
    model, held = trained.model, trained.held_out
    rows = held.rows
    truth = pl.DataFrame({"claim": history.claim}).join(
        world.truth, on="claim", how="left", maintain_order="left"
    )
    true = truth["probability"].to_numpy()[rows]
    names = history.facts.claims["payer"].gather(rows)
    # By name: a payer that is new in the judged period has no code of its own.
    group = names.rank("dense").to_numpy().astype(np.int64)
    payer = model.evidence.words.codes("payer", names)
    low, high = model.confidence.interval(held.probability, payer)
    masked = history.facts.claims.with_columns(payer=pl.lit("a payer that is not known"))
    columns = feature_columns(model, replace(history, facts=replace(history.facts, claims=masked)))[rows]
    nobody = np.full(len(rows), UNKNOWN_PAYER)
    as_new = model.probability(model.terms.scored(columns)[1], nobody)
    new_low, new_high = model.confidence.interval(as_new, nobody)
    is_new = payer == UNKNOWN_PAYER
    newcomer = "none"
    if is_new.any():
        newcomer = (
            f"{is_new.sum()} claims: truly {true[is_new].mean():.1%}, predicted "
            f"{held.probability[is_new].mean():.1%}, interval {low[is_new].mean():.1%} to "
            f"{high[is_new].mean():.1%}"
        )
    sure = model.confidence.of_claims(held.probability, payer)
    right = (held.probability >= 0.5) == held.denied
    classes = []
    for least, most in CLASSES:
        part = (sure >= least) & (sure < most)
        classes.append((int(part.sum()), float(sure[part].sum()), float(right[part].sum())))
    return Judged(
        world.options.kind, world.options.seed, len(rows),
        coverage(held.probability, low, high, group, true, fewest=FEWEST),
        _payers(group, low, high, true),
        coverage(as_new, new_low, new_high, group, true, fewest=FEWEST),
        _payers(group, new_low, new_high, true),
        newcomer, classes, _below(trained, history, sure), model.about["intervals"],
        model.about["days_mean_error"],
    )  # fmt: skip


def _below(trained: Trained, history: History, sure: Any) -> dict[float, tuple[float, float]]:
    """By floor: the share of claims with less confidence; and of these, without those worth a review."""
    model, held = trained.model, trained.held_out
    facts = part_of(history.facts, held.rows)
    payer = model.evidence.words.codes("payer", facts.claims["payer"])
    stake = model.usual.stake_cents(payer, history.charge_cents[held.rows])
    advice = advise(model, facts, held.columns, payer, stake)
    limits = model.review.limits(model.evidence.words.values["payer"])
    worth = advice.has_gain & (advice.net_cents >= limits[payer])
    return {
        floor: (float((sure < floor).mean()), float(((sure < floor) & ~worth).mean())) for floor in FLOORS
    }


def _payers(group: Any, low: Any, high: Any, true: Any) -> float:
    found = [
        low[own].mean() <= true[own].mean() <= high[own].mean()
        for each in np.unique(group)
        if (own := group == each).sum() >= FEWEST
    ]
    return float(np.mean(found))


TEXT = """\
# Intervals and confidence, measured

`make interval-benchmark` writes this page. It trains in [denial worlds](denial_world.md) on claims sent
before 2025-01-01, calibrates until 2025-03-01, and judges on what was sent until 2025-06-30. All claims are
synthetic. What intervals and confidence mean is in [Denial prediction](prediction.md#confidence).

Written on {day}. Seeds, which follow from this date: {seeds}.

## The share denied

Intervals are made to contain the true share of 9 of 10 groups (payer and band of probability, at least
{fewest} claims). A payer is scored as new by taking its name away. Decided shares are counts of at least 100
claims: chance moves them, so that they are inside less often.

{shares}

Over all worlds {inside:.0%} of {groups:,} groups are inside, and {inside_new:.0%} with the payer as new.

{newcomers}

## Confidence

The least share of like claims whose likelier outcome happens, and what happened.

{confidence}

Claims with less confidence than `pipeline.confidence_floor` go to a person. Shares of claims below a floor,
and of those that would not go there for their expected gain anyway, means over the worlds:

{floors}

## Days and dollars

Answers inside of the interval of days (made for 90 %), of all payers and of the one with the fewest; claims
without an answer after 180 days; the mean error of the expected days beside one number for all; and payers
whose lost dollars are inside of the interval of their sum (made for 90 %).

{days}
"""


def page(found: list[Judged]) -> str:
    """The page."""
    groups = sum(each.known["groups"] for each in found)
    inside = sum(each.known["groups"] * each.known["coverage"] for each in found) / groups
    new_groups = sum(each.new["groups"] for each in found)
    classes = [
        (least, most, *(sum(each.confidence[number][place] for each in found) for place in range(3)))
        for number, (least, most) in enumerate(CLASSES)
    ]
    return TEXT.format(
        day=clock.today(),
        seeds=", ".join(f"{each.seed} ({each.kind})" for each in found),
        fewest=FEWEST,
        shares=table(SHARES, [_shares(each) for each in found]),
        inside=inside,
        groups=int(groups),
        inside_new=sum(each.new["groups"] * each.new["coverage"] for each in found) / new_groups,
        newcomers="\n".join(
            f"A payer that really is new in the judged period ({each.kind} {each.seed}): {each.newcomer}."
            for each in found
            if each.newcomer != "none"
        ),
        confidence=table(
            ("confidence", "claims", "on average", "likelier outcome happened"),
            [
                (
                    f"{least:.0%} to {min(most, 1):.0%}",
                    f"{count:,}",
                    f"{sure / count:.1%}",
                    f"{right / count:.1%}",
                )
                for least, most, count, sure, right in classes
                if count
            ],
        ),
        floors=table(
            ("floor", "below it", "reviewed for nothing else"),
            [
                (
                    f"{floor:.1f}",
                    *(f"{np.mean([each.below[floor][place] for each in found]):.1%}" for place in (0, 1)),
                )
                for floor in FLOORS
            ],
        ),
        days=table(DAYS, [_days(each) for each in found]),
    )


SHARES = (
    "world", "claims", "groups", "inside", "width", "payers inside", "as new: groups inside", "width",
    "payers inside", "decided shares inside",
)  # fmt: skip
DAYS = (
    "world", "days inside", "lowest payer", "unanswered, predicted", "observed", "error, days", "one number",
    "dollars inside",
)  # fmt: skip


def _shares(each: Judged) -> tuple[str, ...]:
    decided = each.notes["probability"]
    return (
        f"{each.kind} {each.seed}", f"{each.claims:,}", f"{each.known['groups']}",
        f"{each.known['coverage']:.0%}", f"{each.known['mean_width']:.1%}", f"{each.known_payers:.0%}",
        f"{each.new['coverage']:.0%}", f"{each.new['mean_width']:.1%}", f"{each.new_payers:.0%}",
        f"{decided['coverage']:.0%} of {decided['groups']}",
    )  # fmt: skip


def _days(each: Judged) -> tuple[str, ...]:
    notes, silent = each.notes, each.notes["unanswered"]
    return (
        f"{each.kind} {each.seed}", f"{notes['days']['coverage']:.1%}",
        f"{notes['days']['lowest_of_payer']:.1%}", f"{silent['predicted']:.2%}", f"{silent['observed']:.2%}",
        f"{each.errors['model']:.1f}", f"{each.errors['one_number']:.1f}",
        f"{notes['dollars']['coverage']:.0%} of {notes['dollars']['payers']}",
    )  # fmt: skip


def main() -> int:
    """Judge and write."""
    options = arguments(__doc__)
    worlds = [(options.kind, seed) for seed in options.seeds]
    # Drift is worst where policies change often.
    worlds += [("drifting", seed) for seed in options.seeds[:DRIFTING]]
    found = []
    for kind, seed in worlds:
        found.append(measured(kind, options.claims, seed)["intervals"])
        print(kind, seed, found[-1].known, found[-1].new, flush=True)
        if not options.check:
            PAGE.write_text(page(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
