"""What a target holds: one description, from which the SQL of each kind of database is written.

Columns are named as in `production`; none of them is PHI. A claim's key there is tenant, claim key and
version, and the day on which it came in, by whose month the tables are partitioned.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

import polars as pl


class Kind(enum.Enum):
    """The type and unit of a column."""

    KEY = "a whole number of up to 64 bits"
    NUMBER = "a whole number of up to 32 bits"
    CODE = "a text of up to 63 characters"
    TEXT = "a text of up to 400 characters"
    DAY = "a date"
    INSTANT = "a time with its zone"
    DOLLARS = "US dollars, to the cent"
    UNITS = "a quantity, to the thousandth"
    SHARE = "a number from 0 to 1"

    @property
    def dtype(self) -> pl.DataType:
        """The Polars type of a column of this kind."""
        return _DTYPES[self]


_DTYPES: dict[Kind, pl.DataType] = {
    Kind.KEY: pl.Int64(),
    Kind.NUMBER: pl.Int32(),
    Kind.CODE: pl.String(),
    Kind.TEXT: pl.String(),
    Kind.DAY: pl.Date(),
    Kind.INSTANT: pl.String(),
    Kind.DOLLARS: pl.Decimal(18, 2),
    Kind.UNITS: pl.Decimal(15, 3),
    Kind.SHARE: pl.Float64(),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column."""

    name: str
    kind: Kind
    required: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns, key, indexes, and the columns that numbers are made from.

    `indexes` name their columns; `metrics` are those of the columnstore.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    indexes: tuple[tuple[str, ...], ...] = ()
    metrics: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)


PARTITIONED_BY = "received_on"


def _columns(text: str) -> tuple[Column, ...]:
    found = []
    for line in text.strip().splitlines():
        name, kind, *more = line.split()
        found.append(Column(name, Kind[kind], more == ["required"]))
    return tuple(found)


CLAIMS = Table(
    "claims",
    _columns("""
        tenant CODE required
        received_on DAY required
        claim_key KEY required
        version NUMBER required
        original_key KEY
        facility CODE required
        form CODE required
        payer_id CODE
        claim_filing CODE
        service_from_on DAY
        service_to_on DAY
        total_charge DOLLARS
        expected DOLLARS
        lines NUMBER required
        unpriced_lines NUMBER required
        severity CODE
        findings NUMBER required
        denial_probability SHARE
        confidence SHARE
        route CODE required
        route_reason TEXT
        status CODE required
        correlation_id CODE required
        run_id KEY required
        received_at INSTANT required
        created_at INSTANT required
    """),
    key=("tenant", "claim_key", "version", PARTITIONED_BY),
    indexes=(("tenant", "facility", "status"), ("tenant", "correlation_id"), ("created_at",)),
    metrics=(
        "tenant", PARTITIONED_BY, "facility", "form", "payer_id", "route", "severity", "total_charge",
        "expected", "denial_probability", "lines", "findings",
    ),
)  # fmt: skip

LINES = Table(
    "lines",
    _columns("""
        tenant CODE required
        received_on DAY required
        claim_key KEY required
        version NUMBER required
        line NUMBER required
        procedure CODE
        modifiers CODE
        revenue_code CODE
        place_of_service CODE
        units UNITS
        charge DOLLARS
        allowed DOLLARS
        basis TEXT
        service_from_on DAY
    """),
    key=("tenant", "claim_key", "version", "line", PARTITIONED_BY),
    metrics=(
        "tenant", PARTITIONED_BY, "procedure", "revenue_code", "place_of_service", "units", "charge",
        "allowed",
    ),
)  # fmt: skip

TABLES = (CLAIMS, LINES)
