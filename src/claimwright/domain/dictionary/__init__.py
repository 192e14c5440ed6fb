"""The one list of every field of a claim.

From it derive the frames' schemas, the X12 layout, the masking of non-production copies, the access
labels, the names that a rule may use, and the dictionary page of the documentation.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from . import claim_fields, line_fields, repeating_fields, transaction_fields
from .field import Field, Form, Kind, Level, Phi

__all__ = [
    "DICTIONARY",
    "KEYS",
    "Field",
    "Form",
    "Kind",
    "Level",
    "Phi",
    "field_named",
    "fields_of",
    "schema",
]

DICTIONARY: tuple[Field, ...] = (
    *transaction_fields.FIELDS,
    *claim_fields.FIELDS,
    *line_fields.FIELDS,
    *repeating_fields.FIELDS,
)

_CLAIM: dict[str, pl.DataType] = {"claim": pl.Int64()}
_LINE: dict[str, pl.DataType] = {**_CLAIM, "line": pl.Int32()}
_ORDER: dict[str, pl.DataType] = {"position": pl.Int32()}

# What identifies a row of each frame. `claim` counts from 1 over everything that was read; `line`,
# `position`, `other_payer` and `adjudication` count from 1 within what they belong to. Where a frame
# serves claims and lines alike, `line` is null on the rows of the claim.
KEYS: dict[Level, dict[str, pl.DataType]] = {
    Level.TRANSACTION: {"transaction": pl.Int64()},
    Level.CLAIM: {
        **_CLAIM,
        "transaction": pl.Int64(),
        "form": pl.String(),
        "first_segment": pl.Int64(),
        "last_segment": pl.Int64(),
    },
    Level.LINE: _LINE,
    Level.DIAGNOSIS: {**_CLAIM, **_ORDER},
    Level.PROCEDURE: {**_CLAIM, **_ORDER},
    Level.INSTITUTIONAL_CODE: {**_CLAIM, **_ORDER},
    Level.OTHER_PAYER: {**_CLAIM, "other_payer": pl.Int32()},
    Level.ADJUDICATION: {**_LINE, "adjudication": pl.Int32()},
    Level.ADJUSTMENT: {**_LINE, "other_payer": pl.Int32(), "adjudication": pl.Int32(), **_ORDER},
    Level.ATTACHMENT: {**_LINE, **_ORDER},
    Level.NOTE: {**_LINE, **_ORDER},
    Level.CERTIFICATION: {**_LINE, **_ORDER},
    Level.TOOTH: {**_LINE, **_ORDER},
    Level.SEGMENT: {
        "transaction": pl.Int64(),
        **_LINE,
        "other_payer": pl.Int32(),
        "adjudication": pl.Int32(),
    },
}


@cache
def fields_of(level: Level) -> tuple[Field, ...]:
    """The fields of one level, in the dictionary's order."""
    return tuple(entry for entry in DICTIONARY if entry.level is level)


@cache
def schema(level: Level) -> dict[str, pl.DataType]:
    """Column names and types of one level's frame: its keys, then its fields."""
    return {**KEYS[level], **{entry.name: entry.dtype for entry in fields_of(level)}}


@cache
def _by_name() -> dict[str, Field]:
    return {entry.name: entry for entry in DICTIONARY}


def field_named(name: str) -> Field:
    """The entry of this name.

    Raises:
        KeyError: no field has the name.
    """
    return _by_name()[name]
