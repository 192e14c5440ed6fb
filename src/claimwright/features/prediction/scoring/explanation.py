"""Why a claim got its probability, in the words of those who bill, and what would lower it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.prediction import Facts, Model, Predictions, facts_of
from claimwright.engines.prediction.catalogue import BY_NAME, ENCODING_OF, NAMES, RECENT_DAYS, Level
from claimwright.engines.prediction.encoding import Tally, frame_of, keys_of
from claimwright.engines.prediction.facts import YES_NO
from claimwright.engines.prediction.terms import STEP

_FEWEST = 3
_FACTS = {
    "days_to_filing": "it is sent {value:.0f} days after the last service",
    "charge": "it charges {value:,.2f} dollars",
    "lines": "it has {value:.0f} service lines",
    "most_units": "a line has {value:g} units",
    "age": "the patient is {value:.0f} years old",
    "sent_before": "the same services were sent {value:.0f} times before",
    "patient_denials": "{value:.0f} claims of the patient were denied within a year",
}
_FLAGS = {
    "authorization_missing": ("it has an authorization number", "it has no authorization number"),
    "attachment_missing": ("it has an attachment", "it has no attachment"),
    "referral_missing": ("it names a referring provider", "it names no referring provider"),
}


@dataclass(frozen=True)
class Reason:
    """One term of a claim's score.

    Attributes:
        term: its name.
        words: what it goes by, in a sentence.
        log_odds: its contribution; above 0 it makes denial likelier.
    """

    term: str
    words: str
    log_odds: float


@dataclass(frozen=True)
class Remedy:
    """A change that the office could make, and the probability that the claim would then have."""

    words: str
    probability: float


@dataclass(frozen=True)
class Argument:
    """All that is to be said of one claim.

    Attributes:
        claim: its number in the batch.
        probability, confidence: as predicted.
        category: the likeliest kind of denial, null below the threshold.
        reasons: every term, weightiest first; with `intercept` they add up to the score.
        intercept: the score of nobody in particular.
        remedies: what would lower the probability, most effective first.
    """

    claim: int
    probability: float
    confidence: float
    decision: str
    category: str | None
    reasons: tuple[Reason, ...]
    intercept: float
    remedies: tuple[Remedy, ...]

    @property
    def score(self) -> float:
        """Log odds before calibration: intercept and all contributions."""
        return self.intercept + sum(reason.log_odds for reason in self.reasons)


def argue(model: Model, batch: ClaimBatch, submitted_on: datetime.date) -> list[Argument]:
    """The argument of every claim of a batch; meant for a few claims that somebody looks at."""
    facts = facts_of(batch, submitted_on)
    found = model.predict_facts(facts, batch.claims["claim"])
    wording = _Wording(model, facts, found)
    remedies = _remedies(model, batch, submitted_on, found.claims["denial_probability"].to_numpy())
    arguments = []
    for row, claim in enumerate(found.claims.iter_rows(named=True)):
        parts = found.contributions[row].astype(np.float64) / STEP
        order = np.argsort(-np.abs(parts), kind="stable")
        arguments.append(
            Argument(
                claim["claim"],
                claim["denial_probability"],
                claim["confidence"],
                claim["decision"],
                claim["denial_category"],
                tuple(
                    Reason(model.terms.title(int(n)), wording.of(int(n), row), float(parts[n])) for n in order
                ),
                model.terms.intercept / STEP,
                remedies[row],
            )
        )
    return arguments


class _Wording:
    """Sentences for the terms of claims: where a rate is behind one, whose rate and over how many."""

    def __init__(self, model: Model, facts: Facts, found: Predictions) -> None:
        self.model, self.facts, self.columns = model, facts, found.columns
        self.keys = keys_of(facts, model.evidence.words)

    def of(self, number: int, row: int) -> str:
        """What the term goes by."""
        features = [NAMES[each] for each in self.model.terms.terms[number].features]
        return ", and ".join(self._feature(name, row) for name in features)

    def _feature(self, name: str, row: int) -> str:
        value = float(self.columns[row, NAMES.index(name)])
        if name in _FLAGS:
            return _FLAGS[name][int(value > 0.5)]
        if name in _FACTS:
            return (
                _FACTS[name].format(value=value)
                if np.isfinite(value)
                else f"{BY_NAME[name].meaning}: unknown"
            )
        recent = name.startswith("recent_")
        tallies = self.model.evidence.recent if recent else self.model.evidence.tallies
        encoding = ENCODING_OF[name.removeprefix("recent_")]
        when = ""
        if recent:
            when = f" in the last {RECENT_DAYS} days"
            if not self.model.evidence.is_fresh:
                when = f" in the {RECENT_DAYS} days before training ended"
        return self._rate(tallies[encoding.name], encoding.name, row, when)

    def _rate(self, tally: Tally, name: str, row: int, when: str) -> str:
        """The sentence of an encoding at the row, of a claim's lines the one with the highest rate.

        What stands behind a rate of training is said with its weight, since older claims count less.
        """
        encoding = ENCODING_OF[name]
        frame = frame_of(self.facts, encoding.level)
        rows = np.flatnonzero(frame["row"].to_numpy() == row)
        if not len(rows):
            return "it has no line that this is about"
        keys = self.keys[name]
        found = tally.look_up(type(keys)(keys.own[rows], keys.wider[rows]))
        rate = found.rate()
        worst = int(rate.argmax())
        at = frame.row(int(rows[worst]), named=True)
        values = {column: _shown(column, at[column]) for column in encoding.key}
        text = encoding.words.format(rate=f"{rate[worst]:.0%}", **values) + when
        total = float(found.total[worst])
        if total < _FEWEST:
            return f"{text} (estimated: hardly any seen)"
        unit = "claims" if encoding.level is Level.CLAIM else "lines"
        return f"{text} ({total:,.0f} {unit}{'' if when else ', weighted'})"


def _shown(column: str, value: Any) -> str:
    if column in YES_NO:
        return YES_NO[column][bool(value)]
    return "unknown" if value is None else str(value)


_SET = {"prior_authorization": "an authorization number", "referring_npi": "a referring provider"}
_PLACEHOLDER = "WOULD-BE"


def _remedies(
    model: Model, batch: ClaimBatch, submitted_on: datetime.date, before: np.ndarray[Any, Any]
) -> list[tuple[Remedy, ...]]:
    """The batch as it would be with each change, scored again: nothing is argued, only counted."""
    changed: dict[str, ClaimBatch] = {
        f"with {words}": _with(batch, claims=batch.claims.with_columns(pl.col(name).fill_null(_PLACEHOLDER)))
        for name, words in _SET.items()
    }
    papers = batch.claims.select("claim").join(batch.attachments, on="claim", how="left")
    changed["with an attachment"] = _with(batch, attachments=papers)
    for modifier in ("GP", "25", "59"):
        lines = batch.lines.with_columns(pl.col("modifier_1").fill_null(modifier))
        changed[f"with modifier {modifier} where no line has one, if it applies"] = _with(batch, lines=lines)
    found: list[list[Remedy]] = [[] for _ in range(len(batch))]
    for words, variant in changed.items():
        after = model.predict(variant, submitted_on).claims["denial_probability"].to_numpy()
        for row in np.flatnonzero(after < before * 0.8):
            found[row].append(Remedy(words, float(after[row])))
    return [tuple(sorted(each, key=lambda remedy: remedy.probability)) for each in found]


def _with(batch: ClaimBatch, **frames: pl.DataFrame) -> ClaimBatch:
    parts = {
        "claims": batch.claims,
        "lines": batch.lines,
        "diagnoses": batch.diagnoses,
        "attachments": batch.attachments,
    }
    return ClaimBatch(**parts | frames)
