"""What lines would be allowed by the schedules and contracts of other days: has the payer not loaded the new
edition, or loaded it too early?
"""

from __future__ import annotations

from typing import Protocol

import polars as pl

# The same day of the years around; and the first and last day of the year, since factors change within one.
_SHIFTS = ("-1y", "1y", "-2y", "first", "last")
_DAYS_OF_CLAIMS = ("claim_service_from_on", "service_from_on", "statement_from_on")

EDITIONS: dict[str, pl.DataType] = {
    "claim": pl.Int64(), "line": pl.Int32(), "priced_on": pl.Date(), "schedule_year": pl.Int16(),
    "allowed_cents": pl.Int64(), "contract": pl.String(),
}  # fmt: skip


class Prices(Protocol):
    """A pricer: `claimwright.engines.pricing.Pricer`."""

    def price(self, claims: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
        """A row per line, in order: `claim`, `line`, `allowed`, `schedule_year`, `contract`,
        `charge_limited`.
        """


def other_editions(
    claims: pl.DataFrame, lines: pl.DataFrame, own: pl.DataFrame, pricer: Prices
) -> pl.DataFrame:
    """The prices of lines as of other days: the columns of `EDITIONS`. `own` has their own prices: `claim`,
    `line`, `allowed`.

    Amounts that the charge limits say nothing about an edition and are left out, as are amounts that the
    line's own day gives too.
    """
    found = _priced(claims, lines, pricer).filter(
        pl.col("allowed_cents").is_not_null(), ~pl.col("charge_limited")
    )
    same = own.select("claim", "line", allowed_cents=_cents()).drop_nulls()
    return (
        found.join(same, on=["claim", "line", "allowed_cents"], how="anti", maintain_order="left")
        .unique(["claim", "line", "allowed_cents"], keep="first", maintain_order=True)
        .select([pl.col(name).cast(dtype) for name, dtype in EDITIONS.items()])
    )


def _priced(claims: pl.DataFrame, lines: pl.DataFrame, pricer: Prices) -> pl.DataFrame:
    """The prices as of all other days, in the order of the shifts.

    Each claim is priced once for each day, all in one call: a call costs as much as thousands of lines.
    """
    days = [name for name in _DAYS_OF_CLAIMS if name in claims.columns]
    of_claims, of_lines = [], []
    for number, shift in enumerate(_SHIFTS):
        key = pl.col("claim").cast(pl.Int64) * len(_SHIFTS) + number
        of_claims.append(claims.with_columns(key, *(_shifted(name, shift) for name in days)))
        of_lines.append(lines.with_columns(key, _shifted("service_from_on", shift)))
    shifted = pl.concat(of_lines)
    prices = pricer.price(pl.concat(of_claims), shifted)
    return prices.select(
        pl.col("claim").cast(pl.Int64) // len(_SHIFTS), "line", "schedule_year", "contract",
        "charge_limited", allowed_cents=_cents(), priced_on=shifted["service_from_on"],
    )  # fmt: skip


def _cents() -> pl.Expr:
    return (pl.col("allowed") * 100).cast(pl.Int64)


def _shifted(name: str, shift: str) -> pl.Expr:
    day = pl.col(name)
    if shift == "first":
        return pl.date(day.dt.year(), 1, 1).alias(name)
    if shift == "last":
        return pl.date(day.dt.year(), 12, 31).alias(name)
    return day.dt.offset_by(shift)
