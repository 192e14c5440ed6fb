"""Explains the arithmetic of a price in words, so that a person can verify it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from .basis import MEANING, PRICED, Basis

_BY_VALUES = frozenset(
    {Basis.MEDICARE_PFS, Basis.MEDICARE_PFS_CARRIED_FORWARD, Basis.RVU, Basis.RVU_CARRIED_FORWARD}
)


def explain_price(price: Mapping[str, Any]) -> list[str]:
    """Lines of text for one row of `price_lines`, as returned by `row(named=True)`.

    Uses no field of the claim except those of the price itself.
    """
    basis = Basis(price["basis"])
    told = [MEANING[basis]]
    if basis not in PRICED:
        return told
    if price["contract"] not in {None, told[0]}:
        told = [f"{price['contract']}: {told[0]}"]
    if basis in _BY_VALUES:
        told += _by_values(price)
    elif basis is Basis.ANESTHESIA:
        told.append(f"conversion factor {price['conversion_factor']}, {price['locality']}")
    elif price["unit_amount"] is not None:
        told.append(f"{_dollars(price['unit_amount'])} a unit")
    told += str(price["reductions"]).split("; ") if price["reductions"] else []
    if price["charge_limited"]:
        told.append("the charge is less, so the charge is allowed")
    return [*told, f"allowed {_dollars(price['allowed'])}"]


def _by_values(price: Mapping[str, Any]) -> list[str]:
    terms = " + ".join(
        f"{price[f'{short}_rvu']} {name} x {price[f'{short}_gpci']}"
        for short, name in (("work", "work"), ("pe", "practice expense"), ("malpractice", "malpractice"))
    )
    return [
        f"({terms}) x {price['conversion_factor']} = {_dollars(price['unit_amount'])} a unit",
        f"relative values of {price['schedule_year']}, {price['setting']}",
        f"locality {price['locality']} ({price['locality_basis']})",
    ]


def _dollars(amount: Decimal) -> str:
    """Dollars with cents, and more decimals if the amount has them."""
    places = max(2, -int(amount.normalize().as_tuple().exponent))
    return f"${amount:,.{places}f}"
