"""What would help, in words: steps with what the payer did without and with them; notes on bundled services.

A modifier for a distinct service (25, 59, XE, XS, XP, XU) is never a step. If a payer bundles two services, a
note says so, and what the record must show for such a modifier to be true.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np
import polars as pl

from claimwright.engines.prediction import Facts, Model
from claimwright.engines.prediction.encoding import Counts, Real, Whole
from claimwright.engines.prediction.gain_ranges import gain_ranges
from claimwright.engines.prediction.offers import offers
from claimwright.engines.prediction.remedies import pair_key, service_key
from claimwright.engines.prediction.steps import STEP_OF, Cause, Step

from .next_steps import bundling_step, is_revenue_code

_FOR: dict[Cause, str] = {
    Cause.AUTHORIZATION: "for lack of authorization",
    Cause.REFERRAL: "for a missing referring provider",
    Cause.RECORDS: "for missing records",
    Cause.MODIFIER: "for a missing modifier",
}
# A bundling policy is stated if it is likelier in force than not, and was seen more than once.
_LIKELY, _SEEN = 0.5, 2
# A line that is bundled with two services nearly as often may be bundled with either.
_NEARLY = 0.7
# Evaluation and management: CPT 99202 to 99499, ophthalmological visits 92002 to 92014.
_VISITS = ((99202, 99499), (92002, 92014))
_RECORD_OF_VISIT = (
    "Modifier 25 is true only if the record shows a significant, separately identifiable evaluation "
    "beyond the usual work of the other service"
)
# Care of a patient in a hospital: CPT 99221 to 99239.
_HOSPITAL_VISITS = ((99221, 99239),)
# Medicare Claims Processing Manual, chapter 12, section 30.6.9: one visit a day; 99234 to 99236 for both.
_DATES_OF_VISITS = (
    "If both are of one day and of one doctor or group, bill what covers the day: one of 99234 to 99236 for "
    "admission and discharge, only the discharge beside another visit. If not, leave them"
)
# Dental claims have no such modifiers.
_RULE_OF_PLAN = (
    "Look up the plan's bundling rule and the contract: if one includes the other, expect to write off the "
    "included one"
)
# Pathology and laboratory, with the venipuncture.
_TESTS = ((80047, 89398), (36415, 36416))
_RECORD_OF_TEST = (
    "Look up the payer's edit: if it pays for one of both, expect the other line to be denied, and do not "
    "bill the patient for it"
)
_RECORD_OF_SERVICE = (
    "Modifier 59, XE, XS, XP or XU is true only if the record shows another session, site, injury, organ or "
    "practitioner"
)


@dataclass(frozen=True)
class Remedy:
    """A step that the office could take.

    Attributes:
        step: its name.
        words: what to add.
        probability: the denial probability with the step done.
        gain: by how much it lowers the probability, from the lowest to the highest of 90 percent.
        evidence: what the payer did without it and with it.
    """

    step: str
    words: str
    probability: float
    gain: tuple[float, float]
    evidence: str


def remedies_of(model: Model, facts: Facts, columns: Real) -> list[tuple[Remedy, ...]]:
    """The steps offered for each claim, the one that lowers the probability most first."""
    found: list[list[Remedy]] = [[] for _ in range(len(facts))]
    offered = offers(model, facts, columns)
    ranges = gain_ranges(model, facts, offered)
    for offer, gain in zip(offered.iter_rows(named=True), ranges, strict=True):
        step = STEP_OF[offer["step"]]
        evidence = evidence_of(model, facts, step, offer["row"], offer["line"])
        found[offer["row"]].append(Remedy(step.name, f"add {step.words}", offer["after"], gain, evidence))
    return [tuple(each) for each in found]


@dataclass(frozen=True)
class BundlingNote:
    """What a payer bundles: how often it denied a service beside another, and what a modifier would need.

    `pair` is the bundled service and the one that it is bundled with; `denied` of `answered` lines were
    denied; `in_force` is the chance that the payer still bundles them, `chance` that this line is denied for
    it. `is_only`: it is bundled with no other service of the claim nearly as often.
    """

    evidence: str
    needs: str
    pair: tuple[str, str]
    denied: int
    answered: int
    in_force: float = 1.0
    chance: float = 1.0
    is_only: bool = True

    @property
    def title(self) -> str:
        """Both services, in a few words."""
        name = "revenue code " if is_revenue_code(self.pair[0]) else ""
        other = "" if self.is_only else " or another line"
        return f"{name}{self.pair[0]} is bundled with {self.pair[1]}{other}"

    @property
    def step(self) -> str:
        """What to do, as a sentence without a period."""
        return bundling_step(self.needs, self.pair)

    @property
    def words(self) -> str:
        """The evidence, with what to do of a revenue code, or what a modifier would need."""
        if is_revenue_code(self.pair[0]):
            return f"{self.evidence}. To do: {self.step}."
        return f"{self.evidence}. {self.needs}; it is no way to be paid for a bundled service."


def bundling_notes(model: Model, facts: Facts) -> list[tuple[BundlingNote, ...]]:
    """For each claim: what its payer bundles of its services, and what a modifier would need."""
    found: list[list[BundlingNote]] = [[] for _ in range(len(facts))]
    bundles, pairs = model.remedies.bundles, facts.pairs
    if pairs.height and len(bundles.keys):
        place = bundles.places(pair_key(facts, model.evidence.words))
        known = (place >= 0) & ~pairs["set_apart"].to_numpy()
        at_place = np.maximum(place, 0)
        chance = np.where(known & (bundles.in_force[at_place] >= _LIKELY), bundles.rate()[at_place], 0.0)
        # Of the services beside a line, the one with which it is denied most: the others stand beside it too.
        best = pairs.select("line_at", at=pl.int_range(pl.len()), chance=pl.Series(chance)).filter(
            pl.col("chance") > 0
        )
        best = best.sort("chance", descending=True).with_columns(
            of_next=pl.col("chance").shift(-1).over("line_at").fill_null(0.0)
        )
        alone = set(best.filter(pl.col("of_next") < _NEARLY * pl.col("chance"))["at"])
        for at in best.unique("line_at", keep="first", maintain_order=True)["at"].sort():
            pair = pairs.row(int(at), named=True)
            total, denied = _count(bundles.lacked, bundles.keys[place[at]])
            if denied < _SEEN:
                continue
            note = BundlingNote(
                f"payer {pair['payer']} denied {denied:,} of {total:,} lines with {pair['procedure']} billed "
                f"with {pair['beside']} as bundled ({_days(model)})",
                _record_for(pair["procedure"], pair["beside"]),
                (pair["procedure"], pair["beside"]),
                denied,
                total,
                float(bundles.in_force[place[at]]),
                float(chance[at]),
                at in alone,
            )
            if note not in found[pair["row"]]:
                found[pair["row"]].append(note)
    return [tuple(each) for each in found]


def _record_for(procedure: str, beside: str) -> str:
    if procedure.startswith("D"):
        return _RULE_OF_PLAN
    if _is_of(procedure, _HOSPITAL_VISITS) and _is_of(beside, _HOSPITAL_VISITS):
        return _DATES_OF_VISITS
    if _is_of(procedure, _VISITS) and not _is_of(beside, _TESTS):
        return _RECORD_OF_VISIT
    # A laboratory test beside a visit or another test is no distinct procedural service.
    is_test, is_visit = ([_is_of(each, kind) for each in (procedure, beside)] for kind in (_TESTS, _VISITS))
    if all(is_test) or (any(is_test) and any(is_visit)):
        return _RECORD_OF_TEST
    return _RECORD_OF_SERVICE


def _is_of(procedure: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    number = int(procedure) if procedure.isdigit() else 0
    return any(first <= number <= last for first, last in ranges)


def evidence_of(model: Model, facts: Facts, step: Step, row: int, line: int) -> str:
    """What the payer did without the step and with it, and with corrected claims."""
    remedies = model.remedies
    if line < 0:
        payer = facts.claims["payer"][row]
        limit = remedies.limits[int(model.evidence.words.codes("payer", facts.claims["payer"][[row]])[0])]
        (total, denied), (had, had_denied) = limit.lacked, limit.had
        return (
            f"payer {payer} denied {denied:,} of {total:,} claims above about ${limit.at:,.0f} "
            f"{step.lacking} {_FOR[step.cause]}, and {had_denied:,} of {had:,} {step.done} ({_days(model)})"
        )
    support = remedies.supports[step.name]
    at = facts.lines.row(line, named=True)
    [key] = service_key(facts.lines[[line]], model.evidence.words)
    total, denied = _count(support.lacked, key)
    had, had_denied = _count(support.had, key)
    place = int(support.places(np.array([key]))[0])
    lowest = int(support.amounts.lowest[place])
    amount = f" of ${lowest / 100:,.0f} or more" if step.by_amount and len(_below(model, step, place)) else ""
    text = (
        f"payer {at['payer']} denied {denied:,} of {total:,} lines with {at['procedure']}{amount} "
        f"{step.lacking} {_FOR[step.cause]}, and {had_denied:,} of {had:,} {step.done} ({_days(model)})"
    )
    again, paid = _count(remedies.corrected[step.name], key)
    if again >= _SEEN:
        text += (
            f"; of {again:,} denied and sent again with it, {paid:,} {'was' if paid == 1 else 'were'} paid"
        )
    return text


def _below(model: Model, step: Step, place: int) -> Whole:
    below = model.remedies.supports[step.name].amounts.below
    found: Whole = below[(below >> 40) == place]
    return found


def _count(counts: Counts, key: int) -> tuple[int, int]:
    total, denied = counts.look_up(np.array([key]))
    return int(total[0]), int(denied[0])


def _days(model: Model) -> str:
    first, last = (_date(day) for day in (model.remedies.since, model.remedies.until - 1))
    return f"sent {first} to {last}"


def _date(day: int) -> datetime.date:
    return datetime.date(1970, 1, 1) + datetime.timedelta(days=day)
