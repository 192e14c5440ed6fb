"""Source files after intake: expired, sealed again under a new key, removed where no row points to them.

A file is stored piece by piece before the row that names it is committed, so a killed intake leaves pieces
that no row points to. Only their age distinguishes them from those of an intake that is under way.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Protocol

from claimwright.domain.caller import Caller
from claimwright.platform.database import Connection, Database, tenancy
from claimwright.store import source_files as rows
from claimwright.store.sealed_claims import SealsAndOpens

_FOLDER = "files"


class Shelf(Protocol):
    """Where files are kept: what is asked of `claimwright.platform.objects` here."""

    def get(self, key: str) -> bytes | None:
        """What the object holds, or None where there is none."""

    def put(self, key: str, content: bytes) -> None:
        """Write an object, in place of one that may be there."""

    def remove(self, key: str) -> None:
        """Remove an object."""

    def aged(self, folder: str) -> Iterator[tuple[str, datetime.datetime]]:
        """The keys below a folder, and when each was written."""


def expire_files(caller: Caller, owner: Connection, shelf: Shelf, *, before: datetime.datetime) -> int:
    """Remove the content of a tenant's files that came before a time; says of how many.

    The content goes first: stopped in between, the next call goes on.
    """
    with tenancy(owner, caller):
        expired = rows.folders_before(owner, before)
    for file_id, folder in expired:
        for key, _ in list(shelf.aged(folder)):
            shelf.remove(key)
        with tenancy(owner, caller):
            rows.note_content_removed(owner, file_id)
    return len(expired)


def forget_files(caller: Caller, owner: Connection, *, before: datetime.datetime) -> int:
    """Delete the rows of files that came before a time, with the keys and dead letters of their claims.

    As the owner. A claim number of such a file may be used again. Content is kept as long as its row.
    """
    with tenancy(owner, caller):
        return rows.delete_files(owner, before)


def sweep_files(caller: Caller, database: Database, shelf: Shelf, *, before: datetime.datetime) -> int:
    """Remove pieces of files that no row points to and that were written before a time; says how many."""
    old: dict[int, list[str]] = {}
    for key, written_at in shelf.aged(f"{_FOLDER}/{caller.tenant}"):
        name = key.split("/")[-2]
        if written_at < before and name.isdecimal():
            old.setdefault(int(name), []).append(key)
    with database.transaction(caller) as connection:
        known = rows.kept_among(connection, list(old))
    lost = [key for file_id, keys in old.items() if file_id not in known for key in keys]
    for key in lost:
        shelf.remove(key)
    return len(lost)


def reseal_files(
    caller: Caller, database: Database, shelf: Shelf, sealer: SealsAndOpens, *, prefix: bytes
) -> Iterator[str]:
    """Seal the pieces of a tenant's files again where another key than that of `prefix` sealed them.

    Yields the name of each. Stopped anywhere, it goes on with those that are left; each is replaced whole.
    """
    with database.transaction(caller) as connection:
        folders = rows.folders(connection)
    for folder in folders:
        for key, _ in list(shelf.aged(folder)):
            sealed = shelf.get(key)
            if sealed is None or sealed.startswith(prefix):
                continue
            context = [key.encode()]
            [again] = sealer.seal(sealer.open([sealed], context), context)
            shelf.put(key, again)
            yield key
