"""Lines to price, written as briefly as a test can say them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from claimwright.engines.pricing import Pricer

LINE_TYPES = {
    "claim": pl.Int64,
    "line": pl.Int32,
    "procedure": pl.String,
    "modifier_1": pl.String,
    "modifier_2": pl.String,
    "modifier_3": pl.String,
    "modifier_4": pl.String,
    "units": pl.Decimal(15, 3),
    "unit_basis": pl.String,
    "line_charge": pl.Decimal(18, 2),
    "line_place_of_service": pl.String,
    "revenue_code": pl.String,
    "service_from_on": pl.Date,
}

Line = dict[str, Any]


def service(
    procedure: str | None,
    *modifiers: str,
    on: str | None = "2025-06-02",
    units: str | None = "1",
    place: str | None = "11",
    charge: str | None = None,
    claim: int = 1,
    unit_basis: str = "UN",
    revenue_code: str | None = None,
) -> Line:
    """One service line; its number is given when it is priced."""
    four = [*modifiers, None, None, None, None]
    return {
        "claim": claim,
        "procedure": procedure,
        **{f"modifier_{number}": four[number - 1] for number in (1, 2, 3, 4)},
        "units": None if units is None else Decimal(units),
        "unit_basis": unit_basis,
        "line_charge": None if charge is None else Decimal(charge),
        "line_place_of_service": place,
        "revenue_code": revenue_code,
        "service_from_on": None if on is None else date.fromisoformat(on),
    }


def frames(
    lines: Sequence[Line], *, state: str | None = None, payer: str | None = "MEDICARE", form: str | None = "P"
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The lines, numbered as they come, and the claims that they are of."""
    numbered = [{"line": number, **line} for number, line in enumerate(lines, start=1)]
    keys = sorted({line["claim"] for line in lines})
    claims = pl.DataFrame(
        {
            "claim": keys,
            "form": [form] * len(keys),
            "payer_id": [payer] * len(keys),
            "billing_state": [state] * len(keys),
        },
        schema={"claim": pl.Int64, "form": pl.String, "payer_id": pl.String, "billing_state": pl.String},
    )
    return claims, pl.DataFrame(numbered, schema=LINE_TYPES)


@pytest.fixture(scope="session")
def medicare() -> Pricer:
    """Medicare's fee schedule, as a user who configures nothing gets it."""
    return Pricer.default()


Allowed = Callable[..., list[Decimal | None]]
Priced = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def allowed(medicare: Pricer) -> Allowed:
    """What Medicare allows for some lines, in their order."""

    def price(*lines: Line, pricer: Pricer = medicare, **claim: Any) -> list[Decimal | None]:
        return pricer.price(*frames(lines, **claim))["allowed"].to_list()

    return price


@pytest.fixture
def priced(medicare: Pricer) -> Priced:
    """The whole row of each line."""

    def price(*lines: Line, pricer: Pricer = medicare, **claim: Any) -> list[dict[str, Any]]:
        return pricer.price(*frames(lines, **claim)).to_dicts()

    return price
