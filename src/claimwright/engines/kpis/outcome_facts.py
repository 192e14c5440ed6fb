"""What became of denials, appeals and underpayments."""

from __future__ import annotations

import polars as pl

from .entry_days import days_between
from .known import Frames

_BY = ["account_key", "snapshot"]


def resolved(known: Frames, accounts: pl.DataFrame) -> pl.DataFrame:
    """What was done about denials: days count from the date of the denial."""
    words = {"appealed": "appealed", "resubmitted": "resent", "won": "won", "lost": "lost"}
    changed = (
        known["states"]
        .with_columns(rank=pl.int_range(pl.len()).over([*_BY, "denial_id", "state"], order_by="entry_id"))
        .filter((pl.col("rank") == 0) & pl.col("state").is_in([*words, "billed_on", "written_off"]))
        .drop("known_at")
        .join(known["denials"].drop("known_at"), on=[*_BY, "denial_id"], how="inner")
        .join(accounts.select(*_BY, "facility"), on=_BY)
        .with_columns(days=days_between("changed_on", "denied_on"))
    )
    common = [*_BY, "facility", "claim_key", "category", "cause", "department"]
    named = changed.filter(pl.col("state").is_in(list(words))).select(
        *common, fact=pl.lit("denial_") + pl.col("state").replace_strict(words), valid_on="changed_on",
        items=pl.lit(1), cents=pl.col("amount_cents").fill_null(0), quantity="days",
    )  # fmt: skip
    ended = changed.filter(~pl.col("state").is_in(["appealed", "resubmitted"])).select(
        *common, fact=pl.lit("denial_resolved"), valid_on="changed_on", items=pl.lit(1),
        cents=pl.col("amount_cents").fill_null(0), quantity="days",
    )  # fmt: skip
    return pl.concat([named, ended], how="vertical_relaxed")


def underpaid(known: Frames, accounts: pl.DataFrame) -> pl.DataFrame:
    """What payers paid too little, and what of it came later, at most what was missing."""
    found = (
        known["underpayments"]
        .group_by([*_BY, "answer_id"])
        .agg(pl.col("amount_cents").sum())
        .join(known["answers"].drop("known_at"), on=[*_BY, "answer_id"])
        .join(accounts.select(*_BY, "facility"), on=_BY)
        .filter((pl.col("amount_cents") > 0) & pl.col("paid_on").is_not_null())
    )
    common = [*_BY, "facility", "claim_key"]
    missing = found.select(
        *common, fact=pl.lit("underpaid"), valid_on="paid_on", items=pl.lit(1), cents="amount_cents"
    )
    later = (
        found.join(
            known["answers"].select(*_BY, "turn", later_on="paid_on", later_cents="paid_cents"),
            on=[*_BY, "turn"],
        )
        .filter(pl.col("later_on") > pl.col("paid_on"))
        .group_by([*common, "answer_id", "amount_cents", "paid_cents"])
        .agg(pl.col("later_on").max(), pl.col("later_cents").sum())
        .with_columns(came=pl.min_horizontal(pl.col("later_cents") - pl.col("paid_cents"), "amount_cents"))
        .filter(pl.col("came") > 0)
        .select(
            *common, fact=pl.lit("underpaid_recovered"), valid_on="later_on", items=pl.lit(1), cents="came"
        )
    )
    return pl.concat([missing, later], how="vertical_relaxed")


def appealed(known: Frames, accounts: pl.DataFrame) -> pl.DataFrame:
    """Decisions on appeals, by level: the last one of each appeal that is known.

    `cents` were in dispute, `net_cents` came; where nobody said how much came, all that was in dispute of an
    appeal that was won, and nothing of one that was won in part.
    """
    last = (
        known["appeals"]
        .sort("entry_id")
        .group_by([*_BY, "case_id"], maintain_order=True)
        .last()
        .filter(pl.col("decided_on").is_not_null() & pl.col("state").is_in(["won", "partly_won", "lost"]))
    )
    denials = known["denials"].select(*_BY, "denial_id", "claim_key", "category", "cause", "department")
    disputed = pl.col("amount_cents").fill_null(0)
    is_lost = pl.col("state") == "lost"
    came = (
        pl.when(is_lost)
        .then(0)
        .otherwise(pl.coalesce("recovered_cents", pl.when(pl.col("state") == "won").then(disputed), 0))
    )
    return (
        last.join(denials, on=[*_BY, "denial_id"])
        .join(accounts.select(*_BY, "facility"), on=_BY)
        .select(
            *_BY, "facility", "claim_key", "category", "cause", "department", "level",
            fact=pl.when(is_lost).then(pl.lit("appeal_lost")).otherwise(pl.lit("appeal_won")),
            valid_on="decided_on", items=pl.lit(1), cents=disputed, net_cents=came,
            quantity=days_between("decided_on", "sent_on"),
        )
    )  # fmt: skip
