"""Stored source files: expiry, resealing with a new key, removal of files without a row.

A file is stored piece by piece before its row is committed, so a killed intake leaves pieces without a row.
Only their age distinguishes them from the pieces of an intake in progress.
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
    """The storage of files: the methods of `claimwright.platform.objects` that are used here."""

    def get(self, key: str) -> bytes | None:
        """The content of the object, or None if it does not exist."""

    def put(self, key: str, content: bytes) -> None:
        """Write an object, replacing an existing one."""

    def remove(self, key: str) -> None:
        """Remove an object."""

    def aged(self, folder: str) -> Iterator[tuple[str, datetime.datetime]]:
        """The keys below a folder, and when each was written."""


def expire_files(caller: Caller, owner: Connection, shelf: Shelf, *, before: datetime.datetime) -> int:
    """Remove the content of a tenant's files received before a time; return the number of files.

    The content is removed first, so after an interruption the next call continues.
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
    """Delete the rows of files received before a time, with the keys and dead letters of their claims.

    Requires the owner of the tables. Claim numbers of such a file can be used again. Content is kept
    as long as its row.
    """
    with tenancy(owner, caller):
        return rows.delete_files(owner, before)


def sweep_files(caller: Caller, database: Database, shelf: Shelf, *, before: datetime.datetime) -> int:
    """Remove pieces of files without a row that were written before a time; return the number removed."""
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
    """Reseal the pieces of a tenant's files that were not sealed with the key of `prefix`.

    Yields the name of each. Each piece is replaced atomically, so an interrupted call can be repeated.
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
