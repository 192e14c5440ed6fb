"""The envelope segments of a block as rows, from which acknowledgements are created."""

from __future__ import annotations

from typing import Any

import polars as pl

from claimwright.engines.x12.syntax.digits import integers
from claimwright.engines.x12.syntax.loops import GE, GS, IEA, ISA, SE, ST
from claimwright.engines.x12.syntax.tokenizer import Segments

ENVELOPE_SCHEMA: dict[str, pl.DataType] = {
    "segment_id": pl.String(),
    "segment": pl.Int64(),
    "control_number": pl.String(),
    "count": pl.Int64(),
    "kind": pl.String(),
    "version": pl.String(),
    "sender_qualifier": pl.String(),
    "sender": pl.String(),
    "receiver_qualifier": pl.String(),
    "receiver": pl.String(),
    "date": pl.String(),
    "time": pl.String(),
    "acknowledgment_requested": pl.String(),
    "usage": pl.String(),
}
"""One row per envelope segment, in file order; `segment` is its 1-based position in the file."""

# Columns that hold an element of the header, by its ordinal from 1.
_HEADER_ELEMENTS: dict[int, dict[str, int]] = {
    ISA: {
        "sender_qualifier": 5,
        "sender": 6,
        "receiver_qualifier": 7,
        "receiver": 8,
        "date": 9,
        "time": 10,
        "version": 12,
        "control_number": 13,
        "acknowledgment_requested": 14,
        "usage": 15,
    },
    GS: {"kind": 1, "sender": 2, "receiver": 3, "date": 4, "time": 5, "control_number": 6, "version": 8},
    ST: {"kind": 1, "control_number": 2, "version": 3},
    SE: {"control_number": 2},
    GE: {"control_number": 2},
    IEA: {"control_number": 2},
}
_NAMES = {ISA: "ISA", GS: "GS", ST: "ST", SE: "SE", GE: "GE", IEA: "IEA"}
_TRAILERS = (SE, GE, IEA)


def envelope_frame(segments: Segments) -> pl.DataFrame:
    """The envelope segments of a block, but for repeated context, with the columns of `ENVELOPE_SCHEMA`."""
    rows = segments.envelope
    rows = rows[rows >= segments.context]
    parts = []
    for tag, columns in _HEADER_ELEMENTS.items():
        at = rows[segments.tag[rows] == tag]
        if not len(at):
            continue
        values: dict[str, Any] = {"segment_id": [_NAMES[tag]] * len(at), "segment": segments.number[at]}
        for name, ordinal in columns.items():
            start, length = segments.element(at, ordinal - 1)
            values[name] = [
                segments.data[begin : begin + size].tobytes().decode("utf-8", "replace") or None
                for begin, size in zip(start.tolist(), length.tolist(), strict=True)
            ]
        if tag in _TRAILERS:
            count = integers(segments.data, *segments.element(at, 0))
            values["count"] = [number if number >= 0 else None for number in count.tolist()]
        parts.append(pl.DataFrame(values, schema_overrides={n: ENVELOPE_SCHEMA[n] for n in values}))
    if not parts:
        return pl.DataFrame(schema=ENVELOPE_SCHEMA)
    joined = pl.concat(parts, how="diagonal")
    missing = [
        pl.lit(None, kind).alias(name) for name, kind in ENVELOPE_SCHEMA.items() if name not in joined.columns
    ]
    return joined.with_columns(missing).select(list(ENVELOPE_SCHEMA)).sort("segment")
