"""`claimwright secondary`: claims to second payers, which wait for release, and what patients owe."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .session import Environment, Most, Tenant, permitted_caller, sealer_of, settings_of, store_of
from .terminal import Exit, ValueTable, dollars, fail, out, wide

app = typer.Typer(
    help="Claims to second payers: list, show and release them; balances of patients.", no_args_is_help=True
)


@app.command("list")
def list_all(
    state: Annotated[
        str, typer.Option("--state", help="waiting, released, forwarded (by the first payer) or patient.")
    ] = "waiting",
    limit: Most = 100,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """List what first payers left, by claim, with the second payer that the claim names.

    Exit status: 0 none, 1 there are some, 2 the state is unknown.
    """
    from claimwright.store.next_claims import list_next_claims
    from claimwright.store.underpayments import in_dollars

    if state not in ("waiting", "released", "forwarded", "patient"):
        fail("--state: waiting, released, forwarded or patient.")
    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "remittances.list")
    with store_of(settings) as database, database.transaction(caller) as connection:
        found = list_next_claims(connection, state=state, limit=limit)
    if not found:
        out.print("No claims.")
        return
    table = ValueTable("claim", "facility", "second payer", "left", "first payer paid on", "released by")
    for each in found:
        table.add_row(
            str(each.claim_key), each.facility, each.payer_name or each.payer_id,
            dollars(in_dollars(each.amount_cents)), str(each.paid_on or ""), each.released_by,
        )  # fmt: skip
    wide().print(table)
    raise typer.Exit(Exit.FINDINGS)


@app.command("show")
def show(
    claim_key: Annotated[int, typer.Argument(metavar="KEY", help="The key of the claim to the first payer.")],
    reason: Annotated[
        str, typer.Option("--reason", help="Reason for access, 8 to 200 characters; kept in the audit log.")
    ],
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Print the 837 of a claim to its second payer, with all that identifies the patient.

    Exit status: 0, or 2 if there is no such claim or the reason is invalid.
    """
    from claimwright.features.remittance import next_claim_837

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "claims.identity")
    with store_of(settings) as database:
        sealer = sealer_of(settings, database)
        with database.transaction(caller) as connection:
            made = next_claim_837(caller, connection, sealer, claim_key, reason=reason)
    out.print(made.decode(), markup=False, soft_wrap=True, end="")


@app.command("release")
def release(
    claims: Annotated[list[int], typer.Argument(metavar="KEY...", help="Keys of claims that wait.")],
    output: Annotated[Path, typer.Option("--out", "-o", help="The 837 file to write.")],
    reason: Annotated[
        str, typer.Option("--reason", help="Reason, 8 to 200 characters; kept in the audit log.")
    ],
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Release claims to their second payers: write their 837, and transfer what is left to these payers.

    All of them are released, or none. The 837 has all that identifies the patients. From then on the second
    payer owes it in the ledger, not the patient.

    Exit status: 0, or 2 if one of them does not wait, the reason is invalid, or the file can't be written.
    """
    from claimwright.features.remittance import release_next_claims
    from claimwright.foundation import clock
    from claimwright.foundation.whole_files import WholeFile

    settings = settings_of(environment)
    permitted_caller(settings, tenant, "claims.identity")
    caller, _ = permitted_caller(settings, tenant, "ledger.post")
    with store_of(settings) as database:
        sealer = sealer_of(settings, database)
        try:
            # The file is written before the release is in force: what can't be written is not released.
            with database.transaction(caller) as connection:
                made = release_next_claims(caller, connection, sealer, claims, clock.now(), reason=reason)
                with WholeFile(output) as part:
                    part.write_bytes(made)
        except OSError as problem:
            fail(f"{output}: can't be written: {problem.strerror}. Check the folder and its permissions.")
    out.print(f"{len(set(claims)):,} claims released: {output}", markup=False, soft_wrap=True)


@app.command("patients")
def patients(limit: Most = 100, environment: Environment = None, tenant: Tenant = None) -> None:
    """List what patients owe, most first: claims without a second payer, or whose second payer has answered.

    Exit status: 0 none, 1 there are some.
    """
    from claimwright.store.next_claims import patient_balances
    from claimwright.store.underpayments import in_dollars

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "remittances.list")
    with store_of(settings) as database, database.transaction(caller) as connection:
        found = patient_balances(connection, limit=limit)
    if not found:
        out.print("No balances.")
        return
    table = ValueTable("claim", "facility", "dollars")
    for each in found:
        table.add_row(str(each.claim_key), each.facility, dollars(in_dollars(each.amount_cents)))
    wide().print(table)
    raise typer.Exit(Exit.FINDINGS)
