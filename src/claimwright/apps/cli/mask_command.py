"""`claimwright db mask`: a copy of the database that is no production, with every patient masked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .session import Environment, Tenant, caller_of, sealer_of, settings_of, store_of
from .terminal import err, fail, out

if TYPE_CHECKING:
    from claimwright.platform.database import Database, Place
    from claimwright.platform.phi import Sealer
    from claimwright.platform.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("mask")(mask)


def mask(
    home: Annotated[
        Path, typer.Argument(metavar="HOME", help="A new folder: the copy's home, with keys of its own.")
    ],
    url: Annotated[
        str | None,
        typer.Option("--url", help="An empty PostgreSQL database; an embedded one in HOME by default."),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--837", help="Write the masked claims as an 837 as well; packed where it ends in .gz."),
    ] = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Copy the database for use outside production, with every mark of a patient masked consistently.

    Who is one person in one claim is so in all: Patient_001, XXX-XX-0001, years for dates. Records are sealed
    again under the copy's own keys, and nothing of it opens with yours. Source files, the audit log and
    events stay behind. All tenants, or the one of --tenant.

    Exit status: 0 copied, 2 it can't be.
    """
    from claimwright.features.conversion import write_837_file
    from claimwright.features.masked_copies import MaskError, copy_masked, masked_claims
    from claimwright.foundation import clock
    from claimwright.platform.audit import append
    from claimwright.platform.phi import PhiError

    settings = settings_of(environment)
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        fail(f"{home}: name a folder that is new or empty: the copy is not to mix with anything.")
    year, caller = clock.today().year, caller_of(settings, tenant)
    with store_of(settings) as database, _copy_in(home, url) as (where, sealer):
        opener = sealer_of(settings, database)
        whose = [tenant] if tenant else database.tenants()
        try:
            done = copy_masked(
                caller, database, opener, where.owner, sealer, tenants=whose, year=year,
                say=lambda text: err.print(text, markup=False),
            )  # fmt: skip
            if file is not None:
                claims = (
                    each
                    for name in whose
                    for each in masked_claims(caller.of_tenant(name), database, opener, year=year)
                )
                write_837_file(claims, file)
        except (MaskError, PhiError) as problem:
            fail(str(problem))
        except OSError as problem:
            fail(f"{problem.filename}: {problem.strerror}.")
        for name in whose:
            with database.transaction(caller.of_tenant(name)) as connection:
                append(
                    caller.of_tenant(name), connection, action="copy.masked",
                    subject=f"tenant:{name}", detail={"claims": done.records}, correlation_id="",
                )  # fmt: skip
    said = f"{done.records:,} claims of {done.tenants:,} tenants are masked in {home}."
    if done.empty:
        said += f" Of {done.empty:,} of them nothing could be read: they are empty there."
    if done.left_out:
        said += f" Left out: {', '.join(done.left_out)}."
    out.print(said, soft_wrap=True, markup=False)
    more = "" if url is None else " and CLAIMWRIGHT_DATABASE_URL"
    out.print(f"To work with it set CLAIMWRIGHT_HOME={home}{more}.", soft_wrap=True, markup=False)


@contextmanager
def _copy_in(home: Path, url: str | None) -> Iterator[tuple[Place, Sealer]]:
    """The empty database of the copy with its schema, and what seals with its keys."""
    from claimwright.platform.database import DatabaseError, place
    from claimwright.platform.settings import load_settings
    from claimwright.store.schema import migrate

    variables = {"CLAIMWRIGHT_HOME": str(home.absolute())}
    if url is not None:
        variables["CLAIMWRIGHT_DATABASE_URL"] = url
    settings = load_settings(folder=home, variables=variables)
    try:
        home.mkdir(parents=True, exist_ok=True)
        where = place(url, settings.database.home)
        migrate(where.owner)
    except DatabaseError as problem:
        fail(f"the copy: {problem}")
    except OSError as problem:
        fail(f"{problem.filename}: {problem.strerror}.")
    try:
        with _opened(settings, where) as database:
            with database.pool.connection() as connection:
                if connection.execute("select 1 from platform.data_keys limit 1").fetchone():
                    fail("--url: this database is not empty. Name a new one for the copy.")
            yield where, sealer_of(settings, database)
    finally:
        if where.server is not None:
            where.server.stop()


@contextmanager
def _opened(settings: Settings, where: Place) -> Iterator[Database]:
    from claimwright.platform.database import DatabaseError, Limits
    from claimwright.store.schema import open_database

    try:
        with open_database(where.address, Limits(pool_max=settings.database.pool_size)) as database:
            yield database
    except DatabaseError as problem:
        fail(f"the copy: {problem}")
