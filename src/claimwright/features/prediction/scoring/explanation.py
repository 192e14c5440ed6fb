"""Explains a claim's denial probability in a biller's words, and what would lower it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.prediction import Facts, Model, facts_of
from claimwright.engines.prediction.catalogue import NAMES
from claimwright.engines.prediction.combining import CauseEvidence, cause_evidence
from claimwright.engines.prediction.encoding import Real
from claimwright.engines.prediction.terms import STEP, TermTables

from .remedies import Remedy, bundling_notes, remedies_of
from .subjects import (
    ALL_CAUSES,
    CATEGORY_OF_SUBJECT,
    GENERAL,
    PARTS_OF_GENERAL,
    SUBJECT_OF_CATEGORY,
    subject_of,
)
from .wording import Wording

# Range of scores that covers all probabilities, in steps fine enough for linear interpolation.
_SCORES = np.arange(-30.0, 30.01, 0.05)
# A share of the weight of a service's denials.
_GOOD_PART = 0.5
# A reason is told if the odds of a denial are a quarter higher or lower with it. Smaller ones are of no use,
# and their counts often seem to say the opposite.
_LEAST_ODDS = float(np.log(1.25))


@dataclass(frozen=True)
class Reason:
    """What one subject adds to a claim's score.

    Attributes:
        subject: what it is about.
        words: its weightiest feature, as a sentence.
        log_odds: what its terms contribute together; above 0 they make denial likelier.
        otherwise: the denial probability of the claim without this reason.
    """

    subject: str
    words: str
    log_odds: float
    otherwise: float


@dataclass(frozen=True)
class Scale:
    """Scores and their probabilities, for claims of one payer; both ascending."""

    scores: Real
    probabilities: Real

    def probability(self, score: float) -> float:
        """The probability of a score."""
        return float(np.interp(score, self.scores, self.probabilities))

    def score(self, probability: float) -> float:
        """The score of a probability."""
        return float(np.interp(probability, self.probabilities, self.scores))


@dataclass(frozen=True)
class Explanation:
    """The prediction of one claim with its reasons.

    Attributes:
        claim: its number in the batch.
        probability, decision: as predicted.
        low, high: of like claims of the payer, the share that is denied is between them for 9 of 10 groups.
        confidence: the least share of such claims whose likelier outcome happens.
        days: days to the answer: low, middle, high; 9 of 10 answers come between the first and the last.
        category: the most likely denial category; null below the threshold.
        at_risk: the probability times the loss from a denial, in dollars.
        reasons: one per subject, largest first; with `intercept` they add up to the score.
        intercept: the score at which every claim starts.
        remedies: what would lower the probability, most effective first.
        notes: services that the payer bundles, and what a modifier would need.
        review_gain: expected gain of a review in dollars, after its cost; None if no step has evidence.
        scale: converts scores to probabilities.
    """

    claim: int
    probability: float
    decision: str
    category: str | None
    at_risk: Decimal
    reasons: tuple[Reason, ...]
    intercept: float
    remedies: tuple[Remedy, ...]
    scale: Scale
    low: float
    high: float
    confidence: float
    days: tuple[int, int, int]
    notes: tuple[str, ...] = ()
    review_gain: Decimal | None = None

    @property
    def score(self) -> float:
        """Log odds before calibration: intercept and all contributions."""
        return self.intercept + sum(reason.log_odds for reason in self.reasons)

    def leading(self, most: int) -> tuple[Reason, ...]:
        """The reasons that are told, at most so many: the largest one, and others that matter alone."""
        own = _log_odds(self.probability)
        first, *others = self.reasons[:most] or (None,)
        if first is None:
            return ()
        return (first, *(each for each in others if abs(own - _log_odds(each.otherwise)) >= _LEAST_ODDS))

    @property
    def other_category(self) -> str | None:
        """The denial category of the largest reason that has one, if it differs from `category`."""
        for reason in self.reasons:
            kind = CATEGORY_OF_SUBJECT.get(reason.subject)
            if reason.log_odds > 0 and kind is not None:
                return kind if self.category is not None and kind != self.category else None
        return None


def explain(model: Model, batch: ClaimBatch, submitted_on: datetime.date) -> list[Explanation]:
    """Explanations of all claims of a batch; meant for a few claims, not for thousands.

    Raises:
        NotExplainedError: the model has no reasons for its predictions.
    """
    terms = model.tables
    facts = facts_of(batch, submitted_on)
    found = model.predict_facts(facts, batch.claims["claim"])
    wording = Wording(model, facts, found.columns)
    remedies, notes = remedies_of(model, facts, found.columns), bundling_notes(model, facts)
    scales = _scales(model, facts)
    causes = cause_evidence(facts, model.evidence)
    explanations = []
    for row, claim in enumerate(found.claims.iter_rows(named=True)):
        scale, score = scales[row], float(found.scores[row])
        reasons = [
            Reason(subject, wording.of(name, row), log_odds, scale.probability(score - log_odds))
            for subject, name, log_odds in _subjects(
                terms, found.contributions[row].astype(np.float64) / STEP, causes, row
            )
        ]
        explanations.append(
            Explanation(
                claim["claim"],
                claim["denial_probability"],
                claim["decision"],
                claim["denial_category"],
                claim["at_risk"],
                tuple(reasons),
                terms.intercept / STEP,
                remedies[row],
                scale,
                low=claim["probability_low"],
                high=claim["probability_high"],
                confidence=claim["confidence"],
                days=(int(claim["days_low"]), int(claim["expected_days"]), int(claim["days_high"])),
                notes=notes[row],
                review_gain=claim["review_gain"],
            )
        )
    return explanations


def _log_odds(probability: float) -> float:
    share = min(max(probability, 1e-6), 1 - 1e-6)
    return float(np.log(share / (1 - share)))


def _scales(model: Model, facts: Facts) -> list[Scale]:
    """The scale of each claim's payer."""
    payers = model.evidence.words.codes("payer", facts.claims["payer"])
    by_payer = {
        payer: Scale(_SCORES, model.probability(_SCORES, np.full(len(_SCORES), payer)))
        for payer in np.unique(payers)
    }
    return [by_payer[payer] for payer in payers]


def _subjects(
    terms: TermTables, parts: Real, causes: CauseEvidence, row: int
) -> list[tuple[str, str, float]]:
    """The subjects of a claim, each with its largest feature and its sum; largest first."""
    features = [[NAMES[each] for each in term.features] for term in terms.terms]
    alone = {names[0]: float(part) for names, part in zip(features, parts, strict=True) if len(names) == 1}
    summed: dict[str, float] = {}
    weight: dict[str, dict[str, float]] = {}
    for names, part in zip(features, parts, strict=True):
        subject = subject_of(names, alone)
        summed[subject] = summed.get(subject, 0.0) + float(part)
        name = max(names, key=lambda each: abs(alone.get(each, 0.0)))
        of_subject = weight.setdefault(subject, {})
        of_subject[name] = of_subject.get(name, 0.0) + float(part)
    _divide(summed, weight, causes, row)
    _fold(summed)
    found = [
        (subject, max(weight[subject], key=lambda name: _leads(weight[subject][name], total)), total)
        for subject, total in summed.items()
    ]
    return sorted(found, key=lambda each: -abs(each[2]))


def _divide(
    summed: dict[str, float], weight: dict[str, dict[str, float]], causes: CauseEvidence, row: int
) -> None:
    """Divide what all causes add up to among the causes that raise it, or lower it, by how much they do."""
    total = summed.pop(ALL_CAUSES, 0.0)
    weight.pop(ALL_CAUSES, None)
    if not total:
        return
    parts = {category: float(values[row]) for category, values in causes.weight.items()}
    share = {category: value for category, value in parts.items() if value * total > 0}
    # Nothing points that way: then every cause is a little less, or more, likely than usual.
    share = share or dict.fromkeys(parts, 1.0)
    whole = sum(abs(value) for value in share.values())
    for category, value in share.items():
        subject, name = SUBJECT_OF_CATEGORY[category], causes.feature[category][row]
        part = total * abs(value) / whole
        summed[subject] = summed.get(subject, 0.0) + part
        of_subject = weight.setdefault(subject, {})
        of_subject[name] = of_subject.get(name, 0.0) + part


def _leads(part: float, total: float) -> float:
    """How well a feature represents its subject; a feature with the opposite sign does not represent it."""
    return part if total > 0 else -part


def _fold(summed: dict[str, float]) -> None:
    """Move the denials of a service to their cause, if the cause explains a large part of them.

    They are the same denials, counted once for the service and again for their cause.
    """
    general = summed.get(GENERAL, 0.0)
    causes = [name for name in summed if name in PARTS_OF_GENERAL and summed[name] * general > 0]
    if not causes:
        return
    cause = max(causes, key=lambda name: abs(summed[name]))
    if abs(summed[cause]) >= _GOOD_PART * abs(general):
        summed[cause] += summed.pop(GENERAL)
