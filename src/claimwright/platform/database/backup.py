"""The embedded database into one file, and back: PostgreSQL's own dump, which any PostgreSQL can read.

What is sealed stays sealed: the dump holds the wrapped data keys and is worth nothing without the key that
wrapped them, which is kept, and backed up, apart.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import psycopg
from psycopg import sql

from .embedded import EmbeddedServer
from .errors import ServerError
from .roles import DATABASE, OWNER, SUPERUSER, ensure_database


def backup(server: EmbeddedServer, file: Path, *, database: str = DATABASE) -> int:
    """Write the database into a file that only its owner can read; returns its bytes.

    A transaction's view of the whole database: whatever runs meanwhile is in it wholly or not at all.

    Raises:
        ServerError: it can't be dumped; no file is left.
    """
    part = file.with_name(file.name + ".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out:
            # zstd would be smaller and faster; the programs that come with us were built without it.
            _run(
                server, "pg_dump", "--format=custom", "--compress=gzip:1", database=database, out=out.fileno()
            )
        part.replace(file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return file.stat().st_size


def restore(server: EmbeddedServer, file: Path, *, database: str = DATABASE, replace: bool = False) -> None:
    """Make the database what the file says. With `replace` one that is there is dropped first.

    Raises:
        ServerError: there is a database with tables in it and `replace` is not given, or the file can't be
            restored; the database is then left as it was, or empty.
    """
    with file.open("rb") as dump:
        if dump.read(5) != b"PGDMP":
            raise ServerError(f"{file}: this is no backup. Name a file that `claimwright db backup` wrote.")
    with psycopg.connect(server.address(SUPERUSER, "postgres"), autocommit=True) as connection:
        if _has_tables(server, database):
            if not replace:
                raise ServerError(
                    "There is a database already. Say --replace to drop it and put the backup in its place."
                )
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(database)))
            ensure_database(connection, server.passwords(), database)
    with file.open("rb") as dump:
        _run(
            server, "pg_restore", "--exit-on-error", "--single-transaction", "--dbname", database,
            database=database, source=dump.fileno(),
        )  # fmt: skip


def _has_tables(server: EmbeddedServer, database: str) -> bool:
    try:
        with psycopg.connect(server.address(OWNER, database)) as connection:
            found = connection.execute("select to_regclass('public.alembic_version')").fetchone()
    except psycopg.OperationalError:
        return False
    return found is not None and found[0] is not None


def _run(
    server: EmbeddedServer,
    program: str,
    *arguments: str,
    database: str,
    out: int | None = None,
    source: int | None = None,
) -> None:
    parts = psycopg.conninfo.conninfo_to_dict(server.address(SUPERUSER, database))
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PGHOST": str(parts["host"]),
        "PGPORT": str(parts["port"]),
        "PGUSER": SUPERUSER,
        "PGPASSWORD": str(parts["password"]),
        "PGDATABASE": database,
    }
    done = subprocess.run(  # noqa: S603 - the package's own program, no shell
        server.tool(program, *arguments),
        stdin=subprocess.DEVNULL if source is None else source,
        stdout=subprocess.DEVNULL if out is None else out,
        stderr=subprocess.PIPE,
        env=environment,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise ServerError(f"{program} failed: {lines[0] if lines else done.returncode}")
