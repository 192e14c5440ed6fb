"""What the store has beside an answer that bears on a denial: like claims, findings of our own check."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from psycopg import sql

from claimwright.platform.database import Connection, bigints, copy_out

LIKE_CLAIMS: dict[str, pl.DataType] = {
    "claim_key": pl.Int64(), "other_key": pl.Int64(), "paid_cents": pl.Int64(), "answered_on": pl.Date(),
}  # fmt: skip
CLAIM_FINDINGS: dict[str, pl.DataType] = {
    "claim_key": pl.Int64(), "line": pl.Int32(), "code": pl.String(),
}  # fmt: skip


def like_claims(connection: Connection, claim_keys: Sequence[int]) -> pl.DataFrame:
    """Other claims of the same facility, patient, member, payer and first day that share a procedure:
    `LIKE_CLAIMS`. `answered_on` is the day of the newest answer in force, null where there is none;
    `paid_cents` what all of them paid. Versions of a claim's own number are no other claims.
    """
    if not claim_keys:
        return pl.DataFrame(schema=LIKE_CLAIMS)
    return copy_out(connection, sql.SQL(_LIKE).format(keys=bigints(claim_keys)), LIKE_CLAIMS)


def findings_with_codes(
    connection: Connection, claim_keys: Sequence[int], codes: Sequence[str]
) -> pl.DataFrame:
    """The findings of our check with these codes that no waiver covers: `CLAIM_FINDINGS`."""
    if not claim_keys:
        return pl.DataFrame(schema=CLAIM_FINDINGS)
    query = sql.SQL(
        "select distinct claim_key, line, code from production.findings "
        "where claim_key = any({}) and code = any({}) and waiver is null order by 1, 2, 3"
    ).format(bigints(claim_keys), sql.Literal(list(codes)))
    return copy_out(connection, query, CLAIM_FINDINGS)


_LIKE = """
select k.claim_key, p.claim_key, coalesce(a.paid, 0)::bigint, a.answered_on
from unnest({keys}::bigint[]) as k(claim_key)
  join staging.claim_keys own on own.claim_key = k.claim_key and length(own.patient) > 0
  join production.claims c on c.claim_key = k.claim_key
  join staging.claim_keys o on o.tenant = own.tenant and o.patient = own.patient and o.member = own.member
    and o.facility = own.facility and o.number <> own.number and length(o.patient) > 0
  join production.claims p on p.claim_key = o.claim_key and p.service_from_on = c.service_from_on
    and p.payer_id is not distinct from c.payer_id and p.status <> 'superseded'
  left join lateral (
    select sum(b.paid_cents) as paid, max(b.paid_on) as answered_on from remittance.answers b
    where b.claim_key = p.claim_key and b.state = 'posted' and not b.is_reversal
  ) a on true
where exists (
  select from production.lines x join production.lines y on y.procedure = x.procedure
  where x.claim_key = c.claim_key and y.claim_key = p.claim_key
)
order by 1, 2
"""
