"""The table of wrapped keys, `platform.data_keys`: useless without the key-encryption key."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import psycopg


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One wrapped key."""

    key_id: int
    purpose: str
    is_primary: bool
    wrapped: str
    wrapped_by: str
    created_at: datetime.datetime


class KeyRows(Protocol):
    """Storage of wrapped keys."""

    def all(self) -> Sequence[KeyRow]:
        """Every key, oldest first."""

    def add(self, row: KeyRow, *, only_first: bool) -> None:
        """Add a key as the primary one of its purpose, replacing the previous primary.

        With `only_first`, nothing happens if the purpose has a key: if two processes both find none, only one
        adds a key.
        """

    def replace(self, rows: Sequence[KeyRow]) -> None:
        """Replace the wrappings of existing keys, all or none."""


class DatabaseKeys:
    """Wrapped keys in PostgreSQL. Each call is a separate transaction."""

    def __init__(self, connect: Callable[[], psycopg.Connection]) -> None:
        self._connect = connect

    def all(self) -> list[KeyRow]:
        """Every key, oldest first."""
        with self._connect() as connection, connection.transaction():
            rows = connection.execute(
                "select key_id, purpose, is_primary, wrapped, wrapped_by, created_at"
                " from platform.data_keys order by created_at, key_id"
            ).fetchall()
        return [KeyRow(*row) for row in rows]

    def add(self, row: KeyRow, *, only_first: bool) -> None:
        """Add a key as the primary one of its purpose, replacing the previous primary."""
        with self._connect() as connection, connection.transaction():
            # Two processes that find no key at the same time wait for each other here.
            connection.execute("select pg_advisory_xact_lock(hashtext('platform.data_keys'))")
            there = connection.execute(
                "select 1 from platform.data_keys where purpose = %s limit 1", (row.purpose,)
            ).fetchone()
            if there and only_first:
                return
            connection.execute(
                "update platform.data_keys set is_primary = false where purpose = %s and is_primary",
                (row.purpose,),
            )
            connection.execute(
                "insert into platform.data_keys"
                " (key_id, purpose, is_primary, wrapped, wrapped_by, created_at)"
                " values (%s, %s, %s, %s, %s, %s)",
                (row.key_id, row.purpose, row.is_primary, row.wrapped, row.wrapped_by, row.created_at),
            )

    def replace(self, rows: Sequence[KeyRow]) -> None:
        """Replace the wrappings of existing keys, all or none."""
        with self._connect() as connection, connection.transaction():
            for row in rows:
                connection.execute(
                    "update platform.data_keys set wrapped = %s, wrapped_by = %s where key_id = %s",
                    (row.wrapped, row.wrapped_by, row.key_id),
                )
