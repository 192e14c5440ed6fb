"""Copies the rows of one tenant into another database, each column as `masked_tables` says.

Sealed records are not copied here: the caller masks them and writes them with their blind indexes.

    MaskError (ValueError)   the copy can't be made in that place; one line
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from psycopg import sql

from claimwright.foundation.errors import StoreError
from claimwright.platform.database import Connection
from claimwright.platform.database import partition as partition_for

from .masked_tables import LEFT_OUT, TABLES, expression
from .sealed_claims import SealedClaims, write_sealed_claims

# Id sequences that do not belong to a column; those of identity columns are found from the column.
_SEQUENCES = {
    "staging.files.file_id": "staging.file_ids",
    "staging.claim_keys.claim_key": "staging.claim_keys_ids",
}
_SCHEMAS = ("staging", "pipeline", "production", "prediction", "platform", "identity")


class MaskError(StoreError, ValueError):
    """The copy can't be made in that place."""


class TenantCopy:
    """The copy of one tenant: read in one snapshot, written in one transaction by the owner of the tables."""

    def __init__(self, reading: Connection, writing: Connection) -> None:
        self._reading, self._writing = reading, writing

    def write_records(self, claims: SealedClaims) -> None:
        """Write masked records, sealed for the copy, into the partitions of the months in which their claims
        arrived.
        """
        at = 0
        for day, run in groupby(claims.received_on.tolist()):
            count = len(list(run))
            partition = partition_for(self._writing, "staging.records", day)
            write_sealed_claims(self._writing, partition, claims.part(at, at + count))
            at += count

    def copy_tables(self, identities: Mapping[int, tuple[bytes, bytes]]) -> int:
        """Copy every table of the list. Returns the number of rows.

        `identities` has, for each claim key, the blind indexes of number and content of the masked record.

        Raises:
            MaskError: a column must not be null, and `masked_tables` has no entry for it.
        """
        return sum(self._table(table, identities) for table in TABLES)

    def unlisted_tables(self) -> list[str]:
        """The tables that were left out because `masked_tables` has no entry for them."""
        rows = self._reading.execute(
            "select n.nspname || '.' || c.relname from pg_class c"
            " join pg_namespace n on n.oid = c.relnamespace"
            " where n.nspname = any(%s) and c.relkind in ('r', 'p') and not c.relispartition order by 1",
            [list(_SCHEMAS)],
        ).fetchall()
        return [table for (table,) in rows if table not in TABLES and table not in LEFT_OUT]

    def _table(self, table: str, identities: Mapping[int, tuple[bytes, bytes]]) -> int:
        """Copy a table through a temporary one: PostgreSQL does not support COPY into a table with row-level
        security.
        """
        columns = self._columns(table)
        if not columns:
            return 0
        names = sql.SQL(", ").join(sql.Identifier(name) for name in columns)
        values = sql.SQL(", ").join(sql.SQL(each) for each in columns.values())
        target = sql.Identifier(*table.split("."))
        writing = self._writing
        writing.execute("drop table if exists pg_temp.coming")
        writing.execute(
            sql.SQL("create temporary table coming on commit drop as select {} from {} with no data").format(
                names, target
            )
        )
        with (
            self._reading.cursor() as source,
            writing.cursor() as sink,
            source.copy(
                sql.SQL("copy (select {} from {}) to stdout (format binary)").format(values, target)
            ) as out,
            sink.copy("copy pg_temp.coming from stdin (format binary)") as into,
        ):
            for piece in out:
                into.write(piece)
        if table == "staging.claim_keys":
            self._set_blind_indexes(identities)
        self._make_partitions(table)
        self._carry_sequences(table, list(columns))
        done = writing.execute(
            sql.SQL(
                "insert into {target} ({names}) overriding system value select {names} from coming"
            ).format(target=target, names=names)
        )
        return done.rowcount

    def _columns(self, table: str) -> dict[str, str]:
        """The SQL expression that is read for each column; nothing if the table does not exist.

        Raises:
            MaskError: a column must not be null, and `masked_tables` has no entry for it.
        """
        rows = self._reading.execute(
            "select attname, quote_ident(attname), atttypid::regtype::text, typname, not attnotnull "
            "from pg_attribute join pg_type on pg_type.oid = atttypid "
            "where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped and attgenerated = '' "
            "and attname <> 'tenant' order by attnum",
            [table],
        ).fetchall()
        found = {}
        for name, quoted, _, type_name, nullable in rows:
            value = expression(table, quoted, type_name, nullable)
            if value is None:
                raise MaskError(
                    f"{table}.{name}: state in store/masked_tables.py what a masked copy may contain of it."
                )
            found[name] = value
        return found

    def _set_blind_indexes(self, identities: Mapping[int, tuple[bytes, bytes]]) -> None:
        """Set the blind indexes of the claim keys to those of the masked records."""
        writing = self._writing
        writing.execute(
            "create temporary table remade (key bigint, number bytea, content bytea) on commit drop"
        )
        with writing.cursor() as cursor, cursor.copy("copy remade from stdin (format binary)") as into:
            into.set_types(["int8", "bytea", "bytea"])
            for key, (number, content) in identities.items():
                into.write_row((key, number, content))
        writing.execute(
            "update coming c set number = r.number,"
            " content = case when c.content is not null then r.content end"
            " from remade r where r.key = c.claim_key"
        )
        # Claims whose records were deleted by retention have nothing that could be masked.
        unmatched = "substr(sha256(convert_to('masked ' || claim_key, 'UTF8')), 1, 16)"
        writing.execute(
            f"update coming set number = {unmatched}, "  # noqa: S608 - a text of ours
            f"content = case when content is not null then {unmatched} end where number is null".encode()
        )

    def _make_partitions(self, table: str) -> None:
        key = self._writing.execute("select pg_get_partkeydef(to_regclass(%s))", [table]).fetchone()
        if key is None or key[0] is None:
            return
        column = sql.Identifier(str(key[0]).removeprefix("RANGE (").removesuffix(")"))
        months = self._writing.execute(
            sql.SQL("select distinct date_trunc('month', {})::date from coming").format(column)
        ).fetchall()
        for (month,) in months:
            partition_for(self._writing, table, month)

    def _carry_sequences(self, table: str, columns: list[str]) -> None:
        """Advance the id sequences, so that the copy's next claim does not get an existing key."""
        for column in columns:
            name = _SEQUENCES.get(f"{table}.{column}")
            if name is None:
                row = self._writing.execute(
                    "select pg_get_serial_sequence(%s, %s)", [table, column]
                ).fetchone()
                name = row[0] if row else None
            if name is None:
                continue
            last = sql.SQL("greatest(last_value, (select max({}) from coming))").format(
                sql.Identifier(column)
            )
            self._writing.execute(
                sql.SQL("select setval({}::regclass, {}) from {}").format(
                    sql.Literal(name), last, sql.Identifier(*name.split("."))
                )
            )
