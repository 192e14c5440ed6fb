"""The columns of claims and lines that pricing reads, as one frame with one row per line."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import polars as pl

from claimwright.domain.derived import positions
from claimwright.foundation.columns import numbers, taken

from .memo_table import Codes

# The columns that pricing reads, with their types; a column that a frame lacks counts as null.
CLAIM_COLUMNS: dict[str, pl.DataType] = {
    "claim": pl.Int64(),
    "form": pl.String(),
    "payer_id": pl.String(),
    "place_of_service": pl.String(),
    "facility_state": pl.String(),
    "billing_state": pl.String(),
    "facility_zip": pl.String(),
    "billing_zip": pl.String(),
    "billing_taxonomy": pl.String(),
    "rendering_taxonomy": pl.String(),
    "facility_type": pl.String(),
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
    "line_facility_zip": pl.String(),
    "line_rendering_taxonomy": pl.String(),
    "revenue_code": pl.String(),
    "service_from_on": pl.Date(),
}
# Additional columns for carve-outs and terms for whole claims; read only if a contract has some.
_CARVING_CLAIMS: dict[str, pl.DataType] = {
    "billing_npi": pl.String(),
    "rendering_npi": pl.String(),
    "attending_npi": pl.String(),
    "claim_filing_code": pl.String(),
    "drg": pl.String(),
    "statement_to_on": pl.Date(),
}
_CARVING_LINES: dict[str, pl.DataType] = {"line_rendering_npi": pl.String()}
_CARVING = (
    "modifier_1",
    "modifier_2",
    "modifier_3",
    "modifier_4",
    "place",
    "provider",
    "biller",
    "plan",
    "drg",
    "stay_days",
)

# The columns of the result; payers, places, states and modifiers are numbers, only the form is text.
_KEPT = (
    "claim", "line", "form", "procedure", "unit_basis", "revenue_code", "units_milli", "charge_cents", "on",
    "day", "practitioner", "facility_type",
)  # fmt: skip


NO_DAY = np.iinfo(np.int32).min
"""The number for an absent date, instead of days since 1970."""

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


def lines_with_claims(
    claims: pl.DataFrame, lines: pl.DataFrame, codes: Sequence[Codes], *, carving: bool = False
) -> pl.DataFrame:
    """The lines in order, with the values of their claims that pricing needs.

    Adds `on`, the date that determines the price; `place`, `state` and `zip` of the service, from the line's
    facility, else the claim's facility, else the billing provider; `practitioner`, 1 for those who are paid a
    share of a physician's fee, 2 for clinical social workers, else 0; the numbers of `codes`; and the `day`
    since 1970, `NO_DAY` if there is none.

    Raises:
        ValueError: a key column is missing, or a claim is twice in `claims`.
    """
    of_claims = {**CLAIM_COLUMNS, **(_CARVING_CLAIMS if carving else {})}
    chosen = _columns(claims, of_claims, "claims")
    if chosen["claim"].n_unique() < chosen.height:
        raise ValueError("claims: a claim occurs twice")
    read = _columns(lines, {**LINE_COLUMNS, **(_CARVING_LINES if carving else {})}, "lines")
    claim, known = numbers(read["claim"])
    of_claim = positions(claim if known is None else np.where(known, claim, -1), chosen["claim"].to_numpy())
    joined = read.hstack(taken(chosen[[name for name in of_claims if name != "claim"]], of_claim))
    values = [*_values(), *(_carving() if carving else [])]
    more = _CARVING if carving else ()
    return joined.select(values).select(*_KEPT, *more, *(part.numbers for part in codes))


@cache
def _carving() -> list[pl.Expr]:
    provider = pl.coalesce("line_rendering_npi", "rendering_npi", "attending_npi", "billing_npi")
    return [
        provider.alias("provider"),
        pl.col("billing_npi").alias("biller"),
        pl.col("claim_filing_code").alias("plan"),
        pl.col("drg").str.zfill(3),
        (pl.col("statement_to_on") - pl.col("statement_from_on")).dt.total_days().alias("stay_days"),
    ]


# Taxonomies, by their first four characters, of practitioners whom Medicare pays 85 percent of a physician's
# fee: nurse practitioners, physician assistants, clinical nurse specialists, dietitians; and clinical social
# workers.
# Source: Social Security Act 1833(a)(1)(F), (O) and (T); Medicare Claims Processing Manual, ch. 12, 110, 120
# and 150.
_NONPHYSICIAN, _SOCIAL_WORKER = ("363L", "363A", "364S", "133V"), ("1041",)


def _practitioner() -> pl.Expr:
    kind = pl.coalesce("line_rendering_taxonomy", "rendering_taxonomy", "billing_taxonomy").str.head(4)
    number = pl.when(kind.is_in(_NONPHYSICIAN)).then(1).when(kind.is_in(_SOCIAL_WORKER)).then(2).otherwise(0)
    return number.cast(pl.UInt8).alias("practitioner")


def _zip() -> pl.Expr:
    """Five digits of the ZIP code of the service address; null if that address has none."""
    own = pl.col("line_facility_zip").is_not_null() | pl.col("line_facility_state").is_not_null()
    facility = pl.col("facility_zip").is_not_null() | pl.col("facility_state").is_not_null()
    chosen = (
        pl.when(own).then("line_facility_zip").when(facility).then("facility_zip").otherwise("billing_zip")
    )
    return chosen.str.head(5).alias("zip")


@cache
def _values() -> list[pl.Expr]:
    on = pl.coalesce("service_from_on", "statement_from_on", "claim_service_from_on")
    return [
        pl.col("claim", "line", "form", "procedure", "unit_basis"),
        # Payers match regardless of case, revenue codes with or without their leading zero.
        pl.col("payer_id").str.to_uppercase(),
        pl.col("revenue_code").str.zfill(4),
        pl.col("modifier_1", "modifier_2", "modifier_3", "modifier_4"),
        pl.col("units").to_physical().cast(pl.Int64).alias("units_milli"),
        pl.col("line_charge").to_physical().cast(pl.Int64).alias("charge_cents"),
        on.alias("on"),
        on.to_physical().cast(pl.Int64).fill_null(NO_DAY).alias("day"),
        pl.coalesce("line_place_of_service", "place_of_service").alias("place"),
        pl.coalesce("line_facility_state", "facility_state", "billing_state").alias("state"),
        _zip(),
        _practitioner(),
        pl.col("facility_type"),
    ]
