"""A trained model: everything that turns claims into predictions."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.foundation.errors import ModelError

from .answers import Answers
from .calibration import Calibration, shifted
from .catalogue import RECENT_DAYS
from .categories import CATEGORIES
from .confidence import Confidence, confidence_in
from .cost_profiles import Economics
from .demands import DemandCells
from .dollars import Dollars
from .drift import Profile
from .encoding import Tally
from .facts import Facts, facts_of
from .features import Evidence, People, later_counts, later_decisions, recent_counts, score_features
from .fingerprints import Fingerprints
from .gains import GainCurve
from .outcomes import CategoryModel, PayerMeans
from .remedies import RemedyModel
from .review import ReviewRule, advise
from .terms import Parts, Real, TermTables
from .trees import TreeTables
from .waiting import Waits
from .worth import ReviewCurve, ReviewPolicy

PREDICTIONS: dict[str, pl.DataType] = {
    "claim": pl.Int64(),
    "denial_probability": pl.Float64(),
    "probability_low": pl.Float64(),
    "probability_high": pl.Float64(),
    "confidence": pl.Float64(),
    "decision": pl.String(),
    "denial_category": pl.String(),
    "category_share": pl.Float64(),
    "expected_days": pl.Float64(),
    "days_low": pl.Float64(),
    "days_high": pl.Float64(),
    "unanswered": pl.Float64(),
    "at_risk": pl.Decimal(18, 2),
    "at_risk_low": pl.Decimal(18, 2),
    "at_risk_high": pl.Decimal(18, 2),
    "review_from": pl.Float64(),
    "step": pl.String(),
    "step_gain": pl.Float64(),
    "review_gain": pl.Decimal(18, 2),
    "is_worth_review": pl.Boolean(),
}


class NotExplainedError(ModelError):
    """A model can't say why it predicts what it predicts. It can only be a shadow."""

    def __init__(self) -> None:
        super().__init__(
            "this model has no reasons for its predictions: it is boosted, and can only be a shadow. "
            "Ask the champion."
        )


@dataclass(frozen=True)
class Predictions:
    """The predictions of a model for a batch.

    Attributes:
        claims: one row per claim in the order of the batch; see `PREDICTIONS`. `probability_low` and
            `probability_high` contain the share denied of 9 of 10 groups of like claims, and `confidence` is
            the least share of like claims whose likelier outcome happens (see `confidence.py`). `decision` is
            `review` or `send`; `category_share` is the probability of the category if the claim is denied.
            Half of such claims that are answered are so within `expected_days`, and 9
            of 10 between `days_low` and `days_high`; `unanswered` is the share without an answer after 180
            days. `at_risk` is the denial probability times the loss from a denial, in dollars, with the ends
            of the probability's interval. `review_from` is the probability from which claims of that payer
            are reviewed, null if the expected gain decides. `step` is the step with the highest expected
            gain, null if its kind is not offered, `step_gain` by how much it lowers the probability, and
            `review_gain` the expected gain of a review in dollars, after its cost; both null if no step has
            evidence. `is_worth_review` is the decision by expected gain, null if the probability decides.
        contributions: one row per claim, one column per term, in steps of 1/2048 log odds.
        scores: log odds: the sum of the contributions and the intercept.
        columns: the features.
    """

    claims: pl.DataFrame
    contributions: Parts
    scores: Real
    columns: Real


# Minimum number of recently decided claims, and minimum share compared with training; below both, the rates
# of training are used.
_FEWEST_RECENT = 1_000


@dataclass(frozen=True)
class Past:
    """A history as of the start of a day, for `Model.with_past`.

    Attributes:
        people: earlier claims and denials, by patient.
        recent: counts of the decisions of the last 90 days; None if there are too few.
        answered: the number of these claims.
        day: the day.
        remedies: those of the model, with what was answered since; None: as the model has them.
        later: of the recent decisions, those on claims that the model was not trained on.
        later_demands: the same, about demands.
    """

    people: People
    recent: dict[str, Tally] | None
    answered: int
    day: datetime.date
    remedies: RemedyModel | None = None
    later: dict[str, Tally] = field(default_factory=dict)
    later_demands: dict[str, DemandCells] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        facts: Facts,
        answers: Answers,
        model: Model,
        day: datetime.date,
        counted: npt.NDArray[np.bool_] | None = None,
    ) -> Past:
        """Build from past claims with their decisions; claims sent or decided later are not used.

        Claims that are `counted` are already included in `sent_before` of `score_features`.
        """
        number = (day - datetime.date(1970, 1, 1)).days
        evidence = model.evidence
        come = (answers.answered_day >= number - RECENT_DAYS) & (answers.answered_day < number)
        answered = int(come.sum())
        usual = float(evidence.recent["payer_rate"].own.total.sum())
        recent, later, demands = None, {}, {}
        if answered and answered >= min(_FEWEST_RECENT, usual / 2):
            recent = recent_counts(facts, answers, evidence.words, evidence.tallies, number)
            later = later_counts(facts, answers, evidence, number)
            demands = later_decisions(facts, answers, evidence, number)
        remedies = model.remedies.after(facts, answers, evidence.words, number)
        return cls(
            People.of(facts, answers, number, counted), recent, answered, day, remedies, later, demands
        )


@dataclass(frozen=True)
class Model:
    """A trained model. `about` is the content of its card: data, periods, measures, seed, code version.

    `shifts` are added to the calibrated log odds of each payer's claims, by the vocabulary's code.
    `thresholds` are the probabilities from which claims are reviewed, by payer; `threshold` is that of the
    other payers. `profile` is the distribution of features in training, `base_rate` the denial rate.
    `learned_from` are the sorted fingerprints of the claims used for training or calibration. A prediction
    with a confidence below `confidence_floor` is reviewed, however unlikely a denial is. `remedies` are the
    steps that would help, and `review` says how their expected gain decides about reviews.
    """

    about: dict[str, Any]
    evidence: Evidence
    terms: TermTables | TreeTables
    calibration: Calibration
    shifts: Real
    categories: CategoryModel
    usual: PayerMeans
    confidence: Confidence
    waits: Waits
    dollars: Dollars
    threshold: float
    thresholds: dict[str, float]
    profile: Profile
    base_rate: float
    learned_from: Fingerprints
    confidence_floor: float = 0.0
    remedies: RemedyModel = field(default_factory=RemedyModel)
    review: ReviewRule = field(default_factory=ReviewRule)

    def under(self, policy: ReviewPolicy) -> Model:
        """The same model with the thresholds that follow from a tenant's policy and the model's curves."""
        curves = self.review_curves
        return replace(
            self,
            threshold=policy.threshold(None, curves, self.threshold),
            thresholds={
                payer: policy.threshold(payer, curves, self.thresholds.get(payer, self.threshold))
                for payer in sorted({*self.thresholds, *policy.payers, *policy.probabilities})
            },
            confidence_floor=policy.confidence_floor,
            review=policy.rule(self.gain_curves, self.economics),
        )

    @property
    def has_reasons(self) -> bool:
        """Whether it says what each feature contributes; if not, it can only be a shadow."""
        return isinstance(self.terms, TermTables)

    @property
    def tables(self) -> TermTables:
        """What each feature contributes.

        Raises:
            NotExplainedError: the model has no reasons.
        """
        if not isinstance(self.terms, TermTables):
            raise NotExplainedError
        return self.terms

    @cached_property
    def review_curves(self) -> dict[str, ReviewCurve]:
        """Benefit of reviews in the calibration period: by payer, and for all payers under `ALL`."""
        stated = self.about.get("review_curves", {})
        return {payer: ReviewCurve.from_numbers(numbers) for payer, numbers in stated.items()}

    @cached_property
    def gain_curves(self) -> dict[str, GainCurve]:
        """Reviews by expected gain in the calibration period, by payer; empty if no step has evidence."""
        stated = self.about.get("remedies", {}).get("curves", {})
        return {payer: GainCurve.from_numbers(numbers) for payer, numbers in stated.items()}

    @property
    def economics(self) -> Economics:
        """Cost and benefit of reviews, as used in training to choose the thresholds."""
        return Economics(**self.about.get("economics", {}))

    def with_past(self, past: Past) -> Model:
        """The same model for another day, with the rates of the days before and the patients' history."""
        evidence = replace(self.evidence, people=past.people)
        if past.recent is not None:
            evidence = replace(
                evidence,
                recent=past.recent,
                recent_until=past.day,
                later=past.later,
                later_demands=past.later_demands,
            )
        remedies = self.remedies if past.remedies is None else past.remedies
        return replace(self, evidence=evidence, remedies=remedies)

    def has_seen(self, claims: Fingerprints) -> npt.NDArray[np.bool_]:
        """Which claims, by fingerprint, were used to train or calibrate the model."""
        found: npt.NDArray[np.bool_] = np.isin(claims, self.learned_from)
        return found

    def predict(self, batch: ClaimBatch, submitted_on: datetime.date | pl.Series) -> Predictions:
        """Predictions for claims that are sent on that day; none for an empty batch."""
        return self.predict_facts(facts_of(batch, submitted_on), batch.claims["claim"])

    def predict_facts(
        self, facts: Facts, claim: pl.Series, sent_before: pl.Series | None = None
    ) -> Predictions:
        """The same, from computed facts; `sent_before` as in `score_features`."""
        columns = score_features(facts, self.evidence, sent_before)
        return self.predict_columns(columns, facts, claim)

    def predict_columns(self, columns: Real, facts: Facts, claim: pl.Series) -> Predictions:
        """The same, from computed features."""
        parts, scores = self.terms.scored(columns)
        payer = self.evidence.words.codes("payer", facts.claims["payer"])
        probability = self.probability(scores, payer)
        limit = self._limits()[payer]
        charge = (facts.claims["charge"].fill_null(0.0).to_numpy() * 100).round().astype(np.int64)
        stake = self.usual.stake_cents(payer, charge)
        low, high = self.confidence.interval(probability, payer)
        confidence = confidence_in(probability, low, high)
        days = self.waits.of_claims(payer, probability)
        advice = advise(self, facts, columns, payer, stake)
        names = self.evidence.words.values["payer"]
        by_gain, nothing = self.review.decides(names)[payer], pl.Series(~advice.has_gain)
        worth = advice.has_gain & (advice.net_cents >= self.review.limits(names)[payer])
        seen_by_person = np.where(by_gain, worth, probability >= limit) | (confidence < self.confidence_floor)
        net = pl.Series(advice.net_cents).cast(pl.Decimal(18, 2)) / 100
        category, share = self._category(columns, seen_by_person)
        claims = pl.DataFrame(
            {
                "claim": claim,
                "denial_probability": probability,
                "probability_low": low,
                "probability_high": high,
                "confidence": confidence,
                "decision": np.where(seen_by_person, "review", "send"),
                "denial_category": category,
                "category_share": share,
                "expected_days": days[:, 1],
                "days_low": days[:, 0],
                "days_high": days[:, 2],
                "unanswered": self.waits.unanswered(payer, probability),
                "at_risk": _dollars(probability * stake),
                "at_risk_low": _dollars(low * stake),
                "at_risk_high": _dollars(high * stake),
                "review_from": pl.Series(np.where(by_gain, np.nan, limit)).fill_nan(None),
                "step": advice.step,
                "step_gain": pl.Series(advice.gain).set(nothing, None),
                "review_gain": net.set(nothing, None),
                "is_worth_review": pl.Series(worth).set(pl.Series(~by_gain), None),
            },
            schema=PREDICTIONS,
        )
        return Predictions(claims, parts, scores, columns)

    def probability(self, scores: Real, payer: npt.NDArray[np.int64]) -> Real:
        """The probabilities of scores for claims of these payers (the vocabulary's codes)."""
        return shifted(self.calibration.apply(scores), self.shifts[payer])

    def _limits(self) -> Real:
        payers = self.evidence.words.values["payer"]
        return np.array([self.threshold, *(self.thresholds.get(payer, self.threshold) for payer in payers)])

    def _category(self, columns: Real, doubtful: npt.NDArray[np.bool_]) -> tuple[pl.Series, pl.Series]:
        """The most likely category and its share, for claims that will be reviewed; null for others."""
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


def _dollars(cents: Real) -> pl.Series:
    """Cents, rounded, as dollars."""
    return pl.Series(np.rint(cents).astype(np.int64)).cast(pl.Decimal(18, 2)) / 100


def total_at_risk(model: Model, predicted: pl.DataFrame) -> tuple[int, int, int]:
    """The sum at risk of predictions, and the ends of what is lost in 9 of 10 such sums; in cents."""
    probability, at_risk, low, high = (
        predicted[name].cast(pl.Float64).to_numpy()
        for name in ("denial_probability", "at_risk", "probability_low", "probability_high")
    )
    stake = at_risk * 100 / np.maximum(probability, 1e-9)
    return model.dollars.total(probability, low, high, stake)
