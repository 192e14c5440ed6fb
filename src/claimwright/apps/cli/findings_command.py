"""`claimwright findings`: findings of runs on production claims."""

from __future__ import annotations

from typing import Annotated

import typer

from .session import Environment, Tenant, permitted_caller, settings_of, store_of
from .terminal import ValueTable, dollars, fail, out, wide

app = typer.Typer(help="Findings of the claims in the store: count them, list them.", no_args_is_help=True)


@app.command("count")
def count(environment: Environment = None, tenant: Tenant = None) -> None:
    """Count findings by code, over all claims that are not superseded.

    Exit status: 0.
    """
    from claimwright.features.claims import count_findings

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "findings.list")
    with store_of(settings) as database, database.transaction(caller) as connection:
        found = count_findings(connection)
    if not found:
        out.print("No findings.")
        return
    table = ValueTable("code", "severity", "findings", "claims", "waived", "dollars")
    for each in found:
        table.add_row(
            each.code, each.severity, f"{each.findings:,}", f"{each.claims:,}", f"{each.waived:,}",
            dollars(each.amount),
        )  # fmt: skip
    wide().print(table)


@app.command("list")
def list_all(
    code: Annotated[str | None, typer.Option("--code", help="Findings with this code only.")] = None,
    severity: Annotated[str | None, typer.Option("--severity", help="block, warn or note.")] = None,
    after: Annotated[
        int, typer.Option("--after", min=0, metavar="KEY", help="Start after this claim key.")
    ] = 0,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=10_000, help="Maximum number of claims.")
    ] = 100,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """List findings by claim: code, severity, and place in the claim.

    Exit status: 0, or 2 if the severity is unknown.
    """
    from claimwright.domain.findings import Severity
    from claimwright.features.claims import list_findings

    if severity is not None and severity not in list(Severity):
        fail(f"--severity: one of {', '.join(Severity)}.")
    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "findings.list")
    with store_of(settings) as database, database.transaction(caller) as connection:
        found = list_findings(connection, code=code, severity=severity, after=after, claims=limit)
    if not found:
        out.print("No findings.")
        return
    table = ValueTable("claim", "line", "code", "severity", "element", "field", "detail", "dollars", "waiver")
    for each in found:
        table.add_row(
            str(each.claim_key), str(each.line or ""), each.code, each.severity, each.element, each.field,
            each.detail, dollars(each.amount), each.waiver,
        )  # fmt: skip
    wide().print(table)
    if len({each.claim_key for each in found}) == limit:
        out.print(f"Next page: --after {found[-1].claim_key}", markup=False)
