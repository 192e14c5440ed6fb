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

    Run it again after any failure: what is there already is not written twice.

    Exit status: 0 everything is delivered, 1 the target failed on the way, 2 unusable settings.
    """
    import psycopg

    from claimwright.features.delivery import DeliveryProblem, open_target
    from claimwright.features.delivery import deliver as delivered

    settings = settings_of(environment)
    url = settings.pipeline.target_url
    if url is None:
        fail("set pipeline.target_url: postgresql://... or mssql://..., the database to deliver to.")
    claims = new = 0
    with store_of(settings) as database:
        try:
            with open_target(url.get_secret_value()) as target:
                for done in delivered(database, target, tenant=tenant or settings.tenant, batch=batch):
                    claims, new = claims + done.claims, new + done.new
        except DeliveryProblem as problem:
            fail(str(problem))
        except (psycopg.Error, OSError, RuntimeError) as problem:
            err.print(
                f"claimwright: {claims:,} claims are delivered, then the target failed:"
                f" {type(problem).__name__}. Run this again.", style="red", markup=False, soft_wrap=True,
            )  # fmt: skip
            raise typer.Exit(Exit.FINDINGS) from None
    err.print(f"{claims:,} claims delivered, {new:,} of them new there.", markup=False)
