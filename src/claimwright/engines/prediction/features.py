"""Computes the columns of the catalogue from facts and evidence."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.foundation.errors import ModelError

from .answers import Answers, labels_of
from .catalogue import ENCODINGS, NAMES, RECENT, RECENT_DAYS
from .combining import combined, of_claim, rows_at
from .demand_history import count_demands, history_rates, past_rows
from .demand_kinds import DEMAND_OF, DemandRows
from .demands import DemandCells, DemandEvidence
from .encoding import (
    Counts,
    Found,
    Keys,
    RateTable,
    Real,
    Tally,
    Timeline,
    Vocabulary,
    Whole,
    keys_of,
)
from .facts import Facts, repeats, same_claims, with_repeats

# How many days back a patient's denials are counted.
PATIENT_DAYS = 365
# Fibonacci hashing: neighboring rows get different folds, and the same row always gets the same fold.
_SCATTER = np.uint64(0x9E3779B97F4A7C15)

Flags = npt.NDArray[np.bool_]

# Features that are 1 if a fact is false.
_MISSING = {
    "authorization": "authorized",
    "attachment": "attached",
    "referral": "referred",
    "rendering": "rendered",
    "taxonomy": "classified",
}


class MissingFeatureError(ModelError):
    """A feature of the catalogue is not computed. Scoring it as 0 would make predictions silently wrong."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"feature {name} is in the catalogue but is not computed. "
            "Compute it in features.py, or remove it from catalogue.py."
        )


@dataclass(frozen=True)
class People:
    """Patients' history by hash, as of the start of a day.

    Attributes:
        sent: claims sent before, by hash of patient, provider, last service date and services.
        denied: claims of the patient whose denial arrived in the counted days before.
    """

    sent: Counts
    denied: Counts

    @classmethod
    def of(cls, facts: Facts, answers: Answers, day: int, counted: Flags | None = None) -> People:
        """Build from past claims sent before `day` (days since 1970).

        Claims that are `counted` elsewhere are not included in `sent`.
        """
        sent = _day(facts.claims["submitted_on"]) < day
        if counted is not None:
            sent &= ~counted
        same = same_claims(facts)
        known = same["known"].to_numpy() & sent
        arrived = (answers.answered_day >= day - PATIENT_DAYS) & (answers.answered_day < day)
        denied = answers.denied & arrived & facts.claims["patient"].is_not_null().to_numpy()
        nothing: Flags = np.zeros(int(known.sum()), dtype=bool)
        patients = _hashes(facts.claims["patient"])[denied]
        return cls(
            Counts.of(_hashes(same["same"])[known], nothing),
            Counts.of(patients, np.ones(len(patients), dtype=bool)),
        )

    def plus(self, other: People) -> People:
        """The union of two histories; no claim may be in both."""
        return People(self.sent.plus(other.sent), self.denied.plus(other.denied))

    def less(self, other: People) -> People:
        """This history without claims that are part of it."""
        return People(self.sent.less(other.sent), self.denied.less(other.denied))


@dataclass(frozen=True)
class Evidence:
    """The evidence for scoring claims: counts of the training period, and recent counts.

    `people` is the patients' history. Without it, repeated claims are found only within their batch, and no
    patient has earlier denials.

    Attributes:
        words: the values seen in training.
        tallies: counts of the training claims, sent from `since` to `until`, both included.
        recent: counts of the decisions of the 90 days before `recent_until`.
        later: those of them on claims sent after `until`, of every encoding; rates of the training period
            count them too. Empty without a history.
        demands: what payers are known to demand, from the claims of training; by the encoding whose rate it
            gives.
        later_demands: decisions about demands, of the same claims as `later`.
    """

    words: Vocabulary
    tallies: dict[str, Tally]
    recent: dict[str, Tally]
    people: People | None = None
    since: datetime.date | None = None
    until: datetime.date | None = None
    recent_until: datetime.date | None = None
    later: dict[str, Tally] = field(default_factory=dict)
    demands: dict[str, DemandEvidence] = field(default_factory=dict)
    later_demands: dict[str, DemandCells] = field(default_factory=dict)

    @cached_property
    def demanded(self) -> dict[str, DemandEvidence]:
        """The demands with later decisions, computed at first use."""
        more = self.later_demands
        return {
            name: each.with_decisions(more[name]) if name in more else each
            for name, each in self.demands.items()
        }

    def rates(self, facts: Facts, keys: dict[str, Keys]) -> dict[str, Real]:
        """The rate of each row, by encoding, for claims to be scored; `recent_` ones too."""
        rates = {}
        for name, table in self.tables.items():
            key = keys[name.removeprefix("recent_")]
            rates[name] = table.look_up(key.own, key.wider)
        for name, demand in self.demanded.items():
            rows = DemandRows.of(DEMAND_OF[name], facts, self.words, demand.first_day, keys[name].own)
            rates[name] = np.where(rows.is_met, rates[name], demand.look_up(rows))
        return rates

    @cached_property
    def tables(self) -> dict[str, RateTable]:
        """Rates by feature name, computed at first use."""
        found = {}
        for encoding in ENCODINGS:
            sizes = [self.words.size(column) for column in encoding.key]
            possible, tail = math.prod(sizes), math.prod(sizes[encoding.wider :])
            if encoding.name in self.tallies:
                tally = self.tallies[encoding.name]
                if encoding.name in self.later:
                    tally = tally.with_more(self.later[encoding.name])
                found[encoding.name] = tally.rates(possible, tail)
            if encoding.name in self.recent:
                found[f"recent_{encoding.name}"] = self.recent[encoding.name].rates(possible, tail)
        return found


def count(
    facts: Facts, answers: Answers, use: Flags, words: Vocabulary, weights: Real | None = None
) -> dict[str, Tally]:
    """Counts of every encoding over the claims in use."""
    keys = keys_of(facts, words)
    found: dict[str, Tally] = {}
    for encoding in ENCODINGS:
        rows = rows_at(facts, encoding.level)
        used = use[rows]
        weight = None if weights is None else weights[rows][used]
        labels = labels_of(facts, answers, encoding)[used]
        found[encoding.name] = Tally.of(_at(keys[encoding.name], used), labels, weight)
    return found


def with_priors(tallies: dict[str, Tally], words: Vocabulary) -> dict[str, Tally]:
    """The counts, each with the prior that its own numbers make likeliest."""
    found = {}
    for encoding in ENCODINGS:
        tail = math.prod(words.size(column) for column in encoding.key[encoding.wider :])
        tally = tallies[encoding.name]
        found[encoding.name] = replace(tally, prior=tally.likeliest_prior(tail))
    return found


def _at(keys: Keys, rows: Flags) -> Keys:
    return Keys(keys.own[rows], keys.wider[rows])


def recent_counts(
    facts: Facts, answers: Answers, words: Vocabulary, tallies: dict[str, Tally], day: int
) -> dict[str, Tally]:
    """Counts of decisions that arrived in the days before `day`, for scoring on that day.

    If very few arrived, the overall rate is that of the training period (`tallies`), as in training.
    """
    come = (answers.answered_day >= day - RECENT_DAYS) & (answers.answered_day < day)
    counted = count(facts, answers, come, words)
    return {
        name: replace(counted[name], base=tallies[name].base, prior=tallies[name].prior) for name in RECENT
    }


def later_counts(facts: Facts, answers: Answers, evidence: Evidence, day: int) -> dict[str, Tally]:
    """Counts of decisions that arrived in the days before `day` on claims sent after those of training."""
    if evidence.until is None:
        return {}
    come = (answers.answered_day >= day - RECENT_DAYS) & (answers.answered_day < day)
    return count(facts, answers, come & _is_later(facts, evidence), evidence.words)


def later_decisions(facts: Facts, answers: Answers, evidence: Evidence, day: int) -> dict[str, DemandCells]:
    """The same decisions, about demands."""
    if evidence.until is None:
        return {}
    come = (answers.answered_day >= day - RECENT_DAYS) & (answers.answered_day < day)
    first_day = {name: each.first_day for name, each in evidence.demands.items()}
    return count_demands(facts, answers, come & _is_later(facts, evidence), evidence.words, first_day)


def _is_later(facts: Facts, evidence: Evidence) -> Flags:
    """Which claims were sent after those of training."""
    is_later: Flags = (facts.claims["submitted_on"] > evidence.until).fill_null(False).to_numpy()
    return is_later


def score_features(facts: Facts, evidence: Evidence, sent_before: pl.Series | None = None) -> Real:
    """Features of claims to be scored now: one row per claim, one column per feature in the catalogue's
    order.

    `sent_before` is the number of earlier claims with the same patient, provider, last service date and
    services, as counted by intake; without it, they are counted within the batch. Counts from the patients'
    history are added.
    """
    past = known_of(facts, evidence.people, sent_before)
    facts = with_repeats(facts, past["sent_before"])
    rates = evidence.rates(facts, keys_of(facts, evidence.words))
    return _assemble(facts, rates, past)


def history_features(
    facts: Facts,
    answers: Answers,
    evidence: Evidence,
    trained: Flags,
    *,
    folds: int = 5,
    weights: Real | None = None,
    demand_weights: Real | None = None,
) -> Real:
    """Features of past claims, each as it would have been computed on its sending date.

    Encodings of `trained` claims are computed from the other folds, so that no claim sees its own outcome.
    Recent rates are computed from decisions that had arrived before the claim was sent, and these are added
    to the encodings of claims sent after training. The weights are those with which the claims were counted.
    """
    keys = keys_of(facts, evidence.words)
    is_later = _is_later(facts, evidence) if evidence.until is not None else np.zeros(len(facts), dtype=bool)
    fold = _folds(len(facts), folds)
    fold[~trained] = -1
    rates: dict[str, Real] = {}
    sent = _day(facts.claims["submitted_on"])
    for encoding in ENCODINGS:
        name, key, rows = encoding.name, keys[encoding.name], rows_at(facts, encoding.level)
        labels = labels_of(facts, answers, encoding)
        of_fold = fold[rows]
        weight = None if weights is None else weights[rows]
        whole = evidence.tallies[name].look_up(key)
        known = whole.without(_own_fold(key, labels, of_fold, folds, weight))
        day, arrived, late = sent[rows], answers.answered_day[rows], is_later[rows]
        # Claims of training are from before any later claim.
        added = _lately(key, labels, np.where(late, arrived, -1), day, whole)
        rates[name] = known.with_more(added).rate()
        if name in RECENT:
            rates[f"recent_{name}"] = _lately(key, labels, arrived, day, whole).rate()
        if name in evidence.demands:
            demand = evidence.demands[name]
            past = past_rows(demand, facts, answers, evidence.words, key.own, fold, is_later, demand_weights)
            rates[name] = np.where(past.rows.is_met, rates[name], history_rates(demand, past, folds))
    return _assemble(facts, rates, past_of(facts, answers))


def _lately(keys: Keys, labels: Flags, arrived: Whole, day: Whole, whole: Found) -> Found:
    """Decisions that arrived in the days before each row's `day`, with the base and prior of the whole."""
    window = (day - RECENT_DAYS, day - 1)
    return Found(
        *Timeline.of(keys.own, arrived, labels).between(keys.own, *window),
        *Timeline.of(keys.wider, arrived, labels).between(keys.wider, *window),
        whole.base,
        whole.prior,
    )


def _own_fold(keys: Keys, labels: Flags, fold: Whole, folds: int, weights: Real | None) -> Found:
    """The counts of each row's own fold for its keys; zero for rows without a fold."""
    parts = np.zeros((4, len(labels)))
    for number in range(folds):
        own = np.flatnonzero(fold == number)
        of_fold = Keys(keys.own[own], keys.wider[own])
        tally = Tally.of(of_fold, labels[own], None if weights is None else weights[own])
        seen = tally.look_up(of_fold)
        parts[:, own] = (seen.total, seen.denied, seen.wider_total, seen.wider_denied)
    return Found(parts[0], parts[1], parts[2], parts[3], 0.0)


def _day(dates: pl.Series) -> Whole:
    days: Whole = dates.cast(pl.Int32).to_numpy().astype(np.int64)
    return days


def _folds(count: int, folds: int) -> Whole:
    with np.errstate(over="ignore"):
        mixed = np.arange(count, dtype=np.uint64) * _SCATTER
    return ((mixed >> np.uint64(33)) % np.uint64(folds)).astype(np.int64)


def past_of(facts: Facts, answers: Answers) -> pl.DataFrame:
    """`sent_before` and `patient_denials` of each claim, from the claims of the same facts sent earlier."""
    patient = facts.claims["patient"].rank("dense").fill_null(0).to_numpy().astype(np.int64)
    day = _day(facts.claims["submitted_on"])
    line = Timeline.of(patient, answers.answered_day, answers.denied)
    denials = line.between(patient, day - PATIENT_DAYS, day - 1)[1]
    # A claim without a member ID has no history.
    return pl.DataFrame(
        {
            "sent_before": repeats(same_claims(facts)),
            "patient_denials": np.where(patient > 0, denials, 0.0),
        }
    )


def known_of(facts: Facts, people: People | None, sent_before: pl.Series | None = None) -> pl.DataFrame:
    """The same for claims to be scored, from the patients' history and the counts of equal claims."""
    same, denials = same_claims(facts), np.zeros(len(facts))
    before = repeats(same) if sent_before is None else sent_before.cast(pl.Float64).to_numpy().copy()
    if people is not None:
        known = same["known"].to_numpy()
        before += np.where(known, people.sent.look_up(_hashes(same["same"]))[0], 0.0)
        denials = np.where(known, people.denied.look_up(_hashes(facts.claims["patient"]))[0], 0.0)
    return pl.DataFrame({"sent_before": before, "patient_denials": denials})


def _hashes(series: pl.Series) -> Whole:
    """Hashes as signed integers, like keys; 0 for none."""
    hashes: Whole = series.fill_null(0).to_numpy().view(np.int64)
    return hashes


def _assemble(facts: Facts, rates: dict[str, Real], past: pl.DataFrame) -> Real:
    claims = facts.claims
    columns: dict[str, Real] = {
        name: claims[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
        for name in NAMES
        if name in claims.columns
    }
    for name, fact in _MISSING.items():
        columns[f"{name}_missing"] = (~claims[fact]).cast(pl.Float64).to_numpy()
    columns["is_corrected"] = claims["corrected"].cast(pl.Float64).to_numpy()
    for name in ("sent_before", "patient_denials"):
        columns[name] = past[name].to_numpy()
    for encoding in ENCODINGS:
        for name in (encoding.name, f"recent_{encoding.name}"):
            if name in rates:
                columns[name] = of_claim(rates[name], facts, encoding.level)
    columns |= combined(facts, rates)
    # Column-major, because each column is read separately.
    found = np.empty((len(facts), len(NAMES)), order="F")
    for number, name in enumerate(NAMES):
        if name not in columns:
            raise MissingFeatureError(name)
        found[:, number] = columns[name]
    return found
