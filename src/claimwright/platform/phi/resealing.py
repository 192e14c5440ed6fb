"""Reseals stored records with the primary key, batch by batch, while workers run.

It stores no progress: a record's first bytes name the key that sealed it. After an interruption, it continues
with the records that are still sealed with an older key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from claimwright.domain.caller import Caller
from claimwright.platform.tenancy import tenancy

from .errors import PhiError

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql

    from .sealer import Sealer


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed column of a table, and how a row's context is computed from its key.

    `key` lists the columns of the primary key; rows are processed in the order of the first. `context` gets
    the key values in this order and returns the context that the record was sealed with. `key_types` are
    their SQL types. `most` rows are resealed at once, where values are large.
    """

    schema: str
    table: str
    column: str
    key: Sequence[str]
    key_types: Sequence[str]
    context: Callable[..., bytes]
    most: int | None = None


def reseal(
    caller: Caller,
    connection: psycopg.Connection,
    sealer: Sealer,
    sealed: Sealed,
    *,
    batch: int = 1_000,
    unreadable: Callable[[tuple[Any, ...]], None] | None = None,
) -> Iterator[int]:
    """Reseal the records that an older key sealed; yields how many rows each committed batch changed.

    A row that another transaction has locked is left for a later round or the next call, so that no worker
    waits. A record that can't be opened is left unchanged, and `unreadable` is called with the key of its
    row; without `unreadable` the error is raised. Ends when all unlocked rows of the tenant are resealed,
    except those that can't be opened.
    """
    from psycopg import sql

    batch = min(batch, sealed.most or batch)
    prefix = sealer.keyring.primary_prefix
    table = sql.Identifier(sealed.schema, sealed.table)
    column = sql.Identifier(sealed.column)
    key = sql.SQL(", ").join(sql.Identifier(name) for name in sealed.key)
    select = sql.SQL(
        "select {key}, {column} from {table}"
        " where tenant = %s and substring({column} for 5) <> %s"
        " and not exists (select from unnest({keys}) as skipped ({key}) where {skipped})"
        " order by {key} limit %s for update skip locked"
    ).format(
        key=key, column=column, table=table, keys=_arrays(sealed.key_types),
        skipped=_equal(table, sql.Identifier("skipped"), sealed.key),
    )  # fmt: skip
    values = _arrays((*sealed.key_types, "bytea"))
    update = sql.SQL(
        "update {table} set {column} = given.resealed from unnest({values}) as given ({key}, resealed)"
        " where {match} and {table}.tenant = %s"
    ).format(
        table=table,
        column=column,
        values=values,
        key=key,
        match=_equal(table, sql.Identifier("given"), sealed.key),
    )
    skipped: list[tuple[Any, ...]] = []
    while True:
        with tenancy(connection, caller):
            rows: list[tuple[Any, ...]] = connection.execute(
                select, (caller.tenant, prefix, *_columns(skipped, len(sealed.key)), batch)
            ).fetchall()
            opened, bad = _opened(sealer, sealed, rows, all_must_open=unreadable is None)
            if opened:
                contexts = [sealed.context(*each) for each, _ in opened]
                again = sealer.seal([record for _, record in opened], contexts)
                keys = _columns([each for each, _ in opened], len(sealed.key))
                connection.execute(update, (*keys, again, caller.tenant))
        for each in bad:
            assert unreadable is not None
            unreadable(each)
        skipped += bad
        if not rows:
            return
        if opened:
            yield len(opened)


def _opened(
    sealer: Sealer, sealed: Sealed, rows: Sequence[tuple[Any, ...]], *, all_must_open: bool
) -> tuple[list[tuple[tuple[Any, ...], bytes]], list[tuple[Any, ...]]]:
    """The keys of rows with their opened records, and the keys of rows whose record can't be opened."""
    keys = [row[:-1] for row in rows]
    contexts = [sealed.context(*each) for each in keys]
    try:
        records = sealer.open([row[-1] for row in rows], contexts)
        return list(zip(keys, records, strict=True)), []
    except PhiError:
        if all_must_open:
            raise
    opened, bad = [], []
    for key, context, row in zip(keys, contexts, rows, strict=True):
        try:
            opened.append((key, sealer.open([row[-1]], [context])[0]))
        except PhiError:
            bad.append(key)
    return opened, bad


def _columns(keys: Sequence[tuple[Any, ...]], count: int) -> list[list[Any]]:
    """Row keys as one list for each key column."""
    return [[each[at] for each in keys] for at in range(count)]


def _arrays(types: Sequence[str]) -> sql.Composed:
    from psycopg import sql

    return sql.SQL(", ").join(sql.SQL("%s::{}[]").format(sql.SQL(kind)) for kind in types)


def _equal(table: sql.Identifier, other: sql.Identifier, names: Sequence[str]) -> sql.Composed:
    from psycopg import sql

    return sql.SQL(" and ").join(
        sql.SQL("{}.{} = {}.{}").format(table, sql.Identifier(name), other, sql.Identifier(name))
        for name in names
    )
