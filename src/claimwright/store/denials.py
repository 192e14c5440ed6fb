"""Denials: what payers denied, reduced or took back, as it was found when the remittance was posted.

A denial counts as long as its answer is in force; one whose answer was reversed or superseded is over. A
rejection has no answer: it counts until its claim is answered or replaced.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from psycopg.rows import class_row

from claimwright.platform.database import Connection, insert_frame

DENIALS: dict[str, pl.DataType] = {
    "denial_id": pl.Int64(), "answer_id": pl.Int64(), "claim_key": pl.Int64(), "facility": pl.String(),
    "position": pl.Int32(), "category": pl.String(), "root_cause": pl.String(), "stage": pl.String(),
    "preventable": pl.Boolean(), "recoverable": pl.Boolean(), "responsible": pl.String(),
    "usual_step": pl.String(), "core_scenario": pl.Int16(), "group_code": pl.String(), "carc": pl.String(),
    "rarcs": pl.String(), "rules": pl.String(), "amount_cents": pl.Int64(), "appealable": pl.Boolean(),
    "payer_id": pl.String(), "claim_filing": pl.String(), "denied_on": pl.Date(),
    "found_at": pl.Datetime("us", "UTC"),
}  # fmt: skip


@dataclass(frozen=True)
class StoredDenial:
    """A denial; a rejection has no answer. `in_force`: the answer is neither reversed nor superseded."""

    denial_id: int
    answer_id: int | None
    claim_key: int | None
    facility: str | None
    position: int | None
    line: int | None
    category: str
    root_cause: str
    stage: str
    preventable: bool | None
    recoverable: bool | None
    responsible: str
    usual_step: str
    core_scenario: int | None
    group_code: str | None
    carc: str | None
    rarcs: str | None
    rules: str | None
    amount_cents: int | None
    appealable: bool
    payer_id: str | None
    claim_filing: str | None
    denied_on: datetime.date | None
    state: str
    state_reason: str | None
    found_at: datetime.datetime
    in_force: bool


def insert_denials(connection: Connection, denials: pl.DataFrame) -> None:
    """Store denials; columns are those of `DENIALS`."""
    insert_frame(connection, "remittance.denials", denials.select(list(DENIALS)))


def list_denials(
    connection: Connection,
    *,
    denial_id: int | None = None,
    claim_key: int | None = None,
    category: str | None = None,
    root_cause: str | None = None,
    state: str | None = "open",
    facilities: Sequence[str] | None = None,
    after: int = 0,
    limit: int = 1_000,
) -> list[StoredDenial]:
    """Denials after an id, in order of id, whose answers are in force. `state` None: in any state.

    With `denial_id`, that one, whatever its state and whether or not it is in force.
    """
    cursor = connection.cursor(row_factory=class_row(StoredDenial))
    return cursor.execute(
        _LIST,
        {
            "id": denial_id, "claim": claim_key, "category": category, "cause": root_cause, "state": state,
            "own": None if facilities is None else list(facilities), "after": after, "limit": limit,
        },
    ).fetchall()  # fmt: skip


@dataclass(frozen=True)
class DenialTotal:
    """Denials in force of one cause."""

    category: str
    root_cause: str
    denials: int
    claims: int
    amount_cents: int


def count_denials(
    connection: Connection, *, state: str | None = "open", facilities: Sequence[str] | None = None
) -> list[DenialTotal]:
    """Denials in force by category and cause, most dollars first."""
    cursor = connection.cursor(row_factory=class_row(DenialTotal))
    return cursor.execute(
        "select d.category, d.root_cause, count(*) as denials, "
        "count(distinct coalesce(d.answer_id, -d.denial_id)) as claims, "
        "coalesce(sum(d.amount_cents), 0)::bigint as amount_cents "
        "from remittance.denials d left join remittance.answers a using (tenant, answer_id) "
        "where case when d.answer_id is null then remittance.rejection_in_force(d.claim_key) "
        "else a.state = 'posted' end and (%(state)s::text is null or d.state = %(state)s) "
        "and (%(own)s::text[] is null or coalesce(a.facility, d.facility) = any(%(own)s)) "
        "group by 1, 2 order by amount_cents desc, 1, 2",
        {"state": state, "own": None if facilities is None else list(facilities)},
    ).fetchall()


def set_denial_state(connection: Connection, denial_id: int, state: str, reason: str) -> bool:
    """Set the state of a denial. Returns whether there is one."""
    return bool(
        connection.execute(
            "update remittance.denials set state = %s, state_reason = %s where denial_id = %s",
            [state, reason, denial_id],
        ).rowcount
    )


_LIST = """
select d.denial_id, d.answer_id, coalesce(a.claim_key, d.claim_key) as claim_key,
  coalesce(a.facility, d.facility) as facility, d.position, l.line, d.category, d.root_cause,
  d.stage, d.preventable, d.recoverable, d.responsible, d.usual_step, d.core_scenario, d.group_code, d.carc,
  d.rarcs, d.rules, d.amount_cents, d.appealable, d.payer_id, d.claim_filing, d.denied_on, d.state,
  d.state_reason, d.found_at,
  case when d.answer_id is null then remittance.rejection_in_force(d.claim_key)
    else a.state = 'posted' end as in_force
from remittance.denials d left join remittance.answers a using (tenant, answer_id)
  left join remittance.answer_lines l on l.answer_id = d.answer_id and l.position = d.position
where (%(id)s::bigint is null or d.denial_id = %(id)s)
  and (%(id)s::bigint is not null
    or case when d.answer_id is null then remittance.rejection_in_force(d.claim_key)
      else a.state = 'posted' end)
  and (%(claim)s::bigint is null or coalesce(a.claim_key, d.claim_key) = %(claim)s)
  and (%(category)s::text is null or d.category = %(category)s)
  and (%(cause)s::text is null or d.root_cause = %(cause)s)
  and (%(id)s::bigint is not null or %(state)s::text is null or d.state = %(state)s)
  and (%(own)s::text[] is null or coalesce(a.facility, d.facility) = any(%(own)s))
  and d.denial_id > %(after)s
order by d.denial_id limit %(limit)s
"""
