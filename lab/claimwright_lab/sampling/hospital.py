"""What only institutions say: the stay, and the NUBC's codes. Also the surgery behind an anesthesia claim.

Sources: NUBC UB-04, form locators 6 to 17, 31 to 41, 69 to 76; 005010X223A2, loop 2300.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from claimwright.domain.dictionary import Level

from . import payers
from .draws import Whole
from .lines import Frames, money
from .notation import read_range
from .parties import Columns, constant, kept
from .plan import Plan, days, replacements

_STAYS = ("11", "12", "21")
# Value code 80: days that the payer covers.
_COVERED_DAYS = "80"
# Condition code D1: Medicare asks of an adjustment what it changes (Medicare Claims Processing Manual, ch. 1,
# section 130.1.2.1).
_CHARGES_CHANGED = "D1"
# The order in which an 837I has the lists: spans, occurrences, values, conditions.
_ORDER = {"BI": 0, "BH": 1, "BE": 2, "BG": 3}


def stays(plan: Plan) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which claims bill an inpatient stay."""
    return plan.place.is_in(_STAYS).to_numpy()


def claim(plan: Plan) -> Columns:
    """Statement, admission and discharge, patient status, DRG."""
    ones = np.ones(len(plan), dtype=bool)
    stay = stays(plan)
    hours = pl.Series(plan.lead.between("hour admitted", 0, 23)).cast(pl.String).str.zfill(2) + "15"
    left = pl.Series(plan.lead.between("hour discharged", 9, 18)).cast(pl.String).str.zfill(2) + "30"
    last = np.where(stay, plan.last_day, plan.first_day + plan.catalogue.latest_day[plan.encounter])
    return {
        "statement_from_on": days(plan.first_day),
        "statement_to_on": days(last),
        "admitted_on": kept(days(plan.first_day), stay),
        "admitted_at": kept(hours, stay),
        "discharged_at": kept(left, stay),
        "admission_type": plan.text("admission"),
        "admission_source": plan.text("source"),
        # 01: discharged to home.
        "patient_status": constant("01", ones),
        "drg": plan.text("drg"),
    }


def codes(plan: Plan, claims: Whole) -> Frames:
    """Procedures of the claim, and condition, occurrence and value codes."""
    procedures: list[pl.DataFrame] = []
    listed: list[pl.DataFrame] = []
    for number in range(len(plan.catalogue.names)):
        mine = np.flatnonzero(plan.encounter == number)
        if not len(mine):
            continue
        listed += _lists(plan, claims, number, mine)
        procedures += _procedures(plan, claims, number, mine)
    if plan.form == "I":
        stay = stays(plan)
        nights = np.maximum(plan.last_day - plan.first_day, 1)[stay]
        listed.append(_listed(claims[stay], "BE", _COVERED_DAYS, amount=money(nights * 100)))
        adjusted = replacements(plan) & (plan.payer_kind == payers.MEDICARE)
        listed.append(_listed(claims[adjusted], "BG", _CHARGES_CHANGED))
    made: Frames = {}
    if procedures:
        made[Level.PROCEDURE] = _numbered(pl.concat(procedures, how="diagonal"))
    if listed:
        made[Level.INSTITUTIONAL_CODE] = _numbered(pl.concat(listed, how="diagonal"))
    return made


def _procedures(plan: Plan, claims: Whole, number: int, mine: Whole) -> list[pl.DataFrame]:
    anesthesia = plan.catalogue.table["anesthesia_for"][number]
    done = plan.catalogue.lists["procedures"][number]
    if anesthesia is not None:
        return [_procedure(claims[mine], 0, "BP", anesthesia)]
    on = days(plan.first_day[mine])
    return [
        _procedure(claims[mine], n, "BBR" if n == 0 else "BBQ", code).with_columns(surgical_procedure_on=on)
        for n, code in enumerate(done)
    ]


def _procedure(claims: Whole, order: int, qualifier: str, code: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "claim": claims,
            "order": order,
            "surgical_procedure_qualifier": qualifier,
            "surgical_procedure": code,
        }
    )


def _lists(plan: Plan, claims: Whole, number: int, mine: Whole) -> list[pl.DataFrame]:
    lists = plan.catalogue.lists
    made = [_listed(claims[mine], "BG", code) for code in lists["conditions"][number]]
    for text in lists["occurrences"][number]:
        code, _, before = text.partition(":")
        made.append(_listed(claims[mine], "BH", code, on=days(plan.first_day[mine] - int(before))))
    for text in lists["values"][number]:
        code, _, ends = text.partition(":")
        drawn = plan.lead.of(mine).between(f"value {code}", *read_range(ends))
        made.append(_listed(claims[mine], "BE", code, amount=money(drawn * 100)))
    return made


def _listed(
    claims: Whole, listed: str, code: str, *, on: pl.Series | None = None, amount: pl.Series | None = None
) -> pl.DataFrame:
    frame = pl.DataFrame(
        {
            "claim": claims,
            "order": _ORDER[listed],
            "institutional_code_list": listed,
            "institutional_code": code,
        }
    )
    if on is not None:
        # An occurrence is one day; read back, its period begins and ends there.
        frame = frame.with_columns(institutional_code_from_on=on, institutional_code_to_on=on)
    if amount is not None:
        frame = frame.with_columns(institutional_code_amount=amount)
    return frame


def _numbered(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows by claim and order, with their position in the claim."""
    return (
        frame.sort("claim", "order", maintain_order=True)
        .with_columns(position=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("claim"))
        .drop("order")
    )
