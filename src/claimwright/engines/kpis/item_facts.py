"""Facts of work items: what people did, finished, did again, and what is open.

Frames in: `ITEMS`, one row an item; `HISTORY`, what was done with each, in order. A person is an actor whose
name begins with `user:` or `os:`.
"""

from __future__ import annotations

import polars as pl

from .known import KEYS, MEASURES

_AT = pl.Datetime("us", "UTC")
ITEMS: dict[str, pl.DataType] = {
    "item_id": pl.Int64(), "claim_key": pl.Int64(), "facility": pl.String(), "category": pl.String(),
    "stake_cents": pl.Int64(), "opened_at": _AT, "opened_on": pl.Date(),
}  # fmt: skip
HISTORY: dict[str, pl.DataType] = {
    "item_id": pl.Int64(), "entry_id": pl.Int64(), "known_at": _AT, "on_day": pl.Date(), "actor": pl.String(),
    "act": pl.String(), "from_state": pl.String(), "to_state": pl.String(),
}  # fmt: skip
_DONE = ["resubmitted", "verified", "closed"]
# What says that somebody's work was not right: an approval refused, or its claim back in the queue.
_RETURNED = ["reject", "came_back"]
# What nobody does by hand.
_BY_ITSELF = ["came_back", "verify", "gone", "close_source"]
_PERSON = "^(user|os):"
# Longer than a working day, somebody went home in between.
_MOST_MINUTES = 8 * 60


def item_facts(items: pl.DataFrame, history: pl.DataFrame) -> pl.DataFrame:
    """The facts of items, signed, each known when it happened."""
    told = (
        history.sort("item_id", "entry_id")
        .join(items.drop("opened_at", "opened_on"), on="item_id", how="inner", maintain_order="left")
        .with_columns(
            is_person=pl.col("actor").str.contains(_PERSON) & ~pl.col("act").is_in(_BY_ITSELF),
            ends=~pl.col("from_state").is_in(_DONE) & pl.col("to_state").is_in(_DONE),
            begins=pl.col("from_state").is_in(_DONE) & ~pl.col("to_state").is_in(_DONE),
        )
        .with_columns(staff=pl.when("is_person").then("actor"))
        .with_columns(before=pl.col("staff").forward_fill().over("item_id"))
        .with_columns(before=pl.col("before").shift(1).over("item_id"))
    )
    opened = items.join(
        history.group_by("item_id").agg(first_at=pl.col("known_at").min(), first_on=pl.col("on_day").min()),
        on="item_id", how="left",
    ).with_columns(
        # The day of opening changes when an item comes back; the first one is not after its first entry.
        known_at=pl.min_horizontal("opened_at", "first_at"),
        on_day=pl.min_horizontal("opened_on", "first_on"),
    )  # fmt: skip
    ended = told.filter("ends").join(opened.select("item_id", began_at="known_at"), on="item_id")
    parts = [
        _stock(opened, 1),
        _stock(told.filter("begins"), 1),
        _stock(told.filter("ends"), -1),
        _of(told.filter("is_person"), "touch"),
        _of(
            ended,
            "item_done",
            cents="stake_cents",
            quantity=(pl.col("known_at") - pl.col("began_at")).dt.total_minutes(),
        ),
        _of(
            told.filter(pl.col("act").is_in(_RETURNED) & pl.col("before").is_not_null()).with_columns(
                staff="before"
            ),
            "work_returned",
        ),
        _spent(told),
    ]
    return pl.concat(parts, how="vertical_relaxed")


def _stock(rows: pl.DataFrame, sign: int) -> pl.DataFrame:
    return _of(
        rows.with_columns(staff=pl.lit(None, pl.String)), "open_item", items=pl.lit(sign),
        cents=pl.col("stake_cents") * sign,
    )  # fmt: skip


def _spent(told: pl.DataFrame) -> pl.DataFrame:
    """Minutes from a person's start to the same person's next act on the item."""
    follows = told.with_columns(
        next_at=pl.col("known_at").shift(-1).over("item_id"),
        next_actor=pl.col("actor").shift(-1).over("item_id"),
    ).filter((pl.col("act") == "start") & pl.col("is_person") & (pl.col("actor") == pl.col("next_actor")))
    minutes = (pl.col("next_at") - pl.col("known_at")).dt.total_minutes().clip(0, _MOST_MINUTES)
    known = follows.with_columns(minutes=minutes, known_at="next_at")
    return _of(known, "touch_time", quantity=pl.col("minutes"))


def _of(
    rows: pl.DataFrame, fact: str, *, items: pl.Expr | None = None, cents: pl.Expr | str | None = None,
    quantity: pl.Expr | None = None,
) -> pl.DataFrame:  # fmt: skip
    zero = pl.lit(0, pl.Int64)
    amount = pl.col(cents) if isinstance(cents, str) else cents
    made = {
        "fact": pl.lit(fact),
        "valid_on": pl.col("on_day"),
        "facility": pl.col("facility"),
        "claim_key": pl.col("claim_key"),
        "anchor_on": pl.lit(None, pl.Date),
        "wait_days": pl.lit(None, pl.Int32),
        "category": pl.col("category"),
        "cause": pl.lit(None, pl.String),
        "department": pl.lit(None, pl.String),
        "staff": pl.col("staff"),
        "level": pl.lit(None, pl.String),
        "items": pl.lit(1, pl.Int64) if items is None else items,
        "cents": zero if amount is None else amount,
        "net_cents": zero,
        "lines": zero,
        "quantity": zero if quantity is None else quantity,
    }
    return rows.select(
        "item_id",
        "known_at",
        *(made[name].alias(name) for name in KEYS),
        *(made[name].cast(pl.Int64).alias(name) for name in MEASURES),
    )
