"""`claimwright appeals`: cases, approval by another person, hand-off, outcome."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated

import typer

from .appeals_session import day_of, demand_shown, means_of, told
from .options import AsOf, Reason
from .session import Environment, Tenant, permitted_caller, sealer_of, settings_of, store_of
from .shapes import Shape, ShapeOption, print_json
from .terminal import Exit, ValueTable, cents_of, fail, out, wide

app = typer.Typer(
    help="Appeals: list, show, confirm, approve, send, outcome; payers' addresses.",
    invoke_without_command=True,
)
AppealId = Annotated[int, typer.Argument(metavar="APPEAL", min=1, help="The appeal's number.")]


@app.callback()
def appeals(
    context: typer.Context,
    state: Annotated[
        list[str] | None, typer.Option("--state", help="In this state only. Repeatable.")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=1_000, help="Maximum number of appeals.")
    ] = 50,
    shape: ShapeOption = Shape.TABLE,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """List appeals by what they are expected to bring and their clock. Outcomes from remittances are set
    first.

    Exit status: 0.
    """
    if context.invoked_subcommand is not None:
        return
    from dataclasses import asdict

    from claimwright.features.appeals import list_cases, settle_appeals

    from .appeals_views import print_cases

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "appeals.list")
    with store_of(settings) as database, database.transaction(caller) as connection:
        settle_appeals(caller, connection)
        found = list_cases(connection, states=state or (), limit=limit)
    if shape is Shape.JSON:
        print_json([asdict(each) for each in found])
    elif not found:
        out.print("No appeals. `claimwright appeal DENIAL` drafts one.")
    else:
        print_cases(found)


@app.command("show")
def show(
    appeal_id: AppealId, reason: Reason, shape: ShapeOption = Shape.TABLE, environment: Environment = None,
    tenant: Tenant = None,
) -> None:  # fmt: skip
    """Show an appeal: its letter, each statement with what it rests on, and what the gate marks.

    Exit status: 0, 1 if something is marked, 2 if there is no such appeal or it may not be seen.
    """
    from dataclasses import asdict

    from claimwright.features.appeals import appeal_sheet, one_case

    from .appeals_views import next_step, print_sheet

    settings = settings_of(environment)
    caller, access = permitted_caller(settings, tenant, "appeals.read")
    with store_of(settings) as database, told():
        sealer = sealer_of(settings, database)
        means = means_of(settings, database, sealer)
        with database.transaction(caller) as connection:
            case = one_case(connection, appeal_id)
            demand_shown(caller, access, connection, sealer, case.claim_key)
            sheet = appeal_sheet(caller, connection, means, appeal_id, reason=reason)
    if shape is Shape.JSON:
        draft = sheet.draft
        print_json(
            {
                "case": asdict(sheet.case), "stages": dict(sheet.stages), "eligibility": sheet.eligibility,
                "facts": sheet.facts and sheet.facts.model_dump(mode="json"),
                "draft": draft and draft.draft.model_dump(mode="json"),
                "findings": [asdict(each) for each in draft.findings] if draft else [],
            }
        )  # fmt: skip
    else:
        print_sheet(sheet, with_text=True)
        if (then := next_step(sheet.case)) is not None:
            out.print(f"Next: {then}", markup=False, soft_wrap=True)
    if sheet.draft is not None and sheet.draft.open_findings:
        raise typer.Exit(Exit.FINDINGS)


@app.command("confirm")
def confirm(
    appeal_id: AppealId,
    statement: Annotated[str, typer.Argument(metavar="STATEMENT", help="Id of the statement.")],
    reason: Reason,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Confirm a statement that no approved sentence says. What contradicts the case can't be confirmed.

    Exit status: 0, or 2.
    """
    from claimwright.features.appeals import confirm_statement, one_case

    settings = settings_of(environment)
    caller, access = permitted_caller(settings, tenant, "appeals.work")
    with store_of(settings) as database, told():
        sealer = sealer_of(settings, database)
        means = means_of(settings, database, sealer)
        with database.transaction(caller) as connection:
            demand_shown(caller, access, connection, sealer, one_case(connection, appeal_id).claim_key)
            made = confirm_statement(caller, connection, means, appeal_id, statement, reason=reason)
    out.print(f"{len(made.open_findings)} things remain marked.", markup=False)


@app.command("approve")
def approve(
    appeal_id: AppealId, as_of: AsOf = None, environment: Environment = None, tenant: Tenant = None
) -> None:
    """Approve a letter on which nothing is marked, as another person than the one who drafted it.

    The gate judges it once more. Exit status: 0, or 2 with the reason.
    """
    from claimwright.features.appeals import approve_appeal, one_case

    settings = settings_of(environment)
    caller, access = permitted_caller(settings, tenant, "appeals.approve")
    with store_of(settings) as database, told():
        sealer = sealer_of(settings, database)
        means = means_of(settings, database, sealer)
        with database.transaction(caller) as connection:
            demand_shown(caller, access, connection, sealer, one_case(connection, appeal_id).claim_key)
            approve_appeal(caller, connection, means, appeal_id, as_of=day_of(as_of))
    out.print(
        f"appeal {appeal_id} is approved. Next: claimwright appeals send {appeal_id} --to FOLDER",
        markup=False,
    )


@app.command("send")
def send(
    appeal_id: AppealId,
    to: Annotated[
        Path,
        typer.Option(
            "--to", metavar="FOLDER", help="Folder of the hand-off, such as that of the payer's portal."
        ),
    ],
    how: Annotated[str, typer.Option("--how", help="portal, fax or mail; for the manifest.")] = "portal",
    as_of: AsOf = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Hand an approved appeal off: a folder with the letter as PDF and a manifest, and the denial is
    appealed.

    Exit status: 0, or 2: it is not approved, its time is over, or the folder can't be written.
    """
    from claimwright.features.appeals import one_case, send_appeal

    settings = settings_of(environment)
    caller, access = permitted_caller(settings, tenant, "appeals.send")
    with store_of(settings) as database, told():
        sealer = sealer_of(settings, database)
        means = means_of(settings, database, sealer)
        try:
            with database.transaction(caller) as connection:
                demand_shown(caller, access, connection, sealer, one_case(connection, appeal_id).claim_key)
                made = send_appeal(caller, connection, means, appeal_id, to, how=how, as_of=day_of(as_of))
        except OSError as problem:
            fail(f"{to}: can't be written: {problem.strerror}. The appeal stays approved.")
    out.print(
        f"{made.folder}: letter.pdf and manifest.json, SHA-256 {made.digest}", markup=False, soft_wrap=True
    )


@app.command("outcome")
def outcome(
    appeal_id: AppealId,
    state: Annotated[str, typer.Argument(metavar="OUTCOME", help="won, partly_won or lost.")],
    on: Annotated[
        datetime.datetime, typer.Option("--on", formats=["%Y-%m-%d"], help="Date of the decision.")
    ],
    recovered: Annotated[str | None, typer.Option("--recovered", help="Dollars recovered.")] = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """State the outcome that a payer's letter gives. A remittance sets it by itself.

    Exit status: 0, or 2.
    """
    from claimwright.features.appeals import state_outcome

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "appeals.send")
    cents = None if recovered is None else cents_of(recovered, "--recovered")
    with store_of(settings) as database, told(), database.transaction(caller) as connection:
        state_outcome(caller, connection, appeal_id, state, decided_on=on.date(), recovered_cents=cents)
    out.print(f"appeal {appeal_id}: {state}.", markup=False)


@app.command("withdraw")
def withdraw(
    appeal_id: AppealId, reason: Reason, environment: Environment = None, tenant: Tenant = None
) -> None:
    """Give up an appeal that is not sent. Exit status: 0, or 2."""
    from claimwright.features.appeals import withdraw_appeal

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "appeals.work")
    with store_of(settings) as database, told(), database.transaction(caller) as connection:
        withdraw_appeal(caller, connection, appeal_id, reason=reason)
    out.print(f"appeal {appeal_id}: withdrawn.", markup=False)


@app.command("address")
def address(
    payer: Annotated[str, typer.Argument(metavar="PAYER", help="ID of the payer, as claims have it.")],
    name: Annotated[str, typer.Option("--name", help="Name of the payer's office.")],
    at: Annotated[str, typer.Option("--at", help="Address; lines separated by |.")],
    source: Annotated[str, typer.Option("--source", help="Where the address is from: a manual, a letter.")],
    since: Annotated[
        datetime.datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day on which it counts.")
    ],
    level: Annotated[int, typer.Option("--level", min=0, max=5, help="Level of appeal; 0 for any.")] = 0,
    fax: Annotated[str | None, typer.Option("--fax", help="Fax number.")] = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """State where a payer takes appeals. Exit status: 0, or 2 if a part can't be used."""
    from claimwright.features.appeals import state_address

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "appeals.work")
    with store_of(settings) as database, told(), database.transaction(caller) as connection:
        state_address(
            caller, connection, payer, name=name, address=at, source=source, effective_from=since.date(),
            level=level, fax=fax,
        )  # fmt: skip
    out.print(f"payer {payer}: address from {since.date()} on.", markup=False)


@app.command("addresses")
def addresses(environment: Environment = None, tenant: Tenant = None) -> None:
    """List where payers take appeals. Exit status: 0."""
    from claimwright.features.appeals import list_addresses

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "appeals.list")
    with store_of(settings) as database, database.transaction(caller) as connection:
        found = list_addresses(connection)
    table = ValueTable("payer", "level", "from", "name", "address", "fax", "source")
    for each in found:
        table.add_row(
            each.payer_id, str(each.level or "any"), str(each.effective_from), each.name,
            each.address.replace("\n", ", "), each.fax or "", each.source,
        )  # fmt: skip
    wide().print(table)


@app.command("record")
def record(shape: ShapeOption = Shape.TABLE, environment: Environment = None, tenant: Tenant = None) -> None:
    """Show how often letters of each template version overturned the denial, with the 95 % interval.

    Exit status: 0.
    """
    from dataclasses import asdict

    from claimwright.features.appeals import settle_appeals, template_outcomes

    from .remit_posting import cents_told

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "appeals.list")
    with store_of(settings) as database, database.transaction(caller) as connection:
        settle_appeals(caller, connection)
        found = template_outcomes(connection)
    if shape is Shape.JSON:
        print_json([asdict(each) for each in found])
        return
    table = ValueTable("template", "version", "sent", "decided", "overturned", "interval", "recovered")
    for each in found:
        share = "" if each.overturned_percent is None else f"{each.overturned_percent} %"
        span = "" if each.low_percent is None else f"{each.low_percent} to {each.high_percent} %"
        table.add_row(
            each.template_id, str(each.version), str(each.sent), str(each.decided), share, span,
            cents_told(each.recovered_cents),
        )  # fmt: skip
    wide().print(table)


@app.command("work")
def work(
    watch: Annotated[bool, typer.Option("--watch", help="Keep running.")] = False,
    environment: Environment = None,
) -> None:
    """Do the stages of queued appeals, of all tenants. Exit status: 0."""
    from claimwright.assembly.appeals import appeal_jobs

    settings = settings_of(environment)
    permitted_caller(settings, None, "appeals.work")
    with store_of(settings) as database:
        appeal_jobs(settings, database).work(wait=watch)
