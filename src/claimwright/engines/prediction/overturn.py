"""The probability that an independent reviewer overturns a denial, from decisions on like cases.

Learned from California's independent medical reviews (Department of Managed Health Care). A logistic
regression weighs the recent overturn rates of `overturn_rates`; its weights are fixed, the rates are those of
the newest decisions that it has. It describes how such cases ended, not how a case should end, and it refuses
cases that are unlike those it was made from: of another state, of a kind without decisions, or too long after
the newest decision. Reviewers change their minds quickly: rates of last year say something, rates of four
years ago next to nothing, which the model's card measures.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from .arrays import packed, unpacked
from .artifact import ArtifactError
from .overturn_rates import FIELDS, GROUPS, HALF_LIVES, GroupCounts, RateTables, Real, Whole, codes_of
from .rate_intervals import RateInterval

STATE = "CA"
# What a case has: the fields in the words of the public file, the state, and the year of the review.
CASE: dict[str, pl.DataType] = {
    **dict.fromkeys(FIELDS, pl.String()), "state": pl.String(), "year": pl.Int64(),
}  # fmt: skip
ANSWER: dict[str, pl.DataType] = {
    "probability": pl.Float64(), "low": pl.Float64(), "high": pl.Float64(), "refused": pl.String(),
    "is_detailed": pl.Boolean(), "overturned": pl.Int64(), "decided": pl.Int64(),
}  # fmt: skip
FILES = ("model.json", "rates.npz")
_NAMES = {
    "diagnosis_category": "diagnosis", "diagnosis_sub_category": "diagnosis in detail",
    "treatment_category": "treatment", "treatment_sub_category": "treatment in detail",
    "type": "kind of review", "age_range": "age",
}  # fmt: skip
_SUBS = tuple(FIELDS.index(name) for name in ("diagnosis_sub_category", "treatment_sub_category"))
_ARRAYS = ("keys", "overturned", "decided", "plain_overturned", "plain_decided")


@dataclass(frozen=True)
class Weights:
    """Weights of rates in log odds: of which `groups` (0: all cases, then `GROUPS`), by group and half-life.

    `intercept` is the score of a case whose rates are the `means`.
    """

    groups: tuple[int, ...]
    coefficients: Real
    means: Real
    intercept: float

    def parts(self, rates: Real) -> Real:
        """What each group contributes, in log odds: one row per case, one column per group of `groups`."""
        apart = rates[:, list(self.groups), :] - self.means
        found: Real = (apart * self.coefficients).sum(axis=2)
        return found

    def probability(self, rates: Real) -> Real:
        """The probability of each case."""
        odds = self.parts(rates).sum(axis=1) + self.intercept
        found: Real = 1 / (1 + np.exp(-odds))
        return found


@dataclass(frozen=True)
class OverturnReason:
    """What a case has in common with earlier ones: how many were decided and overturned, and its effect.

    `log_odds` is the contribution; all contributions and the model's intercept add up to the score. `values`
    are the words of the public file.
    """

    about: str
    values: tuple[str, ...]
    log_odds: float
    overturned: int
    decided: int


@dataclass(frozen=True)
class OverturnModel:
    """The rates, their weights with and without sub categories, the intervals by age, and the card.

    `intervals[n]` is for reviews n years after the newest decision; later ones are refused.
    """

    about: dict[str, Any]
    tables: RateTables
    detailed: Weights
    broad: Weights
    intervals: tuple[RateInterval, ...]

    @property
    def years(self) -> tuple[int, int]:
        """The years of the first and the newest decision."""
        first, last = self.about["years"]
        return int(first), int(last)

    def answers(self, cases: pl.DataFrame) -> pl.DataFrame:
        """`ANSWER` for each case of `CASE`, in order: probability with its interval, or why it is refused.

        The interval covers the overturn rate of cases of one kind and year with the coverage on the card.
        `is_detailed`: sub categories were known. `overturned` of `decided` are the earlier cases with the
        same diagnosis and treatment category; with the same treatment if there is none with both.
        """
        codes = codes_of(cases, self.tables.words)
        rates = self.tables.rates(codes)
        is_detailed = (codes[:, _SUBS] > 0).all(axis=1)
        probability = np.where(is_detailed, self.detailed.probability(rates), self.broad.probability(rates))
        age = np.clip(cases["year"].fill_null(0).to_numpy() - self.years[1], 0, len(self.intervals) - 1)
        low, high = np.empty(len(codes)), np.empty(len(codes))
        for years, interval in enumerate(self.intervals):
            own = age == years
            low[own], high[own] = interval.around(probability[own])
        overturned, decided = self.tables.plain(codes)
        both, treatment = _place("treatment_category", "diagnosis_category"), _place("treatment_category")
        column = np.where(decided[:, both] > 0, both, treatment)
        rows = np.arange(len(codes))
        refused = pl.Series([self.refusal(each) for each in cases.iter_rows(named=True)], dtype=pl.String)
        found = pl.DataFrame(
            {
                "probability": probability, "low": low, "high": high, "refused": refused,
                "is_detailed": is_detailed, "overturned": overturned[rows, column],
                "decided": decided[rows, column],
            },
            schema=ANSWER,
        )  # fmt: skip
        given = pl.col("refused").is_null()
        return found.with_columns(
            pl.when(given).then(pl.col(name)) for name in ANSWER if name != "refused"
        ).select(list(ANSWER))

    def refusal(self, case: dict[str, Any]) -> str | None:
        """Why the model says nothing of a case of `CASE`; None if it answers."""
        first, last = self.years
        year, most = case["year"], len(self.intervals) - 1
        if case["state"] is None:
            return f"The State is not known; the decisions are California's ({STATE})."
        if case["state"] != STATE:
            return f"It is a case of {case['state']}; the decisions are California's ({STATE})."
        for name in ("type", "diagnosis_category", "treatment_category"):
            if case[name] is None:
                return f"The {_NAMES[name]} is not known in the words of the decisions."
            if case[name] not in self.tables.words[FIELDS.index(name)]:
                return f"No decision was about this {_NAMES[name]}."
        if year is None or year < first:
            return f"The decisions begin in {first}."
        if year > last + most:
            return (
                f"A probability for {year} would be extrapolated: the newest decision is of {last}, and "
                f"reviewers change their minds, so that a probability is stated for at most {most} years "
                "more. Give newer decisions: claimwright model appeal-outcome FILE."
            )
        return None

    def earlier(self, case: dict[str, Any]) -> tuple[int, int]:
        """How many of all decisions with the case's diagnosis and treatment were overturned, and how many
        there are; with the treatment alone if there is none with both. Counts, however old, and no forecast.
        """
        cases = pl.DataFrame([{name: case.get(name) for name in CASE}], schema=CASE)
        [overturned], [decided] = self.tables.plain(codes_of(cases, self.tables.words))
        both, treatment = _place("treatment_category", "diagnosis_category"), _place("treatment_category")
        at = both if decided[both] else treatment
        return int(overturned[at]), int(decided[at])

    def reasons(self, case: dict[str, Any]) -> list[OverturnReason]:
        """The contributions to the probability of one case, largest first; they add up to its score."""
        cases = pl.DataFrame([{name: case.get(name) for name in CASE}], schema=CASE)
        codes = codes_of(cases, self.tables.words)
        weights = self.weights(codes[0])
        [parts] = weights.parts(self.tables.rates(codes))
        [overturned], [decided] = self.tables.plain(codes)
        found = []
        for place, part in zip(weights.groups, parts.tolist(), strict=True):
            fields = [FIELDS[number] for number in GROUPS[place - 1][0]] if place else []
            words = tuple(str(case[name]) for name in fields if case.get(name) is not None)
            about = " and ".join(_NAMES[name] for name in fields) or "all decisions"
            found.append(OverturnReason(about, words, part, int(overturned[place]), int(decided[place])))
        return sorted(found, key=lambda reason: -abs(reason.log_odds))

    def weights(self, codes: Whole) -> Weights:
        """The weights for a case with these codes."""
        return self.detailed if all(codes[place] > 0 for place in _SUBS) else self.broad


def _place(*names: str) -> int:
    """The place of a group in `RateTables.counts`."""
    fields = tuple(FIELDS.index(name) for name in names)
    return next(place for place, (own, _) in enumerate(GROUPS, start=1) if own == fields)


def overturn_files(model: OverturnModel) -> dict[str, bytes]:
    """The files of a model; the same model gives the same bytes."""
    arrays: dict[str, Any] = {}
    for number, counts in enumerate(model.tables.counts):
        arrays |= {f"{name}_{number}": getattr(counts, name) for name in _ARRAYS}
    manifest = {
        "about": model.about,
        "words": {FIELDS[number]: words for number, words in model.tables.words.items()},
        "half_lives": list(HALF_LIVES),
        "groups": [list(fields) for fields, _ in GROUPS],
        "weights": {name: _weights_out(getattr(model, name)) for name in ("detailed", "broad")},
        "intervals": [vars(each) for each in model.intervals],
    }
    return {
        "model.json": json.dumps(manifest, indent=1, sort_keys=True, allow_nan=False).encode() + b"\n",
        "rates.npz": packed(arrays),
    }


def overturn_from(files: dict[str, bytes]) -> OverturnModel:
    """The model of these files.

    Raises:
        ArtifactError: a file is missing or damaged, or it was made for other rates.
    """
    try:
        manifest = json.loads(files["model.json"])
        arrays = unpacked(files["rates.npz"])
        if manifest["groups"] != [list(fields) for fields, _ in GROUPS] or manifest["half_lives"] != list(
            HALF_LIVES
        ):
            raise ArtifactError("the appeal model was made for other rates. Train it again.")
        words = {number: list(manifest["words"][name]) for number, name in enumerate(FIELDS)}
        counts = tuple(
            GroupCounts(*(arrays[f"{name}_{number}"] for name in _ARRAYS))
            for number in range(len(GROUPS) + 1)
        )
        return OverturnModel(
            manifest["about"],
            RateTables(words, counts),
            _weights_in(manifest["weights"]["detailed"]),
            _weights_in(manifest["weights"]["broad"]),
            tuple(RateInterval(**each) for each in manifest["intervals"]),
        )
    except (KeyError, TypeError, ValueError, OSError) as problem:
        raise ArtifactError(
            f"the appeal model is damaged ({type(problem).__name__}). Reinstall it."
        ) from None


def _weights_out(weights: Weights) -> dict[str, Any]:
    return {
        "groups": list(weights.groups), "coefficients": weights.coefficients.tolist(),
        "means": weights.means.tolist(), "intercept": weights.intercept,
    }  # fmt: skip


def _weights_in(noted: dict[str, Any]) -> Weights:
    coefficients, means = np.array(noted["coefficients"]), np.array(noted["means"])
    shape = (len(noted["groups"]), len(HALF_LIVES))
    if coefficients.shape != shape or means.shape != shape:
        raise ValueError
    return Weights(tuple(noted["groups"]), coefficients, means, float(noted["intercept"]))
