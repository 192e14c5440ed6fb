"""Appeals of denials: cases, the sealed output of their stages, their drafts, and payers' addresses."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import sql
from psycopg.rows import class_row

from claimwright.platform.database import Connection
from claimwright.platform.list_order import ListOrder, Place, day, known, number


@dataclass(frozen=True)
class AppealCase:
    """A case, without what names a patient. `marked` counts what does not pass the gate."""

    case_id: int
    tracking_id: uuid.UUID
    denial_id: int
    claim_key: int | None
    answer_id: int | None
    facility: str | None
    payer_id: str | None
    payer_kind: str | None
    level: int
    level_name: str | None
    state: str
    stage: str | None
    reason: str | None
    problem: str | None
    is_overruled: bool
    wanted_drafter: str | None
    subtype: str | None
    intent: str | None
    template_id: str | None
    template_version: int | None
    template_digest: str | None
    due_on: datetime.date | None
    law: str | None
    amount_cents: int | None
    expected_cents: int | None
    draft_number: int
    marked: int
    drafted_by: str | None
    drafter: str | None
    drafter_reason: str | None
    approved_by: str | None
    approved_at: datetime.datetime | None
    letter_digest: str | None
    sent_by: str | None
    sent_at: datetime.datetime | None
    sent_how: str | None
    experiment_id: str | None
    arm: str | None
    earlier_decided_on: datetime.date | None
    paid_before_cents: int | None
    answered_until: int | None
    recovered_cents: int | None
    decided_on: datetime.date | None
    outcome_from: str | None
    as_of: datetime.date
    correlation_id: uuid.UUID
    opened_by: str
    opened_at: datetime.datetime
    changed_at: datetime.datetime


# What is not known counts as nothing (migration 0440).
_AMOUNTS = {name: number(name, known(name, "0")) for name in ("amount_cents", "expected_cents")}
CASE_ORDERS = ListOrder("case_id", {"due_on": day("due_on"), **_AMOUNTS})


@dataclass(frozen=True)
class StageRow:
    """A stage that was done."""

    stage: str
    seconds: float
    finished_at: datetime.datetime
    sealed: bytes


@dataclass(frozen=True)
class DraftRow:
    """A draft; `sealed` has it with its verdict."""

    number: int
    drafter: str
    made_by: str
    made_at: datetime.datetime
    statements: int
    marked: int
    sealed: bytes


@dataclass(frozen=True)
class PayerAddress:
    """Where a payer takes appeals; `level` 0 means any."""

    payer_id: str
    level: int
    effective_from: datetime.date
    name: str
    address: str
    fax: str | None
    source: str
    stated_by: str
    stated_at: datetime.datetime


@dataclass(frozen=True)
class TemplateRecord:
    """What became of the letters of a template version."""

    template_id: str
    template_version: int
    sent: int
    won: int
    partly_won: int
    lost: int
    recovered_cents: int


_COLUMNS = ", ".join(AppealCase.__dataclass_fields__)
_CHANGEABLE = frozenset(
    "claim_key answer_id facility payer_id payer_kind level_name state stage reason subtype intent "
    "template_id "
    "template_version template_digest due_on law amount_cents expected_cents draft_number marked drafted_by "
    "approved_by approved_at letter_digest sent_by sent_at sent_how paid_before_cents answered_until "
    "recovered_cents "
    "decided_on "
    "outcome_from as_of attempts problem is_overruled wanted_drafter drafter drafter_reason experiment_id "
    "arm".split()
)


def stage_context(tenant: str, case_id: int, stage: str) -> bytes:
    """The context of a stage's sealed output."""
    return f"{tenant}:appeal:{case_id}:{stage}".encode()


def draft_context(tenant: str, case_id: int, number: int) -> bytes:
    """The context of a sealed draft."""
    return f"{tenant}:appeal-draft:{case_id}:{number}".encode()


def insert_case(
    connection: Connection,
    case_id: int,
    denial_id: int,
    level: int,
    *,
    as_of: datetime.date,
    earlier_decided_on: datetime.date | None,
    correlation_id: uuid.UUID,
    now: datetime.datetime,
    is_overruled: bool = False,
    wanted_drafter: str | None = None,
) -> None:
    """Open a case in progress."""
    connection.execute(
        "insert into appeals.cases (case_id, tracking_id, denial_id, level, state, as_of, earlier_decided_on,"
        " correlation_id, opened_at, changed_at, is_overruled, wanted_drafter)"
        " values (%s, %s, %s, %s, 'in_progress', %s, %s, %s, %s, %s, %s, %s)",
        [
            case_id,
            uuid.uuid4(),
            denial_id,
            level,
            as_of,
            earlier_decided_on,
            correlation_id,
            now,
            now,
            is_overruled,
            wanted_drafter,
        ],
    )


def update_case(
    connection: Connection, case_id: int, now: datetime.datetime, changes: Mapping[str, object]
) -> None:
    """Change columns of a case."""
    assert set(changes) <= _CHANGEABLE
    assignments = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in changes
    )
    connection.execute(
        sql.SQL("update appeals.cases set {}, changed_at = %(now)s where case_id = %(case)s").format(
            assignments
        ),
        {**changes, "now": now, "case": case_id},
    )


def list_cases(
    connection: Connection,
    *,
    case_id: int | None = None,
    tracking_id: uuid.UUID | None = None,
    denial_id: int | None = None,
    claim_key: int | None = None,
    states: Sequence[str] = (),
    facilities: Sequence[str] | None = None,
    sort: str | None = None,
    place: Place | None = None,
    after: int = 0,
    limit: int = 100,
) -> list[AppealCase]:
    """Cases worth most first, of equal ones the sooner; or in one of `CASE_ORDERS` after a place of it."""
    beyond, order, parameters = CASE_ORDERS.clauses(sort or "case_id", place if sort else None)
    if sort is None:
        order = "expected_cents desc nulls last, due_on nulls last, case_id"
    cursor = connection.cursor(row_factory=class_row(AppealCase))
    return cursor.execute(
        f"select {_COLUMNS} from appeals.cases"  # noqa: S608 - names of a class
        " where (%(case)s::bigint is null or case_id = %(case)s)"
        " and (%(tracking)s::uuid is null or tracking_id = %(tracking)s)"
        " and (%(denial)s::bigint is null or denial_id = %(denial)s)"
        " and (%(claim)s::bigint is null or claim_key = %(claim)s)"
        " and (%(states)s::text[] is null or state = any(%(states)s))"
        " and (%(own)s::text[] is null or facility = any(%(own)s))"
        f" and {beyond} order by {order} offset %(after)s limit %(limit)s".encode(),
        {
            "case": case_id, "tracking": tracking_id, "denial": denial_id, "claim": claim_key,
            "states": list(states) or None, "own": None if facilities is None else list(facilities),
            "after": after, "limit": limit, **parameters,
        },
    ).fetchall()  # fmt: skip


def stalled_cases(connection: Connection, before: datetime.datetime) -> list[AppealCase]:
    """Cases in progress that did not change since a time, and of whose standstill nobody was told."""
    cursor = connection.cursor(row_factory=class_row(AppealCase))
    return cursor.execute(
        f"select {_COLUMNS} from appeals.cases where state = 'in_progress' and changed_at < %s"  # noqa: S608
        " and (stalled_at is null or stalled_at < changed_at) order by case_id"
        " for update skip locked".encode(),
        [before],
    ).fetchall()


def mark_stalled(connection: Connection, case_id: int, now: datetime.datetime) -> None:
    """A standstill was told. It is no change of the case."""
    connection.execute("update appeals.cases set stalled_at = %s where case_id = %s", [now, case_id])


def lock_case(connection: Connection, case_id: int) -> AppealCase | None:
    """A case, locked until the transaction ends."""
    cursor = connection.cursor(row_factory=class_row(AppealCase))
    return cursor.execute(
        f"select {_COLUMNS} from appeals.cases where case_id = %s for update".encode(),  # noqa: S608
        [case_id],
    ).fetchone()


def lock_denial(connection: Connection, denial_id: int) -> None:
    """Let cases of a denial be opened one after another, until the transaction ends."""
    connection.execute(
        "select pg_advisory_xact_lock(hashtext(store.tenant() || ':appeal'), %s)", [denial_id % 2**31]
    )


def put_stage(
    connection: Connection, case_id: int, stage: str, seconds: float, sealed: bytes, now: datetime.datetime
) -> None:
    """Store the output of a stage; one that is there is replaced."""
    connection.execute(
        "insert into appeals.stages (case_id, stage, seconds, finished_at, sealed) values (%s, %s, %s, %s, "
        "%s)"
        " on conflict (tenant, case_id, stage) do update set seconds = excluded.seconds,"
        " finished_at = excluded.finished_at, sealed = excluded.sealed",
        [case_id, stage, seconds, now, sealed],
    )


def stages_of(connection: Connection, case_id: int) -> list[StageRow]:
    """The stages of a case that were done, in order."""
    rows = connection.execute(
        "select stage, seconds, finished_at, sealed from appeals.stages where case_id = %s order by "
        "finished_at, stage",
        [case_id],
    ).fetchall()
    return [StageRow(*row) for row in rows]


def forget_stages(connection: Connection, case_id: int, stages: Sequence[str]) -> None:
    """Delete the output of stages, which will be done again."""
    connection.execute(
        "delete from appeals.stages where case_id = %s and stage = any(%s)", [case_id, list(stages)]
    )


def insert_draft(
    connection: Connection, case_id: int, number: int, drafter: str, statements: int, marked: int,
    sealed: bytes, now: datetime.datetime,
) -> None:  # fmt: skip
    """Store a draft."""
    connection.execute(
        "insert into appeals.drafts (case_id, number, drafter, made_at, statements, marked, sealed)"
        " values (%s, %s, %s, %s, %s, %s, %s)",
        [case_id, number, drafter, now, statements, marked, sealed],
    )


def update_draft(connection: Connection, case_id: int, number: int, marked: int, sealed: bytes) -> None:
    """Store the new verdict of a draft, or what a person confirmed."""
    connection.execute(
        "update appeals.drafts set marked = %s, sealed = %s where case_id = %s and number = %s",
        [marked, sealed, case_id, number],
    )


def drafts_of(connection: Connection, case_id: int, number: int | None = None) -> list[DraftRow]:
    """The drafts of a case, the newest first; with `number`, that one."""
    rows = connection.execute(
        "select number, drafter, made_by, made_at, statements, marked, sealed from appeals.drafts"
        " where case_id = %(case)s and (%(number)s::integer is null or number = %(number)s) order by "
        "number desc",
        {"case": case_id, "number": number},
    ).fetchall()
    return [DraftRow(*row) for row in rows]


def put_address(connection: Connection, address: Mapping[str, Any], now: datetime.datetime) -> None:
    """State where a payer takes appeals from a day on."""
    connection.execute(
        "insert into appeals.payer_addresses (payer_id, level, effective_from, name, address, fax, source, "
        "stated_at)"
        " values (%(payer_id)s, %(level)s, %(effective_from)s, %(name)s, %(address)s, %(fax)s, %(source)s, "
        "%(now)s)"
        " on conflict (tenant, payer_id, level, effective_from) do update set name = excluded.name,"
        " address = excluded.address, fax = excluded.fax, source = excluded.source,"
        " stated_by = store.actor(), stated_at = excluded.stated_at",
        {**address, "now": now},
    )


def address_for(connection: Connection, payer_id: str, level: int, day: datetime.date) -> PayerAddress | None:
    """The address in force: that of the level before one for any level, and the newest."""
    cursor = connection.cursor(row_factory=class_row(PayerAddress))
    return cursor.execute(
        "select payer_id, level, effective_from, name, address, fax, source, stated_by, stated_at"
        " from appeals.payer_addresses where payer_id = %s and level in (0, %s) and effective_from <= %s"
        " order by level desc, effective_from desc limit 1",
        [payer_id, level, day],
    ).fetchone()


def list_addresses(connection: Connection) -> list[PayerAddress]:
    """Every address, by payer, the newest first."""
    cursor = connection.cursor(row_factory=class_row(PayerAddress))
    return cursor.execute(
        "select payer_id, level, effective_from, name, address, fax, source, stated_by, stated_at"
        " from appeals.payer_addresses order by payer_id, level, effective_from desc"
    ).fetchall()


def sent_on(connection: Connection, claim_key: int) -> tuple[datetime.date | None, datetime.date | None]:
    """The days on which our system took a claim in and delivered it, as far as they are known."""
    row = connection.execute(
        "select (select received_on from production.claims where claim_key = %(key)s limit 1),"
        " (select min(delivered_at)::date from production.deliveries where claim_key = %(key)s)",
        {"key": claim_key},
    ).fetchone()
    assert row is not None
    return row[0], row[1]


def cases_of_line(connection: Connection, denial_id: int) -> list[AppealCase]:
    """Cases of a denial, and of denials of the same line by earlier answers."""
    cursor = connection.cursor(row_factory=class_row(AppealCase))
    return cursor.execute(
        f"select {_COLUMNS} from appeals.cases where denial_id = %(denial)s or denial_id in ("  # noqa: S608
        " select b.denial_id from remittance.denials_of_claims a join remittance.denials_of_claims b"
        " on b.tenant = a.tenant and b.account_key = a.account_key and b.turn is not distinct from a.turn"
        " and b.position is not distinct from a.position and b.answer_id < a.answer_id"
        " where a.denial_id = %(denial)s) order by level, case_id".encode(),
        {"denial": denial_id},
    ).fetchall()


def template_records(connection: Connection, facilities: Sequence[str] | None = None) -> list[TemplateRecord]:
    """What became of sent letters, by template and version; of some facilities where they are given."""
    cursor = connection.cursor(row_factory=class_row(TemplateRecord))
    return cursor.execute(
        "select template_id, template_version, count(*) as sent,"
        " count(*) filter (where state = 'won') as won, count(*) filter (where state = 'lost') as lost,"
        " count(*) filter (where state = 'partly_won') as partly_won,"
        " coalesce(sum(recovered_cents), 0)::bigint as recovered_cents from appeals.cases"
        " where sent_at is not null and template_id is not null"
        " and (%(own)s::text[] is null or facility = any(%(own)s::text[])) group by 1, 2 order by 1, 2",
        {"own": None if facilities is None else list(facilities)},
    ).fetchall()
