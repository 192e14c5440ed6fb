"""The embedded database into one file, and back: PostgreSQL's own dump, which any PostgreSQL can read.

What is sealed stays sealed: the dump holds the wrapped data keys and is worth nothing without the key that
wrapped them, which is kept, and backed up, apart.

A dump is restored into a database beside the one that is there, and takes its place in one transaction. Until
then the one that is there stands as it was, whatever the dump turns out to be. What a dump says is done as
the owner of the tables: it may be somebody else's by now, and a superuser's commands start programs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from claimwright.platform.private_files import new_private_file

from .database import Connection
from .embedded import EmbeddedServer
from .errors import ServerError
from .roles import APPLICATION, DATABASE, OWNER, SUPERUSER, ensure_database

RESTORED = "claimwright_restored"
_REPLACED = "claimwright_replaced"
# Any number that nothing else locks with: one restores at a time.
_LOCK = 7_837_002
# Workers come back at once when their connection is ended; somewhere in between there is room.
_SWITCH_TRIES = 50
_COPIED_BYTES = 1 << 20
# How a dump begins.
_DUMP = b"PGDMP"


def backup(server: EmbeddedServer, file: Path, *, database: str = DATABASE) -> int:
    """Write the database into a file that only its owner can read; returns its bytes.

    A transaction's view of the whole database: whatever runs meanwhile is in it wholly or not at all.

    Raises:
        ServerError: it can't be dumped; no file is left.
    """
    with new_private_file(file) as target:
        # zstd would be smaller and faster; the programs that come with us were built without it.
        dumping = _begun(
            server, "pg_dump", "--format=custom", "--compress=gzip:1", role=SUPERUSER, database=database,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        assert dumping.stdout is not None
        # Through a pipe: where this process is killed, the program has nobody to write to and ends.
        shutil.copyfileobj(dumping.stdout, target, _COPIED_BYTES)
        if (said := _failure(dumping)) is not None:
            raise ServerError(f"pg_dump failed: {said}. Nothing was written.")
    return file.stat().st_size


@contextmanager
def restored_beside(server: EmbeddedServer, file: Path) -> Iterator[str]:
    """A database beside the one that is there, made from a backup; its name. It goes unless it is switched.

    Raises:
        ServerError: the file is no backup, is damaged, or was made with other owners; or somebody else
        restores.
    """
    _refuse_others(server, file)
    with _administration(server) as connection:
        locked = connection.execute("select pg_try_advisory_lock(%s)", [_LOCK]).fetchone()
        if locked is None or not locked[0]:
            raise ServerError("Another restore is under way. Wait for its end.")
        # What a restore that was killed has left.
        _drop(connection, RESTORED)
        _drop(connection, _REPLACED)
        try:
            ensure_database(connection, server.passwords(), RESTORED)
            restoring = _begun(
                server, "pg_restore", "--exit-on-error", "--single-transaction", "--dbname", RESTORED,
                str(file.absolute()), role=OWNER, database=RESTORED,
            )  # fmt: skip
            said = _failure(restoring)
            if said is not None:
                raise ServerError(f"{file}: this backup can't be restored ({said}). Nothing was changed.")
            yield RESTORED
        finally:
            _drop(connection, RESTORED)


def switch(server: EmbeddedServer, name: str, *, database: str = DATABASE) -> None:
    """Put a database in the place of another one, in one transaction, and drop what was there.

    Raises:
        ServerError: somebody holds on to the database; everything is as it was.
    """
    with _administration(server) as connection:
        for _ in range(_SWITCH_TRIES):
            _end_connections(connection, database)
            _end_connections(connection, name)
            try:
                with connection.transaction():
                    if _exists(connection, database):
                        _rename(connection, database, _REPLACED)
                    _rename(connection, name, database)
            except psycopg.errors.ObjectInUse:
                time.sleep(0.1)
                continue
            _drop(connection, _REPLACED)
            return
    raise ServerError("The database is in use without a pause. Stop `claimwright run` and try again.")


def has_tables(server: EmbeddedServer, database: str = DATABASE) -> bool:
    """Whether there is a database with a schema in it."""
    try:
        with psycopg.connect(server.address(OWNER, database)) as connection:
            found = connection.execute("select to_regclass('public.alembic_version')").fetchone()
    except psycopg.OperationalError:
        return False
    return found is not None and found[0] is not None


def walls_missing(owner: str) -> list[str]:
    """Tables of a database that a tenant's walls do not protect, or that are not the owner's."""
    with psycopg.connect(owner) as connection:
        rows = connection.execute(_WALLS, [OWNER, APPLICATION]).fetchall()
    return [row[0] for row in rows]


def _refuse_others(server: EmbeddedServer, file: Path) -> None:
    """Raises ServerError where the file is no backup, or ends before its list of contents does."""
    with file.open("rb") as dump:
        is_dump = dump.read(len(_DUMP)) == _DUMP
    if not is_dump:
        raise ServerError(f"{file}: this is no backup. Name a file that `claimwright db backup` wrote.")
    listing = _begun(server, "pg_restore", "--list", str(file.absolute()), role=OWNER, database="postgres")
    if (said := _failure(listing)) is not None:
        raise ServerError(f"{file}: this backup is damaged ({said}). Nothing was changed.")


@contextmanager
def _administration(server: EmbeddedServer) -> Iterator[Connection]:
    with psycopg.connect(server.address(SUPERUSER, "postgres"), autocommit=True) as connection:
        yield connection


def _exists(connection: Connection, database: str) -> bool:
    found = connection.execute("select 1 from pg_database where datname = %s", [database]).fetchone()
    return found is not None


def _drop(connection: Connection, database: str) -> None:
    connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(database)))


def _rename(connection: Connection, old: str, new: str) -> None:
    statement = sql.SQL("alter database {} rename to {}")
    connection.execute(statement.format(sql.Identifier(old), sql.Identifier(new)))


def _end_connections(connection: Connection, database: str) -> None:
    connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where datname = %s and pid <> pg_backend_pid()",
        [database],
    )


def _begun(
    server: EmbeddedServer,
    program: str,
    *arguments: str,
    role: str,
    database: str,
    stdout: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    parts = psycopg.conninfo.conninfo_to_dict(server.address(role, database))
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PGHOST": str(parts["host"]),
        "PGPORT": str(parts["port"]),
        "PGUSER": role,
        "PGPASSWORD": str(parts["password"]),
        "PGDATABASE": database,
        "PGREQUIREAUTH": "scram-sha-256",
    }
    return subprocess.Popen(  # noqa: S603 - the package's own program, no shell
        server.tool(program, *arguments),
        stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, env=environment,
    )  # fmt: skip


def _failure(program: subprocess.Popen[bytes]) -> str | None:
    """The first line of what a program that failed has said; None where it did not fail."""
    assert program.stderr is not None
    with program.stderr, program:
        lines = program.stderr.read().decode("utf-8", "replace").strip().splitlines()
    if not program.returncode:
        return None
    # A statement that failed is quoted below its error, and may hold a row.
    return lines[0].partition(": error: ")[2] or lines[0] if lines else f"status {program.returncode}"


_WALLS = """
select n.nspname || '.' || c.relname
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and n.nspname !~ '^pg_|^information_schema$' and (
  pg_get_userbyid(c.relowner) <> %s
  or exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant')
    and not (c.relrowsecurity and c.relforcerowsecurity)
    and has_table_privilege(%s, c.oid, 'select')
)
order by 1
"""
