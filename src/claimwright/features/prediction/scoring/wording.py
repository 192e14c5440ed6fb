"""Sentences for the features of a claim: what it contains, and what the payer did with similar claims.

A rate is stated as counts (denied of decided claims) with their dates. The model's own estimate, which weighs
old decisions less and uses wider groups if there are few decisions, is labeled as the model's.
"""

from __future__ import annotations

import calendar
import datetime
from typing import Any

import numpy as np

from claimwright.engines.prediction import Facts, Model
from claimwright.engines.prediction.catalogue import (
    BY_NAME,
    COMBINED,
    ENCODING_OF,
    NAMES,
    RECENT_DAYS,
    Level,
)
from claimwright.engines.prediction.encoding import Real, Tally, frame_of
from claimwright.engines.prediction.facts import YES_NO

from .causes import Count, Evidence, RowRates
from .next_steps import is_revenue_code

# The meaning of a confidence, in the same words everywhere (`engines/prediction/confidence.py`).
CONFIDENCE_MEANS = "the least share of like claims whose likelier outcome happens"
_FACTS = {
    "days_to_filing": ("it is sent {value:,.0f} {unit} after the last service", "day"),
    "charge": ("it charges ${value:,.2f}", ""),
    "lines": ("it has {value:.0f} service {unit}", "line"),
    "most_units": ("a line has {value:g} {unit}", "unit"),
    "age": ("the patient is {value:.0f} {unit} old", "year"),
    "sent_before": ("the same services were sent before, {value:.0f} {unit}", "time"),
    "patient_denials": ("{value:.0f} {unit} of the patient denied within a year", "claim"),
}
_FLAGS = {
    "authorization_missing": ("it has an authorization number", "it has no authorization number"),
    "attachment_missing": ("it has an attachment", "it has no attachment"),
    "referral_missing": ("it names a referring provider", "it names no referring provider"),
    "rendering_missing": ("it names a rendering provider", "it names no rendering provider"),
    "taxonomy_missing": (
        "it has the billing provider's taxonomy",
        "it has no taxonomy of the billing provider",
    ),
    "is_corrected": ("it is a new claim", "it corrects an earlier claim"),
}
_RESPONSIBILITY = {"P": "primary", "S": "secondary", "T": "tertiary"}
_NO_MODIFIER = "none"
# Services that may need a national drug code: HCPCS codes of drugs, and vaccines and their products. For all
# others, the denials are those that did not state what was missing.
_DRUGS = ("J", "Q", "C9", "A9", "S0", "90")
_UNSTATED = "payer {payer} denied {count} lines with {procedure} for missing information, not stated which"
# The others of a condition's group, beside which it is stated; and the fact that says which they are.
_OTHERS = {
    "authorization_rate": ("with an authorization number", "without one", "authorized"),
    "referral_rate": ("with a referring provider", "without one", "referred"),
    "rendering_rate": ("with one", "without one", "rendered"),
    "taxonomy_rate": ("with it", "without it", "classified"),
    "drug_code_rate": ("with one", "without one", "has_drug_code"),
    "attachment_rate": ("with an attachment", "without one", "attached"),
    "charge_attachment_rate": ("of less", "of less", "attached"),
    "necessity_rate": ("for other diagnoses", "", ""),
    "diagnosis_necessity_rate": ("for other codes of the category", "", ""),
    "units_rate": ("with fewer", "", ""),
    "place_rate": ("elsewhere", "", ""),
    "modifier_rate": ("with another modifier, or none", "", ""),
    "age_coverage_rate": ("at other ages", "", ""),
    "coordination_rate": ("at other ages", "", ""),
    "filing_delay_rate": ("sent sooner", "", ""),
}
# A cause in a few words.
_TITLES = {
    "authorization_rate": "{procedure} without an authorization number",
    "authorization_rate of a stay": "the stay without an authorization number",
    "referral_rate": "{procedure} without a referring provider",
    "rendering_rate": "no rendering provider",
    "taxonomy_rate": "no taxonomy of the billing provider",
    "drug_code_rate": "{procedure} without a national drug code",
    "provider_data_rate": "the patient's identifiers",
    "attachment_rate": "{procedure} without records",
    "charge_attachment_rate": "a charge of this size without records",
    "charge_attachment_rate not certain": "no records, for a charge of this size or for one of its services",
    "necessity_rate": "{procedure} is not medically necessary for {line_diagnosis}",
    "necessity_rate of some": "{procedure} may not be medically necessary for {line_diagnosis}",
    "diagnosis_necessity_rate": "{procedure} is not medically necessary for {full_diagnosis}",
    "diagnosis_necessity_rate of some": "{procedure} may not be medically necessary for {full_diagnosis}",
    "units_rate": "more units of {procedure} than are medically necessary",
    "coverage_rate": "{procedure} is not covered",
    "coverage_rate of some": "{procedure} may not be covered",
    "coverage_rate of some ages": "{procedure} may not be covered, or not at the patient's age",
    "age_coverage_rate": "{procedure} may not be covered at the patient's age",
    "payer_provider_rate": "the payer denies claims of this billing provider",
    "filing_delay_rate": "it may be past the filing limit, {days_to_filing:.0f} days after the service",
    "coordination_rate": "another payer may be first",
    "eligibility_rate": "eligibility",
    "place_rate": "the place of service of {procedure}",
    "place_rate of a bill": "the type of bill for {procedure}",
    "place_rate of a revenue code": "the type of bill for revenue code {procedure}",
    "modifier_rate": "{procedure} with modifier {modifier}",
    "modifier_rate without": "{procedure} without a modifier",
}
# What a claim has if such denials are no sign that it lacks something: the fact that says so.
GIVEN = {
    "authorization_rate": "authorized", "referral_rate": "referred", "rendering_rate": "rendered",
    "taxonomy_rate": "classified", "drug_code_rate": "has_drug_code", "attachment_rate": "attached",
    "charge_attachment_rate": "attached",
}  # fmt: skip
_LINES = "payer {payer} denied {count} lines with {procedure}"
_OVER = {
    "authorization_rate": f"{_LINES} over the authorization although a number was on the claim",
    "referral_rate": f"{_LINES} over the referring provider although one was on the claim",
    "rendering_rate": "payer {payer} denied {count} claims over missing information although they had a "
    "rendering provider",
    "taxonomy_rate": "payer {payer} denied {count} claims over missing information although they had the "
    "billing provider's taxonomy",
    "drug_code_rate": f"{_LINES} over missing information although a drug code was on the claim",
    "attachment_rate": f"{_LINES} over the records although an attachment was sent",
    "charge_attachment_rate": "payer {payer} denied {count} claims over the records although an attachment "
    "was sent",
}
_GIVEN_TITLES = {
    "authorization_rate": "the authorization for {procedure} may not match the claim",
    "referral_rate": "the referring provider for {procedure} may not be accepted",
    "rendering_rate": "the rendering provider may not be accepted",
    "taxonomy_rate": "the billing provider's taxonomy may not be accepted",
    "drug_code_rate": "the drug code of {procedure} may not be accepted",
    "attachment_rate": "the attachment for {procedure} may not be what the payer asks for",
    "charge_attachment_rate": "the attachment may not support the charge",
}
# An estimate that is so many times below the share of the counts is of something else.
_FAR = 2
# With fewer decisions, no denial among them is no evidence that there will be none.
_TELLING = 20
# A service of which at least this share is denied as not covered is probably covered for nobody.
_MOST = 0.75


class Wording:
    """Sentences for the features of the claims of a batch."""

    def __init__(self, model: Model, facts: Facts, columns: Real, rates: RowRates) -> None:
        self.evidence, self.facts, self.columns = model.evidence, facts, columns
        self.keys, self.rates = rates.keys, rates.rates

    def of(self, name: str, row: int) -> str:
        """The sentence of a feature for the claim in this row."""
        value = float(self.columns[row, NAMES.index(name)])
        if name in _FLAGS:
            return _FLAGS[name][int(value > 0.5)]
        if name == "month":
            return f"it is sent in {calendar.month_name[int(value)]}"
        if name in COMBINED:
            return f"all causes of denial together (the model's estimate: {percent(value)})"
        if name in _FACTS:
            if not np.isfinite(value):
                return f"{BY_NAME[name].meaning}: unknown"
            if name == "sent_before" and not value:
                return "the same services were not sent before"
            text, unit = _FACTS[name]
            value = max(value, 0.0) if name == "age" else value
            return text.format(value=value, unit=unit if round(value, 6) == 1 else f"{unit}s")
        recent = name.startswith("recent_")
        encoding = name.removeprefix("recent_")
        if recent:
            return self._rate(self.evidence.recent[encoding], name, row, self._lately())
        return self._rate(self.evidence.tallies[encoding], name, row, self._in_training())

    def usual_rate(self, row: int) -> float:
        """The model's estimate of what the payer denies of all claims."""
        return float(self.columns[row, NAMES.index("payer_rate")])

    def _lately(self) -> str:
        until = self.evidence.recent_until
        return f"answered in the {RECENT_DAYS} days before " + (f"{until}" if until else "training ended")

    def _in_training(self) -> str:
        since, until = self.evidence.since, self.evidence.until
        if not since or not until:
            return "in training"
        return f"sent before {until + datetime.timedelta(days=1)}"

    def _rate(self, tally: Tally, feature: str, row: int, when: str) -> str:
        """The sentence for an encoding: about the claim line with the highest rate."""
        name = feature.removeprefix("recent_")
        encoding = ENCODING_OF[name]
        frame = frame_of(self.facts, encoding.level)
        rows = np.flatnonzero(frame["row"].to_numpy() == row)
        if not len(rows):
            return "it has one kind of service" if encoding.level is Level.PAIR else "it names no service"
        keys = self.keys[name]
        rate = self.rates[feature][rows]
        worst = int(rate.argmax())
        answered, denied = tally.happened.look_up(keys.own[rows[[worst]]])
        at = frame.row(int(rows[worst]), named=True)
        text = _filled(name, at, Count(int(denied[0]), int(answered[0])))
        few = ", too few to tell" if answered[0] < _TELLING and not denied[0] else ""
        return f"{text}, {when}{few} (the model's estimate: {percent(float(rate[worst]))})"

    def of_evidence(self, evidence: Evidence, chance: float = 1.0) -> str:
        """The sentence for a condition: in training, since then, and of the others of its group.

        An estimate above the claim's `chance` is left out: it was lowered by what else is known of the claim.
        So is one far below the counts, which are those of a wider condition.
        """
        at = dict(evidence.values)
        if evidence.bands is not None:
            column = ENCODING_OF[evidence.name].key[-1]
            at[column] = _joined(evidence.bands, column)
        trained, later = evidence.trained, evidence.later
        if not trained.denied and later.denied:
            parts = [f"{_filled(evidence.name, at, later)}, {self._lately()}"]
            if trained.answered:
                parts.append(f"before, {_of(trained)} ({self._in_training()})")
        else:
            parts = [f"{_filled(evidence.name, at, trained)}, {self._in_training()}"]
            if later.answered:
                parts.append(f"since then, {_of(later)} ({self._lately()})")
        others = _OTHERS.get(evidence.name)
        if others is not None and evidence.others.answered:
            given, lacking, fact = others
            contrast = lacking if fact and evidence.values[fact] else given
            if evidence.name == "modifier_rate" and evidence.values["modifier"] == _NO_MODIFIER:
                contrast = "with a modifier"
            parts.append(f"{contrast}, {_of(evidence.others)}")
        text = "; ".join(parts)
        if not evidence.all.rate / _FAR <= evidence.estimate <= chance:
            return text
        return f"{text} (the model's estimate: {percent(evidence.estimate)})"


def _filled(name: str, at: dict[str, Any], count: Count) -> str:
    """The encoding's sentence with its count and the values of a claim or line."""
    encoding = ENCODING_OF[name]
    values = {column: _shown(column, at[column]) for column in encoding.key}
    words = encoding.words.replace("{charge_band} dollars", "${charge_band}")
    if name == "drug_code_rate" and not str(at["procedure"] or "").startswith(_DRUGS):
        words = _UNSTATED
    if name in GIVEN and at[GIVEN[name]]:
        words = _OVER[name]
    return words.format(count=_of(count), **values)


def _of(count: Count) -> str:
    return f"{count.denied:,} of {count.answered:,}"


def _joined(bands: tuple[str, str], column: str) -> str:
    """Bands from one to another, as one: `31 to 35` and `81 to 85` are `31 to 85`."""
    first, last = bands
    unit = " units" if column == "units_band" else ""
    low, high = first.removesuffix(" units").removesuffix(" unit"), last.removesuffix(" units")
    if column != "age_band" or high.startswith("more than"):
        return f"{low.split(' to ')[0]} or more{unit}" if not low.startswith("more than") else low + unit
    return f"{low.split(' to ')[0]} to {high.split(' to ')[-1]}"


def is_given(evidence: Evidence) -> bool:
    """Whether the claim has what denials of this condition are about, such as an authorization number."""
    return evidence.name in GIVEN and bool(evidence.values[GIVEN[evidence.name]])


def title_of(evidence: Evidence, *, of_stay: bool = False, form: str = "P", is_hint: bool = False) -> str:
    """The condition in a few words.

    `of_stay`: of a claim for a stay; `form` is the claim's, P, I or D; `is_hint`: the cause is not certain.
    """
    if is_given(evidence):
        return _GIVEN_TITLES[evidence.name].format(**evidence.values)
    name = evidence.name
    title = _TITLES.get(f"{name} of a stay", "") if of_stay else ""
    if is_hint:
        title = _TITLES.get(f"{name} not certain", "")
    if evidence.is_of_age_too:
        title = _TITLES.get(f"{name} of some ages", "")
    if evidence.all.rate < _MOST:
        title = title or _TITLES.get(f"{name} of some", "")
    if name == "modifier_rate" and evidence.values["modifier"] == _NO_MODIFIER:
        title = _TITLES[f"{name} without"]
    if form == "I" and not title:
        of_revenue = is_revenue_code(evidence.values["procedure"]) if name == "place_rate" else False
        title = _TITLES.get(f"{name} of a {'revenue code' if of_revenue else 'bill'}", "")
    return (title or _TITLES.get(name, "")).format(**evidence.values)


def percent(probability: float) -> str:
    """A probability as text for people; never 0% or 100%."""
    if probability < 0.005:
        return "under 1%"
    return "over 99%" if probability > 0.995 else f"{probability:.0%}"


def _shown(column: str, value: Any) -> str:
    if column in YES_NO:
        return YES_NO[column][bool(value)]
    if value is None:
        return "unknown"
    if column == "responsibility":
        return _RESPONSIBILITY.get(value, str(value))
    if column == "modifier":
        return "without a modifier" if value == _NO_MODIFIER else f"with modifier {value}"
    return str(value)
