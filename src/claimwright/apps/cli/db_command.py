"""`claimwright db`: start, stop, migrate, back up and restore the database, and make a masked copy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .consent import DryRun, Yes, require_consent
from .session import Environment, settings_of
from .terminal import Exit, err, fail, out

if TYPE_CHECKING:
    from claimwright.platform.database import EmbeddedServer
    from claimwright.platform.settings import Settings

app = typer.Typer(help="The database: start, stop, migrate, back up, restore, mask.", no_args_is_help=True)


@contextmanager
def _explained() -> Iterator[None]:
    import psycopg

    from claimwright.platform.database import DatabaseError
    from claimwright.platform.objects import ObjectError

    try:
        yield
    except (DatabaseError, ObjectError) as problem:
        fail(str(problem))
    except psycopg.OperationalError as problem:
        fail(f"the database does not answer: {type(problem).__name__}. Check that it runs, and its URL.")
    except OSError as problem:
        fail(f"{problem.filename}: {problem.strerror}.")


def _server(settings: Settings) -> EmbeddedServer:
    from claimwright.platform.database import EmbeddedServer
    from claimwright.platform.traces import store_traces

    if settings.database.url is not None:
        fail("the database is set by a URL. Use its own tools to start, stop or back it up.")
    return EmbeddedServer(settings.database.home, traces=lambda: store_traces(settings))


@app.command("start")
def start(
    new: Annotated[
        bool, typer.Option("--new", help="Create an empty database even if keys or stored files exist.")
    ] = False,
    environment: Environment = None,
) -> None:
    """Start the embedded PostgreSQL, create it if there is none, and migrate its schema.

    If the database is missing but its keys or stored files exist, no empty database is created without --new.

    Exit status: 0 running, 2 it cannot be started.
    """
    from claimwright.platform.database import OWNER
    from claimwright.store.schema import migrate

    with _explained():
        server = _server(settings_of(environment))
        server.start(new=new)
        migrate(server.address(OWNER))
        status = server.status()
    out.print(f"running: process {status.pid}, data in {status.data}", soft_wrap=True, markup=False)


@app.command("stop")
def stop(environment: Environment = None) -> None:
    """Stop the embedded PostgreSQL. Open transactions are rolled back; the work resumes with the next run.

    Exit status: 0 stopped, 2 it cannot be stopped.
    """
    with _explained():
        stopped = _server(settings_of(environment)).stop()
    out.print("stopped" if stopped else "it was not running")


@app.command("status")
def status(environment: Environment = None) -> None:
    """Show whether the database runs, where it is, and whether its schema fits this program.

    Exit status: 0 usable, 1 not usable yet.
    """
    import psycopg

    from claimwright.platform.database import current, place
    from claimwright.store.schema import latest

    settings = settings_of(environment)
    url = settings.database.url
    with _explained():
        if url is None and not _server(settings).status().running:
            out.print("stopped. Start it: claimwright db start.")
            raise typer.Exit(Exit.FINDINGS)
        where = place(url.get_secret_value() if url else None, settings.database.home, start=False)
        at = current(where.owner if where.server else where.address)
        with psycopg.connect(where.address) as connection:
            version = connection.info.parameter_status("server_version")
    kind = f"embedded, data in {where.server.data}" if where.server else "named by URL"
    out.print(f"running: PostgreSQL {version}, {kind}", soft_wrap=True, markup=False)
    fits = at == latest()
    out.print(f"schema: {at or 'none'} of {latest()}" + ("" if fits else ". Run: claimwright db migrate."))
    raise typer.Exit(Exit.CLEAN if fits else Exit.FINDINGS)


@app.command("migrate")
def migrate(
    to: Annotated[
        str, typer.Option("--to", help="Number of the target migration; head is the latest.")
    ] = "head",
    yes: Yes = False,
    dry_run: DryRun = False,
    environment: Environment = None,
) -> None:
    """Migrate the schema to the latest migration, or to another one.

    A migration back drops the tables and columns of later migrations. They are listed with their numbers of
    rows, and you are asked to confirm.

    Exit status: 0 done, 2 nothing was changed.
    """
    from claimwright.assembly.schema_changes import change_schema, goes_back, losses
    from claimwright.assembly.stores import place_of

    settings = settings_of(environment)
    with _explained():
        where = place_of(settings, as_owner=True)
        if goes_back(where, to):
            going = losses(where, to).in_words
            require_consent(f"Migration back to {to}", going, yes=yes, dry_run=dry_run)
        elif dry_run:
            require_consent(f"Migration to {to}", [], yes=yes, dry_run=True)
        before, after = change_schema(where, to)
    out.print(f"from {before or 'nothing'} to {after or 'nothing'}", markup=False)


@app.command("backup")
def backup(
    file: Annotated[Path, typer.Argument(help="Backup file to write.")], environment: Environment = None
) -> None:
    """Back up the embedded database to one file. Patient data in it is encrypted; store the keys separately.

    Exit status: 0 written, 2 it cannot be written.
    """
    from claimwright.assembly.administration import record_for_all
    from claimwright.platform.database import backup as written

    settings = settings_of(environment)
    with _explained():
        server = _server(settings)
        server.start()
        size = written(server, file)
        # Recorded after the backup: a failed backup is not recorded, and the backup lacks its own record.
        record_for_all(server.address(), action="store.backed_up", subject="store", detail={"bytes": size})
    out.print(f"{file}: {size:,} bytes", soft_wrap=True, markup=False)
    err.print(
        f"Also back up: the key in {settings.phi.key_file}, the stored files in {settings.objects.url}.",
        soft_wrap=True,
        markup=False,
    )


@app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(help="A backup file from `db backup`.")],
    replace: Annotated[bool, typer.Option("--replace", help="Replace the existing database.")] = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    environment: Environment = None,
) -> None:
    """Restore the embedded database from a backup.

    The backup is first restored into a second database and checked. Only then does it replace the current
    one. If anything is wrong with the backup, nothing is changed.

    Exit status: 0 restored, 2 nothing was changed.
    """
    from claimwright.assembly.restoring import IdsUnknownError, contents_of, restoring
    from claimwright.features.delivery import DeliveryError
    from claimwright.platform.database import DATABASE, has_tables
    from claimwright.platform.objects import ObjectError

    settings = settings_of(environment)
    with _explained():
        server = _server(settings)
        if server.status().initialised:
            server.start()
        there = server.status().initialised and has_tables(server)
        if there and not replace and not dry_run:
            fail("there is a database already. Use --replace to replace it with the backup.")
        going = contents_of(server, DATABASE) if there else []
        try:
            with restoring(settings, server, file) as restored:
                out.print(f"{file} holds:", markup=False, soft_wrap=True)
                for each in restored.contents() or ["nothing"]:
                    out.print(f"  {each}", markup=False, soft_wrap=True)
                if there or dry_run:
                    require_consent(f"Restoring {file}", going, yes=yes, dry_run=dry_run)
                done = restored.switch()
        except (DeliveryError, IdsUnknownError, ObjectError) as problem:
            fail(f"{problem} Nothing was changed.")
    out.print(f"{done.claims:,} claims restored from {file}.", soft_wrap=True, markup=False)
    for name, (last, now) in done.advanced.items():
        out.print(f"{name}: IDs up to {now:,} were assigned; the backup ends at {last:,}.", markup=False)
    for tenant, (last, proven) in done.behind.items():
        err.print(
            f"tenant {tenant}: the audit log of the backup ends at record {last:,}; a checkpoint proves "
            f"{proven:,}. Keep an export of the missing records.",
            soft_wrap=True,
            markup=False,
        )
    out.print("Next: claimwright audit verify; claimwright deliver compares the target.", soft_wrap=True)
