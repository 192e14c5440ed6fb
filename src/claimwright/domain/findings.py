"""What is wrong with a claim: the vocabulary of findings, and the one frame that they all come in.

A finding says which claim and line, under which code, how grave, and where to look. It never carries a
value of the claim: `detail` holds a length, a class or a position. The sentence that a person reads comes
from the catalogue of the code (the rulebook, or the list of structural errors) when it is shown.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable

import polars as pl


class Severity(enum.StrEnum):
    """How grave a finding is; from the gravest down."""

    BLOCK = "block"
    """The claim will be rejected or denied as it is: do not send it."""
    WARN = "warn"
    """Likely wrong or likely to be denied: a person should look."""
    NOTE = "note"
    """Worth knowing; no action needed to send the claim."""


# Physical order is gravity, so that a sort or a maximum over the column finds the worst.
SEVERITY_TYPE = pl.Enum([Severity.NOTE.value, Severity.WARN.value, Severity.BLOCK.value])

# The SNIP types of testing (WEDI SNIP Testing and Certification white paper).
SNIP_TYPES: dict[int, str] = {
    1: "EDI syntax",
    2: "implementation guide syntax",
    3: "balancing",
    4: "situational requirements",
    5: "external code sets",
    6: "product type or line of service",
    7: "trading partner",
}

SCHEMA: dict[str, pl.DataType] = {
    # Null where the finding is of the file and no claim could be made out.
    "claim": pl.Int64(),
    # Null where the finding is of the claim as a whole.
    "line": pl.Int32(),
    "code": pl.String(),
    "severity": SEVERITY_TYPE,
    "snip": pl.Int8(),
    # The dictionary field that the finding is about, null where it is about no single one.
    "field": pl.String(),
    "loop": pl.String(),
    "segment_id": pl.String(),
    # Position of the segment in the file, from 1; null for a claim that did not come as X12.
    "segment": pl.Int64(),
    # Segment, element and component: `CLM05` or `CLM05-1`.
    "element": pl.String(),
    "detail": pl.String(),
    # Dollars at stake: the charge of the line, or of the claim where the finding has no line.
    "amount": pl.Decimal(18, 2),
    # The waiver under which the finding is accepted for now; null where none applies.
    "waiver": pl.String(),
}


_TYPED = pl.Schema(SCHEMA)


def empty() -> pl.DataFrame:
    """No findings."""
    return pl.DataFrame(schema=SCHEMA)


def complete(frame: pl.DataFrame) -> pl.DataFrame:
    """The findings with every column of the schema, typed and in its order; further columns are left out.

    Raises:
        polars.exceptions.PolarsError: a column cannot be read as its type.
    """
    if frame.schema == _TYPED:
        return frame
    return frame.select(
        pl.col(name).cast(dtype) if name in frame.columns else pl.lit(None, dtype).alias(name)
        for name, dtype in SCHEMA.items()
    )


def concat(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Findings from several engines as one frame, in the order given."""
    parts = [complete(frame) for frame in frames]
    return pl.concat(parts, rechunk=False) if parts else empty()


def worst_first(findings: pl.DataFrame) -> pl.DataFrame:
    """The findings by gravity, then dollars at stake, then place in the file."""
    return findings.sort(
        ["severity", "amount", "claim", "line", "code"],
        descending=[True, True, False, False, False],
        nulls_last=[True, True, True, False, True],
    )
