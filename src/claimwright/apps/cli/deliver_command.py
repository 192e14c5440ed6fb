"""`claimwright deliver`: production claims to another database."""

from __future__ import annotations

from typing import Annotated

import typer

from .opening import Environment, Tenant, settings_of, store_of
from .terminal import Exit, err, fail


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("deliver")(deliver)


def deliver(
    batch: Annotated[int, typer.Option("--batch", min=1, max=50_000, help="Claims sent together.")] = 5_000,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Deliver production claims to the database of `pipeline.target_url`, each claim and version once.

    A target that fails is tried again, as `pipeline.attempts` says; what is there already is never written
    twice.

    Exit status: 0 everything is delivered, 1 the target failed on the way, 2 unusable settings.
    """
    from claimwright.features.delivery import (
        TRANSIENT,
        DeliveryProblem,
        Patience,
        deliver_patiently,
        open_target,
    )

    settings = settings_of(environment)
    wanted = settings.pipeline
    url = wanted.target_url
    if url is None:
        fail("set pipeline.target_url: postgresql://... or mssql://..., the database to deliver to.")
    address = url.get_secret_value()
    patience = Patience(wanted.attempts, wanted.retry_first_seconds, wanted.retry_longest_seconds)
    claims = new = 0
    with store_of(settings) as database:
        try:
            for done in deliver_patiently(
                database,
                lambda: open_target(address),
                tenant=tenant or settings.tenant,
                batch=batch,
                patience=patience,
            ):
                claims, new = claims + done.claims, new + done.new
        except DeliveryProblem as problem:
            fail(str(problem))
        except TRANSIENT as problem:
            err.print(
                f"claimwright: {claims:,} claims are delivered, then the target failed {patience.attempts}"
                f" times: {type(problem).__name__}. Run this again.",
                style="red", markup=False, soft_wrap=True,
            )  # fmt: skip
            raise typer.Exit(Exit.FINDINGS) from None
    err.print(f"{claims:,} claims delivered, {new:,} of them new there.", markup=False)
