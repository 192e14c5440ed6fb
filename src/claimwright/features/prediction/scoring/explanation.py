"""Explains a claim's denial probability in a biller's words, and what would lower it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.prediction import Model, facts_of
from claimwright.engines.prediction.catalogue import ENCODING_OF
from claimwright.engines.prediction.combining import cause_evidence
from claimwright.engines.prediction.facts import with_repeats
from claimwright.engines.prediction.features import known_of
from claimwright.engines.prediction.terms import STEP

from .causes import RowRates
from .findings import Finding, Findings
from .headline import advice_of, headline_of, is_doubted
from .next_steps import (
    LOOKED_UP,
    MEDICARE,
    duplicate_step,
    general_step,
    is_stay,
    next_step,
    records_step,
    settling_step,
)
from .reasons import Reason, Role, parts_of
from .remedies import Remedy, bundling_notes, remedies_of
from .scales import Scale, scales_of
from .subjects import CATEGORY_OF_SUBJECT, SUBJECT_OF_CATEGORY
from .wording import Wording, is_given, percent, title_of

# A reason is told if the odds of a denial are a quarter higher or lower with it. Smaller ones are of no use,
# and their counts often seem to say the opposite.
_LEAST_ODDS = float(np.log(1.25))
# The same for what nobody can change.
_LEAST_ODDS_OF_BACKGROUND = float(np.log(1.5))
# Conditions that a step adds to a claim, by the step that is offered for them.
_ENCODINGS_OF_STEP = {
    "authorization": ("authorization_rate",),
    "referring_provider": ("referral_rate",),
    "attachment": ("attachment_rate", "charge_attachment_rate"),
}
_FIXABLE = frozenset(
    {name for names in _ENCODINGS_OF_STEP.values() for name in names}
    | {"rendering_rate", "taxonomy_rate", "drug_code_rate"}
)


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
        usual: what the payer denies of all claims, as a sentence.
        usual_rate: the model's estimate of it.
        notes: services that the payer bundles, and what a modifier would need; what else is missing.
        review_gain: expected gain of a review in dollars, after its cost; None if no step has evidence.
        scale: converts scores to probabilities.
        general_step, records_step: what to check without a cause, as sentences with periods.
        form: the claim's: P, I or D.
        is_correction: whether it replaces an earlier claim.
        delay: days from the last service to sending; 0 if unknown.
        of_part_b: whether it goes to Medicare Part B.
        of_medicare: whether it goes to Original Medicare, Part A or B.
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
    usual: str = ""
    usual_rate: float = 0.0
    notes: tuple[str, ...] = ()
    review_gain: Decimal | None = None
    general_step: str = ""
    records_step: str = ""
    form: str = "P"
    is_correction: bool = False
    delay: int = 0
    of_part_b: bool = False
    of_medicare: bool = False

    @property
    def score(self) -> float:
        """Log odds before calibration: intercept and all contributions."""
        return self.intercept + sum(reason.log_odds for reason in self.reasons)

    def leading(self, most: int) -> tuple[Reason, ...]:
        """The reasons that are told, at most so many, causes first: only those that matter alone.

        A cause matters if the odds of a denial are a quarter higher with it, what nobody can change if they
        are a half higher or lower. Doubtful reasons are told if the probability rests on one.
        """
        own = _log_odds(self.probability)
        telling = []
        for each in self.reasons:
            least = _LEAST_ODDS if each.is_cause else _LEAST_ODDS_OF_BACKGROUND
            is_told = each.role is not Role.DOUBTFUL or self.rests_on_doubt
            if each.words and is_told and abs(own - _log_odds(each.otherwise)) >= least:
                telling.append(each)
        if any(each.is_cause for each in telling):
            # The causes are enough: nobody can do anything about the others.
            telling = [each for each in telling if each.role not in _BESIDE_CAUSES or each.next_step]
        ordered = sorted(telling, key=self._order)
        return tuple(each for each in ordered if self._adds(each, ordered[0]))[:most]

    def _adds(self, reason: Reason, first: Reason) -> bool:
        """Whether a reason is worth telling beside the first one: what is not sure must add enough to it."""
        if reason is first or not (first.is_cause and reason.is_cause):
            return True
        if reason.role is Role.CAUSE and reason.is_sure:
            return True
        return reason.share >= max(_LEAST_BESIDE, _PART_BESIDE * first.share)

    @property
    def leads_by_hint(self) -> bool:
        """Whether what was seen in few decisions adds far more to the chance than any surer cause."""
        points = {
            role: max(
                (self.probability - each.otherwise for each in self.reasons if each.role is role), default=0.0
            )
            for role in (Role.CAUSE, Role.HINT)
        }
        return 0 < _FAR * points[Role.CAUSE] < points[Role.HINT]

    def _order(self, reason: Reason) -> tuple[int, int]:
        final = len(_FINAL)
        shares = [each.share for each in self.reasons if each.role is Role.CAUSE]
        if reason.subject in _FINAL and reason.share >= _PART * max(shares, default=0.0):
            final = _FINAL.index(reason.subject)
        place = _ORDER.index(reason.role)
        if reason.role is Role.HINT and self.leads_by_hint:
            place = -1
        return place, final if reason.role is Role.CAUSE else 0

    @property
    def cause(self) -> Reason | None:
        """The largest reason that the payer's decisions support as a cause and that matters alone, if any."""
        return next((each for each in self.leading(len(self.reasons)) if each.is_cause), None)

    def without(self, reason: Reason) -> float:
        """The chance without one of the reasons; without a cause, at least what the others alone deny."""
        if not reason.is_cause:
            return reason.otherwise
        others = [each.share for each in self.leading(len(self.reasons)) if each.is_cause]
        if reason.share in others:
            others.remove(reason.share)
        return min(max([reason.otherwise, *(each for each in others if each < 1)]), self.probability)

    def is_possible(self, reason: Reason) -> bool:
        """Whether it is a cause only beside the main one and its decisions do not make it sure."""
        return reason.role is Role.CAUSE and not reason.is_sure and reason != self.cause

    @property
    def kind(self) -> str | None:
        """The denial category of the main cause; without one that has a category, the model's `category`."""
        found = self.cause and CATEGORY_OF_SUBJECT.get(self.cause.subject)
        return found or self.category

    @property
    def other_category(self) -> str | None:
        """The model's own `category`, if it differs from that of the main cause."""
        return self.category if self.category != self.kind else None

    @property
    def other_subject(self) -> str | None:
        """The subject of `other_category`."""
        return SUBJECT_OF_CATEGORY.get(self.other_category or "")

    @property
    def headline(self) -> str:
        """The main causes, or that there is none; whether the chance is doubtful; sentences with periods."""
        return headline_of(self)

    @property
    def advice(self) -> str:
        """Whether to review the claim, to check something first, or to send it; sentences with periods."""
        return advice_of(self)

    @property
    def is_doubted(self) -> bool:
        """Whether it says that the chance may be too high, or what it is without a cause of few decisions."""
        return is_doubted(self)

    @property
    def rests_on_doubt(self) -> bool:
        """Whether denials that may not apply to this claim carry most of its chance."""
        raising = [each for each in self.reasons if each.log_odds > 0]
        if not raising or raising[0].role is not Role.DOUBTFUL:
            return False
        return self.probability - raising[0].otherwise >= _MOST_OF * self.probability


_ORDER = (Role.CAUSE, Role.HINT, Role.DOUBTFUL, Role.BACKGROUND, Role.LOWERS)
_BESIDE_CAUSES = frozenset({Role.BACKGROUND, Role.LOWERS})
# Nothing else helps a claim that was sent before, or is too late: these causes come first, unless such claims
# are denied less than half as often as for another cause.
_FINAL, _PART = ("duplicate", "timely filing"), 0.5
# Rates that are true of anybody are never doubtful.
_ANYBODY = ("eligibility_rate", "provider_eligibility_rate", "coordination_rate", "provider_data_rate")
# A kind that adds this many times the share that was denied of claims like this one, and so many points, says
# more than the decisions do.
_TIMES, _LEAST_POINTS = 1.25, 0.1
# What is not sure is told beside a cause if such claims are denied for it so often, and so much of how often
# they are for the first.
_LEAST_BESIDE, _PART_BESIDE = 0.2, 0.3
# A chance rests on what carries this part of it: then nothing else does.
_MOST_OF = 0.6
# So many times the points of the largest sure cause make a hint come first.
_FAR = 1.8


def explain(model: Model, batch: ClaimBatch, submitted_on: datetime.date) -> list[Explanation]:
    """Explanations of all claims of a batch; meant for a few claims, not for thousands.

    Raises:
        NotExplainedError: the model has no reasons for its predictions.
    """
    terms = model.tables
    facts = facts_of(batch, submitted_on)
    facts = with_repeats(facts, known_of(facts, model.evidence.people)["sent_before"])
    found = model.predict_facts(facts, batch.claims["claim"])
    remedies, notes = remedies_of(model, facts, found.columns), bundling_notes(model, facts)
    rates = RowRates.of(model, facts)
    wording = Wording(model, facts, found.columns, rates)
    findings = Findings(model, facts, notes, rates)
    told = _Reasons(batch, wording, findings, remedies)
    scales = scales_of(model, facts)
    base = {name: tally.base for name, tally in model.evidence.tallies.items()}
    causes = cause_evidence(facts, rates.rates, base)
    explanations = []
    for row, claim in enumerate(found.claims.iter_rows(named=True)):
        scale, score = scales[row], float(found.scores[row])
        parts = parts_of(
            terms, found.contributions[row].astype(np.float64) / STEP, causes, row,
            is_corrected=bool(facts.claims["corrected"][row]),
        )  # fmt: skip
        reasons = [
            told.of(row, part, scale.probability(score - part[2]), claim["denial_probability"])
            for part in parts
        ]
        stated = {each.words for each in reasons}
        explanations.append(
            Explanation(
                claim["claim"],
                claim["denial_probability"],
                claim["decision"],
                claim["denial_category"],
                claim["at_risk"],
                tuple(reasons),
                terms.intercept / STEP,
                tuple(_within(each, claim["denial_probability"]) for each in remedies[row]),
                scale,
                low=claim["probability_low"],
                high=claim["probability_high"],
                confidence=claim["confidence"],
                days=(int(claim["days_low"]), int(claim["expected_days"]), int(claim["days_high"])),
                usual=told.usual(row),
                usual_rate=wording.usual_rate(row),
                notes=(
                    *(note.words for note in notes[row] if note.evidence not in stated),
                    *told.missing(row, reasons),
                ),
                review_gain=claim["review_gain"],
                general_step=general_step(
                    has_authorization=batch.claims["prior_authorization"][row] is not None
                ),
                records_step=records_step(findings.unrecorded(row)),
                form=batch.claims["form"][row],
                is_correction=batch.claims["frequency_code"][row] == "7",
                delay=int(facts.claims["days_to_filing"][row] or 0),
                of_part_b=batch.claims["claim_filing_code"][row] == "MB",
                of_medicare=batch.claims["claim_filing_code"][row] in MEDICARE,
            )
        )
    return explanations


class _Reasons:
    """Makes the reasons of the claims of a batch."""

    def __init__(
        self, batch: ClaimBatch, wording: Wording, findings: Findings, remedies: list[tuple[Remedy, ...]]
    ) -> None:
        self._forms, self._wording, self._findings = batch.claims["form"], wording, findings
        self._remedies = remedies
        self._of_part_b = batch.claims["claim_filing_code"].is_in(["MB"]).fill_null(False)
        self._of_medicare = batch.claims["claim_filing_code"].is_in(MEDICARE).fill_null(False)
        self._corrects = batch.claims["frequency_code"].is_in(["7"]).fill_null(False)

    def usual(self, row: int) -> str:
        """What the payer denies of all claims."""
        return self._wording.of("payer_rate", row)

    def of(self, row: int, part: tuple[str, str, float], otherwise: float, probability: float) -> Reason:
        """The reason of a subject, of its largest feature and of what it adds."""
        found = self._of(row, part, otherwise, probability)
        if self._forms[row] == "I":
            return replace(found, words=found.words.replace("at place of service", "on type of bill"))
        return found

    def _of(self, row: int, part: tuple[str, str, float], otherwise: float, probability: float) -> Reason:
        subject, name, log_odds = part
        plain = Reason(subject, self._wording.of(name, row), log_odds, otherwise)
        if log_odds <= 0:
            seen = self._findings.counted(name, row)
            # What is denied more often than usual is not said to lower the chance.
            is_more = seen is not None and seen.all.rate > self._wording.usual_rate(row)
            return replace(plain, words="" if is_more else plain.words, role=Role.LOWERS)
        if subject == "duplicate":
            return self._duplicate(plain, row)
        category = CATEGORY_OF_SUBJECT.get(subject)
        if category is None or category == "other":
            return self._background(plain, name, row)
        return self._of_kind(plain, self._findings.of(category, row, probability), row, probability)

    def _duplicate(self, plain: Reason, row: int) -> Reason:
        if not self._findings.is_repeated(row):
            return replace(plain, words="")
        words, evidence = self._wording.of("sent_before", row), self._findings.counted("duplicate_rate", row)
        if evidence is not None:
            words = f"{words}; {self._wording.of_evidence(evidence)}"
        return replace(
            plain, words=words, role=Role.CAUSE,
            next_step=duplicate_step(self._forms[row], of_part_b=self._of_part_b[row]),
            title="an earlier claim for the same services exists", condition="duplicate",
            share=1.0 if evidence is None else max(evidence.all.rate, evidence.estimate),
        )  # fmt: skip

    def missing(self, row: int, reasons: list[Reason]) -> list[str]:
        """What else the claim lacks and the payer denies claims for, with what to do."""
        stated, found = {each.next_step for each in reasons if each.is_cause}, []
        for evidence in self._findings.missing(row, self._forms[row]):
            step = next_step(evidence, self._forms[row])
            if step not in stated:
                found.append(f"{self._wording.of_evidence(evidence)}. To do: {step}.")
        return found

    def _background(self, plain: Reason, name: str, row: int) -> Reason:
        if plain.subject == "provider" and (
            found := self._findings.of_provider(row, self._wording.usual_rate(row))
        ):
            return self._of_kind(plain, found, row, 1.0)
        if name.removeprefix("recent_") not in ENCODING_OF:
            return plain
        evidence = self._findings.counted(name, row)
        return replace(plain, words=self._wording.of_evidence(evidence) if evidence else "")

    def _of_kind(self, plain: Reason, finding: Finding, row: int, probability: float) -> Reason:
        evidence, form = finding.evidence, self._forms[row]
        if finding.note is not None:
            return replace(
                plain,
                words=finding.note.evidence,
                role=Role.HINT if finding.is_hint else Role.CAUSE,
                next_step=finding.note.step,
                title=finding.note.title,
                condition="bundling",
                service=finding.note.pair[0],
                share=finding.note.denied / finding.note.answered,
                is_sure=finding.is_sure,
                certainty=finding.certainty,
            )
        if evidence is None:
            return replace(plain, words="", role=Role.DOUBTFUL)
        words = finding.charge or self._wording.of_evidence(evidence, probability)
        title = title_of(evidence, of_stay=is_stay(evidence, form), form=form, is_hint=finding.is_hint)
        is_weighed = evidence.belief is not None and evidence.name != "age_coverage_rate"
        share = evidence.estimate if is_weighed else max(evidence.all.rate, evidence.estimate)
        is_there = is_given(evidence)
        plain = replace(
            plain, title=title, share=share, is_sure=finding.is_sure, condition=evidence.name,
            service=evidence.values.get("procedure"), is_given=is_there, certainty=finding.certainty,
            also="age_coverage_rate" if evidence.is_of_age_too else "",
        )  # fmt: skip
        step = next_step(
            evidence, form, is_given=is_there, of_medicare=self._of_medicare[row],
            is_correction=self._corrects[row],
        )  # fmt: skip
        if finding.doubt is not None:
            if not is_there and evidence.name not in LOOKED_UP:
                step = settling_step(step) if finding.can_settle else ""
            return replace(plain, words=f"{words}; but {finding.doubt}", role=Role.DOUBTFUL, next_step=step)
        if finding.is_usual:
            points, seen = probability - plain.otherwise, evidence.all.rate
            if evidence.name not in _ANYBODY and points >= max(_LEAST_POINTS, _TIMES * seen):
                words = f"{words}; but that is seldom: {percent(seen)}"
                return replace(plain, words=words, role=Role.DOUBTFUL, next_step=step)
            return replace(plain, words=words, next_step=step)
        is_fixable = evidence.name in _FIXABLE and not is_there
        remedy = next(
            (each for each in self._remedies[row] if evidence.name in _ENCODINGS_OF_STEP.get(each.step, ())),
            None,
        )
        role = Role.HINT if finding.is_hint else Role.CAUSE
        if remedy is not None:
            return replace(plain, words=remedy.evidence, role=role, next_step=step, is_fixable=True)
        return replace(plain, words=words, role=role, next_step=step, is_fixable=is_fixable)


def _within(remedy: Remedy, probability: float) -> Remedy:
    """A step can't lower the chance by more than there is; what it is expected to do is within the range."""
    ends = (*remedy.gain, probability - remedy.probability)
    least, most = (max(min(each, probability), 0.0) for each in (min(ends), max(ends)))
    return replace(remedy, gain=(least, most))


def _log_odds(probability: float) -> float:
    share = min(max(probability, 1e-6), 1 - 1e-6)
    return float(np.log(share / (1 - share)))
