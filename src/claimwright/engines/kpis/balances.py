"""What is owed: balances of insurance and patients, credits, and claims that are not billed yet.

A balance is a stock: its facts are what is added and taken away by day, so that the sum up to a day is the
balance at the end of it. `anchor_on` is the last day of service, from which a balance ages.
"""

from __future__ import annotations

import polars as pl

from .entry_days import valid_entries
from .known import Frames

_BY = ["account_key", "snapshot"]
_SIDES = {"payer": "insurance", "denied": "insurance", "patient": "patient"}
# Of what is owed, by day: `cents` on a side; what insurance is charged, is expected to allow, has given up by
# contract, and has settled (paid, or left to the patient).
_AMOUNTS = ("cents", "charged", "allowed", "contractual", "settled")


def balance_facts(known: Frames, accounts: pl.DataFrame) -> pl.DataFrame:
    """`ar_insurance`, `ar_patient`, `credit` and `unbilled`, by day.

    `net_cents` is what is expected of it. Of insurance: what is allowed as far as we know, and not settled;
    at most the balance. So a denied claim is worth what its contract allows, not its charge.
    """
    moves = pl.concat([_sent(known, accounts), _posted(known), _settled(known)], how="diagonal_relaxed")
    paths = (
        moves.filter(pl.col("valid_on").is_not_null())
        .group_by([*_BY, "side", "valid_on"])
        .agg(pl.col(_AMOUNTS).sum())
        .sort([*_BY, "side", "valid_on"])
        .with_columns(pl.col(_AMOUNTS).cum_sum().over([*_BY, "side"]))
        .with_columns(owed=pl.col("cents").clip(lower_bound=0), credit=(-pl.col("cents")).clip(lower_bound=0))
        .with_columns(
            net_owed=pl.when(pl.col("side") == "insurance")
            .then(pl.min_horizontal("owed", (_allowed() - pl.col("settled")).clip(lower_bound=0)))
            .otherwise("owed")
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
        *common, fact=pl.lit("credit"), cents=change("credit"), net_cents=change("credit"),
        items=counted("credit"),
    )  # fmt: skip
    return pl.concat([owed, credit, _unbilled(known, accounts)], how="diagonal_relaxed").filter(
        (pl.col("cents") != 0) | (pl.col("items") != 0) | (pl.col("net_cents") != 0)
    )


def net_revenue(known: Frames, accounts: pl.DataFrame) -> pl.DataFrame:
    """What each account is expected to bring, `revenue_cents`: what its last version that was sent, or else
    its first one, is expected to be allowed; no more than what is left of the charge after contractual
    reductions, and no less than what is settled. Nothing, if it was voided or returned before it was sent.
    """
    sent = _sent(known, accounts).group_by(_BY).agg(pl.col("charged", "allowed").sum())
    settled = _settled(known).group_by(_BY).agg(pl.col("contractual", "settled").sum())
    first = accounts.select(*_BY, charged="charge_cents", allowed="net_cents").join(sent, on=_BY, how="anti")
    gone = _ended(known).join(accounts.filter(pl.col("submitted_on").is_not_null()), on=_BY, how="anti")
    return (
        pl.concat([sent.select(first.columns), first])
        .join(settled, on=_BY, how="left")
        .with_columns(pl.col("contractual", "settled").fill_null(0))
        .join(gone.select(*_BY, is_gone=pl.lit(True)), on=_BY, how="left")
        .select(
            *_BY,
            revenue_cents=pl.when("is_gone").then(0).otherwise(pl.max_horizontal(_allowed(), "settled", 0)),
        )
    )


def _allowed() -> pl.Expr:
    return pl.min_horizontal("allowed", pl.col("charged") - pl.col("contractual"))


def _sent(known: Frames, accounts: pl.DataFrame) -> pl.DataFrame:
    """What versions charge, from the day on which each is sent; a later one takes its place."""
    sent = accounts.filter(pl.col("submitted_on").is_not_null())
    begin = sent.join(
        known["versions"].select(*_BY, sent_key="claim_key", own_cents="charge_cents", own_net="net_cents"),
        on=[*_BY, "sent_key"],
    ).select(*_BY, pl.col("submitted_on").alias("valid_on"), cents="own_cents", allowed="own_net")
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
            allowed=pl.col("net") - pl.col("net").shift(1).over(_BY),
        )
        .filter(pl.col("cents").is_not_null())
        .select(*_BY, pl.col("released_on").alias("valid_on"), "cents", "allowed")
    )
    return _moves(pl.concat([begin, chain]).with_columns(side=pl.lit("insurance"), charged="cents"))


def _posted(known: Frames) -> pl.DataFrame:
    origin = pl.coalesce("undone_kind", "kind")
    posted = valid_entries(known).filter((origin != "charge") & pl.col("account").is_in(list(_SIDES)))
    return _moves(
        posted.with_columns(
            cents="amount_cents", side=pl.col("account").replace_strict(_SIDES, return_dtype=pl.String)
        )
    )


def _settled(known: Frames) -> pl.DataFrame:
    """What answers gave up by contract, and what they paid or left to the patient."""
    origin = pl.coalesce("undone_kind", "kind")
    accounts = ["contractual", "unapplied", "patient"]
    told = valid_entries(known).filter((origin == "answer") & pl.col("account").is_in(accounts))
    is_contractual = pl.col("account") == "contractual"
    return _moves(
        told.with_columns(
            side=pl.lit("insurance"), contractual=pl.when(is_contractual).then("amount_cents").otherwise(0),
            settled=pl.when(is_contractual).then(0).otherwise("amount_cents"),
        )
    )  # fmt: skip


def _moves(rows: pl.DataFrame) -> pl.DataFrame:
    zeros = [pl.lit(0, pl.Int64).alias(name) for name in _AMOUNTS if name not in rows.columns]
    return rows.with_columns(zeros).select(*_BY, "side", "valid_on", *_AMOUNTS)


def _ended(known: Frames) -> pl.DataFrame:
    """When claims were voided or returned first."""
    voids = known["versions"].filter(pl.col("frequency") == "8").select(*_BY, ended_on="received_on")
    returns = known["returns"].select(*_BY, ended_on="returned_on")
    return pl.concat([voids, returns]).group_by(_BY).agg(pl.col("ended_on").min())


def _unbilled(known: Frames, accounts: pl.DataFrame) -> pl.DataFrame:
    """Claims that are received and not sent, from their arrival until they are sent, voided or returned."""
    common = [*_BY, "facility", "claim_key", "anchor_on"]
    joined = accounts.join(_ended(known), on=_BY, how="left").with_columns(
        ends_on=pl.coalesce("submitted_on", "ended_on")
    )
    begin = joined.select(
        *common,
        valid_on="received_on",
        cents="charge_cents",
        net_cents="net_cents",
        items=pl.lit(1, pl.Int64),
    )
    end = joined.filter(pl.col("ends_on").is_not_null()).select(
        *common, valid_on="ends_on", cents=-pl.col("charge_cents"), net_cents=-pl.col("net_cents"),
        items=pl.lit(-1, pl.Int64),
    )  # fmt: skip
    return (
        pl.concat([begin, end])
        .group_by([*common, "valid_on"])
        .agg(pl.col("cents", "net_cents", "items").sum())
        .with_columns(fact=pl.lit("unbilled"))
    )
