"""Denials with what their clocks and their worth depend on: the claim's dates, form and kind of payer."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import polars as pl
from psycopg import sql

from claimwright.platform.database import Connection, copy_out

DENIALS_AT_WORK: dict[str, pl.DataType] = {
    "denial": pl.Int64(), "answer_id": pl.Int64(), "claim_key": pl.Int64(), "facility": pl.String(),
    "position": pl.Int32(), "line": pl.Int32(), "category": pl.String(), "root_cause": pl.String(),
    "stage": pl.String(), "preventable": pl.Boolean(), "recoverable": pl.Boolean(),
    "responsible": pl.String(), "usual_step": pl.String(), "core_scenario": pl.Int16(),
    "group": pl.String(), "carc": pl.String(), "rarcs": pl.String(), "rules": pl.String(),
    "amount_cents": pl.Int64(), "appealable": pl.Boolean(), "payer_id": pl.String(),
    "claim_filing": pl.String(), "denied_on": pl.Date(), "state": pl.String(), "state_reason": pl.String(),
    "found_at": pl.Datetime("us", "UTC"), "in_force": pl.Boolean(), "waits": pl.String(),
    "turn": pl.String(),
    "form": pl.String(), "service_from_on": pl.Date(), "service_to_on": pl.Date(),
    "prior_payer_on": pl.Date(), "modifiers": pl.String(),
    "procedure": pl.String(), "revenue_code": pl.String(),
    "appealed_on": pl.Date(), "appealed_level": pl.Int16(),
    **{f"decision_{level}_on": pl.Date() for level in range(1, 5)},
}  # fmt: skip


def denials_at_work(
    connection: Connection,
    *,
    claim_key: int | None = None,
    denial_ids: Sequence[int] | None = None,
    state: str | None = "open",
    facilities: Sequence[str] | None = None,
    category: str | None = None,
    root_cause: str | None = None,
    or_categories: Sequence[str] = (),
    denied_from: datetime.date | None = None,
    denied_to: datetime.date | None = None,
    limit: int | None = None,
) -> pl.DataFrame:
    """Denials in force, by id: the columns of `DENIALS_AT_WORK`. `state` None: in any state.

    `denial_ids`: those of them. `category`, `root_cause`: as they are stored, or of any of `or_categories`.
    `denied_from`, `denied_to`: the first and the last day. `limit`: at most so many, those of the highest
    amounts.

    `payer_id` is that of the claim; otherwise, and where a later payer answered, that of the remittance.
    `claim_filing` is the payer's (CLP06), otherwise that of the claim. Dates of service are those of the
    claim, otherwise those of the answer's lines. `prior_payer_on` is the first payer's latest answer.
    `waits`: why the answer of a denial is not posted; its clocks run all the same. `appealed_on` is the day
    on which the appeal of level 1 was sent, `decision_1_on` and so on are the days of decisions,
    `appealed_level` is the highest level of appeal that was sent.
    """
    chosen = sql.SQL(_IN_FORCE).format(
        claim=sql.Literal(claim_key),
        state=sql.Literal(state),
        own=_own(facilities),
        denials=sql.Literal(None if denial_ids is None else list(denial_ids)),
        category=sql.Literal(category),
        cause=sql.Literal(root_cause),
        others=sql.Literal(list(or_categories)),
        first=sql.Literal(denied_from),
        last=sql.Literal(denied_to),
        most=sql.Literal(limit),
    )
    return copy_out(connection, sql.SQL(_AT_WORK).format(chosen=chosen), DENIALS_AT_WORK)


def denials_on_appeal(connection: Connection) -> pl.DataFrame:
    """Denials in force whose latest appeal was sent, lost or won in part: the columns of `DENIALS_AT_WORK`.

    The next level of appeal, or an external review, may be open to them. Open denials are left out.
    """
    found = [row[0] for row in connection.execute(_APPEALABLE_FURTHER).fetchall()]
    rows = denials_at_work(connection, denial_ids=found, state=None)
    return rows.filter(pl.col("state").is_in(["appealed", "lost", "won"]))


def denial_with_id(
    connection: Connection, denial_id: int, *, facilities: Sequence[str] | None = None
) -> pl.DataFrame:
    """The denial with this id, in any state, whether or not it is in force; no row if there is none."""
    chosen = sql.SQL(_WITH_ID).format(denial=sql.Literal(denial_id), own=_own(facilities))
    return copy_out(connection, sql.SQL(_AT_WORK).format(chosen=chosen), DENIALS_AT_WORK)


def _own(facilities: Sequence[str] | None) -> sql.Literal:
    return sql.Literal(None if facilities is None else list(facilities))


# Those of categories that depend on more than is stored are chosen beside those that match as stored: neither
# takes the other's places.
_MATCHES = (
    "({category}::text is null or category = {category}) and ({cause}::text is null or root_cause = {cause})"
)
_CHOSEN = """
(select * from remittance.denials_in_force
where ({claim}::bigint is null or claim_key = {claim}) and ({state}::text is null or state = {state})
  and ({denials}::bigint[] is null or denial_id = any({denials}))
  and ({own}::text[] is null or facility = any({own}))
  and ({first}::date is null or denied_on >= {first}) and ({last}::date is null or denied_on <= {last})
  and CHOSEN
order by amount_cents desc nulls last, denial_id limit {most})
"""
_IN_FORCE = (
    _CHOSEN.replace("CHOSEN", f"({_MATCHES})")
    + "union all"
    + _CHOSEN.replace("CHOSEN", f"category = any({{others}}::text[]) and ({_MATCHES}) is not true")
)
_WITH_ID = """
select * from remittance.denials_of_claims
where denial_id = {denial} and ({own}::text[] is null or facility = any({own}))
"""
_AT_WORK = """
select d.denial_id, d.answer_id, d.claim_key, d.facility, d.position, l.line, d.category, d.root_cause,
  d.stage, d.preventable, d.recoverable, d.responsible, d.usual_step, d.core_scenario, d.group_code, d.carc,
  d.rarcs, d.rules, d.amount_cents, d.appealable, case when d.turn in ('S', 'T') and w.has_first_payer
    then coalesce(d.payer_id, c.payer_id) else coalesce(c.payer_id, d.payer_id) end,
  coalesce(d.claim_filing, c.claim_filing), d.denied_on, d.state, d.state_reason, d.found_at, d.in_force,
  case when w.state = 'waiting' then w.reason end,
  d.turn, c.form, coalesce(c.service_from_on, s.first_on), coalesce(c.service_to_on, s.last_on), p.paid_on,
  m.modifiers, m.procedure, m.revenue_code, a.appealed_on, a.appealed_level, a.decision_1_on, a.decision_2_on,
  a.decision_3_on, a.decision_4_on
from ({chosen}) d
  left join remittance.answer_lines l on l.answer_id = d.answer_id and l.position = d.position
  left join remittance.answers w on w.answer_id = d.answer_id
  left join production.claims c on c.claim_key = d.claim_key
  left join production.lines m on m.claim_key = c.claim_key and m.line = l.line
  left join lateral (
    select min(service_from_on) as first_on, max(service_from_on) as last_on
    from remittance.answer_lines where answer_id = d.answer_id and c.claim_key is null
  ) s on true
  left join lateral (
    select max(paid_on) as paid_on from remittance.answers b
    where b.account_key = d.account_key and b.turn = 'P' and b.state = 'posted' and d.turn <> 'P'
  ) p on true
  left join lateral (
    select max(level) as appealed_level,
      min(sent_at::date) filter (where level = 1) as appealed_on,
      max(decision_on) filter (where level = 1) as decision_1_on,
      max(decision_on) filter (where level = 2) as decision_2_on,
      max(decision_on) filter (where level = 3) as decision_3_on,
      max(decision_on) filter (where level = 4) as decision_4_on
    from (
      select e.level, e.sent_at, e.decided_on as decision_on
      from appeals.cases e where e.denial_id = d.denial_id
        and e.state in ('sent', 'won', 'partly_won', 'lost')
      union all
      select e.level, e.sent_at, coalesce(e.decided_on, d.denied_on)
      from remittance.answers b join remittance.denials o using (tenant, answer_id)
        join appeals.cases e using (tenant, denial_id)
      where b.account_key = d.account_key and b.turn is not distinct from d.turn
        and b.answer_id < d.answer_id and o.position is not distinct from d.position
        and e.state in ('sent', 'won', 'partly_won', 'lost')
    ) e
  ) a on true
order by d.denial_id
"""
_APPEALABLE_FURTHER = """
select denial_id from (
  select distinct on (denial_id) denial_id, state from appeals.cases
  where state not in ('withdrawn', 'not_eligible', 'failed') order by denial_id, level desc, case_id desc
) a where state in ('sent', 'lost', 'partly_won')
"""
