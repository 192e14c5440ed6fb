"""`claimwright events`: what happened, carried to whoever listens."""

from __future__ import annotations

import threading
from typing import Annotated

import typer

from .session import AllTenants, Environment, Tenant, callers_of, settings_of, store_of
from .terminal import Exit, err, fail, out, wide

app = typer.Typer(help="Events: list them, carry them to the webhook.", no_args_is_help=True)


@app.command("list")
def names() -> None:
    """Show every event: its name, when it is published, and what its data holds.

    Exit status: 0.
    """
    from rich.table import Table

    from claimwright.store.events import EVENTS

    table = Table("event", "when", "data", box=None, pad_edge=False)
    for event in EVENTS.types.values():
        table.add_row(event.name, event.meaning, ", ".join(event.schema["properties"]))
    wide().print(table)


@app.command("relay")
def relay(
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on until interrupted, as events are committed.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--retry-abandoned", help="Try events that were given up anew first.")
    ] = False,
    environment: Environment = None,
    tenant: Tenant = None,
    all_tenants: AllTenants = False,
) -> None:
    """Post the tenant's events to the webhook of the settings, signed; those that failed are tried again.

    Exit status: 0 all that was due is delivered, 1 some failed and will be tried again, 2 unusable settings.
    """
    from claimwright.platform.events import Backoff, Relayed, WebhookTarget, retry_abandoned
    from claimwright.platform.events import relay as relayed
    from claimwright.platform.observability import METRICS, configure_logs, get_logger

    settings = settings_of(environment)
    wanted = settings.events
    if not wanted.webhook_url or not wanted.webhook_secret:
        fail("set events.webhook_url and events.webhook_secret: they say where events go, and sign them.")
    secret = wanted.webhook_secret.get_secret_value()
    target = WebhookTarget(wanted.webhook_url, secret, timeout_seconds=wanted.timeout_seconds)
    backoff = Backoff(wanted.attempts, wanted.retry_first_seconds, wanted.retry_longest_seconds)
    if watch:
        configure_logs(settings)
    log = get_logger("events.relay")
    done = Relayed()
    with store_of(settings) as database, database.connect() as connection:
        callers = callers_of(settings, database, tenant, everyone=all_tenants)
        if again:
            count = sum(retry_abandoned(each, connection, target.name) for each in callers)
            out.print(f"{count:,} events are tried anew.")
        while True:
            rounds = [relayed(each, connection, target, backoff=backoff) for each in callers]
            done = Relayed(
                sum(each.delivered for each in rounds),
                sum(each.failed for each in rounds),
                sum(each.abandoned for each in rounds),
            )
            for outcome in ("delivered", "failed", "abandoned"):
                METRICS().delivered(target.name, outcome, getattr(done, outcome))
            if done.failed:
                log.warning("events were not taken", failed=done.failed, target=target.name)
            if not watch:
                break
            # NOTIFY would tell sooner; a second is soon enough for a webhook, and outlives a lost connection.
            threading.Event().wait(1)
            # Somebody may have come since.
            callers = callers_of(settings, database, tenant, everyone=all_tenants)
    err.print(
        f"{done.delivered:,} delivered, {done.failed:,} failed, {done.abandoned:,} given up.", markup=False
    )
    raise typer.Exit(Exit.FINDINGS if done.failed else Exit.CLEAN)
