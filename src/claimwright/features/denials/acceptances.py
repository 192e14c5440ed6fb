"""Acceptances of claims (277CA): stored with their day, and as a report that a letter can enclose."""

from __future__ import annotations

import datetime

import polars as pl

from claimwright.domain.caller import Caller
from claimwright.engines.x12 import ClaimAnswer
from claimwright.platform.database import Connection
from claimwright.store.acceptances import (
    ACCEPTANCES,
    acceptance_context,
    first_acceptance,
    insert_acceptances,
)
from claimwright.store.remittances import next_ids
from claimwright.store.sealed_claims import Opens, Seals

# Status category A2: accepted into adjudication. A1 is a receipt, which may still be rejected; A0 was sent
# on.
# Source: X12 external code list 507.
_ACCEPTED = "A2"
_RECEIVED = ("A0", "A1", "A2")
_PAYER = "PR"
_SCHEMA: dict[str, pl.DataType] = {
    "claim": pl.Int64(), "claim_id": pl.String(), "amount": pl.Decimal(18, 2), "accepted_on": pl.Date(),
    "by_payer": pl.Boolean(), "report": pl.String(),
}  # fmt: skip
# What the report calls the columns of an answer, in this order.
_LABELS = {
    "payer_name": "Report of", "payer_id": "Identifier", "claim_id": "Claim number",
    "patient_last_name": "Patient's last name", "patient_first_name": "Patient's first name",
    "patient_id": "Member ID", "service_dates": "Service dates", "amount": "Total charge",
    "payer_claim_number": "Payer's claim number", "clearinghouse_number": "Clearinghouse's number",
    "provider_name": "Billing provider", "provider_id": "NPI",
}  # fmt: skip


def no_acceptances() -> pl.DataFrame:
    """No acceptance, with the columns of `accepted_claims`."""
    return pl.DataFrame(schema=_SCHEMA)


def accepted_claims(answer: ClaimAnswer) -> pl.DataFrame:
    """The claims that a 277CA accepts and does not reject: `_SCHEMA`, one row for each.

    `by_payer`: the payer accepts it into adjudication (A2). What a clearinghouse says, or a receipt only, is
    no acceptance by the payer.
    """
    of_claims = answer.statuses.filter(pl.col("claim").is_not_null())
    others = of_claims.filter(~pl.col("category").is_in(_RECEIVED))["claim"].unique()
    known = (
        of_claims.filter(
            pl.col("level") == "claim",
            pl.col("category").is_in(_RECEIVED),
            ~pl.col("claim").is_in(others.implode()),
        )
        .drop("claim_id")
        .join(answer.claims.rename({"segment": "claim"}), on="claim", how="left", maintain_order="left")
        .with_columns(
            by_payer=(pl.col("category") == _ACCEPTED)
            & ((pl.col("source_kind") == _PAYER) | (pl.col("entity") == _PAYER)).fill_null(value=False),
            accepted_on=pl.col("answered_on"),
        )
        .sort("by_payer", descending=True, maintain_order=True)
        .unique("claim", keep="first", maintain_order=True)
    )
    if not known.height:
        return no_acceptances()
    return known.with_columns(report=_reports(known)).select(
        pl.col(name).cast(dtype) for name, dtype in _SCHEMA.items()
    )


def _reports(known: pl.DataFrame) -> pl.Series:
    said = pl.concat_str("category", "status", "entity", separator=":", ignore_nulls=True)
    lines = [
        pl.lit("Claim acceptance report, from the payer's claim acknowledgment (277CA)"),
        pl.format("Report date: {}", pl.col("accepted_on").dt.strftime("%m/%d/%Y")),
        *(
            pl.when(pl.col(name).is_not_null()).then(pl.format(f"{label}: {{}}", pl.col(name)))
            for name, label in _LABELS.items()
        ),
        pl.format("Status of the claim: {} (accepted for adjudication)", said),
    ]
    return known.select(pl.concat_str(lines, separator="\n", ignore_nulls=True)).to_series()


def store_acceptances(
    caller: Caller, connection: Connection, sealer: Seals, file_id: int, taken: pl.DataFrame
) -> None:
    """Store acceptances: the columns of `accepted_claims`, with `claim_key` and `facility`."""
    if not taken.height:
        return
    ids = next_ids(connection, taken.height)
    sealed = sealer.seal(
        [report.encode() for report in taken["report"]],
        [acceptance_context(caller.tenant, number) for number in ids],
    )
    rows = taken.with_columns(
        acceptance_id=pl.Series(ids, dtype=pl.Int64),
        file_id=pl.lit(file_id, pl.Int64),
        sealed=pl.Series(sealed, dtype=pl.Binary),
    )
    insert_acceptances(connection, rows.select(pl.col(each).cast(kind) for each, kind in ACCEPTANCES.items()))


def acceptance_report(
    caller: Caller, connection: Connection, opener: Opens, claim_key: int
) -> tuple[datetime.date, str] | None:
    """Day and words of the payer's first acceptance of a claim; None if none is stored.

    Raises:
        PhiError: it can't be opened.
    """
    found = first_acceptance(connection, claim_key)
    if found is None:
        return None
    context = acceptance_context(caller.tenant, found.acceptance_id)
    return found.accepted_on, opener.open([found.sealed], [context])[0].decode()
