"""`ClaimBatch`: claims as a few frames of columns, keyed by a row ordinal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
import polars as pl
import pyarrow as pa

from .dictionary import Level, schema


def empty_frame(level: Level) -> pl.DataFrame:
    """No rows, all the columns of the level."""
    return pl.DataFrame(schema=schema(level))


def _frame(level: Level) -> pl.DataFrame:
    return field(default_factory=lambda: empty_frame(level))


@dataclass(frozen=True, slots=True)
class ClaimBatch:
    """Claims in columns. Every frame has every dictionary column of its level, null where absent.

    Frames are immutable; whatever changes a claim makes a new batch. `claim` is the key in all frames but
    `transactions`, which `claims.transaction` points to. What the dictionary has no field for, and what
    could not be read into one, is kept verbatim in `segments`, so that nothing of a claim is lost.
    """

    transactions: pl.DataFrame = _frame(Level.TRANSACTION)
    claims: pl.DataFrame = _frame(Level.CLAIM)
    lines: pl.DataFrame = _frame(Level.LINE)
    diagnoses: pl.DataFrame = _frame(Level.DIAGNOSIS)
    procedures: pl.DataFrame = _frame(Level.PROCEDURE)
    institutional_codes: pl.DataFrame = _frame(Level.INSTITUTIONAL_CODE)
    other_payers: pl.DataFrame = _frame(Level.OTHER_PAYER)
    line_adjudications: pl.DataFrame = _frame(Level.ADJUDICATION)
    adjustments: pl.DataFrame = _frame(Level.ADJUSTMENT)
    attachments: pl.DataFrame = _frame(Level.ATTACHMENT)
    notes: pl.DataFrame = _frame(Level.NOTE)
    certifications: pl.DataFrame = _frame(Level.CERTIFICATION)
    teeth: pl.DataFrame = _frame(Level.TOOTH)
    segments: pl.DataFrame = _frame(Level.SEGMENT)
    structural: pl.DataFrame | None = None
    """Structural findings that came with reading the claims; None where they were not read from an 837."""

    def __len__(self) -> int:
        """How many claims."""
        return self.claims.height

    def frame(self, level: Level) -> pl.DataFrame:
        """The frame of one level."""
        frame: pl.DataFrame = getattr(self, level.value)
        return frame

    def frames(self) -> dict[Level, pl.DataFrame]:
        """All frames, by level."""
        return {level: self.frame(level) for level in Level}

    @classmethod
    def of(cls, frames: Mapping[Level, pl.DataFrame]) -> ClaimBatch:
        """A batch of these frames, each completed with the columns that it lacks."""
        return cls(**{level.value: complete(frame, level) for level, frame in frames.items()})

    @classmethod
    def concat(cls, batches: Iterable[ClaimBatch]) -> ClaimBatch:
        """Several batches as one; their claim ordinals must not overlap.

        A transaction that runs over several of them comes with each, and is kept once.
        """
        parts: list[dict[str, pl.DataFrame]] = []
        seen: set[int] = set()
        structural: list[pl.DataFrame] = []
        for batch in batches:
            frames = {level.value: frame for level, frame in batch.frames().items()}
            if batch.structural is not None:
                structural.append(batch.structural)
            known = pl.col("transaction").is_in(list(seen))
            if seen.intersection(batch.transactions["transaction"]):
                frames["transactions"] = batch.transactions.filter(~known)
                frames["segments"] = batch.segments.filter(pl.col("claim").is_not_null() | ~known)
            seen.update(batch.transactions["transaction"])
            parts.append(frames)
        if not parts:
            return cls()
        whole = cls(**{name: pl.concat([part[name] for part in parts], rechunk=False) for name in parts[0]})
        # Of what was partly read from an 837, all is asked anew.
        return replace(whole, structural=pl.concat(structural)) if len(structural) == len(parts) else whole

    def select(self, claims: pl.Series | Iterable[int]) -> ClaimBatch:
        """The batch of these claims alone, keys unchanged."""
        wanted = pl.Series(
            "claim", list(claims) if not isinstance(claims, pl.Series) else claims, dtype=pl.Int64
        )
        chosen = self.claims.filter(pl.col("claim").is_in(wanted.implode()))
        parts: dict[Level, pl.DataFrame] = {}
        for level, frame in self.frames().items():
            of_chosen = pl.col("transaction").is_in(chosen["transaction"].implode())
            if level is Level.TRANSACTION:
                parts[level] = frame.filter(of_chosen)
            elif level is Level.CLAIM:
                parts[level] = chosen
            elif level is Level.SEGMENT:
                parts[level] = frame.filter(pl.col("claim").is_in(wanted.implode()) | of_chosen)
            else:
                parts[level] = frame.filter(pl.col("claim").is_in(wanted.implode()))
        made = ClaimBatch.of(parts)
        if self.structural is None:
            return made
        return replace(made, structural=self.structural.filter(pl.col("claim").is_in(wanted.implode())))

    def _repr_html_(self) -> str:
        """A notebook shows the claims as a table, with the columns that hold anything."""
        shown = self.claims.select(column for column in self.claims if column.null_count() < len(self))
        html: str = shown._repr_html_()
        return f"<p>{len(self):,} claims, {self.lines.height:,} lines</p>{html}"


def complete(frame: pl.DataFrame, level: Level) -> pl.DataFrame:
    """The frame with every column of its level in the dictionary's order, null where it had none.

    Raises:
        ValueError: the frame has a column that the level does not.
    """
    wanted = schema(level)
    unknown = [name for name in frame.columns if name not in wanted]
    if unknown:
        raise ValueError(f"{level.value}: no such field in the dictionary: {', '.join(sorted(unknown))}")
    if frame.columns == list(wanted):
        return frame
    nulls = frame_of({}, level, frame.height)
    return pl.DataFrame([frame[name] if name in frame.columns else nulls[name] for name in wanted])


def frame_of(columns: Mapping[str, pa.Array], level: Level, height: int) -> pl.DataFrame:
    """The frame of a level from Arrow columns of the types of `arrow_schema`, null where there is none."""
    return frame_of_arrays(columns, arrow_schema(level), height)


def frame_of_arrays(columns: Mapping[str, pa.Array], wanted: pa.Schema, height: int) -> pl.DataFrame:
    """The frame of a schema from Arrow columns of its types, null where there is none.

    Null columns of one type share their memory: a claim has several hundred fields and most claims use
    a few dozen, so that a null column of its own for each would cost more than the data.
    """
    valid = pa.py_buffer(np.zeros(height // 8 + 1, dtype=np.uint8))
    values = pa.py_buffer(np.zeros(height * 16 + 16, dtype=np.uint8))
    nulls = {
        dtype: pa.Array.from_buffers(dtype, height, [valid, values], null_count=height)
        for dtype in set(wanted.types)
    }
    arrays = [columns.get(name, nulls[dtype]) for name, dtype in zip(wanted.names, wanted.types, strict=True)]
    return pl.DataFrame(pa.RecordBatch.from_arrays(arrays, schema=wanted))


@cache
def arrow_schema(level: Level) -> pa.Schema:
    """The columns of a level as Arrow has them."""
    return pa.schema([(name, arrow_type(dtype)) for name, dtype in schema(level).items()])


def arrow_type(dtype: pl.DataType) -> pa.DataType:
    """The Arrow type of a column of the dictionary."""
    if isinstance(dtype, pl.Decimal):
        return pa.decimal128(dtype.precision or 38, dtype.scale)
    return {pl.String: pa.string_view(), pl.Date: pa.date32(), pl.Int32: pa.int32(), pl.Int64: pa.int64()}[
        type(dtype)
    ]
