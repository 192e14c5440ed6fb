"""Source files after they were taken in: expired, sealed again under a new key, swept where nobody has them.

A file is put away piece by piece before the row that names it is committed, so a killed intake leaves pieces
that no row points to. They can't be told from those of an intake that is under way but by their age.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Protocol

from claimwright.domain.caller import Caller
from claimwright.platform.database import Connection, Database, tenancy

from .sealed_claims import Seals

_FOLDER = "files"
# Deleted with their files, in this order.
_OF_FILES = ("staging.refusals", "staging.sent_before", "staging.claim_keys")


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


class SealsAgain(Seals, Protocol):
    """A sealer that opens as well."""

    def open(self, sealed: list[bytes], contexts: list[bytes]) -> list[bytes]:
        """The records, each sealed with its context."""


def expire_files(caller: Caller, owner: Connection, shelf: Shelf, *, before: datetime.datetime) -> int:
    """Remove the content of a tenant's files that came before a time; says of how many.

    The content goes first: stopped in between, the next call goes on.
    """
    with tenancy(owner, caller):
        rows = owner.execute(
            "select file_id, object from staging.files where received_at < %s and object is not null",
            [before],
        ).fetchall()
    for file_id, folder in rows:
        for key, _ in list(shelf.aged(folder)):
            shelf.remove(key)
        with tenancy(owner, caller):
            owner.execute("update staging.files set object = null where file_id = %s", [file_id])
    return len(rows)


def forget_files(caller: Caller, owner: Connection, *, before: datetime.datetime) -> int:
    """Delete the rows of files that came before a time, with the keys and dead letters of their claims.

    As the owner. A claim number of such a file may be used again. Content is kept as long as its row.
    """
    old = "select file_id from staging.files where received_at < %s and object is null"
    with tenancy(owner, caller):
        for table in (*_OF_FILES, "pipeline.dead_letters", "staging.claims"):
            owner.execute(f"delete from {table} where file_id in ({old})".encode(), [before])  # noqa: S608
        owner.execute("delete from staging.services where seen_on < %s", [before.date()])
        return owner.execute(
            "delete from staging.files where received_at < %s and object is null", [before]
        ).rowcount


def sweep_files(caller: Caller, database: Database, shelf: Shelf, *, before: datetime.datetime) -> int:
    """Remove pieces of files that no row points to and that were written before a time; says how many."""
    old: dict[int, list[str]] = {}
    for key, written_at in shelf.aged(f"{_FOLDER}/{caller.tenant}"):
        name = key.split("/")[-2]
        if written_at < before and name.isdecimal():
            old.setdefault(int(name), []).append(key)
    with database.transaction(caller) as connection:
        known = {
            row[0]
            for row in connection.execute(
                "select file_id from staging.files where file_id = any(%s) and object is not null",
                [list(old)],
            ).fetchall()
        }
    lost = [key for file_id, keys in old.items() if file_id not in known for key in keys]
    for key in lost:
        shelf.remove(key)
    return len(lost)


def reseal_files(
    caller: Caller, database: Database, shelf: Shelf, sealer: SealsAgain, *, prefix: bytes
) -> Iterator[str]:
    """Seal the pieces of a tenant's files again where another key than that of `prefix` sealed them.

    Yields the name of each. Stopped anywhere, it goes on with those that are left; each is replaced whole.
    """
    with database.transaction(caller) as connection:
        rows = connection.execute(
            "select object from staging.files where object is not null order by file_id"
        ).fetchall()
    for (folder,) in rows:
        for key, _ in list(shelf.aged(folder)):
            sealed = shelf.get(key)
            if sealed is None or sealed.startswith(prefix):
                continue
            context = [key.encode()]
            [again] = sealer.seal(sealer.open([sealed], context), context)
            shelf.put(key, again)
            yield key
