"""Whether a kind of denial is a supported cause for a claim, and if not, why not.

A model adds up rates, and a rate can be high because of other claims: those above an amount, of other ages,
or from before a policy ended. Each is looked at in the payer's decisions before a kind is called a cause.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np
import polars as pl

from claimwright.engines.prediction import Facts, Model
from claimwright.engines.prediction.catalogue import ENCODING_OF
from claimwright.engines.prediction.facts import is_emergency
from claimwright.engines.prediction.remedies import Effect, service_key
from claimwright.engines.prediction.steps import STEP_OF

from .causes import FEW_ANSWERED, FEW_DENIED, Causes, Count, Evidence, RowRates
from .next_steps import LIMIT_OF_CORRECTIONS
from .reasons import CERTAIN
from .remedies import BundlingNote, evidence_of
from .wording import is_given

# A payer that demands a step denies a claim without it at least this often. In two development worlds (seeds
# 424242 and 515151) 6 of 67 claims below it had the cause, and 217 of 229 above it.
_DEMANDED = 0.1
# Conditions that a step would change, with the step.
_STEPS = {
    "authorization_rate": "authorization",
    "referral_rate": "referring_provider",
    "attachment_rate": "attachment",
    "charge_attachment_rate": "attachment",
}
# What may be missing beside another cause, how often it must have been denied, and the least estimate.
_MISSING, _LEAST_MISSING, _WORTH_A_NOTE = ("rendering_rate", "taxonomy_rate", "referral_rate"), 2, 0.05
# Kinds that are true of any payer to a degree: below this share they are background.
_OF_ANYBODY = ("eligibility_rate", "provider_eligibility_rate", "coordination_rate", "provider_data_rate")
_USUAL = 0.15
# Below this share, and below this part of the claim's probability, a kind is one of many.
_LEAST, _LEAST_PART = 0.1, 0.2
# What a reason code for coding can be about, beside bundling.
_OF_CODING = ("modifier_rate", "place_rate")
# Two denials are no chance.
_SEEN, _MOST = 2, 0.99
# A service is asked for records if it is denied so much more often than the limit of charges explains.
_LEAST_LEFT = 0.05
# A demand is a cause from `CERTAIN` on. In three development worlds (seeds 424242, 717171,
# 818181), of authorizations, referrals and services not covered, 225 of 252 with at least this belief
# were demanded, and 3 of 62 with less. Less belief makes a hint.
_BELIEVED_OF_HINTS = 0.35
_FOR_SERVICES = "these were denied for services that are not on this claim"
# A payer that denies at least this share of a provider's claims, and so many times its usual share, for other
# reasons than those with a kind of their own, does so because of the provider.
_OF_PROVIDER, _TIMES_USUAL = 0.3, 3
# The chance that so many are paid, below which they are no chance.
_BY_CHANCE = 0.2
# A second cause is sure if in each period so many times more were denied than of the others; or if of the
# later decisions, at least `FEW_DENIED`, this part was. Of bundled services, both periods count together.
_TIMES, _HALF_DENIED = 2, 0.5
_OUTSIDE = {
    "age_coverage_rate": "this patient is of another age",
    "coordination_rate": "this patient is of another age",
    "charge_attachment_rate": "this claim charges less",
    "filing_delay_rate": "this claim is sent sooner",
    "units_rate": "this line has fewer",
}


@dataclass(frozen=True)
class Finding:
    """What is known about a kind of denial of a claim.

    Attributes:
        evidence: of its best condition; None if this payer denied nothing like it.
        doubt: why it is no supported cause; None if it is one.
        note: the services that the payer bundles, if the kind is coding.
        charge: what the payer did with claims above an amount, if that is the condition.
        is_usual: whether the payer denies so many claims of anybody for it that it is background.
        can_settle: whether asking the payer would settle the doubt.
        is_hint: whether it rests on very few decisions.
    """

    evidence: Evidence | None
    doubt: str | None
    note: BundlingNote | None = None
    charge: str = ""
    is_usual: bool = False
    can_settle: bool = False

    @property
    def certainty(self) -> float:
        """How likely the payer has such a demand in force; 1 if that is not weighed."""
        if self.note is not None:
            return self.note.in_force
        belief = self.evidence.belief if self.evidence is not None else None
        return 1.0 if belief is None else belief.in_force

    @property
    def is_hint(self) -> bool:
        """Whether it rests on very few decisions, or the payer may not demand it any more."""
        if self.certainty < CERTAIN:
            return True
        if self.note is not None:
            return self.note.denied < FEW_DENIED or self.note.answered < FEW_ANSWERED
        return self.evidence is not None and self.evidence.is_few

    @property
    def is_sure(self) -> bool:
        """Whether the decisions support it beside another cause."""
        if self.note is not None:
            return self.note.denied >= _HALF_DENIED * self.note.answered
        if self.evidence is None:
            return True
        later = self.evidence.later
        if later.answered >= FEW_DENIED and later.rate >= _HALF_DENIED:
            return True
        least = _TIMES * self.evidence.others.rate
        periods = (self.evidence.trained, later)
        return all(each.denied >= FEW_DENIED and each.rate >= least for each in periods)


class Findings:
    """The findings for the claims of a batch."""

    def __init__(
        self, model: Model, facts: Facts, notes: list[tuple[BundlingNote, ...]], rates: RowRates
    ) -> None:
        self._model, self._facts, self._notes = model, facts, notes
        self._causes = Causes(model, facts, rates)
        self._effects: dict[str, Effect] = model.remedies.effects(facts, model.evidence.words, measured=False)

    def counted(self, feature: str, row: int) -> Evidence | None:
        """What was decided, for a feature that is a rate; None for others, and if nothing was denied."""
        name = feature.removeprefix("recent_")
        evidence = self._causes.of(name, row) if name in ENCODING_OF else None
        return evidence if evidence is not None and evidence.all.denied else None

    def is_repeated(self, row: int) -> bool:
        """Whether the services of the claim were sent before, and it corrects no claim."""
        return bool(self._facts.claims["repeated"][row])

    def unrecorded(self, row: int) -> Decimal | None:
        """The charge of a claim without an attachment, if such charges were denied for records."""
        claim = self._facts.claims.row(row, named=True)
        evidence = None if claim["attached"] else self._causes.of("charge_attachment_rate", row)
        if evidence is None or not evidence.all.denied or evidence.is_outside:
            return None
        return Decimal(str(claim["charge"])) if evidence.estimate >= _WORTH_A_NOTE else None

    def of_provider(self, row: int, usual: float) -> Finding | None:
        """What this payer denies of the billing provider's claims, if that stands out from its usual."""
        evidence = self._causes.of("payer_provider_rate", row)
        if evidence is None or evidence.all.denied < _SEEN:
            return None
        least = max(_OF_PROVIDER, _TIMES_USUAL * usual)
        is_likely = evidence.belief is not None and _is_believed(evidence)
        if evidence.all.rate < least or (evidence.estimate < least and not is_likely):
            return None
        return Finding(evidence, None)

    def missing(self, row: int, form: str) -> list[Evidence]:
        """Conditions of providers that the claim lacks, which this payer denied more often than the others.

        On an institutional claim, who rendered a service is usually not stated.
        """
        found = []
        for name in _MISSING:
            if form == "I" and name == "rendering_rate":
                continue
            evidence = self._causes.of(name, row)
            if evidence is None or is_given(evidence) or evidence.all.denied < _LEAST_MISSING:
                continue
            if evidence.estimate < _WORTH_A_NOTE:
                continue
            if evidence.is_narrow and self._doubt(evidence, row) is None:
                found.append(evidence)
        return found

    def of(self, category: str, row: int, probability: float) -> Finding:
        """The finding for a category of the claim in this row, which is denied with this probability."""
        if category == "coding":
            return self._of_coding(row, probability)
        evidence = self._causes.best(category, row)
        if category == "records" and (of_records := self._of_records(row)):
            return of_records
        if evidence is None:
            return Finding(None, "nothing like it was denied")
        rate, least = evidence.all.rate, max(_LEAST, _LEAST_PART * probability)
        if evidence.all.denied > 1 or (evidence.belief and _is_believed(evidence)):
            rate = max(rate, evidence.estimate)
        doubt = self._doubt(evidence, row)
        if evidence.name == "filing_delay_rate":
            # Nothing else helps after the limit, however likely other denials are.
            least = _LEAST
        if doubt is None and is_given(evidence):
            doubt = _of_given(evidence, least)
        is_usual = doubt is None and rate < (_USUAL if evidence.name in _OF_ANYBODY else least)
        can_settle = evidence.name in _STEPS and not _is_emergency(evidence.values.get("procedure"))
        return Finding(evidence, doubt, is_usual=is_usual, can_settle=can_settle)

    def _payer(self, row: int) -> int:
        """The vocabulary's code of the claim's payer."""
        return int(self._model.evidence.words.codes("payer", self._facts.claims["payer"][[row]])[0])

    def _of_records(self, row: int) -> Finding | None:
        """Of a claim without an attachment: whether its charge or a service explains the denials for records.

        Both are counted over the same denials. The limit of charges was learned from claims whose services
        need no records; what it leaves open is of a service.
        """
        if self._facts.claims["attached"][row]:
            return None
        effect, limit = self._effects.get("attachment"), self._model.remedies.limits.get(self._payer(row))
        charge = float(self._facts.claims["charge"][row] or 0.0)
        of_charge = 0.0
        if limit is not None and charge >= limit.at:
            of_charge = float(limit.of(np.array([charge]))[1][0])
        lacking, is_of_charge = (0.0, True) if effect is None else (effect.lacking[row], effect.line[row] < 0)
        left = 1 - (1 - max(float(lacking), of_charge)) / (1 - min(of_charge, _MOST))
        service, known = (
            self._causes.of(each, row) for each in ("attachment_rate", "charge_attachment_rate")
        )
        is_asked = service is not None and service.all.denied > 0 and _is_believed(service)
        if (
            known is not None
            and limit is not None
            and of_charge >= _DEMANDED
            and (is_of_charge or not is_asked)
        ):
            own = Count(int(limit.lacked[1]), int(limit.lacked[0]))
            known = replace(known, trained=own, later=Count(0, 0), estimate=of_charge)
            text = evidence_of(self._model, self._facts, STEP_OF["attachment"], row, -1)
            return Finding(known, None, charge=text)
        if service is not None and service.all.denied:
            asks_for_none = left < _LEAST_LEFT or not is_asked
            doubt = self._not_demanded("attachment", service) if asks_for_none else None
            return Finding(service, doubt, can_settle=True)
        if known is None or not known.all.denied:
            return None
        return Finding(known, _OUTSIDE["charge_attachment_rate"] if known.is_outside else _FOR_SERVICES)

    def _of_coding(self, row: int, probability: float) -> Finding:
        """Of a claim whose services a payer bundles, or denies with their modifier or at their place.

        Reason codes tell these apart. The likeliest that the decisions support is the finding.
        """
        found = [
            (each.chance, Finding(None, None, each))
            for each in self._notes[row]
            if each.denied >= _DEMANDED * each.answered
        ]
        for name in _OF_CODING:
            evidence = self._causes.of(name, row)
            if evidence is None or not evidence.all.denied:
                continue
            is_usual = evidence.estimate < max(_LEAST, _LEAST_PART * probability)
            found.append(
                (evidence.estimate, Finding(evidence, self._doubt(evidence, row), is_usual=is_usual))
            )
        if not found:
            return Finding(None, "nothing like it was denied")
        return max(found, key=lambda each: (each[1].doubt is None, not each[1].is_usual, each[0]))[1]

    def _doubt(self, evidence: Evidence, row: int) -> str | None:
        name = evidence.name
        if name == "filing_delay_rate" and self._facts.claims["corrected"][row]:
            return f"it corrects an earlier claim: {LIMIT_OF_CORRECTIONS}"
        if evidence.is_outside:
            return _OUTSIDE[name]
        if name == "authorization_rate" and _is_emergency(evidence.values["procedure"]):
            return "an emergency service needs no authorization: appeal such a denial"
        if name in _STEPS and not is_given(evidence) and not self._is_offered(_STEPS[name], evidence, row):
            return self._not_demanded(_STEPS[name], evidence)
        if not (evidence.belief and _is_believed(evidence)) and _has_ended(evidence):
            return f"none of the latest {evidence.later.answered:,}"
        if name == "coverage_rate" and not _is_believed(evidence):
            return f"of the latest {evidence.later.answered:,}, only {evidence.later.denied:,}"
        if name in _OF_CODING and not _is_believed(evidence):
            return "this payer does not seem to deny claims like this one for it"
        if name == "necessity_rate":
            return self._of_other_codes(row)
        return None

    def _of_other_codes(self, row: int) -> str | None:
        """Whether the denials for a diagnosis category were for other codes of it."""
        code = self._causes.of("diagnosis_necessity_rate", row)
        if code is None or code.all.denied or not code.all.answered or not code.others.denied:
            return None
        paid = (1 - code.others.rate) ** code.all.answered
        if paid > _BY_CHANCE:
            return None
        return f"none of {code.all.answered:,} with {code.values['full_diagnosis']}, the code of this claim"

    def _is_offered(self, step: str, evidence: Evidence, row: int) -> bool:
        """Whether the payer probably asks for a step: by its demands, or by what the step changed."""
        effect = self._effects.get(step)
        return _is_believed(evidence) or (effect is not None and effect.lacking[row] >= _DEMANDED)

    def _not_demanded(self, name: str, evidence: Evidence) -> str:
        """Why the payer probably does not demand the step of this claim."""
        place = self._place(name, evidence)
        if place >= 0 and STEP_OF[name].by_amount:
            support = self._model.remedies.supports[name]
            lowest, own = int(support.amounts.lowest[place]), int(evidence.values["line_cents"])
            if own < lowest and support.lacked.look_up(support.keys[[place]])[1][0]:
                return f"each of these charged ${lowest / 100:,.0f} or more, and this line ${own / 100:,.0f}"
        if _has_ended(evidence):
            return f"none of the latest {evidence.later.answered:,}"
        return "this payer does not seem to ask for it of claims like this one"

    def _place(self, name: str, evidence: Evidence) -> int:
        """The place of the evidence's line in the support of a step; -1 if it has none."""
        support, at = self._model.remedies.supports[name], evidence.values
        if "line_at" not in at:
            return -1
        key = service_key(self._facts.lines.filter(line_at=at["line_at"]), self._model.evidence.words)
        return int(support.places(key)[0])


def _is_emergency(service: str | None) -> bool:
    return bool(pl.select(is_emergency(pl.lit(service, pl.String))).item())


def _is_believed(evidence: Evidence) -> bool:
    """Whether the payer may well demand it of this claim, by all its decisions about it."""
    return evidence.belief is None or evidence.belief.in_force >= _BELIEVED_OF_HINTS


def _has_ended(evidence: Evidence) -> bool:
    """Whether so many of the latest were paid that the payer probably denies such claims no longer."""
    later = evidence.later
    return not later.denied and (1 - evidence.trained.rate) ** later.answered < _BY_CHANCE


def _of_given(evidence: Evidence, least: float) -> str | None:
    """Why denials of claims that had what this one has say little; None if they say enough."""
    if evidence.all.denied < FEW_DENIED:
        return "that is too few to tell"
    return "that is seldom" if evidence.all.rate < least else None
