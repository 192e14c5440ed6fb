"""What pricing reads of claims and their lines: one frame, a row a line."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import polars as pl

from claimwright.domain.derived import positions
from claimwright.foundation.columns import numbers, taken

from .memo_table import Codes

# What pricing reads of the frames, with its type; a column that a frame lacks counts as null.
CLAIM_COLUMNS: dict[str, pl.DataType] = {
    "claim": pl.Int64(),
    "form": pl.String(),
    "payer_id": pl.String(),
    "place_of_service": pl.String(),
    "facility_state": pl.String(),
    "billing_state": pl.String(),
    "statement_from_on": pl.Date(),
    "claim_service_from_on": pl.Date(),
}
LINE_COLUMNS: dict[str, pl.DataType] = {
    "claim": pl.Int64(),
    "line": pl.Int32(),
    "procedure": pl.String(),
    "modifier_1": pl.String(),
    "modifier_2": pl.String(),
    "modifier_3": pl.String(),
    "modifier_4": pl.String(),
    "units": pl.Decimal(15, 3),
    "unit_basis": pl.String(),
    "line_charge": pl.Decimal(18, 2),
    "line_place_of_service": pl.String(),
    "line_facility_state": pl.String(),
    "revenue_code": pl.String(),
    "service_from_on": pl.Date(),
}
# What pricing goes on with; payers, forms, places, states and modifiers only as numbers but the form.
_KEPT = (
    "claim", "line", "form", "procedure", "unit_basis", "revenue_code", "units_milli", "charge_cents", "on",
    "day",
)  # fmt: skip


NO_DAY = np.iinfo(np.int32).min
"""Stands for an absent date among days since 1970."""

_REQUIRED = ("claim", "line", "form")


def _columns(frame: pl.DataFrame, wanted: dict[str, pl.DataType], what: str) -> pl.DataFrame:
    absent = [name for name in wanted if name in _REQUIRED and name not in frame.columns]
    if absent:
        raise ValueError(f"{what}: no column {', '.join(absent)}")
    schema = frame.schema
    if all(schema.get(name) == dtype for name, dtype in wanted.items()):
        return frame[[*wanted]]
    return frame.select(_casts(tuple(wanted.items()), frozenset(frame.columns).intersection(wanted)))


@cache
def _casts(wanted: tuple[tuple[str, pl.DataType], ...], there: frozenset[str]) -> list[pl.Expr]:
    return [
        (pl.col(name) if name in there else pl.lit(None)).cast(dtype).alias(name) for name, dtype in wanted
    ]


def lines_with_claims(claims: pl.DataFrame, lines: pl.DataFrame, codes: Sequence[Codes]) -> pl.DataFrame:
    """The lines in their order, with what pricing needs of their claims.

    Adds `on`, the date that decides, `place`, and `state`, where the service was given: the line's own
    facility before the claim's before the billing provider's; the numbers of `codes`; and the `day` since
    1970, `NO_DAY` where there is none.

    Raises:
        ValueError: a key column is missing, or a claim stands twice in `claims`.
    """
    chosen = _columns(claims, CLAIM_COLUMNS, "claims")
    if chosen["claim"].n_unique() < chosen.height:
        raise ValueError("claims: a claim stands there twice")
    read = _columns(lines, LINE_COLUMNS, "lines")
    claim, known = numbers(read["claim"])
    of_claim = positions(claim if known is None else np.where(known, claim, -1), chosen["claim"].to_numpy())
    joined = read.hstack(taken(chosen[[name for name in CLAIM_COLUMNS if name != "claim"]], of_claim))
    return joined.select(_values()).select(*_KEPT, *(part.numbers for part in codes))


@cache
def _values() -> list[pl.Expr]:
    on = pl.coalesce("service_from_on", "statement_from_on", "claim_service_from_on")
    return [
        pl.col("claim", "line", "form", "payer_id", "procedure", "unit_basis", "revenue_code"),
        pl.col("modifier_1", "modifier_2", "modifier_3", "modifier_4"),
        pl.col("units").to_physical().cast(pl.Int64).alias("units_milli"),
        pl.col("line_charge").to_physical().cast(pl.Int64).alias("charge_cents"),
        on.alias("on"),
        on.to_physical().cast(pl.Int64).fill_null(NO_DAY).alias("day"),
        pl.coalesce("line_place_of_service", "place_of_service").alias("place"),
        pl.coalesce("line_facility_state", "facility_state", "billing_state").alias("state"),
    ]
