"""`claimwright deliver`: send production claims to an external database."""

from __future__ import annotations

from typing import Annotated

import typer

from .session import Environment, Tenant, caller_of, settings_of, store_of
from .terminal import Exit, err, fail

# At most this many keys are listed in a message.
_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("deliver")(deliver)


def deliver(
    batch: Annotated[int, typer.Option("--batch", min=1, max=50_000, help="Claims per batch.")] = 5_000,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Deliver production claims to the database of `pipeline.target_url`, each claim and version once.

    A failing delivery is attempted up to `pipeline.attempts` times. Claims that are already there are not
    written twice. After `pipeline.breaker_failures` failures in a row, the circuit breaker opens for
    `pipeline.breaker_seconds`: the remaining claims wait for the next call.

    Exit status: 0 all delivered, 1 the target failed or its circuit breaker is open, 2 unusable settings.
    """
    from claimwright.assembly.deliveries import (
        TargetMissingError,
        deliver_claims,
        target_address,
        undelivered_claims,
    )
    from claimwright.features.delivery import TRANSIENT, DeliveryError, TargetUnavailableError
    from claimwright.platform.observability import configure_spans

    settings = settings_of(environment)
    configure_spans(settings)
    claims = new = 0
    differing: set[int] = set()
    caller = caller_of(settings, tenant)
    try:
        # Before the store is opened.
        target_address(settings)
    except TargetMissingError as problem:
        fail(str(problem))
    with store_of(settings) as database:
        try:
            for done in deliver_claims(caller, settings, database, batch=batch):
                claims, new = claims + done.claims, new + done.new
                differing |= done.differing
        except DeliveryError as problem:
            fail(str(problem))
        except TargetUnavailableError as rests:
            left = undelivered_claims(caller, settings, database)
            err.print(
                f"claimwright: {claims:,} claims delivered, {left:,} wait: {rests}. Then run this again.",
                style="red", markup=False, soft_wrap=True,
            )  # fmt: skip
            raise typer.Exit(Exit.FINDINGS) from None
        except TRANSIENT as problem:
            err.print(
                f"claimwright: {claims:,} claims were delivered, then the target failed"
                f" {settings.pipeline.attempts} times: {type(problem).__name__}. Run this command again.",
                style="red", markup=False, soft_wrap=True,
            )  # fmt: skip
            raise typer.Exit(Exit.FINDINGS) from None
    err.print(f"{claims:,} claims delivered, {new:,} of them new there.", markup=False)
    if differing:
        shown = ", ".join(map(str, sorted(differing)[:_SHOWN])) + (", ..." if len(differing) > _SHOWN else "")
        err.print(
            f"claimwright: {len(differing):,} claims were not delivered: the target has other claims under"
            f" their keys ({shown}), for example after the restore of an older backup. Delete the wrong"
            " rows there, and run this command again.",
            style="red", markup=False, soft_wrap=True,
        )  # fmt: skip
        raise typer.Exit(Exit.FINDINGS)
