"""Learns what would help, and measures it on later claims: which steps are offered, and what reviews bring.

Steps are learned from the claims before and measured on the last months of training and the calibration
period, every month with what was known at its start. What is measured decides whether a step is offered, and
from which chance of a demand on; then the evidence is counted again, with the calibration period in it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.engines.prediction import ALL, Economics, Model
from claimwright.engines.prediction.features import history_features, recent_counts
from claimwright.engines.prediction.gains import GainCurve
from claimwright.engines.prediction.offers import OFFERS, offers, part_of
from claimwright.engines.prediction.remedies import RemedyModel, Standing
from claimwright.engines.prediction.steps import CAUSES, LACKS, NONE, STEP_OF, STEPS, states
from claimwright.engines.prediction.support import MONTH_DAYS

from .history import History

Flags = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]

# What a kind of step must reach on later claims to be offered, and on how many denials it must be measured:
# on 50, a recall of 80 percent is known to within six points (one standard error); on 15, within ten.
LEAST_PRECISION, LEAST_RECALL, FEWEST_DENIALS = 0.85, 0.80, 50
# Two months of calibration have too few denials of a kind; these days before it are measured too.
_MEASURED_DAYS = 3 * MONTH_DAYS
# The lowest chance of a demand is taken with which the precision is this much, for a margin.
_AIM = 0.90
_CHANCES = (0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_FEWEST_OF_PAYER = 300
KINDS: dict[str, list[str]] = {}
for _step in STEPS:
    KINDS.setdefault(_step.kind, []).append(_step.name)


@dataclass(frozen=True)
class Learned:
    """What was learned, and what of it belongs on the model card."""

    remedies: RemedyModel
    notes: dict[str, Any]


def learn_remedies(model: Model, history: History, train_until: int, calibrate_until: int) -> Learned:
    """The remedies of a model that has none yet; the days are the first after each period, since 1970."""
    facts, answers, words = history.facts, history.answers, model.evidence.words
    sent, answered = history.sent_day, answers.answered_day

    def fitted(until: int) -> RemedyModel:
        known = history.by_payers & (sent < until) & (answered < until)
        return RemedyModel.fit(facts, answers, words, known, until)

    # At least half of the training period is for learning.
    first = max(train_until - _MEASURED_DAYS, (int(sent.min()) + train_until) // 2)
    before = fitted(first)
    if not before.supports:
        return Learned(before, {})
    measured = history.by_payers & (sent >= first) & (sent < calibrate_until)
    offered = _offered_in_time(replace(model, remedies=before), history, measured, first, calibrate_until)
    standing = {
        kind: _standing(history, measured, offered.filter(pl.col("step").is_in(names)), names[0])
        for kind, names in KINDS.items()
        if any(name in before.supports for name in names)
    }
    # What reviews bring follows from probabilities too: only from claims that the model did not learn from.
    later = measured & (sent >= train_until)
    rows = np.flatnonzero(later).astype(np.int64)
    curves = _curves(model, history, rows, offered.filter(pl.col("row").is_in(rows.tolist())))
    return Learned(
        replace(fitted(calibrate_until), standing=standing),
        {
            "steps": {name: vars(each) for name, each in standing.items()},
            "required": {"precision": LEAST_PRECISION, "recall": LEAST_RECALL, "denials": FEWEST_DENIALS},
            "curves": {payer: curve.as_numbers() for payer, curve in curves.items()},
            "points": _points(curves, model.economics),
        },
    )


def _points(curves: dict[str, GainCurve], economics: Economics) -> dict[str, dict[str, Any]]:
    """From which expected gain claims are reviewed with these costs, and what came of it, by payer."""
    limit = curves[ALL].chosen(economics)
    return {
        payer: {"claims": curve.claims, "from_cents": limit, **_without_limit(curve.at(economics, limit))}
        for payer, curve in curves.items()
    }


def _without_limit(at: dict[str, Any]) -> dict[str, Any]:
    return {name: at[name] for name in ("reviewed", "averted", "worth_cents")}


def _offered_in_time(model: Model, history: History, use: Flags, first: int, last: int) -> pl.DataFrame:
    """The offers for claims in use, each with what was known at the start of its month of sending."""
    facts, answers, words = history.facts, history.answers, model.evidence.words
    columns = history_features(facts, answers, model.evidence, np.zeros(len(history), dtype=bool))
    found = [pl.DataFrame(schema=OFFERS)]
    for day in range(first, last, MONTH_DAYS):
        recent = recent_counts(facts, answers, words, model.evidence.tallies, day)
        as_then = replace(
            model,
            evidence=replace(model.evidence, recent=recent),
            remedies=model.remedies.after(facts, answers, words, day),
        )
        sent = history.sent_day
        rows = np.flatnonzero(use & (sent >= day) & (sent < day + MONTH_DAYS)).astype(np.int64)
        if len(rows):
            part = offers(as_then, part_of(facts, rows), columns[rows], measured=False)
            found.append(part.with_columns(row=pl.Series(rows).gather(part["row"])))
    return pl.concat(found)


def _standing(history: History, use: Flags, offered: pl.DataFrame, name: str) -> Standing:
    """How a kind of step did, with the lowest chance of a demand that is precise enough.

    Precise is: what the payer demands with such a chance, times the denials that happened of those expected.
    Claims that were denied for another reason first do not show what the payer thinks of the step.
    """
    denied, hidden = denied_for(history, name), _denied_for_others(history, name)
    fixable = denied & ~hidden & use
    denials = int(fixable.sum())

    def of(least: float) -> Standing:
        mine = offered.filter(pl.col("demanded") >= least).unique("row", keep="first", maintain_order=True)
        rows = mine["row"].to_numpy()
        shown = ~(hidden & ~denied)[rows]
        expected = float(mine["lacking"].to_numpy()[shown].sum())
        happened = min(float(denied[rows][shown].sum()) / expected, 1.0) if expected else 0.0
        precision = happened * float(mine["demanded"].to_numpy().mean()) if mine.height else 0.0
        recall = float(fixable[rows].sum()) / max(denials, 1)
        is_offered = denials >= FEWEST_DENIALS and precision >= LEAST_PRECISION and recall >= LEAST_RECALL
        return Standing(mine.height, precision, recall, denials, is_offered, least)

    found = [of(least) for least in _CHANCES]
    precise = [each for each in found if each.precision >= _AIM]
    return precise[0] if precise else max(found, key=lambda each: each.precision)


def denied_for(history: History, name: str) -> Flags:
    """Claims with a line that lacked the step and was denied for its cause."""
    return _of_claims(history, _struck(history, name))


def fixable_by(history: History, name: str) -> Flags:
    """Of these, the claims without a line denied for another reason: the step would have averted it."""
    return denied_for(history, name) & ~_denied_for_others(history, name)


def _denied_for_others(history: History, name: str) -> Flags:
    return _of_claims(history, (_causes(history) != NONE) & ~_struck(history, name))


def _struck(history: History, name: str) -> Flags:
    """Lines that lacked the step and were denied for its cause."""
    step = STEP_OF[name]
    struck: Flags = (_causes(history) == CAUSES[step.cause]) & (states(history.facts, step) == LACKS)
    return struck


def _causes(history: History) -> npt.NDArray[np.int8]:
    assert history.answers.line_cause is not None
    causes: npt.NDArray[np.int8] = history.answers.line_cause[history.facts.lines["line_at"].to_numpy()]
    return causes


def _of_claims(history: History, lines: Flags) -> Flags:
    found: Flags = np.bincount(history.facts.lines["row"].to_numpy(), lines, len(history)) > 0
    return found


def _curves(model: Model, history: History, rows: Whole, offered: pl.DataFrame) -> dict[str, GainCurve]:
    """What reviews by expected gain would have brought: of all payers, and of each with enough claims."""
    best = offered.sort("row", "gain", "step", descending=[False, True, False])
    best = best.unique("row", keep="first", maintain_order=True)
    payer = model.evidence.words.codes("payer", history.facts.claims["payer"])
    stake = model.usual.stake_cents(payer, history.charge_cents)
    fixed = {step.name: fixable_by(history, step.name) for step in STEPS}
    fixable: Flags = np.any(list(fixed.values()), axis=0)
    averted = np.array([fixed[step][row] for row, step in best.select("row", "step").iter_rows()], dtype=bool)
    payers = history.facts.claims["payer"].gather(rows)
    groups = {ALL: np.ones(len(rows), dtype=bool)} | {
        str(name): (payers == name).fill_null(False).to_numpy()
        for name in sorted(payers.drop_nulls().unique())
    }
    found = {}
    for payer_name, own in groups.items():
        if payer_name == ALL or own.sum() >= _FEWEST_OF_PAYER:
            mine = rows[own]
            here = best["row"].is_in(mine.tolist())
            found[payer_name] = GainCurve.of(
                history.denied[mine], fixable[mine], best.filter(here), stake, averted[here.to_numpy()]
            )
    return found
