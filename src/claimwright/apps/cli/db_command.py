"""`claimwright db`: the database started, stopped, migrated, backed up, restored, copied masked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

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

    try:
        yield
    except DatabaseError as problem:
        fail(str(problem))
    except psycopg.OperationalError as problem:
        fail(f"the database does not answer: {type(problem).__name__}. Check that it runs, and its URL.")
    except OSError as problem:
        fail(f"{problem.filename}: {problem.strerror}.")


def _server(settings: Settings) -> EmbeddedServer:
    from claimwright.platform.database import EmbeddedServer

    if settings.database.url is not None:
        fail("the database is named by a URL, and is not ours to start, stop or copy: use its own tools.")
    return EmbeddedServer(settings.database.home)


@app.command("start")
def start(environment: Environment = None) -> None:
    """Start the embedded PostgreSQL, made where there is none, and bring its schema up to date.

    Exit status: 0 it runs, 2 it can't be started.
    """
    from claimwright.platform.database import OWNER
    from claimwright.store.schema import migrate

    with _explained():
        server = _server(settings_of(environment))
        server.start()
        migrate(server.address(OWNER))
        status = server.status()
    out.print(f"running: process {status.pid}, data in {status.data}", soft_wrap=True, markup=False)


@app.command("stop")
def stop(environment: Environment = None) -> None:
    """Stop the embedded PostgreSQL. Work under way is rolled back, and goes on when it is run again.

    Exit status: 0 it is stopped, 2 it can't be stopped.
    """
    with _explained():
        stopped = _server(settings_of(environment)).stop()
    out.print("stopped" if stopped else "it was not running")


@app.command("status")
def status(environment: Environment = None) -> None:
    """Say whether the database runs, where it is, and whether its schema is this program's.

    Exit status: 0 it can be used, 1 it can't yet.
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
        str, typer.Option("--to", help="A migration's number, forward or back; head is the last.")
    ] = "head",
    environment: Environment = None,
) -> None:
    """Bring the schema to the last migration, or to another one. Going back drops what later ones made.

    Exit status: 0 done, 2 it failed and was undone.
    """
    from claimwright.platform.database import place
    from claimwright.store.schema import migrate as bring

    settings = settings_of(environment)
    url, owner = settings.database.url, settings.database.owner_url
    with _explained():
        where = place(
            url.get_secret_value() if url else None,
            settings.database.home,
            owner_url=owner.get_secret_value() if owner else None,
        )
        before, after = bring(where.owner, to)
    out.print(f"from {before or 'nothing'} to {after or 'nothing'}", markup=False)


@app.command("backup")
def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it.")], environment: Environment = None
) -> None:
    """Write the embedded database into one file. Patient data in it is sealed; keep the keys elsewhere.

    Exit status: 0 written, 2 it can't be.
    """
    from claimwright.platform.database import backup as written

    settings = settings_of(environment)
    with _explained():
        server = _server(settings)
        server.start()
        size = written(server, file)
    out.print(f"{file}: {size:,} bytes", soft_wrap=True, markup=False)
    err.print(
        f"Back up apart: the key in {settings.phi.key_file}, the stored files in {settings.objects.url}.",
        soft_wrap=True,
        markup=False,
    )


@app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(help="What `db backup` wrote.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Drop the database that is there first.")
    ] = False,
    environment: Environment = None,
) -> None:
    """Make the embedded database what a backup says.

    Exit status: 0 restored, 2 it can't be.
    """
    from claimwright.platform.database import OWNER
    from claimwright.platform.database import restore as restored
    from claimwright.store.schema import migrate

    with _explained():
        server = _server(settings_of(environment))
        server.start()
        restored(server, file, replace=replace)
        migrate(server.address(OWNER))
    out.print(f"restored from {file}. Prove the audit log: claimwright audit verify.", soft_wrap=True)
