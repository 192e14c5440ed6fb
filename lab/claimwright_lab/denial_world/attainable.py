"""The best that can be reached without being told what payers demand: a second reference beside the optimum.

The optimum knows every demand by heart, and nobody outside of a payer does. This reference knows everything
else: how worlds are made, how well each office works, each payer's rates for what is no demand about a
service (eligibility, coverage, filing and so on), which demands are possible, with their limits, how many of
them hold, and the days on which a payer changes them. It does not know which of them hold, how strictly, and
since when or until when. That it learns by Bayes' rule from the first answers that had arrived when a claim
was sent, with the true reason of each. It is told more than anybody can know, so no model that learns from
the same answers does better on average.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from .demands import ALWAYS, BEGINNING, NEVER, STRICTEST, WEAKEST, Demands
from .dice import Real
from .replies import Judgement
from .rules import MOST, RULES, Rule, hazards_of, hits
from .view import View

if TYPE_CHECKING:
    from .world import World

Whole = npt.NDArray[np.int64]

# Days between two times at which the reference reads its mail: payers take at least four to answer.
_BLOCK_DAYS = 3
# How many strengths of a demand are told apart: the middles of so many equal parts of their distribution.
_STRENGTHS = 6
# A denial may be that of another demand of the same kind on the same line.
_OTHERWISE = np.log(1e-3)
_EPOCH = date(1970, 1, 1).toordinal()
_PAID = len(RULES)


def attainable(world: World, first: date) -> Real:
    """The probability that any line is denied, of each claim of a drawn world sent from `first` on.

    The true one for claims sent before.
    """
    assert world.drawn is not None
    judge, made = world.drawn.judge, world.drawn.demands
    view = judge.view(world.batch)
    hazards = hazards_of(view, judge.tables)
    answered = _answered(world)
    for rule in RULES:
        if rule.is_thinned:
            frame = view.lines if rule.of_line else view.claims
            told = _Told(rule, made, judge.tables[rule.name], frame)
            outcome = _outcomes(rule, view, world.drawn.judged)
            days = answered if not rule.of_line else answered[hazards.claim_of_line.astype(np.int64)]
            rates = hazards.lines if rule.of_line else hazards.claims
            rates[rule.name] = told.learned(rates[rule.name], outcome, days, first.toordinal() - _EPOCH)
    return hazards.probability()


def _answered(world: World) -> Whole:
    """The day on which each claim's first answer arrived, in days since 1970; none: far away."""
    days = world.batch.claims.select("claim").join(
        world.payments.select("claim", "paid_on"), on="claim", how="left", maintain_order="left"
    )
    found: Whole = days["paid_on"].cast(pl.Int32).fill_null(2**30).to_numpy().astype(np.int64)
    return found


def _outcomes(rule: Rule, view: View, judged: Judgement) -> Whole:
    """By position: 1 if the rule was the reason of the denial, 0 if it was not, -1 if it can't be known.

    The reason that is told is the first in the order of the rules, which hides later ones.
    """
    order = {each.name: number for number, each in enumerate(RULES)}
    told: Whole = (
        judged.lines["reason"].replace_strict(order, default=_PAID, return_dtype=pl.Int64).to_numpy()
    )
    if not rule.of_line:
        places = view.lines.select("claim").join(
            view.claims.select("claim", "at"), on="claim", how="left", maintain_order="left"
        )["at"]
        last: Whole = np.full(view.claims.height, -1, dtype=np.int64)
        np.maximum.at(last, places.to_numpy(), told)
        told = last
    number = order[rule.name]
    return np.where(told == number, 1, np.where(told > number, 0, -1))


class _Told:
    """The possible demands of one rule, and the claims or lines that would break each of them."""

    def __init__(self, rule: Rule, made: Demands, holding: pl.DataFrame, frame: pl.DataFrame) -> None:
        possible = made.tables()[rule.name]
        view = View(frame, frame)
        found = hits(view, rule, possible.with_columns(from_on=ALWAYS, until_on=NEVER)).sort("row")
        self._at: Whole = found["at"].to_numpy().astype(np.int64)
        self._demand: Whole = found["row"].to_numpy().astype(np.int64)
        self._day: Whole = frame["day"].cast(pl.Int32).to_numpy().astype(np.int64)[self._at]
        payer = possible["payer"]
        size = possible.group_by("payer").agg(possible=pl.len(), usual=pl.col("rate").mean())
        own = holding.group_by("payer").agg(held=pl.len(), rate=pl.col("rate").mean())
        known = (
            pl.DataFrame({"payer": payer})
            .join(size, on="payer", how="left", maintain_order="left")
            .join(own, on="payer", how="left", maintain_order="left")
            .with_columns(pl.col("held").fill_null(0), pl.col("rate").fill_null(pl.col("usual")))
        )
        share = np.clip((known["held"] / known["possible"]).to_numpy(), 1e-9, 1 - 1e-9)
        middles = (np.arange(_STRENGTHS) + 0.5) / _STRENGTHS
        shape = WEAKEST + (STRICTEST - WEAKEST) * np.sqrt(middles)
        # By demand and strength.
        self._rates = np.clip(shape / shape.mean() * known["rate"].to_numpy()[:, None], 1e-6, MOST)
        # By demand and span: always, from one of the days on, until one of the days.
        days = made.days_of_change(payer)
        none = np.full((len(days), 1), -(2**30))
        never = np.full(days.shape, 2**30)
        self._from = np.hstack([none, days, -never])
        self._until = np.hstack([-none, never, days])
        changing, count = made.changing, days.shape[1]
        span = np.array(
            [1 - changing]
            + [changing * BEGINNING / count] * count
            + [changing * (1 - BEGINNING) / count] * count
        )
        weight = np.log(np.repeat(span, _STRENGTHS) / _STRENGTHS)
        self._log = np.hstack([np.log1p(-share)[:, None], np.log(share)[:, None] + weight])

    def learned(self, known: Real, outcome: Whole, answered: Whole, first: int) -> Real:
        """The hazard at each position: as `known` before the `first` day, then as learned by then."""
        outcome, answered = outcome[self._at], answered[self._at]
        survived = np.ones(len(known))
        evidence = np.flatnonzero(outcome >= 0)
        evidence = evidence[np.argsort(answered[evidence], kind="stable")]
        late = np.flatnonzero(self._day >= first)
        late = late[np.argsort(self._day[late], kind="stable")]
        used = 0
        for begins in range(first, int(self._day.max(initial=first)) + 1, _BLOCK_DAYS):
            until = int(np.searchsorted(answered[evidence], begins))
            new, used = evidence[used:until], until
            np.add.at(self._log, self._demand[new], self._likelihood(new, outcome[new]))
            block = late[
                np.searchsorted(self._day[late], begins) : np.searchsorted(
                    self._day[late], begins + _BLOCK_DAYS
                )
            ]
            np.multiply.at(survived, self._at[block], 1 - self._predicted(block))
        found = known.copy()
        touched = self._at[late]
        found[touched] = np.minimum(1 - survived[touched], MOST)
        return found

    def _in_force(self, rows: Whole) -> npt.NDArray[np.bool_]:
        """By row and hypothesis, without the one that there is no demand."""
        day, demand = self._day[rows, None], self._demand[rows]
        return np.repeat((day >= self._from[demand]) & (day < self._until[demand]), _STRENGTHS, axis=1)

    def _rate(self, rows: Whole) -> Real:
        rate: Real = np.tile(self._rates[self._demand[rows]], (1, self._from.shape[1]))
        return rate

    def _likelihood(self, rows: Whole, outcome: Whole) -> Real:
        rate, denied = self._rate(rows), outcome[:, None] == 1
        in_force = np.where(denied, np.log(rate), np.log1p(-rate))
        told = np.where(self._in_force(rows), in_force, np.where(denied, _OTHERWISE, 0.0))
        return np.hstack([np.where(denied, _OTHERWISE, 0.0), told])

    def _predicted(self, rows: Whole) -> Real:
        log = self._log[self._demand[rows]]
        weight = np.exp(log - log.max(axis=1, keepdims=True))
        weight /= weight.sum(axis=1, keepdims=True)
        found: Real = (weight[:, 1:] * self._in_force(rows) * self._rate(rows)).sum(axis=1)
        return found
