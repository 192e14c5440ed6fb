"""What is owed: balances of insurance and patients, credits, and claims that are not billed yet.

A balance is a stock: its facts are what is added and taken away by day, so that the sum up to a day is the
balance at the end of it. `anchor_on` is the last day of service, from which a balance ages.
"""

from __future__ import annotations

import polars as pl

from .entry_days import valid_entries
from .known import Frames

_BY = ["account_key", "snapshot"]
_MOVES = (*_BY, "side", "valid_on", "cents", "net")
_SIDES = {"payer": "insurance", "denied": "insurance", "patient": "patient"}


def balance_facts(known: Frames, accounts: pl.DataFrame, first: pl.DataFrame) -> pl.DataFrame:
    """`ar_insurance`, `ar_patient`, `credit` and `unbilled`, by day; `net_cents` is what is expected of
    it.
    """
    sent = _sent(known, accounts)
    moves = pl.concat([sent, _posted(known), _net_ends(sent, first)])
    paths = (
        moves.filter(pl.col("valid_on").is_not_null())
        .group_by([*_BY, "side", "valid_on"])
        .agg(pl.col("cents").sum(), pl.col("net").sum())
        .sort([*_BY, "side", "valid_on"])
        .with_columns(
            after=pl.col("cents").cum_sum().over([*_BY, "side"]),
            net_after=pl.col("net").cum_sum().over([*_BY, "side"]),
        )
        .with_columns(owed=pl.col("after").clip(lower_bound=0), credit=(-pl.col("after")).clip(lower_bound=0))
        .with_columns(
            net_owed=pl.when(pl.col("owed") > 0).then(pl.col("net_after").clip(lower_bound=0)).otherwise(0)
        )
        .join(accounts.select(*_BY, "facility", "claim_key", "anchor_on"), on=_BY)
    )

    def change(name: str) -> pl.Expr:
        return pl.col(name) - pl.col(name).shift(1, fill_value=0).over([*_BY, "side"])

    def counted(name: str) -> pl.Expr:
        there = (pl.col(name) > 0).cast(pl.Int64)
        return there - there.shift(1, fill_value=0).over([*_BY, "side"])

    common = [*_BY, "facility", "claim_key", "anchor_on", "valid_on"]
    owed = paths.select(
        *common, fact=pl.lit("ar_") + pl.col("side"), cents=change("owed"), net_cents=change("net_owed"),
        items=counted("owed"),
    )  # fmt: skip
    credit = paths.select(
        *common, fact=pl.lit("credit"), cents=change("credit"), net_cents=pl.lit(0), items=counted("credit")
    )
    return pl.concat([owed, credit, _unbilled(known, accounts)], how="diagonal_relaxed").filter(
        (pl.col("cents") != 0) | (pl.col("items") != 0) | (pl.col("net_cents") != 0)
    )


def _sent(known: Frames, accounts: pl.DataFrame) -> pl.DataFrame:
    """What versions charge, from the day on which each is sent; a later one takes its place."""
    sent = accounts.filter(pl.col("submitted_on").is_not_null())
    begin = sent.join(
        known["versions"].select(*_BY, sent_key="claim_key", own_cents="charge_cents", own_net="net_cents"),
        on=[*_BY, "sent_key"],
    ).select(*_BY, pl.col("submitted_on").alias("valid_on"), cents="own_cents", net="own_net")
    chain = (
        known["releases"]
        .join(known["versions"].drop("known_at"), on=[*_BY, "claim_key"])
        .sort([*_BY, "version"])
        .with_columns(
            charge=pl.when(pl.col("frequency") == "8").then(0).otherwise("charge_cents"),
            net=pl.when(pl.col("frequency") == "8").then(0).otherwise("net_cents"),
        )
        .with_columns(
            cents=pl.col("charge") - pl.col("charge").shift(1).over(_BY),
            net=pl.col("net") - pl.col("net").shift(1).over(_BY),
        )
        .filter(pl.col("cents").is_not_null())
        .select(*_BY, pl.col("released_on").alias("valid_on"), "cents", "net")
    )
    return pl.concat([begin, chain]).with_columns(side=pl.lit("insurance")).select(*_MOVES)


def _posted(known: Frames) -> pl.DataFrame:
    origin = pl.coalesce("undone_kind", "kind")
    return (
        valid_entries(known)
        .filter((origin != "charge") & pl.col("account").is_in(list(_SIDES)))
        .select(
            *_BY, "valid_on", cents="amount_cents", net="amount_cents",
            side=pl.col("account").replace_strict(_SIDES, return_dtype=pl.String),
        )
        .select(*_MOVES)
    )  # fmt: skip


def _net_ends(sent: pl.DataFrame, first: pl.DataFrame) -> pl.DataFrame:
    """With the first answer the ledger says what is owed: what was expected of the charge ends."""
    day = first.group_by(_BY).agg(first_on=pl.col("first_on").first())
    dated = sent.join(day, on=_BY, how="left")
    before = (pl.col("valid_on") <= pl.col("first_on")).fill_null(False)
    ends = (
        dated.filter(before)
        .group_by(_BY)
        .agg(valid_on=pl.col("first_on").first(), net=(pl.col("cents") - pl.col("net")).sum())
    )
    # A version that is sent after it adds what it charges.
    after = dated.filter(pl.col("valid_on") > pl.col("first_on")).select(
        *_BY, "valid_on", net=pl.col("cents") - pl.col("net")
    )
    return (
        pl.concat([ends, after])
        .select(*_BY, "valid_on", "net", cents=pl.lit(0, pl.Int64), side=pl.lit("insurance"))
        .select(*_MOVES)
    )


def _unbilled(known: Frames, accounts: pl.DataFrame) -> pl.DataFrame:
    """Claims that are received and not sent, from their arrival until they are sent, voided or returned."""
    voids = known["versions"].filter(pl.col("frequency") == "8").select(*_BY, ended_on="received_on")
    returns = known["returns"].select(*_BY, ended_on="returned_on")
    ended = pl.concat([voids, returns]).group_by(_BY).agg(pl.col("ended_on").min())
    common = [*_BY, "facility", "claim_key", "anchor_on"]
    joined = accounts.join(ended, on=_BY, how="left").with_columns(
        ends_on=pl.coalesce("submitted_on", "ended_on")
    )
    begin = joined.select(*common, valid_on="received_on", cents="charge_cents", items=pl.lit(1, pl.Int64))
    end = joined.filter(pl.col("ends_on").is_not_null()).select(
        *common, valid_on="ends_on", cents=-pl.col("charge_cents"), items=pl.lit(-1, pl.Int64)
    )
    return (
        pl.concat([begin, end])
        .group_by([*common, "valid_on"])
        .agg(pl.col("cents").sum(), pl.col("items").sum())
        .with_columns(fact=pl.lit("unbilled"), net_cents=pl.lit(0, pl.Int64))
    )
