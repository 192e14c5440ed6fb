"""Days of facts: on which an entry of the ledger is valid, which is not when it was posted."""

from __future__ import annotations

import polars as pl

from .known import Frames


def valid_entries(known: Frames) -> pl.DataFrame:
    """Entries with the day on which they are valid.

    What an answer posts is valid on its payment date. What a later answer undoes (a reversal, or one that
    takes its place) is undone on that one's date. What is undone without one was never so: it is undone on
    the date on which it was valid.
    """
    origin = pl.coalesce("undone_kind", "kind")
    own = pl.when(origin == "answer").then(pl.col("answered_on"))
    undone = pl.coalesce("because_on", own, "undone_on", "posted_on")
    made = pl.coalesce("answered_on", "posted_on")
    return known["entries"].with_columns(
        valid_on=pl.when(pl.col("kind") == "undo").then(undone).otherwise(made)
    )


def days_between(until: str, since: str) -> pl.Expr:
    """Days from one day to another, at least none."""
    return (pl.col(until) - pl.col(since)).dt.total_days().fill_null(0).clip(lower_bound=0)
