"""Sealing stored records again with the primary key, a batch at a time, while everything runs.

It needs no note of where it is: a record's first bytes say which key sealed it. Stopped anywhere, it goes on
with the records that are still under an older key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from claimwright.domain.caller import Caller
from claimwright.platform.tenancy import tenancy

if TYPE_CHECKING:
    import psycopg

    from .sealer import Sealer


@dataclass(frozen=True, slots=True)
class Sealed:
    """Which column of which table is sealed, and how a row's context is made from its key.

    `key` are the columns of the primary key, the first of which is an order to walk in; `context` is given
    their values in this order and returns what the record was sealed with. `key_types` are their SQL types.
    """

    schema: str
    table: str
    column: str
    key: Sequence[str]
    key_types: Sequence[str]
    context: Callable[..., bytes]


def reseal(
    caller: Caller, connection: psycopg.Connection, sealer: Sealer, sealed: Sealed, *, batch: int = 1_000
) -> Iterator[int]:
    """Seal again what an older key sealed; yields how many rows each committed batch changed.

    A row that somebody else has locked is left for a later round of the loop or the next call, so that no
    worker waits for this one. Ends when no unlocked row of the tenant is left under an older key.
    """
    from psycopg import sql

    prefix = sealer.keyring.primary_prefix
    table = sql.Identifier(sealed.schema, sealed.table)
    column = sql.Identifier(sealed.column)
    key = sql.SQL(", ").join(sql.Identifier(name) for name in sealed.key)
    select = sql.SQL(
        "select {key}, {column} from {table}"
        " where tenant = %s and substring({column} for 5) <> %s"
        " order by {key} limit %s for update skip locked"
    ).format(key=key, column=column, table=table)
    values = sql.SQL(", ").join(
        sql.SQL("%s::{}[]").format(sql.SQL(kind)) for kind in (*sealed.key_types, "bytea")
    )
    update = sql.SQL(
        "update {table} set {column} = given.resealed from unnest({values}) as given ({key}, resealed)"
        " where {match} and {table}.tenant = %s"
    ).format(
        table=table,
        column=column,
        values=values,
        key=key,
        match=sql.SQL(" and ").join(
            sql.SQL("{table}.{name} = given.{name}").format(table=table, name=sql.Identifier(name))
            for name in sealed.key
        ),
    )
    while True:
        with tenancy(connection, caller):
            rows: list[tuple[Any, ...]] = connection.execute(
                select, (caller.tenant, prefix, batch)
            ).fetchall()
            if rows:
                contexts = [sealed.context(*row[:-1]) for row in rows]
                again = sealer.seal(sealer.open([row[-1] for row in rows], contexts), contexts)
                columns = [list(each) for each in zip(*(row[:-1] for row in rows), strict=True)]
                connection.execute(update, (*columns, again, caller.tenant))
        if not rows:
            return
        yield len(rows)
