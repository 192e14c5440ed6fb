"""Why a payer may deny a claim: for each kind of denial, what the payer decided on claims like it.

A kind of denial has several conditions that can explain it: a service is not covered, or not at some ages.
The condition is stated only as narrowly as the decisions support it: with the others of its group beside it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from claimwright.engines.prediction import Facts, Model
from claimwright.engines.prediction.catalogue import ENCODING_OF, ENCODINGS, Encoding
from claimwright.engines.prediction.demand_kinds import DEMAND_OF, DemandRows
from claimwright.engines.prediction.encoding import Counts, Keys, Real, Whole, frame_of, keys_of

# A condition is narrower than its group if its decisions are so much likelier with a rate of their own (twice
# the difference of log likelihoods is above the 90th percentile of chi square with one degree of freedom).
_NARROWER = 1.35
# What a condition that explains no more than its group counts for, beside one that does.
_UNSUPPORTED = 0.7
# The same for the best of many ranges of bands, which chance would often make likelier.
_RANGE = 3.0
# A claim is outside of a range if its own band's decisions make that so much likelier: none denied of three
# or four, where a third is inside.
_OUTSIDE = 1.0
# The own band's share, as a part of that of the range, up to which the claim may be outside of it.
_SELDOM = 0.2
# One of two explanations is named alone if it is believed at least so much.
_DECIDED = 0.85
_NEARLY_NONE = 1e-9
# With fewer denials or decisions it is a hint.
FEW_DENIED, FEW_ANSWERED = 4, 6
# Three are enough if the others were denied so much less often: 3 of 7 with it and 0 of 41 without.
_FEW_IF_CLEAR, _CLEAR = 3, 5.0
# With less belief that a payer has a demand, its decisions alone say whom it is about.
_BELIEVED = 0.3
# Columns in bands: of amounts and days, a payer's limit is a least one; an age can have two.
_ASCENDING, _AGES = frozenset({"delay_band", "charge_band", "units_band"}), "age_band"


@dataclass(frozen=True)
class Count:
    """Decisions that happened: denied for the kind, of all."""

    denied: int
    answered: int

    def __add__(self, other: Count) -> Count:
        """Both together."""
        return Count(self.denied + other.denied, self.answered + other.answered)

    @property
    def rate(self) -> float:
        """The share that was denied; 0 if there are none."""
        return self.denied / self.answered if self.answered else 0.0


@dataclass(frozen=True)
class Belief:
    """How likely a payer has a demand in force, by what it is about.

    Attributes:
        always: whatever the amount or the age.
        own: from a limit on, and this claim's amount or age is beyond it.
        other: from a limit on that this claim does not reach.
    """

    always: float
    own: float
    other: float

    @property
    def in_force(self) -> float:
        """The chance that it has one that is about this claim."""
        return self.always + self.own

    @property
    def is_outside(self) -> bool:
        """Whether a demand that is not about this claim is likelier than one that is."""
        return self.other > self.in_force and self.other >= _BELIEVED


@dataclass(frozen=True)
class Evidence:
    """What the payer decided on claims or lines of one condition, such as a service without authorization.

    Attributes:
        name: the encoding that counts the condition.
        values: the line or claim that it was found on, by column of the facts.
        trained: claims of the training period.
        later: claims sent after it, answered in the last days before the model's history ends.
        others: of the same group without the condition, such as the service with authorization; both periods.
        estimate: the model's estimate of the share denied.
        bands: the first and last band that are counted together; None if the condition has none.
        is_outside: whether the claim is in none of these bands, so that the denials were of other claims.
        belief: how likely the payer demands it; None if that is not weighed for the encoding.
        is_of_age_too: whether a limit of age may explain the denials of a service as well.
    """

    name: str
    values: dict[str, Any]
    trained: Count
    later: Count
    others: Count
    estimate: float
    bands: tuple[str, str] | None = None
    is_outside: bool = False
    belief: Belief | None = None
    is_of_age_too: bool = False

    @property
    def all(self) -> Count:
        """Decisions of both periods."""
        return self.trained + self.later

    @property
    def apart(self) -> float:
        """By how much the decisions are likelier (logarithm) if the others have a rate of their own."""
        return _apart(self.all, self.others)

    @property
    def is_few(self) -> bool:
        """Whether it rests on very few decisions."""
        seen = self.all
        if seen.denied >= _FEW_IF_CLEAR and self.apart >= _CLEAR:
            return False
        return seen.denied < FEW_DENIED or seen.answered < FEW_ANSWERED

    @property
    def is_narrow(self) -> bool:
        """Whether the condition explains more than its group: it was denied more often than the others."""
        return self.apart >= (_RANGE if self.bands else _NARROWER)


@dataclass(frozen=True)
class RowRates:
    """The keys and the rates of each row, by encoding, of a batch that is explained; computed once.

    Rates have the `recent_` ones too.
    """

    keys: dict[str, Keys]
    rates: dict[str, Real]

    @classmethod
    def of(cls, model: Model, facts: Facts) -> RowRates:
        """Those of a model for the facts of the batch."""
        keys = keys_of(facts, model.evidence.words)
        return cls(keys, model.evidence.rates(facts, keys))


class Causes:
    """The evidence for the claims of a batch."""

    def __init__(self, model: Model, facts: Facts, rates: RowRates) -> None:
        self._evidence, self._facts = model.evidence, facts
        self._keys, self._rates = rates.keys, rates.rates
        self._demand_rows: dict[str, DemandRows] = {}

    def of(self, name: str, row: int, line: int | None = None) -> Evidence | None:
        """The evidence of an encoding on the claim in this row, from the line with the highest estimate.

        With a `line`, the position of one in the batch, from that one.
        """
        encoding = ENCODING_OF[name]
        frame = frame_of(self._facts, encoding.level)
        wanted = pl.col("row") == row if line is None else pl.col("line_at") == line
        rows = np.flatnonzero(frame.select(wanted).to_series().to_numpy())
        if not len(rows):
            return None
        keys = Keys(self._keys[name].own[rows], self._keys[name].wider[rows])
        rates = self._rates[name][rows]
        if f"recent_{name}" in self._rates:
            rates = np.maximum(rates, self._rates[f"recent_{name}"][rows])
        worst = int(rates.argmax())
        belief = self.believed(name, int(rows[worst]))
        counted = self._counted(encoding, int(keys.own[worst]), int(keys.wider[worst]), belief)
        values = frame.row(int(rows[worst]), named=True)
        return Evidence(name, values, *counted[:3], float(rates[worst]), *counted[3:], belief)

    def believed(self, name: str, at: int) -> Belief | None:
        """What is believed of the demand that gives an encoding, for one row; None if none gives it."""
        evidence = self._evidence.demanded.get(name)
        if evidence is None:
            return None
        if name not in self._demand_rows:
            self._demand_rows[name] = DemandRows.of(
                DEMAND_OF[name], self._facts, self._evidence.words, evidence.first_day, self._keys[name].own
            )
        rows = self._demand_rows[name]
        found = evidence.believed(int(rows.key[at]), int(rows.block[at]))
        covers = evidence.conditions[int(rows.band[at])] > 0
        return Belief(float(found[0]), float(found[1:][covers[1:]].sum()), float(found[~covers].sum()))

    def best(self, category: str, row: int) -> Evidence | None:
        """The evidence for a kind of denial that says most about this claim; None if nothing was denied."""
        found = {
            each.name: evidence
            for each in ENCODINGS
            if each.reasons == (category,) and (evidence := self.of(each.name, row)) and evidence.all.denied
        }
        units = found.get("units_rate")
        if units is not None and not (
            units.is_narrow or (units.belief and units.belief.in_force >= _BELIEVED)
        ):
            del found["units_rate"]
        code = found.get("diagnosis_necessity_rate")
        if code is not None:
            category_of_code = self.of("necessity_rate", row, code.values["line_at"])
            belief = None if category_of_code is None else category_of_code.belief
            found["diagnosis_necessity_rate"] = replace(code, belief=belief)
        if category == "non_covered" and found:
            return self._coverage(max(found.values(), key=lambda each: each.estimate), row)
        return max(found.values(), key=_says, default=None)

    def _coverage(self, worst: Evidence, row: int) -> Evidence | None:
        """Whether a service is denied at all ages, or at some: both are looked at on the same line."""
        line = worst.values["line_at"]
        service, ages = self.of("coverage_rate", row, line), self.of("age_coverage_rate", row, line)
        if service is None or ages is None or not ages.all.denied:
            return service
        return _of_coverage(service, ages)

    def _counted(
        self, encoding: Encoding, own: int, wider: int, belief: Belief | None
    ) -> tuple[Count, Count, Count, tuple[str, str] | None, bool]:
        """Decisions of the training period and after it, those on others of its group, and the bands."""
        words, column = self._evidence.words, encoding.key[-1]
        tail = math.prod(words.size(each) for each in encoding.key[encoding.wider :])
        periods = [self._evidence.tallies[encoding.name].happened]
        if encoding.name in self._evidence.later:
            periods.append(self._evidence.later[encoding.name].happened)
        if not encoding.wider:
            found = [_count(each, np.array([own])) for each in periods]
            return found[0], sum(found[1:], Count(0, 0)), Count(0, 0), None, False
        group = [_group(each, wider * tail, (wider + 1) * tail) for each in periods]
        every = {key for each in group for key in each}
        chosen, bands, is_outside = {own}, None, False
        if column in _ASCENDING or column == _AGES:
            size = words.size(column)
            named = {key: words.values[column][key % size - 1] for key in every | {own} if key % size}
            is_beyond = None if belief is None else belief.is_outside
            chosen, bands, is_outside = _range(group, named, own, is_beyond, ascending=column in _ASCENDING)
        others = sum((each[key] for each in group for key in each if key not in chosen), Count(0, 0))
        both = [sum((each[key] for key in each if key in chosen), Count(0, 0)) for each in group]
        return both[0], sum(both[1:], Count(0, 0)), others, bands, is_outside


def _of_coverage(service: Evidence, ages: Evidence) -> Evidence:
    """Whether a service is denied at all ages, or at some.

    Some denials name the age: they are counted for ages alone. Else what is believed says which, or both are
    named.
    """
    belief = ages.belief
    if belief is None:
        return service
    if ages.is_outside:
        return replace(ages, estimate=service.estimate)
    estimate = max(ages.estimate, service.estimate)
    named = (ages.all + ages.others).denied - service.all.denied
    if named and (ages.is_narrow or not service.all.denied):
        return replace(ages, estimate=estimate)
    if not named and service.all.denied >= FEW_DENIED:
        return replace(service, belief=belief)
    of_ages = belief.own / max(belief.in_force, _NEARLY_NONE)
    if of_ages >= _DECIDED and ages.is_narrow:
        return replace(ages, estimate=estimate)
    return replace(service, belief=belief, is_of_age_too=of_ages > 1 - _DECIDED)


def _says(evidence: Evidence) -> tuple[float, bool]:
    """How well a condition explains a claim: a narrow one explains what its group leaves open."""
    has_group = bool(ENCODING_OF[evidence.name].wider)
    weight = _UNSUPPORTED if has_group and not evidence.is_narrow else 1.0
    return evidence.estimate * weight, evidence.is_narrow


def _group(counts: Counts, first: int, end: int) -> dict[int, Count]:
    """Decisions by key, of a range of keys."""
    low, high = np.searchsorted(counts.keys, [first, end])
    part = zip(counts.keys[low:high], counts.denied[low:high], counts.total[low:high], strict=True)
    return {int(key): Count(int(denied), int(total)) for key, denied, total in part}


def _range(
    group: list[dict[int, Count]], named: dict[int, str], own: int, is_beyond: bool | None, *, ascending: bool
) -> tuple[set[int], tuple[str, str] | None, bool]:
    """The bands that differ most from the rest, to the last one if `ascending`; is the own one outside?

    It is outside if its own decisions say so: then the bands around it that differ most would say less. Where
    demands are weighed, `is_beyond` says what is likelier.
    """
    order = sorted({**named}, key=lambda key: _least(named[key]))
    if own not in order:
        return {own}, None, False
    place = order.index(own)
    counts = [sum((each[key] for each in group if key in each), Count(0, 0)) for key in order]
    whole = sum(counts, Count(0, 0))
    best: dict[bool, tuple[float, int, int]] = {}
    for first in range(len(order)):
        inside = Count(0, 0)
        for last in range(first, len(order)):
            inside += counts[last]
            if ascending and last + 1 < len(order):
                continue
            outside = Count(whole.denied - inside.denied, whole.answered - inside.answered)
            found = (_apart(inside, outside), first, last)
            holds = first <= place <= last
            if holds not in best or found[0] > best[holds][0]:
                best[holds] = found
    apart, first, last = best[True]
    inside = sum(counts[first : last + 1], Count(0, 0))
    is_outside = bool(is_beyond) and False in best and best[False][0] > 0
    is_outside = is_outside or (
        is_beyond is None
        and counts[place].rate <= _SELDOM * inside.rate
        and False in best
        and best[False][0] >= max(_RANGE, apart + _OUTSIDE)
    )
    if is_outside:
        _, first, last = best[False]
    return set(order[first : last + 1]), (named[order[first]], named[order[last]]), is_outside


def _apart(own: Count, others: Count) -> float:
    """By how much both are likelier with a rate each; 0 if the own one is not higher."""
    if not others.answered or own.rate <= others.rate:
        return 0.0
    return _log_likelihood(own) + _log_likelihood(others) - _log_likelihood(own + others)


def _least(band: str) -> float:
    """The lower limit of a band."""
    digits = band.replace(",", "").removeprefix("more than ").split()[0]
    return float(digits) + (0.5 if band.startswith("more") else 0.0)


def _count(counts: Counts, key: Whole) -> Count:
    total, denied = counts.look_up(key)
    return Count(int(denied[0]), int(total[0]))


def _log_likelihood(count: Count) -> float:
    denied, paid = count.denied, count.answered - count.denied
    found = 0.0
    for each in (denied, paid):
        if each:
            found += each * math.log(each / count.answered)
    return found
