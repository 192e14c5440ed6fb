"""Backup and restore of the embedded database: one file in PostgreSQL's dump format.

Encrypted records stay encrypted. The dump contains the wrapped data keys; without the key-encryption key,
which is stored and backed up separately, it cannot be decrypted.

A dump is restored into a second database, which then replaces the present one in one transaction. Until then,
the present database is unchanged, whatever the dump contains. A dump is restored as the owner of the tables,
not as a superuser: somebody could have modified the file, and a superuser's commands can start programs.
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
# Advisory lock number, used for nothing else: only one restore runs at a time.
_LOCK = 7_837_002
# Workers reconnect immediately after their connection is ended, so the switch is retried until it succeeds.
_SWITCH_TRIES = 50
_COPIED_BYTES = 1 << 20
# The first bytes of a dump.
_DUMP = b"PGDMP"


def backup(server: EmbeddedServer, file: Path, *, database: str = DATABASE) -> int:
    """Dump the database into a file that only its owner can read. Returns the size in bytes.

    The dump is one consistent snapshot: a concurrent transaction is in it completely or not at all.

    Raises:
        ServerError: the dump failed; no file is left.
    """
    with new_private_file(file) as target:
        # zstd would be smaller and faster, but the included programs were built without it.
        dumping = _begun(
            server, "pg_dump", "--format=custom", "--compress=gzip:1", role=SUPERUSER, database=database,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        assert dumping.stdout is not None
        # Through a pipe: if this process is killed, pg_dump can no longer write, and ends.
        shutil.copyfileobj(dumping.stdout, target, _COPIED_BYTES)
        if (said := _failure(dumping)) is not None:
            raise ServerError(f"pg_dump failed: {said}. Nothing was written.")
    return file.stat().st_size


@contextmanager
def restored_beside(server: EmbeddedServer, file: Path) -> Iterator[str]:
    """Restore a backup into a second database; yields its name. It is dropped unless `switch` was called.

    Raises:
        ServerError: the file is not a backup, is damaged, or was made with other owners; or another restore
        is running.
    """
    _refuse_others(server, file)
    with _administration(server) as connection:
        locked = connection.execute("select pg_try_advisory_lock(%s)", [_LOCK]).fetchone()
        if locked is None or not locked[0]:
            raise ServerError("Another restore is running. Wait until it ends.")
        # Left by a restore that was killed.
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
    """Replace a database by another one, in one transaction, and drop the old one.

    Raises:
        ServerError: the database stays in use; nothing was changed.
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
    raise ServerError("The database is constantly in use. Stop `claimwright run` and try again.")


def has_tables(server: EmbeddedServer, database: str = DATABASE) -> bool:
    """Whether the database exists and has a schema."""
    try:
        with psycopg.connect(server.address(OWNER, database)) as connection:
            found = connection.execute("select to_regclass('public.alembic_version')").fetchone()
    except psycopg.OperationalError:
        return False
    return found is not None and found[0] is not None


def walls_missing(owner: str) -> list[str]:
    """Tables that are not protected by row-level security, or that do not belong to the owner."""
    with psycopg.connect(owner) as connection:
        rows = connection.execute(_WALLS, [OWNER, APPLICATION]).fetchall()
    return [row[0] for row in rows]


def _refuse_others(server: EmbeddedServer, file: Path) -> None:
    """Raise ServerError if the file is not a backup, or ends before its table of contents does."""
    with file.open("rb") as dump:
        is_dump = dump.read(len(_DUMP)) == _DUMP
    if not is_dump:
        raise ServerError(f"{file}: this is not a backup. Name a file that `claimwright db backup` wrote.")
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
    """The first line of a failed program's error output; None if it did not fail."""
    assert program.stderr is not None
    with program.stderr, program:
        lines = program.stderr.read().decode("utf-8", "replace").strip().splitlines()
    if not program.returncode:
        return None
    # Only the first line: a failed statement is quoted below its error, and may contain a row.
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
