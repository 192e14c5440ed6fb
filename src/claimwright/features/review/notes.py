"""Notes of work items: sealed, since a note may name a patient; people who are mentioned find the item.

NoteError   the note is empty or too long, or names an account that there is not
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from claimwright.domain.caller import Caller
from claimwright.foundation import clock
from claimwright.foundation.errors import InputError
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store.sealed_claims import Opens, Seals
from claimwright.store.work_notes import (
    Person,
    active_people,
    insert_note,
    next_note_id,
    note_context,
    notes_of,
    set_skills,
    withdraw_note,
)

from .audit_events import record_act
from .categories import CATEGORIES
from .items import ItemNotFoundError, item_of

LONGEST_NOTE = 4_000


class NoteError(InputError):
    """The note can't be stored."""


@dataclass(frozen=True)
class ItemNote:
    """A note. `text` is null where it may not be seen or was withdrawn; `mentions` are accounts."""

    note_id: int
    by: str
    by_name: str | None
    at: datetime.datetime
    text: str | None
    mentions: list[int]
    withdrawn_at: datetime.datetime | None = None


def add_note(
    caller: Caller,
    connection: Connection,
    sealer: Seals,
    item_id: int,
    text: str,
    mentions: Sequence[int] = (),
    *,
    facilities: Sequence[str] | None = None,
) -> ItemNote:
    """Add a note to an item. Notes are never changed; who wrote one can withdraw it.

    Raises:
        ItemNotFoundError: there is no such item, or it is of another facility.
        NoteError: it is empty or too long, or mentions somebody who is no active account at the facility.
    """
    text = text.strip()
    if not 1 <= len(text) <= LONGEST_NOTE:
        raise NoteError(f"a note has 1 to {LONGEST_NOTE:,} characters.")
    item = item_of(connection, item_id, clock.today(), facilities)
    able = {
        each.account_id
        for each in active_people(connection)
        if each.facilities is None or item.facility in each.facilities
    }
    if not set(mentions) <= able:
        raise NoteError("mention accounts that are active and cover the item's facility.")
    now, note_id = clock.now(), next_note_id(connection)
    [sealed] = sealer.seal([text.encode()], [note_context(caller.tenant, note_id)])
    by_name = insert_note(connection, note_id, item_id, sorted(set(mentions)), sealed, now)
    record_act(caller, connection, "note", [(item, item.state)], None, str(uuid.uuid4()))
    return ItemNote(note_id, caller.actor, by_name, now, text, sorted(set(mentions)))


def withdraw_own_note(
    caller: Caller,
    connection: Connection,
    item_id: int,
    note_id: int,
    *,
    facilities: Sequence[str] | None = None,
) -> None:
    """Withdraw a note of one's own: its text is not shown any more, and that there was one is.

    Its sealed text is deleted with the item, as all notes are.

    Raises:
        ItemNotFoundError: there is no such item, or it is of another facility.
        NoteError: there is no such note of the caller, or it is withdrawn already.
    """
    item = item_of(connection, item_id, clock.today(), facilities)
    if not withdraw_note(connection, item_id, note_id, clock.now()):
        raise NoteError("only who wrote a note can withdraw it, and only once.")
    record_act(caller, connection, "withdraw_note", [(item, item.state)], None, str(uuid.uuid4()))


def read_notes(
    caller: Caller, connection: Connection, opener: Opens | None, item_id: int, *, only_own: bool = False
) -> list[ItemNote]:
    """The notes of an item, oldest first; without `opener`, without their texts, and with `only_own`, without
    those of others.

    Reading texts is recorded in the audit log.
    """
    sealed = notes_of(connection, item_id)
    texts: list[str | None] = [None] * len(sealed)
    kept = [
        at for at, each in enumerate(sealed)
        if each.withdrawn_at is None and not (only_own and each.by != caller.actor)
    ]  # fmt: skip
    if opener is not None and kept:
        contexts = [note_context(caller.tenant, sealed[at].note_id) for at in kept]
        for at, content in zip(kept, opener.open([sealed[at].sealed for at in kept], contexts), strict=True):
            texts[at] = content.decode()
        audit.record_phi_access(
            caller, connection, subject=f"item:{item_id}", fields=("notes",), reason="notes of a work item",
            correlation_id=str(uuid.uuid4()),
        )  # fmt: skip
    return [
        ItemNote(each.note_id, each.by, each.by_name, each.at, text, each.mentions, each.withdrawn_at)
        for each, text in zip(sealed, texts, strict=True)
    ]


def choose_skills(
    caller: Caller,
    connection: Connection,
    account_id: int,
    skills: Sequence[str],
    *,
    facilities: Sequence[str] | None = None,
) -> Person:
    """Set the categories that an account works on; none for all of them. Returns the account. With
    `facilities`, only of an account that is only at these: its categories are the same at all of its own.

    Raises:
        ItemNotFoundError: there is no such active account.
        NoteError: a category is unknown.
    """
    if unknown := sorted(set(skills) - set(CATEGORIES)):
        raise NoteError(f"{len(unknown)} of the categories are unknown. There are: {', '.join(CATEGORIES)}.")
    found = [
        each
        for each in active_people(connection, account_id)
        if facilities is None or (each.facilities is not None and set(each.facilities) <= set(facilities))
    ]
    if not found:
        raise ItemNotFoundError(f"there is no active account {account_id}.")
    chosen = sorted(set(skills))
    set_skills(connection, account_id, chosen)
    audit.append(
        caller,
        connection,
        action="work.skills_set",
        subject=f"account:{account_id}",
        detail={"code": chosen},
        correlation_id=str(uuid.uuid4()),
    )
    return replace(found[0], skills=chosen)
