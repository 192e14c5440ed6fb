"""Acceptances of claims by their receivers (277CA), and what else shows when a claim was sent."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from psycopg import sql

from claimwright.platform.database import Connection, bigints, copy_out, insert_frame

ACCEPTANCES: dict[str, pl.DataType] = {
    "acceptance_id": pl.Int64(), "file_id": pl.Int64(), "claim_key": pl.Int64(), "facility": pl.String(),
    "accepted_on": pl.Date(), "by_payer": pl.Boolean(), "sealed": pl.Binary(),
}  # fmt: skip
SENDING: dict[str, pl.DataType] = {
    "claim_key": pl.Int64(),
    # The first day on which the payer accepted the claim or an earlier version of its number.
    "accepted_on": pl.Date(),
    # The same of a clearinghouse, which is no receipt by the payer.
    "cleared_on": pl.Date(),
    # The date of the first report of acceptance that a person added to the claim's documents.
    "reported_on": pl.Date(),
    # When our system first took it in: it was not sent from here before.
    "taken_in_on": pl.Date(),
}


@dataclass(frozen=True)
class SealedAcceptance:
    """The report of an acceptance, sealed."""

    acceptance_id: int
    accepted_on: datetime.date
    sealed: bytes


def acceptance_context(tenant: str, acceptance_id: int) -> bytes:
    """The context of a sealed report."""
    return f"{tenant}:acceptance:{acceptance_id}".encode()


def insert_acceptances(connection: Connection, acceptances: pl.DataFrame) -> None:
    """Store acceptances; columns are those of `ACCEPTANCES`."""
    insert_frame(connection, "remittance.acceptances", acceptances.select(list(ACCEPTANCES)))


def sending_of(connection: Connection, claim_keys: Sequence[int]) -> pl.DataFrame:
    """When these claims, or other versions of their numbers, were sent and accepted: `SENDING`."""
    if not claim_keys:
        return pl.DataFrame(schema=SENDING)
    return copy_out(connection, sql.SQL(_SENDING).format(keys=bigints(claim_keys)), SENDING)


def first_acceptance(connection: Connection, claim_key: int) -> SealedAcceptance | None:
    """The payer's first acceptance of a claim or of another version of its number."""
    row = connection.execute(_FIRST, {"key": claim_key}).fetchone()
    return None if row is None else SealedAcceptance(*row)


_SENDING = """
select k.claim_key, min(a.accepted_on) filter (where a.by_payer),
  min(a.accepted_on) filter (where not a.by_payer), min(d.dated_on),
  min(p.received_on)
from unnest({keys}::bigint[]) as k(claim_key)
  join staging.claim_keys own on own.claim_key = k.claim_key
  join staging.claim_keys v on v.tenant = own.tenant and v.facility = own.facility and v.number = own.number
  left join remittance.acceptances a on a.claim_key = v.claim_key
  left join appeals.documents d on d.claim_key = v.claim_key and d.type = 'claim acceptance report'
    and not d.is_blocked
  left join production.claims p on p.claim_key = v.claim_key
group by k.claim_key
"""
_FIRST = """
select a.acceptance_id, a.accepted_on, a.sealed
from staging.claim_keys own
  join staging.claim_keys v on v.tenant = own.tenant and v.facility = own.facility and v.number = own.number
  join remittance.acceptances a on a.claim_key = v.claim_key
where own.claim_key = %(key)s and a.by_payer
order by a.accepted_on, a.acceptance_id limit 1
"""
