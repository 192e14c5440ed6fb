"""The queue's tables: Procrastinate's own, in the schema `public`, migrated to the installed version.

The SQL of that package is run; the version of a database is recorded as a comment on its main table. The
tables have no tenant: a job's arguments are only ids, and the rows that they name are protected by row-level
security.
"""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

import psycopg
from psycopg import sql

_MAIN = "public.procrastinate_jobs"
_STEP = re.compile(r"(\d+)\.(\d+)\.(\d+)_\d+_(?:pre|post)?_?.*\.sql")


def install(connection: psycopg.Connection) -> None:
    """Create or update the tables, in one transaction. The connection is the owner's."""
    from procrastinate.schema import SchemaManager

    here = version("procrastinate")
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(hashtext('procrastinate schema'))")
        had = connection.execute(
            "select obj_description(to_regclass(%s)), to_regclass(%s) is not null", (_MAIN, _MAIN)
        ).fetchone()
        noted, there = had or (None, False)
        if noted == here:
            return
        scripts = [SchemaManager.get_schema()]
        if there:
            steps = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
            scripts = [
                step.read_text(encoding="utf-8") for step in steps if _of(step.name) > _parts(noted or "")
            ]
        for script in scripts:
            connection.execute(script.encode())
        connection.execute(
            sql.SQL("comment on table {} is {}").format(
                sql.Identifier("public", "procrastinate_jobs"), sql.Literal(here)
            )
        )
        for kind in ("tables", "sequences"):
            _grant(connection, kind)


def remove(connection: psycopg.Connection) -> None:
    """Drop the tables, with all jobs in them."""
    with connection.transaction():
        found = connection.execute(
            "select format('drop %s if exists %s cascade', kind, name) from ("
            " select 'table' as kind, oid::regclass::text as name from pg_class"
            "  where relname ~ '^procrastinate_' and relkind = 'r'"
            " union all select 'function', oid::regprocedure::text from pg_proc"
            "  where proname ~ '^procrastinate_'"
            " union all select 'type', oid::regtype::text from pg_type"
            "  where typname ~ '^procrastinate_' and (typtype = 'e' or typname like '%to_defer%')"
            ") as ours"
        ).fetchall()
        for (statement,) in found:
            connection.execute(statement)


def _grant(connection: psycopg.Connection, kind: str) -> None:
    relkind, rights = {"tables": ("r", "select, insert, update, delete"), "sequences": ("S", "usage")}[kind]
    names = connection.execute(
        "select relname from pg_class where relname ~ '^procrastinate_' and relkind = %s", (relkind,)
    ).fetchall()
    for (name,) in names:
        connection.execute(
            sql.SQL("grant {} on {} {} to claimwright_app").format(
                sql.SQL(rights),
                sql.SQL("table" if kind == "tables" else "sequence"),
                sql.Identifier("public", name),
            )
        )


def _of(name: str) -> tuple[int, ...]:
    match = _STEP.fullmatch(name)
    return tuple(map(int, match.groups())) if match else ()


def _parts(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])
