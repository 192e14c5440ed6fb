"""What people add to work items: sealed notes, the history, and on which categories who works."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from claimwright.platform.database import Connection

from .actors import NAME_OF_ACTOR


@dataclass(frozen=True)
class SealedNote:
    """A note, sealed; `by_name` is null if its writer is no account."""

    note_id: int
    by: str
    by_name: str | None
    at: datetime.datetime
    mentions: list[int]
    sealed: bytes
    withdrawn_at: datetime.datetime | None = None


@dataclass(frozen=True)
class HistoryEntry:
    """What was done with an item, by whom and why."""

    at: datetime.datetime
    by: str
    by_name: str | None
    act: str
    from_state: str
    to_state: str
    reason: str | None


@dataclass(frozen=True)
class Person:
    """An account that may be given items. No `skills`: every category; `facilities` None: all of them."""

    account_id: int
    name: str
    roles: list[str]
    skills: list[str]
    facilities: list[str] | None
    open: int


def note_context(tenant: str, note_id: int) -> bytes:
    """The context of a sealed note: it can be opened only as this note of this tenant."""
    return f"{tenant}:work-note:{note_id}".encode()


def next_note_id(connection: Connection) -> int:
    """The number of a note to be."""
    row = connection.execute("select nextval('work.note_ids')").fetchone()
    assert row is not None
    return int(row[0])


def insert_note(
    connection: Connection,
    note_id: int,
    item_id: int,
    mentions: Sequence[int],
    sealed: bytes,
    now: datetime.datetime,
) -> str | None:
    """Store a note. Returns the sign-in name of who wrote it; None if that is no account."""
    row = connection.execute(
        "insert into work.notes (note_id, item_id, written_at, mentions, sealed) "  # noqa: S608
        f"values (%s, %s, %s, %s, %s) returning {NAME_OF_ACTOR.format('written_by')}".encode(),
        [note_id, item_id, now, list(mentions), sealed],
    ).fetchone()
    assert row is not None
    name: str | None = row[0]
    return name


def notes_of(connection: Connection, item_id: int) -> list[SealedNote]:
    """The notes of an item, oldest first."""
    rows = connection.execute(
        f"select note_id, written_by, {NAME_OF_ACTOR.format('written_by')}, written_at, mentions, sealed, "  # noqa: S608
        "withdrawn_at from work.notes where item_id = %s order by note_id".encode(),
        [item_id],
    ).fetchall()
    return [
        SealedNote(note_id, by, name, at, mentions, bytes(sealed), withdrawn_at)
        for note_id, by, name, at, mentions, sealed, withdrawn_at in rows
    ]


def withdraw_note(connection: Connection, item_id: int, note_id: int, now: datetime.datetime) -> bool:
    """Withdraw a note that the actor of the transaction wrote; whether there was one that was not yet."""
    return bool(
        connection.execute(
            "update work.notes set withdrawn_at = %s where item_id = %s and note_id = %s "
            "and written_by = store.actor() and withdrawn_at is null",
            [now, item_id, note_id],
        ).rowcount
    )


def history_of(connection: Connection, item_id: int) -> list[HistoryEntry]:
    """What was done with an item, oldest first."""
    rows = connection.execute(
        f"select at, by_actor, {NAME_OF_ACTOR.format('by_actor')}, act, from_state, to_state, reason "  # noqa: S608
        "from work.history where item_id = %s order by entry_id".encode(),
        [item_id],
    ).fetchall()
    return [HistoryEntry(*row) for row in rows]


def active_people(
    connection: Connection, account_id: int | None = None, *, facilities: Sequence[str] | None = None
) -> list[Person]:
    """Active accounts of the tenant, or one, with their skills and how many open items each has, by name; of
    some facilities where they are given.
    """
    rows = connection.execute(
        "select a.account_id, a.name, a.roles, coalesce(s.skills, '{}'), a.facilities, coalesce(o.open, 0) "
        "from identity.accounts a left join work.skills s using (tenant, account_id) "
        "left join (select assignee_id, count(*) as open from work.items "
        "where done_at is null and assignee_id is not null "
        "and (%(account)s::bigint is null or assignee_id = %(account)s) "
        "and (%(own)s::text[] is null or facility = any(%(own)s::text[])) group by 1) o "
        "on o.assignee_id = a.account_id where a.state = 'active' "
        "and (%(account)s::bigint is null or a.account_id = %(account)s) order by a.name",
        {"account": account_id, "own": None if facilities is None else list(facilities)},
    ).fetchall()
    return [Person(*row) for row in rows]


def set_skills(connection: Connection, account_id: int, skills: Sequence[str]) -> None:
    """Set the categories that an account works on; none for all of them."""
    connection.execute(
        "insert into work.skills (account_id, skills) values (%s, %s) "
        "on conflict (tenant, account_id) do update set skills = excluded.skills",
        [account_id, list(skills)],
    )
