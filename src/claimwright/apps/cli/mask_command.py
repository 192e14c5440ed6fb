"""`claimwright db mask`: a copy of the database for use outside production, with all patients masked."""

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
        Path, typer.Argument(metavar="HOME", help="A new folder for the copy, with its own keys.")
    ],
    url: Annotated[
        str | None,
        typer.Option("--url", help="An empty PostgreSQL database. Default: an embedded one in HOME."),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--837", help="Also write the masked claims to this 837 file; gzipped if it ends in .gz."
        ),
    ] = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Copy the database for use outside production, with all patient identifiers masked consistently.

    A person has the same mask in all claims: Patient_001, XXX-XX-0001, years instead of dates. Records are
    encrypted under the copy's own keys; production keys cannot decrypt them. Source files, the audit log and
    events are not copied. All tenants are copied, or only that of --tenant.

    Exit status: 0 copied, 2 not copied.
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
    said = f"{done.records:,} masked claims of {done.tenants:,} tenants are in {home}."
    if done.empty:
        said += f" {done.empty:,} of them could not be read and are empty in the copy."
    if done.left_out:
        said += f" Not copied: {', '.join(done.left_out)}."
    out.print(said, soft_wrap=True, markup=False)
    more = "" if url is None else " and CLAIMWRIGHT_DATABASE_URL"
    out.print(f"To use the copy, set CLAIMWRIGHT_HOME={home}{more}.", soft_wrap=True, markup=False)
