"""A trained model: everything that turns claims into predictions."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.domain.batch import ClaimBatch

from .calibration import Calibration, shifted
from .catalogue import RECENT_DAYS
from .categories import CATEGORIES
from .drift import Profile
from .encoding import Tally
from .facts import Facts, facts_of
from .features import Answers, Evidence, People, recent_counts, score_features
from .fingerprints import Fingerprints
from .outcomes import CategoryModel, PayerMeans
from .terms import Parts, Real, TermTables
from .worth import Economics, ReviewCurve, ReviewPolicy

# Halves the confidence for a payer that was not in training: a floor of 0.5 sends its claims to a person.
_UNSEEN_PAYER = 0.5
# Two-sided 95 percent of a normal distribution.
_WIDE = 1.96

PREDICTIONS: dict[str, pl.DataType] = {
    "claim": pl.Int64(),
    "denial_probability": pl.Float64(),
    "confidence": pl.Float64(),
    "decision": pl.String(),
    "denial_category": pl.String(),
    "category_share": pl.Float64(),
    "expected_days": pl.Float64(),
    "at_risk": pl.Decimal(18, 2),
    "review_from": pl.Float64(),
}


@dataclass(frozen=True)
class Predictions:
    """What a model says of a batch.

    Attributes:
        claims: one row a claim in the order of the batch; see `PREDICTIONS`. `decision` is `review` or
            `send`; `category_share` is how likely the category is if the claim is denied; `at_risk` is the
            probability times what a denial would take, in dollars; `review_from` is the probability from
            which on a person looks at claims of that payer.
        contributions: one row a claim, one column a term, in steps of 1/2048 log odds.
        scores: log odds: the sum of the contributions and the intercept.
        columns: the features.
    """

    claims: pl.DataFrame
    contributions: Parts
    scores: Real
    columns: Real


# With fewer answered claims in the last days than these, nor half of what training had, its rates stand.
_FEWEST_RECENT = 1_000


@dataclass(frozen=True)
class Past:
    """What a history says at the start of a day, for `Model.with_past`.

    Attributes:
        people: claims that were sent before, and denials, by patient.
        recent: counts of the answers of the last 90 days; none where there are too few to go by.
        answered: how many claims these are.
        day: the day.
    """

    people: People
    recent: dict[str, Tally] | None
    answered: int
    day: datetime.date

    @classmethod
    def of(
        cls,
        facts: Facts,
        answers: Answers,
        model: Model,
        day: datetime.date,
        counted: npt.NDArray[np.bool_] | None = None,
    ) -> Past:
        """From claims of the past with their answers; what was sent or answered later is not used.

        Claims that are `counted` are among those that `sent_before` of `score_features` knows of.
        """
        number = (day - datetime.date(1970, 1, 1)).days
        evidence = model.evidence
        come = (answers.answered_day >= number - RECENT_DAYS) & (answers.answered_day < number)
        answered = int(come.sum())
        usual = float(evidence.recent["payer_rate"].own.total.sum())
        recent = None
        if answered and answered >= min(_FEWEST_RECENT, usual / 2):
            recent = recent_counts(facts, answers, evidence.words, evidence.tallies, number)
        return cls(People.of(facts, answers, number, counted), recent, answered, day)


@dataclass(frozen=True)
class Model:
    """A trained model. `about` is what its card states: data, periods, measures, seed, code version.

    `shifts` is what is added to the calibrated log odds of each payer's claims, by the vocabulary's code.
    `thresholds` are probabilities from which a person reviews, by payer; `threshold` is that of the others.
    `profile` is how features were spread in training, and `base_rate` how many claims were denied.
    `learned_from` are the fingerprints, ascending, of the claims that trained or calibrated it. A prediction
    whose confidence is below `confidence_floor` goes to a person, however unlikely a denial.
    """

    about: dict[str, Any]
    evidence: Evidence
    terms: TermTables
    calibration: Calibration
    shifts: Real
    categories: CategoryModel
    usual: PayerMeans
    threshold: float
    thresholds: dict[str, float]
    profile: Profile
    base_rate: float
    learned_from: Fingerprints
    confidence_floor: float = 0.0

    def under(self, policy: ReviewPolicy) -> Model:
        """The same model with the thresholds that a tenant's policy makes of its curves."""
        curves = self.review_curves
        return replace(
            self,
            threshold=policy.threshold(None, curves, self.threshold),
            thresholds={
                payer: policy.threshold(payer, curves, self.thresholds.get(payer, self.threshold))
                for payer in sorted({*self.thresholds, *policy.payers, *policy.probabilities})
            },
            confidence_floor=policy.confidence_floor,
        )

    @cached_property
    def review_curves(self) -> dict[str, ReviewCurve]:
        """What reviews would have brought on the calibration period: by payer, and over all under `ALL`."""
        stated = self.about.get("review_curves", {})
        return {payer: ReviewCurve.from_numbers(numbers) for payer, numbers in stated.items()}

    @property
    def economics(self) -> Economics:
        """What reviews cost and bring, as the thresholds were chosen in training."""
        return Economics(**self.about.get("economics", {}))

    def with_past(self, past: Past) -> Model:
        """The same model on another day: rates of the days before, and what is known of patients."""
        evidence = replace(self.evidence, people=past.people)
        if past.recent is not None:
            evidence = replace(evidence, recent=past.recent, recent_until=past.day)
        return replace(self, evidence=evidence)

    def has_seen(self, claims: Fingerprints) -> npt.NDArray[np.bool_]:
        """Which claims, by their fingerprints, trained or calibrated the model."""
        found: npt.NDArray[np.bool_] = np.isin(claims, self.learned_from)
        return found

    def predict(self, batch: ClaimBatch, submitted_on: datetime.date | pl.Series) -> Predictions:
        """Predictions for claims that are sent on that day. An empty batch has none."""
        return self.predict_facts(facts_of(batch, submitted_on), batch.claims["claim"])

    def predict_facts(
        self, facts: Facts, claim: pl.Series, sent_before: pl.Series | None = None
    ) -> Predictions:
        """The same, of facts already made; `sent_before` as in `score_features`."""
        columns = score_features(facts, self.evidence, sent_before)
        return self.predict_columns(columns, facts, claim)

    def predict_columns(self, columns: Real, facts: Facts, claim: pl.Series) -> Predictions:
        """The same, of features already made."""
        parts, spread = self.terms.with_spread(columns)
        scores = self.terms.score(parts)
        payer = self.evidence.words.codes("payer", facts.claims["payer"])
        probability = self.probability(scores, payer)
        limit = self._limits()[payer]
        charge = (facts.claims["charge"].fill_null(0.0).to_numpy() * 100).round().astype(np.int64)
        at_risk = np.rint(probability * self.usual.stake_cents(payer, charge)).astype(np.int64)
        confidence = self.confidence(scores, spread, payer)
        seen_by_person = (probability >= limit) | (confidence < self.confidence_floor)
        category, share = self._category(columns, seen_by_person)
        claims = pl.DataFrame(
            {
                "claim": claim,
                "denial_probability": probability,
                "confidence": confidence,
                "decision": np.where(seen_by_person, "review", "send"),
                "denial_category": category,
                "category_share": share,
                "expected_days": self.usual.days(payer, probability),
                "at_risk": pl.Series(at_risk).cast(pl.Decimal(18, 2)) / 100,
                "review_from": limit,
            },
            schema=PREDICTIONS,
        )
        return Predictions(claims, parts, scores, columns)

    def probability(self, scores: Real, payer: npt.NDArray[np.int64]) -> Real:
        """What the scores of claims of these payers (the vocabulary's codes) mean."""
        return shifted(self.calibration.apply(scores), self.shifts[payer])

    def confidence(self, scores: Real, spread: Real, payer: npt.NDArray[np.int64]) -> Real:
        """For routing: 1 less the width of the range over which the bags of training spread the probability.

        Half of that where the payer was never seen in training. It is no chance of being right, and the range
        covers the true probability with no known frequency: people are not shown it.
        """
        reach = _WIDE * spread
        width = self.probability(scores + reach, payer) - self.probability(scores - reach, payer)
        found: Real = (1 - width) * np.where(payer == 0, _UNSEEN_PAYER, 1.0)
        return found

    def _limits(self) -> Real:
        payers = self.evidence.words.values["payer"]
        return np.array([self.threshold, *(self.thresholds.get(payer, self.threshold) for payer in payers)])

    def _category(self, columns: Real, doubtful: npt.NDArray[np.bool_]) -> tuple[pl.Series, pl.Series]:
        """The likeliest category and its share, of claims that a person will see; null for others."""
        number = np.full(len(columns), -1, dtype=np.int64)
        share = np.full(len(columns), np.nan)
        places = np.flatnonzero(doubtful)
        if len(places):
            shares = self.categories.shares(columns[places])
            number[places] = shares.argmax(axis=1)
            share[places] = shares.max(axis=1)
        names = dict(enumerate(CATEGORIES))
        return (
            pl.Series(number).replace_strict(names, default=None, return_dtype=pl.String),
            pl.Series(share).fill_nan(None),
        )
