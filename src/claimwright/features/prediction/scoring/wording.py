"""Sentences for the features of a claim: what it contains, and what the payer did with similar claims.

A rate is stated as counts (denied of decided claims) with their dates. The model's own estimate, which weighs
old decisions less and uses wider groups if there are few decisions, is labeled as the model's.
"""

from __future__ import annotations

import calendar
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
from claimwright.engines.prediction.encoding import Keys, Real, Tally, frame_of, keys_of
from claimwright.engines.prediction.facts import YES_NO

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
# What to enter where a claim lacks what the payer denied claims without, by feature and fact (005010X222A1).
_TO_ENTER = {
    "rendering_rate": ("rendered", "enter who rendered the service (Loop 2310B NM1*82, box 24J), if it was "
                       "not the billing provider"),
    "taxonomy_rate": ("classified", "enter the billing provider's taxonomy (Loop 2000A PRV*BI)"),
    "drug_code_rate": ("has_drug_code", "enter the national drug code from the package (Loop 2410 LIN*N4)"),
}  # fmt: skip
# Services that may need a national drug code: HCPCS codes of drugs, and vaccines and their products. For all
# others, the denials are those that did not state what was missing.
_DRUGS = ("J", "Q", "C9", "A9", "S0", "90")
_UNSTATED = "payer {payer} denied {count} lines with {procedure} for missing information, not stated which"
# With fewer decisions, no denial among them is no evidence that there will be none.
_TELLING = 20


class Wording:
    """Sentences for the features of the claims of a batch."""

    def __init__(self, model: Model, facts: Facts, columns: Real) -> None:
        self.evidence, self.facts, self.columns = model.evidence, facts, columns
        self.keys = keys_of(facts, model.evidence.words)

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
            return text.format(value=value, unit=unit if round(value, 6) == 1 else f"{unit}s")
        recent = name.startswith("recent_")
        encoding = name.removeprefix("recent_")
        if recent:
            return self._rate(self.evidence.recent[encoding], encoding, row, self._lately())
        return self._rate(self.evidence.tallies[encoding], encoding, row, self._in_training())

    def _lately(self) -> str:
        until = self.evidence.recent_until
        return f"answered in the {RECENT_DAYS} days before " + (f"{until}" if until else "training ended")

    def _in_training(self) -> str:
        since, until = self.evidence.since, self.evidence.until
        return f"on claims sent {since} to {until}" if since and until else "in training"

    def _rate(self, tally: Tally, name: str, row: int, when: str) -> str:
        """The sentence for an encoding: about the claim line with the highest rate."""
        encoding = ENCODING_OF[name]
        frame = frame_of(self.facts, encoding.level)
        rows = np.flatnonzero(frame["row"].to_numpy() == row)
        if not len(rows):
            return "it has one kind of service" if encoding.level is Level.PAIR else "it names no service"
        keys = self.keys[name]
        rate = tally.look_up(Keys(keys.own[rows], keys.wider[rows])).rate()
        worst = int(rate.argmax())
        answered, denied = tally.happened.look_up(keys.own[rows[[worst]]])
        at = frame.row(int(rows[worst]), named=True)
        values = {column: _shown(column, at[column]) for column in encoding.key}
        count = f"{denied[0]:,.0f} of {answered[0]:,.0f}"
        text = encoding.words.format(count=count, **values)
        few = ", too few to tell" if answered[0] < _TELLING and not denied[0] else ""
        fact, step = _TO_ENTER.get(name, ("", ""))
        if name == "drug_code_rate" and not str(at["procedure"] or "").startswith(_DRUGS):
            text, step = _UNSTATED.format(count=count, **values), ""
        todo = f"; {step}" if step and not at[fact] and denied[0] else ""
        return f"{text}, {when}{few} (the model's estimate: {percent(float(rate[worst]))}){todo}"


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
