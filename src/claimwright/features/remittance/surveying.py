"""The payments of a remittance before anything is posted: their totals, and why one of them is held.

A file is gone through twice: whether a payment is complete and adds up is known only at its end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from claimwright.engines.remittance.preparing import cents
from claimwright.engines.x12 import Remittance
from claimwright.foundation.errors import InputError

NO_AMOUNT, NO_DATE = "no_amount", "no_date"
# Structural findings for which a payment is held, and the word for each.
_HELD: dict[str, str] = {
    "SYN020": "truncated",
    "SYN022": "segment_count_differs",
    "SYN024": "no_835",
    "SYN025": "unsupported_version",
    "SYN102": "out_of_balance",
}
_NO_X12 = ("SYN001", "SYN080")
# Group or transaction of another version, or of another kind.
_OTHER_VERSION, _OTHER_SET = {"SYN016", "SYN025"}, {"SYN015", "SYN024"}
_KEPT = (
    "payment", "segment", "payer_id", "payer_name", "payee_id", "payee_npi", "payment_method", "trace_number",
    "originating_company", "credit_debit", "payment_amount", "paid_on", "produced_on",
)  # fmt: skip


class RemittanceError(InputError):
    """A remittance can't be used; the message says which file, why, and what to do."""


@dataclass(frozen=True)
class Survey:
    """The payments of a file, one row each; `content` and `identity` are digests, `held` a reason or null."""

    payments: pl.DataFrame
    provider_adjustments: pl.DataFrame
    claims: int
    faults: int


def survey(blocks: Iterable[Remittance], name: str) -> Survey:
    """Read a remittance to its end.

    Raises:
        RemittanceError: it is no 835, or has no payment.
    """
    payments, faults, sums, adjusted = [], [], [], []
    digests: dict[int, hashlib._Hash] = {}
    claims = 0
    for block in blocks:
        payments.append(block.payments.select(_KEPT))
        faults.append(block.faults.select("code", "segment"))
        claims += block.claims.height
        sums.append(
            block.claims.group_by("payment").agg(
                claims=pl.len(), claims_cents=cents("paid").fill_null(0).sum()
            )
        )
        adjusted.append(block.provider_adjustments.select("payment", "reason", "reference", "amount"))
        _digest(block, digests)
    found = pl.concat(payments)
    problems = pl.concat(faults)
    codes = set(problems["code"])
    if not found.height and codes & _OTHER_VERSION and not codes & _OTHER_SET:
        raise RemittanceError(
            f"{name}: the file is of another version than 005010X221A1. Ask the payer for that version."
        )
    if not found.height or problems["code"].is_in(list(_NO_X12)).any():
        raise RemittanceError(f"{name}: the file contains no 835. Name the file that the payer sent.")
    held = _held(found, problems)
    totals = pl.concat(sums).group_by("payment").agg(pl.col("claims").sum(), pl.col("claims_cents").sum())
    of_providers = pl.concat(adjusted)
    provider = of_providers.group_by("payment").agg(provider_cents=cents("amount").fill_null(0).sum())
    is_debit = (pl.col("credit_debit") == "D").fill_null(False)
    surveyed = (
        found.join(totals, on="payment", how="left", maintain_order="left")
        .join(provider, on="payment", how="left", maintain_order="left")
        .join(held, on="payment", how="left", maintain_order="left")
        .with_columns(
            pl.col("claims", "claims_cents", "provider_cents").fill_null(0),
            amount_cents=pl.when(is_debit).then(-cents("payment_amount")).otherwise(cents("payment_amount")),
            content=pl.Series(
                [digests[each].digest() if each in digests else b"" for each in found["payment"].to_list()],
                dtype=pl.Binary,
            ),
        )
        .with_columns(
            held=pl.coalesce(
                "held",
                pl.when(pl.col("amount_cents").is_null()).then(pl.lit(NO_AMOUNT)),
                pl.when(pl.col("paid_on").is_null()).then(pl.lit(NO_DATE)),
            ),
            amount_cents=pl.col("amount_cents").fill_null(0),
        )
    )
    payments_with_identity = surveyed.with_columns(identity=_identities(surveyed))
    return Survey(payments_with_identity, of_providers, claims, problems.height)


def _held(payments: pl.DataFrame, faults: pl.DataFrame) -> pl.DataFrame:
    """The payments with a fault for which they are held: `payment`, `held`."""
    worst = faults.filter(pl.col("code").is_in(list(_HELD)), pl.col("segment").is_not_null()).sort("segment")
    begins = payments.select("payment", "segment").sort("segment")
    return (
        worst.join_asof(begins, on="segment", strategy="backward")
        .drop_nulls("payment")
        .group_by("payment", maintain_order=True)
        .agg(held=pl.col("code").first().replace_strict(_HELD, return_dtype=pl.String))
    )


def _digest(block: Remittance, digests: dict[int, hashlib._Hash]) -> None:
    """Add what the block's claims say to the digest of each payment."""
    said = block.claims.select(
        "payment",
        text=pl.concat_str(
            [
                pl.col("claim_id").fill_null(""), pl.col("claim_status").fill_null(""),
                cents("charge").cast(pl.String).fill_null(""), cents("paid").cast(pl.String).fill_null(""),
                pl.col("payer_claim_number").fill_null(""),
            ],
            separator="\x1f",
        ),
    )  # fmt: skip
    joined = said.group_by("payment", maintain_order=True).agg(pl.col("text").str.join("\x1e"))
    for payment, text in joined.iter_rows():
        digests.setdefault(payment, hashlib.sha256()).update(text.encode() + b"\x1e")


def _identities(payments: pl.DataFrame) -> pl.Series:
    """A digest of payer, trace number, date, amount and payee: equal for the same payment in another file."""
    texts = payments.select(
        pl.concat_str(
            [
                pl.coalesce("originating_company", "payer_id", "payer_name").fill_null("").str.to_uppercase(),
                pl.col("trace_number").fill_null("").str.to_uppercase(),
                pl.col("paid_on").cast(pl.String).fill_null(""), pl.col("amount_cents").cast(pl.String),
                pl.coalesce("payee_npi", "payee_id").fill_null(""),
            ],
            separator="\x1f",
        )
    ).to_series()  # fmt: skip
    return pl.Series([hashlib.sha256(each.encode()).digest() for each in texts], dtype=pl.Binary)
