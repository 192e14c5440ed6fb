"""Interest and penalties that a payer owes for paying a clean claim late."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import polars as pl

from .rule import DeadlineRules, PromptPayRule, load_deadlines

_CENT = Decimal("0.01")
_DAYS_OF_YEAR = 365
_DAYS_OF_MONTH = 30
_SECOND_HALF = 7

SCHEMA: dict[str, pl.DataType] = {
    "rule": pl.String(),
    "law": pl.String(),
    "due_on": pl.Date(),
    "days_late": pl.Int32(),
    # Percent a year; null for steps and penalties, or where the rate of the half-year is not known.
    "percent": pl.Decimal(9, 4),
    # Dollars; null where it cannot be computed, and `basis` says why.
    "interest": pl.Decimal(18, 2),
    "penalty": pl.Decimal(18, 2),
    "basis": pl.String(),
}
_INPUT = (
    "payer_kind",
    "state",
    "is_contracted",
    "is_electronic",
    "is_clean",
    "received_on",
    "paid_on",
    "amount",
    "charge",
)


def interest_owed(claims: pl.DataFrame, *, rules: DeadlineRules | None = None) -> pl.DataFrame:
    """The claims with the columns of `SCHEMA`.

    Reads `payer_kind`, `state`, `is_contracted`, `is_electronic`, `is_clean`, `received_on` (by the payer),
    `paid_on` (the day for which interest is computed), `amount` (paid or payable, after patient
    responsibility) and `charge`. Where `is_electronic` or `is_clean` is unknown, the claim counts as
    electronic and clean. Days are counted from the day after the last day for payment through the day of
    payment.

    One rule applies to a claim: the first that fits its payer, State and contract. Without one, `basis` says
    so.
    """
    rules = rules or load_deadlines()
    given = claims.select(
        (pl.col(name) if name in claims.columns else pl.lit(None)).alias(name) for name in _INPUT
    )
    # Distinct combinations are few beside claims of one payer and day, and each is computed once.
    distinct = given.unique()
    found = [_owed(row, rules) for row in distinct.iter_rows(named=True)]
    answers = pl.DataFrame(found, schema=SCHEMA)
    keys = given.with_row_index("row").join(
        pl.concat([distinct, answers], how="horizontal"), on=list(_INPUT), how="left", nulls_equal=True
    )
    return pl.concat([claims, keys.sort("row").select(list(SCHEMA))], how="horizontal")


def _owed(claim: Mapping[str, Any], rules: DeadlineRules) -> dict[str, Any]:
    nothing = dict.fromkeys(SCHEMA)
    rule = next((each for each in rules.prompt_pay if _fits(each, claim)), None)
    if rule is None:
        return {**nothing, "basis": "no prompt-pay rule is known for this payer, State and day"}
    found = {**nothing, "rule": rule.code, "law": rule.law}
    if not rule.due:
        return {**found, "interest": Decimal(0), "penalty": Decimal(0), "basis": rule.note}
    if claim["is_clean"] is False:
        return {**found, "interest": Decimal(0), "penalty": Decimal(0), "basis": "not a clean claim"}
    received, paid, amount = claim["received_on"], claim["paid_on"], claim["amount"]
    if received is None or paid is None or amount is None:
        return {**found, "basis": "received_on, paid_on or amount is not known"}
    way = "paper" if claim["is_electronic"] is False else "electronic"
    due = received + timedelta(days=rule.due[way].days)
    late = max((paid - due).days, 0)
    found |= {"due_on": due, "days_late": late, "penalty": Decimal(0)}
    if not late:
        return {**found, "interest": Decimal(0), "basis": "paid in time"}
    if rule.penalties:
        return {**found, **_penalty(rule, claim, late)}
    if rule.monthly_steps:
        return {**found, **_steps(rule, amount, (due - received).days, late)}
    percent = rule.percent if rule.rate_table is None else _rate(rules.rates[rule.rate_table], paid)
    if percent is None:
        return {**found, "basis": "the rate of the half-year of payment is not known"}
    interest = _cents(amount * percent / 100 * late / _DAYS_OF_YEAR)
    if interest < rule.least:
        return {
            **found,
            "percent": percent,
            "interest": Decimal(0),
            "basis": f"less than ${rule.least} is not owed",
        }
    return {
        **found,
        "percent": percent,
        "interest": interest,
        "basis": f"{amount} x {percent} % x {late} days / 365",
    }


def _fits(rule: PromptPayRule, claim: Mapping[str, Any]) -> bool:
    return (
        claim["payer_kind"] in rule.payer_kinds
        and (not rule.states or claim["state"] in rule.states)
        and (rule.contracted is None or claim["is_contracted"] is rule.contracted)
        and (
            rule.effective_from is None
            or (claim["received_on"] is not None and claim["received_on"] >= rule.effective_from)
        )
    )


def _rate(table: Mapping[date, Decimal], day: date) -> Decimal | None:
    """The rate of the half-year of a day; None where it is not in the table."""
    return table.get(date(day.year, 1 if day.month < _SECOND_HALF else _SECOND_HALF, 1))


def _steps(rule: PromptPayRule, amount: Decimal, allowed: int, late: int) -> dict[str, Any]:
    """Monthly rates that rise with the days after receipt."""
    owed, begun = Decimal(0), allowed
    for step in rule.monthly_steps:
        last = allowed + late if step.up_to_day is None else min(step.up_to_day, allowed + late)
        if last > begun:
            owed += amount * step.percent / 100 * (last - begun) / _DAYS_OF_MONTH
            begun = last
    return {"interest": _cents(owed), "basis": f"{late} days at monthly rates"}


def _penalty(rule: PromptPayRule, claim: Mapping[str, Any], late: int) -> dict[str, Any]:
    """A share of the difference between charge and rate, by how late it is."""
    if claim["charge"] is None:
        return {"penalty": None, "basis": "the charge is not known"}
    step = next(each for each in rule.penalties if each.up_to_days is None or late <= each.up_to_days)
    penalty = _cents(min((claim["charge"] - claim["amount"]) * step.share, step.cap))
    interest = _cents(penalty * step.interest_percent / 100 * late / _DAYS_OF_YEAR)
    return {"penalty": max(penalty, Decimal(0)), "interest": max(interest, Decimal(0)), "basis": rule.note}


def _cents(amount: Decimal) -> Decimal:
    """Dollars to the cent, half up, as contractors round interest (Claims Processing Manual, ch. 1,
    80.2.2).
    """
    return amount.quantize(_CENT, rounding=ROUND_HALF_UP)
