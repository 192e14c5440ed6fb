"""`claimwright db verify`: reconciles the store with stored files, keys, audit log and delivery target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .session import AllTenants, Environment, Tenant, callers_of, explained, settings_of, store_of
from .terminal import Exit, err, fail, out

if TYPE_CHECKING:
    from claimwright.assembly.verification import Reconciled


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("verify")(verify)


def verify(
    deep: Annotated[
        bool, typer.Option("--deep", help="Decrypt every record and every stored file; takes long.")
    ] = False,
    environment: Environment = None,
    tenant: Tenant = None,
    all_tenants: AllTenants = False,
) -> None:
    """Reconcile the database, stored files, keys, audit log and delivery target, and report what is missing.

    It changes nothing, and other work can continue. Run it after a restore, and before you rely on a backup.

    Exit status: 0 everything agrees, 1 something is missing or does not agree, 2 a part cannot be checked.
    """
    from claimwright.assembly.verification import verify_store
    from claimwright.features.delivery import TRANSIENT

    settings, whole = settings_of(environment), True
    with store_of(settings) as database, explained():
        for caller in callers_of(settings, database, tenant, everyone=all_tenants):
            try:
                for each in verify_store(caller, settings, database, deep=deep):
                    _say(each)
                    whole = whole and not each.faults
            except TRANSIENT as problem:
                fail(f"tenant {caller.tenant}: a part does not respond ({type(problem).__name__}).")
    out.print(
        "Everything agrees." if whole else "Some parts differ. See the runbook, `db verify`.", markup=False
    )
    raise typer.Exit(Exit.CLEAN if whole else Exit.FINDINGS)


def _say(found: Reconciled) -> None:
    looked = f"{found.looked_at:,} {found.of_what}" if found.of_what else ""
    state = "missing or different" if found.faults else "agrees"
    out.print(f"{found.tenant}: {found.part}: {state}  {looked}".rstrip(), markup=False, soft_wrap=True)
    for each in found.faults:
        first = ", ".join(map(str, each.examples))
        out.print(f"  {each.count:,} {each.what}: {first}", markup=False, soft_wrap=True)
    for each in found.left_over:
        first = ", ".join(map(str, each.examples))
        err.print(
            f"  left over: {each.count:,} {each.what}: {first}. `db retain` removes them.",
            markup=False,
            soft_wrap=True,
        )
