"""The columns of claims: one description, from which SQL statements are generated.

Staging, production, dead letters, deliveries to another database and masked copies all take their columns
from here, by name. A test compares the description with the tables that the migrations create.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

import polars as pl
from psycopg import sql

from claimwright.domain import code_shapes

# Prefix of the token that replaces a payer ID with an invalid format: equal payer IDs have equal tokens. See
# `store/payers.py`.
PAYER_STAND_IN = "payer-"


class Kind(enum.Enum):
    """The type and unit of a column."""

    KEY = "a whole number of up to 64 bits"
    NUMBER = "a whole number of up to 32 bits"
    SMALL = "a whole number of up to 16 bits"
    CODE = "a text of up to 63 characters"
    TEXT = "a text of up to 400 characters"
    ID = "a UUID"
    DAY = "a date"
    INSTANT = "a time with its zone"
    DOLLARS = "US dollars, to the cent"
    UNITS = "a quantity, to the thousandth"
    SHARE = "a number from 0 to 1"

    @property
    def dtype(self) -> pl.DataType:
        """The type of the column in the frames that are copied in and out."""
        return _DTYPES[self]


_DTYPES: dict[Kind, pl.DataType] = {
    Kind.KEY: pl.Int64(),
    Kind.NUMBER: pl.Int32(),
    Kind.SMALL: pl.Int16(),
    Kind.CODE: pl.String(),
    Kind.TEXT: pl.String(),
    Kind.ID: pl.String(),
    Kind.DAY: pl.Date(),
    Kind.INSTANT: pl.Datetime("us", "UTC"),
    Kind.DOLLARS: pl.Decimal(18, 2),
    Kind.UNITS: pl.Decimal(15, 3),
    Kind.SHARE: pl.Float32(),
}

# Words of the description. Which tables have the column:
STAGED, PRODUCED, DELIVERED = "staged", "produced", "delivered"
# What a masked copy contains of it; numbers, amounts, instants and ids are kept without a word.
KEPT, YEAR, PROCEDURE, MODIFIERS, DIGITS, PAYER = (
    "kept", "year", "procedure", "modifiers", "digits", "payer",
)  # fmt: skip
_MASKS = frozenset({KEPT, YEAR, PROCEDURE, MODIFIERS, DIGITS, PAYER})
# Never null; filled by the database, so that it is not in any frame.
_REQUIRED, _FILLED = "required", "filled"
_WORDS = _MASKS | {STAGED, PRODUCED, DELIVERED, _REQUIRED, _FILLED}


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `masked` is a word for what a masked copy contains of it; None if its kind decides."""

    name: str
    kind: Kind
    words: frozenset[str]

    @property
    def required(self) -> bool:
        """Whether it is never null, in every table that has it."""
        return _REQUIRED in self.words

    @property
    def masked(self) -> str | None:
        """The word for what a masked copy contains of it."""
        return next(iter(self.words & _MASKS), None)


@dataclass(frozen=True, slots=True)
class Columns:
    """A list of columns, in the order of their table, without the tenant, which the database sets."""

    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(each.name for each in self.columns)

    @property
    def written(self) -> tuple[str, ...]:
        """The names of the columns that a written row must have."""
        return tuple(each.name for each in self.columns if _FILLED not in each.words)

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """The frame type of each column."""
        return {each.name: each.kind.dtype for each in self.columns}

    @property
    def sql(self) -> sql.Composed:
        """The column names, as a comma-separated SQL list."""
        return sql.SQL(", ").join(map(sql.Identifier, self.names))

    @property
    def masks(self) -> dict[str, str]:
        """For each column that has one, the word for what a masked copy contains."""
        return {each.name: each.masked for each in self.columns if each.masked is not None}

    def of(self, place: str) -> Columns:
        """The columns of a place: `STAGED`, `PRODUCED` or `DELIVERED`."""
        return Columns(tuple(each for each in self.columns if place in each.words))

    def and_(self, other: Columns) -> Columns:
        """These columns, followed by others."""
        return Columns(self.columns + other.columns)


def _described(text: str) -> Columns:
    columns = []
    for line in text.strip().splitlines():
        name, kind, *words = line.split()
        assert set(words) <= _WORDS, line
        columns.append(Column(name, Kind[kind], frozenset(words)))
    return Columns(tuple(columns))


# In the order of production.claims; columns that only staging has are placed among them.
CLAIM = _described("""
    received_on         DAY      required kept    staged produced delivered
    claim_key           KEY      required         staged produced delivered
    version             SMALL    required         staged produced delivered
    original_key        KEY                       staged produced delivered
    file_id             KEY      required         staged produced
    position            NUMBER   required         staged produced
    facility            CODE     required kept    staged produced delivered
    form                CODE     required kept    staged produced delivered
    payer_id            CODE              payer   staged produced delivered
    claim_filing        CODE              kept    staged produced delivered
    frequency           CODE              kept    staged produced delivered
    provider            CODE              payer   staged produced
    specialty           CODE              kept    staged produced
    diagnosis_group     CODE              kept    staged produced
    procedure_group     CODE              kept    staged produced
    service_from_on     DAY               year    staged produced delivered
    service_to_on       DAY               year    staged produced delivered
    total_charge        DOLLARS                   staged produced delivered
    expected            DOLLARS                          produced delivered
    lines               NUMBER   required         staged produced delivered
    number_occurrence   NUMBER   required         staged
    content_occurrence  NUMBER   required         staged
    unpriced_lines      NUMBER   required                produced delivered
    severity            CODE              kept           produced delivered
    findings            NUMBER   required                produced delivered
    denial_probability  SHARE                            produced delivered
    confidence          SHARE                            produced delivered
    review_gain         DOLLARS                          produced
    review_step         CODE              kept           produced
    predicted_by        CODE     required kept           produced
    route               CODE     required kept           produced delivered
    route_reason        TEXT              kept           produced delivered
    status              CODE     required kept    filled produced delivered
    correlation_id      ID       required         staged produced delivered
    run_id              KEY      required                produced delivered
    received_at         INSTANT  required         staged produced delivered
    created_at          INSTANT  required                produced delivered
""")

LINE = _described("""
    received_on         DAY      required kept      produced delivered
    claim_key           KEY      required           produced delivered
    line                NUMBER   required           produced delivered
    procedure           CODE              procedure produced delivered
    modifiers           CODE              modifiers produced delivered
    revenue_code        CODE              digits    produced delivered
    place_of_service    CODE              digits    produced delivered
    units               UNITS                       produced delivered
    charge              DOLLARS                     produced delivered
    allowed             DOLLARS                     produced delivered
    basis               TEXT              kept      produced delivered
    service_from_on     DAY               year      produced delivered
""")

# A staged finding can be about its file; then it names no claim.
FINDING = _described("""
    received_on         DAY      required kept      staged produced
    file_id             KEY      required           staged
    claim_key           KEY                         staged produced
    line                NUMBER                      staged produced
    code                CODE     required kept      staged produced
    severity            CODE     required kept      staged produced
    snip                SMALL                       staged produced
    field               CODE              kept      staged produced
    loop                CODE              kept      staged produced
    segment_id          CODE              kept      staged produced
    segment             KEY                         staged
    element             CODE              kept      staged produced
    detail              TEXT              kept      staged produced
    amount              DOLLARS                     staged produced
    waiver              TEXT              kept             produced
""")

STAGED_CLAIM = CLAIM.of(STAGED)
PRODUCED_CLAIM = CLAIM.of(PRODUCED)
PRODUCED_LINE = LINE.of(PRODUCED)
STAGED_FINDING = FINDING.of(STAGED)
PRODUCED_FINDING = FINDING.of(PRODUCED)

# The columns that a dead letter adds to the staged columns of its claim, which are kept so that it can be
# retried.
_OF_A_FAILURE = _described("""
    reason              CODE     required kept
    detail              TEXT              kept
    run_id              KEY      required
    attempts            NUMBER   required
    failed_at           INSTANT  required
    state               CODE     required kept filled
""")
DEAD_LETTER = STAGED_CLAIM.and_(_OF_A_FAILURE)

# An unsealed value must have the format of its field, or the column is null: a patient's name in a code field
# stays only in the sealed record.
_SHAPES: dict[str, code_shapes.Shape] = {
    "payer_id": tuple(rf"{each}|^{PAYER_STAND_IN}[0-9a-f]{{12}}$" for each in code_shapes.PAYER_ID),
    "claim_filing": code_shapes.CLAIM_FILING,
    "frequency": code_shapes.FREQUENCY,
    "provider": code_shapes.NPI,
    "specialty": code_shapes.TAXONOMY,
    "procedure": code_shapes.PROCEDURE,
    "modifiers": (r"^[A-Z0-9]{2}(?: [A-Z0-9]{2}){0,3}$",),
    "revenue_code": code_shapes.REVENUE_CODE,
    "place_of_service": code_shapes.PLACE_OF_SERVICE,
}


def shaped(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame, with null for every value that does not have the format of its column."""
    names = [name for name in frame.columns if name in _SHAPES]
    return frame.with_columns(
        pl.when(pl.all_horizontal(pl.col(name).str.contains(pattern) for pattern in _SHAPES[name]))
        .then(pl.col(name))
        .alias(name)
        for name in names
    )
