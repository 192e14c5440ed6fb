"""A non-production copy of the store: every table, with the marks of patients masked consistently.

Each tenant is read in one snapshot and written in one transaction. Its sealed records are opened, masked and
sealed again under the copy's own keys, and the blind indexes made anew, so that nothing of the copy opens
with a key of production, or can be compared with it. What stands unsealed goes over as `masked_tables` says.

    MaskError (ValueError)   the copy can't be made where it was asked for; one line
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Protocol

import psycopg
from psycopg import sql

from claimwright.domain.caller import Caller
from claimwright.domain.masking import Masker
from claimwright.features.intake import context_of
from claimwright.features.pipeline import Opens
from claimwright.foundation.errors import StoreError
from claimwright.platform import audit
from claimwright.platform.database import Connection, Database, copy_in_records, copy_out_records, tenancy
from claimwright.platform.database import partition as partition_for

from .masked_records import Masked, masked_records
from .masked_tables import LEFT_OUT, TABLES, expression

_AT_ONCE = 5_000
_BLIND_BYTES = 16
# The sequences of ids that no column owns; an identity column says its own.
_SEQUENCES = {
    "staging.files.file_id": "staging.file_ids",
    "staging.claim_keys.claim_key": "staging.claim_keys_ids",
}
_SCHEMAS = ("staging", "pipeline", "production", "prediction", "platform")


class MaskError(StoreError, ValueError):
    """The copy can't be made where it was asked for."""


class Seals(Protocol):
    """What a copy asks of its own `claimwright.platform.phi.Sealer`."""

    def seal(self, records: list[bytes], contexts: list[bytes]) -> list[bytes]:
        """The records, each bound to its context."""

    def blind(self, kind: str, tenant: str, values: list[str | None]) -> list[bytes | None]:
        """An index of each value that says nothing but which are equal."""


@dataclass
class Copied:
    """What a copy came to."""

    tenants: int = 0
    records: int = 0
    empty: int = 0
    """Records of which nothing could be read, and so nothing masked: they are empty in the copy."""
    rows: int = 0
    left_out: list[str] = field(default_factory=list)
    """Tables with rows of which nobody has said what a copy may hold."""


def copy_masked(
    caller: Caller,
    database: Database,
    opener: Opens,
    target: str,
    sealer: Seals,
    *,
    tenants: list[str],
    year: int,
    say: Callable[[str], None] = lambda _: None,
) -> Copied:
    """Copy these tenants, masked, into another database, whose schema is there and which is empty.

    Args:
        caller: who copies.
        database: what is copied.
        opener: opens its records.
        target: the connection string of the other database, of the owner of its tables.
        sealer: seals with the keys of the copy.
        tenants: whose rows.
        year: that of the copy, from which ages are told.
        say: told of each tenant.

    Raises:
        MaskError: there is something in the other database already.
    """
    done = Copied()
    with psycopg.connect(target, autocommit=True) as writing:
        if writing.execute("select 1 from platform.audit_heads limit 1").fetchone():
            raise MaskError("the copy's database is not empty: name a new one.")
        for tenant in tenants:
            say(f"tenant {tenant}")
            with database.connect() as reading:
                reading.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                whose = caller.of_tenant(tenant)
                with tenancy(reading, whose), tenancy(writing, whose):
                    _Copy(whose, reading, writing, done).run(opener, sealer, year)
            done.tenants += 1
    return done


class _Copy:
    """The rows of one tenant on their way."""

    def __init__(self, caller: Caller, reading: Connection, writing: Connection, done: Copied) -> None:
        self._reading, self._writing = reading, writing
        self._caller, self._tenant, self._done = caller, caller.tenant, done
        self._identities: dict[int, tuple[bytes, bytes]] = {}

    def run(self, opener: Opens, sealer: Seals, year: int) -> None:
        for keys, days, masked in self._masked(opener, year):
            self._seal(sealer, keys, days, masked)
        for table in TABLES:
            self._table(table)
        self._note_left_out()
        audit.append(
            self._caller,
            self._writing,
            action="copy.masked",
            subject=f"tenant:{self._tenant}",
            detail={"rows": self._done.rows, "claims": self._done.records},
            correlation_id="",
        )

    def _masked(
        self, opener: Opens, year: int
    ) -> Iterator[tuple[list[int], list[datetime.date], list[Masked]]]:
        masker, last = Masker(year=year), 0
        while True:
            query = sql.SQL(
                "select claim_key, received_on, heading_bytes, provider_bytes, sealed from staging.records "
                "where claim_key > {} order by claim_key limit {}"
            ).format(sql.Literal(last), sql.Literal(_AT_ONCE))
            numbers, sealed = copy_out_records(self._reading, query, ["int8", "date", "int4", "int4"])
            if not sealed:
                return
            keys, days, headings, providers = (column.tolist() for column in numbers)
            last = keys[-1]
            contexts = [context_of(self._tenant, key) for key in keys]
            sizes = list(zip(headings, providers, strict=True))
            yield keys, days, masked_records(masker, opener, sealed, contexts, sizes)

    def _seal(self, sealer: Seals, keys: list[int], days: list[datetime.date], masked: list[Masked]) -> None:
        contexts = [context_of(self._tenant, key) for key in keys]
        sealed = sealer.seal([each.text for each in masked], contexts)
        content = sealer.blind(
            "claim-content", self._tenant, [each.own.decode("utf-8", "replace") for each in masked]
        )
        number = sealer.blind("claim-number", self._tenant, [each.number for each in masked])
        for key, one, other in zip(keys, number, content, strict=True):
            # A claim without a number is known by what it says, which others may say too once it is masked.
            self._identities[key] = (one or _unmatched(key), other or _unmatched(key))
        at = 0
        for day, run in groupby(days):
            count = len(list(run))
            part = slice(at, at + count)
            at += count
            copy_in_records(
                self._writing,
                partition_for(self._writing, "staging.records", day),
                day,
                keys[part],
                [(each.heading_bytes, each.provider_bytes) for each in masked[part]],
                sealed[part],
            )
        self._done.records += len(keys)
        self._done.empty += sum(each.is_empty for each in masked)

    def _table(self, table: str) -> None:
        """The rows of a table, through one without walls: PostgreSQL copies into no table that has them."""
        columns = self._columns(table)
        if not columns:
            return
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
            self._identify()
        self._make_partitions(table)
        self._carry_sequences(table, list(columns))
        done = writing.execute(
            sql.SQL(
                "insert into {target} ({names}) overriding system value select {names} from coming"
            ).format(target=target, names=names)
        )
        self._done.rows += done.rowcount

    def _columns(self, table: str) -> dict[str, str]:
        """What is read of each column; nothing where the table is not there.

        Raises:
            MaskError: a column must have something, and nobody has said what.
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
                raise MaskError(f"{table}.{name}: nobody has said what a masked copy may hold of it.")
            found[name] = value
        return found

    def _identify(self) -> None:
        """Give the claim keys their blind indexes, of the masked records."""
        writing = self._writing
        writing.execute(
            "create temporary table remade (key bigint, number bytea, content bytea) on commit drop"
        )
        with writing.cursor() as cursor, cursor.copy("copy remade from stdin (format binary)") as into:
            into.set_types(["int8", "bytea", "bytea"])
            for key, (number, content) in self._identities.items():
                into.write_row((key, number, content))
        writing.execute(
            "update coming c set number = r.number,"
            " content = case when c.content is not null then r.content end"
            " from remade r where r.key = c.claim_key"
        )
        # Of claims whose records have gone by retention nothing is known that could be masked.
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
        """Let ids go on where they were: the copy's next claim must not get the key of one that it has."""
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

    def _note_left_out(self) -> None:
        rows = self._reading.execute(
            "select n.nspname || '.' || c.relname from pg_class c"
            " join pg_namespace n on n.oid = c.relnamespace"
            " where n.nspname = any(%s) and c.relkind in ('r', 'p') and not c.relispartition order by 1",
            [list(_SCHEMAS)],
        ).fetchall()
        for (table,) in rows:
            if table not in TABLES and table not in LEFT_OUT and table not in self._done.left_out:
                self._done.left_out.append(table)


def _unmatched(key: int) -> bytes:
    """In place of a blind index that can't be made: of a claim like no other."""
    return hashlib.sha256(f"masked {key}".encode()).digest()[:_BLIND_BYTES]
