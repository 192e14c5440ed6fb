"""Schema migrations: two plain SQL files per migration, forward and back, ordered by Alembic.

`NNNN_what_it_makes.up.sql` goes forward, `.down.sql` next to it goes back. The previous migration is the one
with the next smaller number. Each migration and its version record are one transaction. The caller names the
folder of the migrations: this module does not know what the tables are for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources.abc import Traversable
from types import ModuleType
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from .errors import MigrationError
from .roles import ensure_roles

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext, RevisionStep
    from alembic.script import Script
    from alembic.script.revision import RevisionMap
    from sqlalchemy import Connection

_UP, _DOWN = ".up.sql", ".down.sql"
# Advisory lock number, used for nothing else: only one process migrates a database at a time.
_LOCK = 7_837_001


@dataclass(frozen=True)
class Step:
    """One migration: its number, what it creates, and the SQL for both directions."""

    number: str
    name: str
    upgrade: str
    downgrade: str


def current(address: str) -> str | None:
    """The number of a database's latest migration; None if it has none."""
    with psycopg.connect(address, autocommit=True) as connection:
        found = connection.execute("select to_regclass('public.alembic_version')").fetchone()
        if found is None or found[0] is None:
            return None
        row = connection.execute("select version_num from public.alembic_version").fetchone()
        return row[0] if row else None


class Migrations:
    """The migrations in a folder of SQL files; migrates between any two of them."""

    def __init__(self, folder: Traversable) -> None:
        self._folder = folder

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """All migrations, in order.

        Raises:
            MigrationError: a migration has no file for going back.
        """
        names = sorted(each.name for each in self._folder.iterdir() if each.name.endswith(_UP))
        steps = []
        for name in names:
            number, _, words = name.removesuffix(_UP).partition("_")
            back = self._folder / name.replace(_UP, _DOWN)
            if not back.is_file():
                raise MigrationError(f"{name}: there is no {name.replace(_UP, _DOWN)} next to it.")
            forward = (self._folder / name).read_text(encoding="utf-8")
            steps.append(Step(number, words.replace("_", " "), forward, back.read_text(encoding="utf-8")))
        return tuple(steps)

    @property
    def latest(self) -> str:
        """The number of the last migration."""
        return self.steps[-1].number

    def migrate(self, address: str, to: str = "head") -> tuple[str | None, str | None]:
        """Migrate a database forward or back to a migration: a number, `head`, or `base` for no tables at
        all.

        Returns the number before and after. Connects as the owner.

        Raises:
            MigrationError: there is no such migration, the database is newer than this program, or one
            failed.
        """
        from sqlalchemy import create_engine
        from sqlalchemy.pool import NullPool

        goal = {"head": self.latest, "base": None}.get(to, to)
        if goal is not None and goal not in {step.number for step in self.steps}:
            raise MigrationError(f"There is no migration {goal}. The last one is {self.latest}.")
        with psycopg.connect(address, autocommit=True) as connection:
            ensure_roles(connection)
        engine = create_engine(
            "postgresql+psycopg://", creator=lambda: psycopg.connect(address), poolclass=NullPool
        )
        try:
            with engine.connect() as connection:
                before = _bring(connection, self.steps, goal)
        except psycopg.Error as problem:
            raise MigrationError(f"The migration failed and was undone: {_said(problem)}") from None
        finally:
            engine.dispose()
        _bring_queue(address, goal)
        return before, goal

    def losses(self, address: str, to: str) -> tuple[list[tuple[str, int]], list[str]]:
        """What a migration back would drop: tables with their row counts, and columns of tables that stay.

        The migrations are run and rolled back, in one transaction. Connects as the owner.

        Raises:
            MigrationError: there is no such migration, it failed, or the tables are in use.
        """
        goal = {"head": self.latest, "base": ""}.get(to, to)
        if goal and goal not in {step.number for step in self.steps}:
            raise MigrationError(f"There is no migration {goal}. The last one is {self.latest}.")
        at = current(address) or ""
        back = [step for step in self.steps if goal < step.number <= at]
        try:
            with psycopg.connect(address) as connection:
                connection.execute("set lock_timeout = '5s'")
                before, rows = _columns(connection), {}
                for table in before:
                    # Row-level security also applies to the owner; lifted here, inside the transaction that
                    # is rolled back.
                    name = sql.Identifier(*table.split(".", 1))
                    connection.execute(sql.SQL("alter table {} no force row level security").format(name))
                    counted = connection.execute(sql.SQL("select count(*) from {}").format(name)).fetchone()
                    rows[table] = int(counted[0]) if counted else 0
                for step in reversed(back):
                    connection.execute(step.downgrade.encode())
                after = _columns(connection)
                connection.rollback()
        except psycopg.errors.LockNotAvailable:
            raise MigrationError("The tables are in use. Stop `claimwright run` first.") from None
        except psycopg.Error as problem:
            raise MigrationError(f"The migration fails: {_said(problem)}") from None
        return (
            [(table, rows[table]) for table in before if table not in after],
            [
                f"{table}.{name}"
                for table in after
                for name in sorted(before.get(table, set()) - after[table])
            ],
        )


def _columns(connection: psycopg.Connection) -> dict[str, set[str]]:
    """The columns of each of our tables; partitions belong to their table."""
    found = connection.execute(
        "select n.nspname || '.' || c.relname, array_agg(a.attname::text) "
        "from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "join pg_attribute a on a.attrelid = c.oid "
        "where c.relkind in ('r', 'p') and not c.relispartition and a.attnum > 0 and not a.attisdropped "
        "and n.nspname !~ '^pg_|^information_schema$|^public$' group by 1 order by 1"
    ).fetchall()
    return {table: set(names) for table, names in found}


def _bring_queue(address: str, goal: str | None) -> None:
    """Create the job queue's tables, whose SQL comes with its library; drop them for `base`."""
    from claimwright.platform.jobs import install, remove

    with psycopg.connect(address) as connection:
        (remove if goal is None else install)(connection)


def _bring(connection: Connection, steps: Sequence[Step], goal: str | None) -> str | None:
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy.exc import DBAPIError

    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    driver.execute("select pg_advisory_lock(%s)", [_LOCK])
    driver.commit()
    seen: list[str | None] = [None]

    def plan(heads: tuple[str, ...] | str, _: MigrationContext) -> Iterator[RevisionStep]:
        at = (heads if isinstance(heads, str) else heads[0]) if heads else None
        seen[0] = at
        yield from _between(driver, steps, at, goal)

    context = MigrationContext.configure(
        connection, opts={"fn": plan, "version_table_schema": "public", "transaction_per_migration": True}
    )
    try:
        with context.begin_transaction():
            context.run_migrations()
    except DBAPIError as problem:
        raise MigrationError(f"The migration failed and was undone: {_said(problem.orig)}") from None
    finally:
        driver.rollback()
        driver.execute("select pg_advisory_unlock(%s)", [_LOCK])
        driver.commit()
    return seen[0]


def _between(
    driver: psycopg.Connection, steps: Sequence[Step], at: str | None, goal: str | None
) -> Iterator[RevisionStep]:
    """The migrations from the present version to the wanted one, in the order to run them."""
    from alembic.runtime.migration import MigrationStep

    known, scripts = _scripts(driver, steps)
    if at is not None and at not in scripts:
        raise MigrationError(
            f"The database is at migration {at}, which this program does not know. Use the newer program."
        )
    forward = [script for number, script in scripts.items() if (at or "") < number <= (goal or "")]
    back = [script for number, script in scripts.items() if (goal or "") < number <= (at or "")]
    for script in forward:
        yield MigrationStep.upgrade_from_script(known, script)
    for script in reversed(back):
        yield MigrationStep.downgrade_from_script(known, script)


def _scripts(driver: psycopg.Connection, steps: Sequence[Step]) -> tuple[RevisionMap, dict[str, Script]]:
    """The migrations as Alembic scripts, whose functions run the SQL on this connection."""
    from alembic.script import Script
    from alembic.script.revision import RevisionMap

    scripts: dict[str, Script] = {}
    before: str | None = None
    for step in steps:
        module = ModuleType(f"migration_{step.number}", step.name)
        module.__dict__.update(
            revision=step.number,
            down_revision=before,
            upgrade=_runner(driver, step.upgrade),
            downgrade=_runner(driver, step.downgrade),
        )
        scripts[step.number] = Script(module, step.number, f"{step.number}.sql")
        before = step.number
    known = RevisionMap(scripts.values)
    # Alembic resolves the dependencies when the head is first requested.
    assert known.heads
    return known, scripts


def _runner(driver: psycopg.Connection, script: str) -> object:
    def run(**_: object) -> None:
        # Without parameters, the driver sends a script of several statements unchanged.
        driver.execute(script.encode())

    return run


def _said(problem: BaseException | None) -> str:
    """The server's message in one line, without the row that it is about."""
    if isinstance(problem, psycopg.Error):
        return str(problem.diag.message_primary or type(problem).__name__)
    return type(problem).__name__
