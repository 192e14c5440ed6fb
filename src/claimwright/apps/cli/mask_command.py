"""`claimwright db mask`: a copy of the database that is no production, with every patient masked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .session import Environment, Tenant, caller_of, settings_of, store_of
from .terminal import err, fail, out


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
    from claimwright.assembly.masked_copies import CopyRefusedError, make_masked_copy
    from claimwright.features.masked_copies import MaskError
    from claimwright.platform.database import DatabaseError
    from claimwright.platform.phi import PhiError

    settings = settings_of(environment)
    caller = caller_of(settings, tenant)
    with store_of(settings) as database:
        whose = [caller.of_tenant(each) for each in ([tenant] if tenant else database.tenants())]
        try:
            done = make_masked_copy(
                whose or [caller], settings, database, home, url=url, file=file,
                notify=lambda text: err.print(text, markup=False),
            )  # fmt: skip
        except (CopyRefusedError, MaskError, PhiError) as problem:
            fail(str(problem))
        except DatabaseError as problem:
            fail(f"the copy: {problem}")
        except OSError as problem:
            fail(f"{problem.filename}: {problem.strerror}.")
    said = f"{done.records:,} claims of {done.tenants:,} tenants are masked in {home}."
    if done.empty:
        said += f" Of {done.empty:,} of them nothing could be read: they are empty there."
    if done.left_out:
        said += f" Left out: {', '.join(done.left_out)}."
    out.print(said, soft_wrap=True, markup=False)
    more = "" if url is None else " and CLAIMWRIGHT_DATABASE_URL"
    out.print(f"To work with it set CLAIMWRIGHT_HOME={home}{more}.", soft_wrap=True, markup=False)
