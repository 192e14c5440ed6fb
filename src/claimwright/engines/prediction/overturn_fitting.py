"""Trains the appeal-outcome model on decisions, and measures how far it can be trusted, and for how long.

`judged` holds what the card states. Every number is of decisions that the weights were not fitted on, with
rates of decisions that were known then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from .measures import quality
from .overturn import OverturnModel, Weights
from .overturn_rates import (
    BROAD,
    DETAILED,
    LAG,
    Flags,
    RateTables,
    Real,
    Whole,
    codes_of,
    running_rates,
    words_of,
)
from .rate_intervals import FEWEST_OF_GROUP, RateInterval

# Of the decisions in order, those before have too few earlier ones.
FIRST_USED = 1500
# Chosen, like the half-lives, on decisions of 2010 to 2013.
_PENALTY = 0.02
FOLDS, LAST_TRAINED = 5, 2013
# Rates that old are still used while they rank cases clearly better than chance.
LEAST_AUROC = 0.60
_OLDEST, _FEWEST_YEARS = 4, 4
# From here on, coverage is counted in groups that chance moves by at most five points.
_LARGE_GROUP = 100
Told = Callable[[str], None]


class Decisions:
    """Decisions in order of their case number: `cases` with `FIELDS`, `year`, `overturned`."""

    def __init__(self, cases: pl.DataFrame) -> None:
        self.cases = cases
        self.words = words_of(cases)
        self.codes: Whole = codes_of(cases, self.words)
        self.overturned: Flags = cases["overturned"].to_numpy()
        self.year: Whole = cases["year"].to_numpy()
        self.rates = running_rates(self.codes, self.words, self.overturned)
        self.used: Flags = np.arange(len(self.codes)) >= FIRST_USED

    def fit(self, rows: Flags, groups: tuple[int, ...], rates: Real | None = None) -> Weights:
        """Weights of a logistic regression on the decisions of `rows`."""
        from sklearn.linear_model import LogisticRegression

        places = (0, *(group + 1 for group in groups))
        given = (self.rates if rates is None else rates)[:, list(places), :]
        means = given[rows].mean(axis=0)
        flat = (given - means).reshape(len(given), -1)
        machine = LogisticRegression(C=_PENALTY, max_iter=3000).fit(flat[rows], self.overturned[rows])
        return Weights(places, machine.coef_[0].reshape(means.shape), means, float(machine.intercept_[0]))

    def by_year(self, first: int) -> tuple[Flags, Real]:
        """Which decisions are of `first` or later, and their probability by weights of all years before."""
        late = self.year >= first
        found = np.full(len(self.year), np.nan)
        for year in sorted(set(self.year[late].tolist())):
            weights = self.fit((self.year < year) & self.used, DETAILED)
            own = self.year == year
            found[own] = weights.probability(self.rates[own])
        return late, found[late]


def fit_overturn(cases: pl.DataFrame, *, about: dict[str, Any], tell: Told = lambda _: None) -> OverturnModel:
    """The model of all decisions, with what `judged` measures on its card.

    `cases` as in `Decisions`, at least of `LAST_TRAINED` and the years around it.
    """
    decisions = Decisions(cases)
    measures, intervals = judged(decisions, tell)
    tell("weights of all decisions")
    return OverturnModel(
        about
        | {
            "kind": "logistic regression on recent overturn rates",
            "cases": cases.height,
            "years": [int(decisions.year.min()), int(decisions.year.max())],
            "overturned": float(decisions.overturned.mean()),
            "lag_cases": LAG,
            **measures,
        },
        RateTables.of(decisions.codes, decisions.words, decisions.overturned),
        decisions.fit(decisions.used, DETAILED),
        decisions.fit(decisions.used, BROAD),
        intervals,
    )


def judged(
    decisions: Decisions, tell: Told = lambda _: None
) -> tuple[dict[str, Any], tuple[RateInterval, ...]]:
    """What the card states, and the intervals by age.

    - `temporal`: weights fitted to `LAST_TRAINED` and then frozen; judged on later decisions. With and
      without sub categories; with weights refitted each year; and with the rates frozen too.
    - `folds`: cross-validation, with rates of the other folds.
    - `by_age`: weights and rates of decisions up to a year, judged so many years later.
    - `interval`: coverage of intervals learned from groups to `LAST_TRAINED`, in later groups.
    """
    tell("temporal")
    early, late = decisions.year <= LAST_TRAINED, decisions.year > LAST_TRAINED
    outcome = decisions.overturned
    temporal = {}
    for name, groups in (("detailed", DETAILED), ("broad", BROAD)):
        weights = decisions.fit(early & decisions.used, groups)
        temporal[name] = _numbers(weights.probability(decisions.rates[late]), outcome[late])
    chosen, yearly = decisions.by_year(_first_of_intervals(decisions))
    temporal["refitted_yearly"] = _numbers(yearly[late[chosen]], outcome[late])
    tell("cross-validation")
    folds = {name: _folds(decisions, groups) for name, groups in (("detailed", DETAILED), ("broad", BROAD))}
    tell("age of the decisions")
    by_age, aged = _by_age(decisions)
    temporal["rates_frozen_too"] = _frozen(decisions, late)
    tell("intervals")
    now = _groups(decisions, chosen, yearly)
    is_early = now["year"].to_numpy() <= LAST_TRAINED
    held = RateInterval.of(*_columns(now.filter(pl.Series(is_early))))
    intervals = [RateInterval.of(*_columns(now))]
    for noted, later_groups in zip(by_age, aged, strict=True):
        if noted["auroc"] < LEAST_AUROC:
            break
        intervals.append(RateInterval.of(*_columns(later_groups)))
    later = now.filter(pl.Series(~is_early))
    return {
        "temporal": temporal,
        "folds": folds,
        "by_age": by_age,
        "interval": {"level": 0.9, "groups": held.groups, **_coverage(held, later)},
    }, tuple(intervals)


def _first_of_intervals(decisions: Decisions) -> int:
    """The first year with enough decisions before it."""
    return int(decisions.year[decisions.used].min()) + _FEWEST_YEARS


def _numbers(probability: Real, outcome: Flags) -> dict[str, float]:
    found = quality(probability, outcome).as_numbers()
    kept = ("claims", "auroc", "pr_auc", "brier", "calibration_slope", "expected_calibration_error")
    return {name.replace("claims", "cases"): round(found[name], 4) for name in kept}


def _folds(decisions: Decisions, groups: tuple[int, ...]) -> list[float]:
    fold = np.random.default_rng(0).permutation(len(decisions.year)) % FOLDS
    found = []
    for number in range(FOLDS):
        train: Flags = fold != number
        rates = running_rates(decisions.codes, decisions.words, decisions.overturned, train, both_ways=True)
        weights = decisions.fit(train, groups, rates)
        held = quality(weights.probability(rates[~train]), decisions.overturned[~train])
        found.append(round(held.auroc, 4))
    return found


def _as_of(decisions: Decisions, until: int) -> Real:
    """The probability of all decisions by weights and rates of those to the end of a year."""
    known = decisions.year <= until
    weights = decisions.fit(known & decisions.used, DETAILED)
    tables = RateTables.of(decisions.codes[known], decisions.words, decisions.overturned[known])
    return weights.probability(tables.rates(decisions.codes))


def _frozen(decisions: Decisions, late: Flags) -> dict[str, float]:
    return _numbers(_as_of(decisions, LAST_TRAINED)[late], decisions.overturned[late])


def _by_age(decisions: Decisions) -> tuple[list[dict[str, Any]], list[pl.DataFrame]]:
    """By years since the newest decision: AUROC and gap, means of the years that end; and the groups."""
    last = int(decisions.year.max())
    aurocs: list[list[float]] = [[] for _ in range(_OLDEST)]
    gaps: list[list[float]] = [[] for _ in range(_OLDEST)]
    groups: list[list[pl.DataFrame]] = [[] for _ in range(_OLDEST)]
    for until in range(_first_of_intervals(decisions), last):
        probability = _as_of(decisions, until)
        for years in range(1, min(_OLDEST, last - until) + 1):
            own = decisions.year == until + years
            found = quality(probability[own], decisions.overturned[own])
            aurocs[years - 1].append(found.auroc)
            gaps[years - 1].append(float(probability[own].mean() - decisions.overturned[own].mean()))
            groups[years - 1].append(_groups(decisions, own, probability[own]))
    noted = [
        {
            "years": years, "auroc": round(float(np.mean(aurocs[years - 1])), 4),
            "lowest_auroc": round(min(aurocs[years - 1]), 4),
            "mean_gap": round(float(np.mean(np.abs(gaps[years - 1]))), 4), "ends": len(gaps[years - 1]),
        }
        for years in range(1, _OLDEST + 1)
    ]  # fmt: skip
    return noted, [pl.concat(each) for each in groups]


def _groups(decisions: Decisions, rows: Flags, probability: Real) -> pl.DataFrame:
    """By year and treatment category: mean prediction, overturned, cases."""
    return (
        decisions.cases.filter(pl.Series(rows))
        .select("year", "treatment_category", "overturned", predicted=pl.Series(probability))
        .group_by("year", "treatment_category", maintain_order=True)
        .agg(pl.col("predicted").mean(), pl.col("overturned").sum(), cases=pl.len())
        .sort("year", "treatment_category", nulls_last=True)
    )


def _columns(groups: pl.DataFrame) -> tuple[Real, Real, Real]:
    predicted, overturned, cases = (
        groups[name].cast(pl.Float64).to_numpy() for name in ("predicted", "overturned", "cases")
    )
    return predicted, overturned, cases


def _coverage(interval: RateInterval, groups: pl.DataFrame) -> dict[str, float]:
    """Share of large groups whose observed rate is inside. Chance adds to how far observed rates are off."""
    predicted, overturned, cases = _columns(groups.filter(pl.col("cases") >= _LARGE_GROUP))
    low, high = interval.around(predicted)
    observed = overturned / cases
    every, _, count = _columns(groups.filter(pl.col("cases") >= FEWEST_OF_GROUP))
    return {
        "judged_groups": len(cases),
        "coverage": round(float(((observed >= low) & (observed <= high)).mean()), 4),
        "mean_width": round(float(np.average(np.subtract(*interval.around(every)[::-1]), weights=count)), 4),
    }
