"""Intervals for what a step changes: 90 percent of draws from what is known of the payer's demand.

Drawn are whether a demand is in force, its rate, the rate of lines that have the step, and what is left with
the step done. The seed is fixed, so that the same claim has the same interval.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from .encoding import Real
from .facts import Facts
from .remedies import RemedyModel, service_key
from .steps import LACKS, STEP_OF, Step, states

if TYPE_CHECKING:
    from .model import Model

Interval = tuple[float, float]

_DRAWS, _SEED = 2_000, 16
_ENDS = (5, 95)
# Deviation of the true log odds that are left with the step done from the stated ones: what it was in worlds
# that are not reported on. The model knows groups of claims, and single ones differ.
_SPREAD = 1.6
# Lines of a cell are not independent: rates differ within it, and change. They count as a third as many.
_WEIGHT = 1 / 3
_CERTAIN = 0.999


def gain_ranges(model: Model, facts: Facts, offered: pl.DataFrame) -> list[Interval]:
    """For each row of `offers`, from how much to how much the step lowers the probability of a denial."""
    key = service_key(facts.lines, model.evidence.words)
    row = facts.lines["row"].to_numpy()
    payer = model.evidence.words.codes("payer", facts.claims["payer"])
    found = []
    for offer in offered.iter_rows(named=True):
        step, claim = STEP_OF[offer["step"]], offer["row"]
        rng = np.random.default_rng(_SEED)
        lines = np.flatnonzero((row == claim) & (states(facts, step) == LACKS))
        lacking, having = _of_lines(model.remedies, facts, step, key[lines], lines, rng)
        limit = model.remedies.limits.get(int(payer[claim])) if step.by_charge else None
        if limit is not None:
            reached, _ = limit.of(facts.claims["charge"].fill_null(0.0).to_numpy()[[claim]])
            total, denied = limit.lacked
            rate = rng.beta(0.5 + _WEIGHT * denied, 1.0 + _WEIGHT * (total - denied), _DRAWS)
            lacking = 1 - (1 - lacking) * (1 - rate * (rng.random(_DRAWS) < reached[0]))
        after = _noisy(offer["after"], rng)
        before = 1 - (1 - after) * (1 - np.minimum(lacking, _CERTAIN)) / (1 - np.minimum(having, _CERTAIN))
        low, high = np.percentile(np.maximum(before - after, 0.0), _ENDS)
        found.append((float(min(low, offer["gain"])), float(max(high, offer["gain"]))))
    return found


def _of_lines(
    remedies: RemedyModel,
    facts: Facts,
    step: Step,
    keys: npt.NDArray[np.int64],
    lines: npt.NDArray[np.intp],
    rng: np.random.Generator,
) -> tuple[Real, Real]:
    """Draws of the chance that any line is denied for the cause, without the step and with it."""
    support = remedies.supports[step.name]
    place = support.places(keys)
    paid_lacking, paid_having = np.ones(_DRAWS), np.ones(_DRAWS)
    cents = facts.lines["line_cents"].to_numpy()
    a_having, b_having = support.having()
    for line, cell in zip(lines[place >= 0], place[place >= 0], strict=True):
        chance = support.in_force[cell]
        if step.by_amount:
            chance = chance * support.amounts.chance(np.array([cell]), cents[[line]], support.rate())[0]
        rate = rng.beta(_WEIGHT * support.denied[cell] + 0.2, _WEIGHT * support.paid[cell] + 0.1, _DRAWS)
        is_on = rng.random(_DRAWS) < chance
        lacks = np.where(is_on, rate, support.habits.off_rate)
        has = np.minimum(rng.beta(a_having[cell], b_having[cell], _DRAWS), lacks)
        paid_lacking *= 1 - lacks
        paid_having *= 1 - has
    return 1 - paid_lacking, 1 - paid_having


def _noisy(probability: float, rng: np.random.Generator) -> Real:
    odds = np.log(max(probability, 1e-6) / max(1 - probability, 1e-6))
    found: Real = 1 / (1 + np.exp(-(odds + _SPREAD * rng.standard_normal(_DRAWS))))
    return found
