"""Denials with what their clocks and their worth depend on: the claim's dates, form and kind of payer."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from psycopg import sql

from claimwright.platform.database import Connection, copy_out

DENIALS_AT_WORK: dict[str, pl.DataType] = {
    "denial": pl.Int64(), "answer_id": pl.Int64(), "claim_key": pl.Int64(), "facility": pl.String(),
    "line": pl.Int32(), "category": pl.String(), "root_cause": pl.String(), "stage": pl.String(),
    "recoverable": pl.Boolean(), "responsible": pl.String(), "usual_step": pl.String(),
    "group": pl.String(), "carc": pl.String(), "rarcs": pl.String(), "rules": pl.String(),
    "amount_cents": pl.Int64(), "appealable": pl.Boolean(), "payer_id": pl.String(),
    "claim_filing": pl.String(), "denied_on": pl.Date(), "state": pl.String(), "turn": pl.String(),
    "form": pl.String(), "service_from_on": pl.Date(), "service_to_on": pl.Date(),
    "prior_payer_on": pl.Date(), "modifiers": pl.String(),
}  # fmt: skip


def denials_at_work(
    connection: Connection,
    *,
    denial_id: int | None = None,
    state: str | None = "open",
    facilities: Sequence[str] | None = None,
) -> pl.DataFrame:
    """Denials in force, by id: the columns of `DENIALS_AT_WORK`. `state` None: in any state.

    `payer_id` is that of the claim, otherwise that of the remittance; `claim_filing` is the payer's (CLP06),
    otherwise that of the claim. Dates of service are those of the claim, otherwise those of the answer's
    lines. `prior_payer_on` is the first payer's latest answer.
    """
    query = sql.SQL(_AT_WORK).format(
        denial=sql.Literal(denial_id),
        state=sql.Literal(state),
        own=sql.Literal(None if facilities is None else list(facilities)),
    )
    return copy_out(connection, query, DENIALS_AT_WORK)


_AT_WORK = """
select d.denial_id, d.answer_id, coalesce(a.claim_key, d.claim_key), coalesce(a.facility, d.facility), l.line,
  d.category, d.root_cause, d.stage, d.recoverable, d.responsible, d.usual_step, d.group_code, d.carc,
  d.rarcs, d.rules, d.amount_cents, d.appealable, coalesce(c.payer_id, d.payer_id),
  coalesce(d.claim_filing, c.claim_filing), d.denied_on, d.state, a.turn, c.form,
  coalesce(c.service_from_on, s.first_on), coalesce(c.service_to_on, s.last_on), p.paid_on, m.modifiers
from remittance.denials d
  left join remittance.answers a using (tenant, answer_id)
  left join remittance.answer_lines l on l.answer_id = d.answer_id and l.position = d.position
  left join production.claims c on c.claim_key = coalesce(a.claim_key, d.claim_key)
  left join production.lines m on m.claim_key = c.claim_key and m.line = l.line
  left join lateral (
    select min(service_from_on) as first_on, max(service_from_on) as last_on
    from remittance.answer_lines where answer_id = d.answer_id and c.claim_key is null
  ) s on true
  left join lateral (
    select max(paid_on) as paid_on from remittance.answers b
    where b.account_key = a.account_key and b.turn = 'P' and b.state = 'posted' and a.turn <> 'P'
  ) p on true
where case when d.answer_id is null then remittance.rejection_in_force(d.claim_key)
    else a.state = 'posted' end
  and ({denial}::bigint is null or d.denial_id = {denial})
  and ({state}::text is null or d.state = {state})
  and ({own}::text[] is null or coalesce(a.facility, d.facility) = any({own}))
order by d.denial_id
"""
