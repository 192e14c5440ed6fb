"""`claimwright events`: list the event types, and deliver events to the webhook."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Annotated

import typer

from .session import AllTenants, Environment, Tenant, callers_of, settings_of, store_of
from .terminal import Exit, ValueTable, err, fail, out, warn, wide

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.platform.events import Relayed

app = typer.Typer(help="Events: list the types, deliver events to the webhook.", no_args_is_help=True)


@app.command("list")
def names() -> None:
    """List the event types: name, when each is published, and its data fields.

    Exit status: 0.
    """
    from claimwright.store.events import EVENTS

    table = ValueTable("event", "when", "data", box=None, pad_edge=False)
    for event in EVENTS.types.values():
        table.add_row(event.name, event.meaning, ", ".join(event.schema["properties"]))
    wide().print(table)


@app.command("relay")
def relay(
    watch: Annotated[
        bool,
        typer.Option("--watch", help="Keep running until interrupted; deliver events as they are committed."),
    ] = False,
    again: Annotated[
        bool, typer.Option("--retry-abandoned", help="First retry events that were given up.")
    ] = False,
    environment: Environment = None,
    tenant: Tenant = None,
    all_tenants: AllTenants = False,
) -> None:
    """Deliver the tenant's events to the webhook, signed. Failed deliveries are retried.

    Exit status: 0 all due events delivered, 1 some failed and will be retried, 2 unusable settings.
    """
    from claimwright.assembly.relays import WebhookMissingError, webhook_relay
    from claimwright.platform.observability import configure_logs, get_logger

    settings = settings_of(environment)
    try:
        carrier = webhook_relay(settings)
    except WebhookMissingError as problem:
        fail(str(problem))
    if watch:
        configure_logs(settings)
    log = get_logger("events.relay")

    def report(done: Relayed) -> None:
        if done.failed:
            log.warning("events were not taken", failed=done.failed, target=carrier.target.name)

    with store_of(settings) as database:

        def callers() -> list[Caller]:
            return callers_of(settings, database, tenant, everyone=all_tenants)

        if again:
            with database.connect() as connection:
                count = carrier.retry_abandoned(callers(), connection)
            out.print(f"{count:,} events will be retried.")
        if watch:
            done = carrier.watch(callers, settings, database, threading.Event(), warn, report=report)
        else:
            with database.connect() as connection:
                done = carrier.round(callers(), connection)
            report(done)
    err.print(
        f"{done.delivered:,} delivered, {done.failed:,} failed, {done.abandoned:,} given up.", markup=False
    )
    raise typer.Exit(Exit.FINDINGS if done.failed else Exit.CLEAN)
