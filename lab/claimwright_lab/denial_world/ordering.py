"""Claims by day of sending, renumbered, with a transaction of its own for every day and form."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.dictionary import DICTIONARY, Level

Whole = npt.NDArray[np.int64]

_DATES = {
    level: [
        entry.name
        for entry in DICTIONARY
        if entry.level is level and entry.name.endswith("_on") and "birth" not in entry.name
    ]
    for level in Level
}


def in_order(
    batch: ClaimBatch, sent: Whole, owner: Whole | None = None
) -> tuple[ClaimBatch, pl.Series, Whole]:
    """The claims numbered from 1 in the order of sending, and day and owner of each.

    `sent` counts days since 1970. `owner` is a number that a claim keeps; if none is given, its old number.
    """
    guide = _guides(batch)
    claims = batch.claims.with_columns(
        sent=pl.Series(sent), owner=batch.claims["claim"].to_numpy() if owner is None else pl.Series(owner)
    ).sort("sent", "form", "billing_npi", "claim")
    set_of = pl.struct("sent", "form").rank("dense").cast(pl.Int64)
    numbers = claims.select(
        old="claim", claim=pl.int_range(1, pl.len() + 1, dtype=pl.Int64), transaction=set_of
    )
    sets = claims.select("form", transaction=set_of, day=pl.col("sent").cast(pl.Int32).cast(pl.Date)).unique(
        "transaction", maintain_order=True
    )
    frames: dict[Level, pl.DataFrame] = {}
    for level, frame in batch.frames().items():
        if level is Level.TRANSACTION:
            frames[level] = _transactions(frame, guide, sets)
        elif level is Level.CLAIM:
            frames[level] = claims.drop("sent", "owner").with_columns(
                numbers["claim"], numbers["transaction"]
            )
        elif level is Level.SEGMENT or not frame.height:
            frames[level] = frame.clear()
        else:
            order = frame.with_row_index("place").rename({"claim": "old"})
            renumbered = order.join(numbers.select("old", "claim"), on="old", how="inner")
            frames[level] = renumbered.sort("claim", "place").select(frame.columns)
    days = claims["sent"].cast(pl.Int32).cast(pl.Date).alias("submitted_on")
    return ClaimBatch.of(frames), days, claims["owner"].to_numpy().astype(np.int64)


def _guides(batch: ClaimBatch) -> pl.DataFrame:
    """`form`, `first`: a transaction of each form, from whose heading the others are made."""
    return (
        batch.claims.select("form", "transaction")
        .unique("form", keep="first", maintain_order=True)
        .rename({"transaction": "first"})
    )


def _transactions(frame: pl.DataFrame, guide: pl.DataFrame, sets: pl.DataFrame) -> pl.DataFrame:
    """The heading of the form for every set, with the day's date and a number of its own."""
    control = pl.col("transaction").cast(pl.String).str.zfill(9)
    day = pl.col("day")
    headings = guide.join(frame.rename({"transaction": "first"}), on="first", how="left").drop("first")
    return (
        sets.join(headings, on="form", how="left", maintain_order="left")
        .with_columns(
            transaction_created_on=day,
            group_created_on=day,
            interchange_created_on=day,
            group_control_number=pl.col("transaction").cast(pl.String),
            transaction_control_number=control,
            batch_reference="WORLD" + control,
            interchange_control_number=control,
        )
        .select(frame.columns)
    )


def last_service(batch: ClaimBatch) -> Whole:
    """The day of the last service of each claim, since 1970."""
    dated = batch.lines.group_by("claim").agg(
        day=pl.max_horizontal(pl.col("service_from_on").max(), pl.col("service_to_on").max())
    )
    days = batch.claims.select("claim", stated=pl.coalesce("statement_to_on", "statement_from_on")).join(
        dated, on="claim", how="left", maintain_order="left"
    )
    return days.select(pl.coalesce("day", "stated")).to_series().cast(pl.Int32).to_numpy().astype(np.int64)


def moved_by(batch: ClaimBatch, shift: Whole) -> ClaimBatch:
    """All dates of each claim moved by so many days; births stay, so that people are who they are."""
    by_claim = pl.DataFrame({"claim": batch.claims["claim"], "shift": shift})
    frames: dict[Level, pl.DataFrame] = {}
    for level, frame in batch.frames().items():
        dates = [name for name in _DATES[level] if name in frame.columns]
        if level in (Level.TRANSACTION, Level.SEGMENT) or not dates or not frame.height:
            frames[level] = frame
            continue
        offset = pl.duration(days=pl.col("shift"))
        frames[level] = (
            frame.join(by_claim, on="claim", how="left", maintain_order="left")
            .with_columns((pl.col(name) + offset).cast(pl.Date) for name in dates)
            .drop("shift")
        )
    return ClaimBatch.of(frames)


def with_copies(batch: ClaimBatch, rows: Whole, suffix: str) -> ClaimBatch:
    """The batch, then copies of the claims at these rows, numbered on; `suffix` ends their claim id."""
    offset = int(batch.claims["claim"].max() or 0)  # type: ignore[arg-type]  # a column of whole numbers
    copies = batch.select(batch.claims["claim"].gather(pl.Series(rows)))
    numbers = copies.claims.select(old="claim", claim=pl.int_range(1, pl.len() + 1, dtype=pl.Int64) + offset)
    frames: dict[Level, pl.DataFrame] = {}
    for level, frame in batch.frames().items():
        if level is Level.TRANSACTION or level is Level.SEGMENT:
            frames[level] = frame
            continue
        copy = (
            copies.frame(level)
            .rename({"claim": "old"})
            .join(numbers, on="old", how="left", maintain_order="left")
            .select(frame.columns)
        )
        if level is Level.CLAIM:
            copy = copy.with_columns(claim_id=pl.col("claim_id") + suffix)
        frames[level] = pl.concat([frame, copy])
    return ClaimBatch.of(frames)
