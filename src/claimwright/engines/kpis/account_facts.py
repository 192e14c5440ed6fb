"""Facts of claims: sent, answered, denied, paid, owed.

A claim is an account: all versions of one claim number, with the answers and postings to it. What is
counted is stated in `fact_catalogue.py`. Frames in, by `account_key` and `snapshot` (`known.py`):
`VERSIONS`, `RELEASES`, `ENTRIES`, `ANSWERS`, `DENIALS`, `STATES`, `UNDERPAYMENTS`. Amounts are whole cents.
"""

from __future__ import annotations

import polars as pl

from .balances import balance_facts, net_revenue
from .entry_days import days_between, valid_entries
from .known import KEYS, MEASURES, Frames
from .outcome_facts import appealed, resolved, underpaid

_AT = pl.Datetime("us", "UTC")
VERSIONS: dict[str, pl.DataType] = {
    "account_key": pl.Int64(), "known_at": _AT, "claim_key": pl.Int64(), "version": pl.Int16(),
    "frequency": pl.String(), "facility": pl.String(), "service_to_on": pl.Date(), "received_on": pl.Date(),
    "minutes": pl.Int64(), "charge_cents": pl.Int64(), "net_cents": pl.Int64(), "lines": pl.Int32(),
    "is_clean": pl.Boolean(),
}  # fmt: skip
RELEASES: dict[str, pl.DataType] = {
    "account_key": pl.Int64(), "known_at": _AT, "claim_key": pl.Int64(), "released_on": pl.Date(),
}  # fmt: skip
# `because_on` and `because_reverses`: of an undo, the day of the answer because of which, and whether it
# reverses. `undone_kind` and `undone_on`: of the posting that it undoes.
ENTRIES: dict[str, pl.DataType] = {
    "account_key": pl.Int64(), "known_at": _AT, "kind": pl.String(), "undone_kind": pl.String(),
    "posted_on": pl.Date(), "undone_on": pl.Date(), "answered_on": pl.Date(), "because_on": pl.Date(),
    "account": pl.String(), "amount_cents": pl.Int64(),
}  # fmt: skip
ANSWERS: dict[str, pl.DataType] = {
    "account_key": pl.Int64(), "known_at": _AT, "answer_id": pl.Int64(), "claim_key": pl.Int64(),
    "turn": pl.String(), "paid_on": pl.Date(), "received_on": pl.Date(), "charge_cents": pl.Int64(),
    "paid_cents": pl.Int64(), "lines": pl.Int32(),
}  # fmt: skip
DENIALS: dict[str, pl.DataType] = {
    "account_key": pl.Int64(),
    "known_at": _AT,
    "denial_id": pl.Int64(),
    "answer_id": pl.Int64(),
    "claim_key": pl.Int64(),
    "category": pl.String(),
    "cause": pl.String(),
    "department": pl.String(),
    "is_preventable": pl.Boolean(),
    "is_line": pl.Boolean(),
    "amount_cents": pl.Int64(),
    "denied_on": pl.Date(),
}
STATES: dict[str, pl.DataType] = {
    "account_key": pl.Int64(), "known_at": _AT, "denial_id": pl.Int64(), "entry_id": pl.Int64(),
    "state": pl.String(), "changed_on": pl.Date(),
}  # fmt: skip
UNDERPAYMENTS: dict[str, pl.DataType] = {
    "account_key": pl.Int64(), "known_at": _AT, "answer_id": pl.Int64(), "amount_cents": pl.Int64(),
}  # fmt: skip
# Decisions on appeals. `recovered_cents` is null where nobody said how much came.
APPEALS: dict[str, pl.DataType] = {
    "account_key": pl.Int64(), "known_at": _AT, "case_id": pl.Int64(), "entry_id": pl.Int64(),
    "denial_id": pl.Int64(), "level": pl.String(), "state": pl.String(), "decided_on": pl.Date(),
    "sent_on": pl.Date(), "amount_cents": pl.Int64(), "recovered_cents": pl.Int64(),
}  # fmt: skip
RETURNS: dict[str, pl.DataType] = {
    "account_key": pl.Int64(), "known_at": _AT, "returned_on": pl.Date(),
}  # fmt: skip
EVENTS = {
    "versions": VERSIONS,
    "releases": RELEASES,
    "returns": RETURNS,
    "entries": ENTRIES,
    "answers": ANSWERS,
    "denials": DENIALS,
    "states": STATES,
    "underpayments": UNDERPAYMENTS,
    "appeals": APPEALS,
}

_BY = ["account_key", "snapshot"]
_TEXTS = ("fact", "facility", "category", "cause", "department", "staff", "level")
_RESUBMITTED_FREQUENCIES = ("7", "8")
# A claim is processed in time within a day of its arrival: the agreed level of the pipeline's service.
_MINUTES_IN_TIME = 24 * 60
# HFMA MAP Keys, point-of-service cash collections: collected at the time of service or up to seven days
# after it.
_DAYS_OF_SERVICE = 7


def account_state(known: Frames) -> pl.DataFrame:
    """The facts of accounts as of each snapshot, unsigned."""
    accounts = _accounts(known)
    first = _first_answers(known, accounts)
    parts = [
        _received(known, accounts),
        _processed(known),
        _submitted(accounts),
        _resubmitted(known, accounts),
        _answered(first, accounts),
        _denied(known, first, accounts),
        _rejected(known, accounts),
        _waits(known, accounts),
        _money(known, accounts),
        resolved(known, accounts),
        underpaid(known, accounts),
        appealed(known, accounts),
        balance_facts(known, accounts),
    ]
    return pl.concat([_complete(part) for part in parts])


def _complete(part: pl.DataFrame) -> pl.DataFrame:
    """With all keys and measures, of their types."""
    return part.with_columns(
        pl.lit(None, pl.String if name in _TEXTS else pl.Int64).alias(name)
        for name in KEYS
        if name not in part.columns
    ).select(
        *_BY,
        *(pl.col(name).cast(_KEY_TYPES[name]) for name in KEYS),
        *(
            (pl.col(name) if name in part.columns else pl.lit(0)).cast(pl.Int64).alias(name)
            for name in MEASURES
        ),
    )


_KEY_TYPES: dict[str, pl.DataType] = {
    **{name: pl.String() for name in _TEXTS}, "valid_on": pl.Date(), "claim_key": pl.Int64(),
    "anchor_on": pl.Date(), "wait_days": pl.Int32(),
}  # fmt: skip


def _accounts(known: Frames) -> pl.DataFrame:
    """One row an account and snapshot: the first version, and when the claim was first sent.

    `submitted_on` is the earliest of our release, the day on which the payer says that it received the claim
    (835, DTM*050), and the first payment date, if there is any. `is_dated` is false if only the last is
    known.
    """
    first = known["versions"].sort("version").group_by(_BY, maintain_order=True).first()
    count = known["releases"].join(
        known["versions"].select(*_BY, "claim_key", "version"), on=[*_BY, "claim_key"], how="inner"
    )
    released = (
        count.sort("version")
        .group_by(_BY, maintain_order=True)
        .agg(
            pl.col("released_on").min(),
            released_key=pl.col("claim_key").first(),
            released_version=pl.col("version").first(),
        )
    )
    answered = (
        known["answers"].group_by(_BY).agg(pl.col("paid_on").min(), stated_on=pl.col("received_on").min())
    )
    dated = pl.min_horizontal("released_on", "stated_on")
    joined = first.join(released, on=_BY, how="left").join(answered, on=_BY, how="left")
    return joined.with_columns(
        submitted_on=pl.min_horizontal(dated, "paid_on"),
        is_dated=dated.is_not_null() & (dated <= pl.col("paid_on")).fill_null(True),
        sent_key=pl.coalesce("released_key", "claim_key"),
    ).with_columns(
        received_on=pl.min_horizontal("received_on", "submitted_on"),
        anchor_on=pl.coalesce("service_to_on", pl.min_horizontal("received_on", "submitted_on")),
    )


def _received(known: Frames, accounts: pl.DataFrame) -> pl.DataFrame:
    """Claims that came in; `net_cents` is their net revenue, as it is known by now."""
    return accounts.join(net_revenue(known, accounts), on=_BY).select(
        *_BY, "facility", "claim_key", "lines",
        fact=pl.when("is_clean").then(pl.lit("received_clean")).otherwise(pl.lit("received_flawed")),
        valid_on="received_on", items=pl.lit(1), cents="charge_cents", net_cents="revenue_cents",
        quantity=days_between("received_on", "service_to_on"),
    )  # fmt: skip


def _processed(known: Frames) -> pl.DataFrame:
    in_time = pl.col("minutes") <= _MINUTES_IN_TIME
    return known["versions"].select(
        *_BY, "facility", "claim_key", "lines",
        fact=pl.when(in_time).then(pl.lit("processed_in_time")).otherwise(pl.lit("processed_late")),
        valid_on="received_on", items=pl.lit(1), cents="charge_cents", quantity="minutes",
    )  # fmt: skip


def _submitted(accounts: pl.DataFrame) -> pl.DataFrame:
    sent = accounts.filter(pl.col("submitted_on").is_not_null())
    return sent.select(
        *_BY, "facility", "lines", "net_cents",
        fact=pl.when("is_dated").then(pl.lit("submitted")).otherwise(pl.lit("submitted_undated")),
        claim_key="sent_key", valid_on="submitted_on", items=pl.lit(1), cents="charge_cents",
        quantity=days_between("submitted_on", "service_to_on"),
    )  # fmt: skip


def _resubmitted(known: Frames, accounts: pl.DataFrame) -> pl.DataFrame:
    """Later versions that were sent after an earlier one."""
    return (
        known["releases"]
        .join(known["versions"].drop("known_at"), on=[*_BY, "claim_key"], how="inner")
        .join(accounts.select(*_BY, "released_version"), on=_BY, how="inner")
        .filter(pl.col("version") > pl.col("released_version"))
        .select(
            *_BY, "facility", "claim_key", "lines", fact=pl.lit("resubmitted"), valid_on="released_on",
            items=pl.lit(1), cents="charge_cents",
        )
    )  # fmt: skip


def _first_answers(known: Frames, accounts: pl.DataFrame) -> pl.DataFrame:
    """The first payer's answers of the first day on which it answered: an account's initial answer."""
    of_first_payer = known["answers"].filter((pl.col("turn") == "P") & pl.col("paid_on").is_not_null())
    day = of_first_payer.group_by(_BY).agg(first_on=pl.col("paid_on").min())
    return (
        of_first_payer.join(day, on=_BY)
        .filter(pl.col("paid_on") == pl.col("first_on"))
        .join(accounts.select(*_BY), on=_BY, how="semi")
    )


def _first_denials(known: Frames, first: pl.DataFrame) -> pl.DataFrame:
    return (
        known["denials"]
        .filter(pl.col("amount_cents") > 0)
        .join(first.select(*_BY, "answer_id", "first_on"), on=[*_BY, "answer_id"], how="inner")
    )


def _answered(first: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """Initial answers, by whether they paid anything, and how long they took if the submission is dated.

    Which of them denied something is in `_denied`.
    """
    answered = (
        first.group_by(_BY)
        .agg(
            pl.col("first_on").first(),
            pl.col("claim_key").min(),
            pl.col("lines").sum(),
            cents=pl.col("charge_cents").sum(),
            paid=pl.col("paid_cents").sum(),
        )
        .join(accounts.select(*_BY, "facility", "submitted_on", "is_dated"), on=_BY)
    )
    common = [*map(pl.col, [*_BY, "facility", "claim_key", "cents"]), pl.col("first_on").alias("valid_on")]
    by_payment = (
        pl.when(pl.col("paid") > 0).then(pl.lit("answered_paid")).otherwise(pl.lit("answered_unpaid"))
    )
    told = answered.select(*common, "lines", fact=by_payment, items=pl.lit(1), quantity=pl.lit(0, pl.Int64))
    after = answered.filter("is_dated").select(
        *common, lines=pl.lit(0), fact=pl.lit("answered_after"), items=pl.lit(1),
        quantity=days_between("first_on", "submitted_on"),
    )  # fmt: skip
    return pl.concat([told, after.select(told.columns)], how="vertical_relaxed")


def _denied(known: Frames, first: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """Denials of initial answers. The largest of a claim counts as its claim, all of them as its dollars."""
    paid = first.group_by(_BY).agg(paid=pl.col("paid_cents").sum(), all_lines=pl.col("lines").sum())
    denials = (
        _first_denials(known, first)
        .sort("amount_cents", "denial_id", descending=[True, False])
        .with_columns(rank=pl.int_range(pl.len()).over(_BY))
        .join(paid, on=_BY)
        .join(accounts.select(*_BY, "facility", "claim_key", "released_version"), on=_BY, suffix="_first")
        .with_columns(
            items=(pl.col("rank") == 0).cast(pl.Int64),
            claim_key=pl.coalesce("claim_key", "claim_key_first"),
            line_count=pl.when("is_line").then(1).otherwise("all_lines"),
        )
    )
    common = [*_BY, "facility", "claim_key", "category", "cause", "department", "items"]

    def named(fact: str, rows: pl.DataFrame) -> pl.DataFrame:
        return rows.select(
            *common, fact=pl.lit(fact), valid_on="first_on", cents="amount_cents", lines="line_count"
        )

    answered = first.group_by(_BY).agg(pl.col("first_on").first(), pl.col("charge_cents").sum())
    once = (
        answered.join(denials.select(_BY).unique(), on=_BY, how="anti")
        .join(accounts.select(*_BY, "facility", "claim_key", "version", "released_on"), on=_BY)
        .join(_resent_before(known), on=_BY, how="left")
        .filter(pl.col("resent_on").is_null() | (pl.col("resent_on") >= pl.col("first_on")))
        .select(
            *_BY, "facility", "claim_key", fact=pl.lit("resolved_first_pass"), valid_on="first_on",
            items=pl.lit(1), cents="charge_cents", lines=pl.lit(0), category=pl.lit(None, pl.String),
            cause=pl.lit(None, pl.String), department=pl.lit(None, pl.String),
        )
    )  # fmt: skip
    rows = [
        named("denied", denials),
        named("denied_unpaid", denials.filter((pl.col("paid") <= 0) & (pl.col("items") == 1))),
        named("denied_preventable", denials.filter(pl.col("is_preventable").fill_null(False))),
        named(
            "denied_authorization",
            denials.filter((pl.col("category") == "authorization") | (pl.col("cause") == "no-referral")),
        ),
    ]
    return pl.concat([*rows, once.select(rows[0].columns)], how="vertical_relaxed")


def _resent_before(known: Frames) -> pl.DataFrame:
    """When a version that replaces another one was sent first."""
    return (
        known["releases"]
        .join(
            known["versions"]
            .filter(pl.col("frequency").is_in(_RESUBMITTED_FREQUENCIES))
            .select(*_BY, "claim_key"),
            on=[*_BY, "claim_key"],
        )
        .group_by(_BY)
        .agg(resent_on=pl.col("released_on").min())
    )


def _rejected(known: Frames, accounts: pl.DataFrame) -> pl.DataFrame:
    """Rejections before adjudication (277CA, 999)."""
    return (
        known["denials"]
        .filter(pl.col("answer_id").is_null() & pl.col("denied_on").is_not_null())
        .join(accounts.select(*_BY, "facility"), on=_BY)
        .select(
            *_BY, "facility", "claim_key", "category", "cause", "department", fact=pl.lit("rejected"),
            valid_on="denied_on", items=pl.lit(1), cents=pl.col("amount_cents").fill_null(0),
        )
    )  # fmt: skip


def _waits(known: Frames, accounts: pl.DataFrame) -> pl.DataFrame:
    """Days from the submission to the first payment of a claim whose submission is dated.

    `payment_wait` is valid on the day of submission, `paid_after` on that of payment.
    """
    paid = (
        known["answers"]
        .filter((pl.col("turn") == "P") & (pl.col("paid_cents") > 0))
        .group_by(_BY)
        .agg(first_paid_on=pl.col("paid_on").min())
        .join(accounts.filter("is_dated"), on=_BY)
        .filter(pl.col("first_paid_on").is_not_null())
        .with_columns(days=days_between("first_paid_on", "submitted_on"))
    )
    common = [*_BY, "facility"]
    began = paid.select(
        *common, fact=pl.lit("payment_wait"), claim_key="sent_key", valid_on="submitted_on",
        wait_days="days", items=pl.lit(1), cents="charge_cents", quantity="days",
    )  # fmt: skip
    ended = paid.select(
        *common, fact=pl.lit("paid_after"), claim_key="sent_key", valid_on="first_paid_on",
        wait_days=pl.lit(None, pl.Int64), items=pl.lit(1), cents="charge_cents", quantity="days",
    )  # fmt: skip
    return pl.concat([began, ended], how="vertical_relaxed")


def _money(known: Frames, accounts: pl.DataFrame) -> pl.DataFrame:
    """Cash, contractual reductions, write-offs and refunds, on the day on which they are valid."""
    entries = valid_entries(known).join(accounts.select(*_BY, "facility", "claim_key", "anchor_on"), on=_BY)
    origin = pl.coalesce("undone_kind", "kind")
    at_service = (pl.col("valid_on") - pl.col("anchor_on")).dt.total_days() <= _DAYS_OF_SERVICE
    account, amount = pl.col("account"), pl.col("amount_cents")
    fact = (
        pl.when((origin == "answer") & (account == "unapplied"))
        .then(pl.lit("cash_payer"))
        .when((origin == "answer") & (account == "contractual"))
        .then(pl.lit("contractual"))
        .when((origin == "patient_payment") & (account == "cash") & at_service)
        .then(pl.lit("cash_patient_at_service"))
        .when((origin == "patient_payment") & (account == "cash"))
        .then(pl.lit("cash_patient"))
        .when((origin == "write_off") & (account == "denied"))
        .then(pl.lit("written_off_denied"))
        .when((origin == "write_off") & (account == "patient"))
        .then(pl.lit("written_off_patient"))
        .when((origin == "write_off") & (account == "payer"))
        .then(pl.lit("written_off_payer"))
        .when((origin == "refund") & account.is_in(["cash", "refunded"]))
        .then(pl.lit("refunded"))
    )
    given_up = (origin == "write_off") | (origin == "refund")
    return (
        entries.with_columns(fact=fact, cents=pl.when(given_up).then(-amount).otherwise(amount))
        .filter(pl.col("fact").is_not_null())
        # A claim counts once a day, however many lines of it are paid.
        .group_by(*_BY, "facility", "claim_key", "fact", "valid_on")
        .agg(pl.col("cents").sum())
        .with_columns(items=pl.col("cents").sign())
    )
