"""`claimwright predictions`: request, process and fetch predictions, as an API client does."""

from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING, Annotated

import typer

from .model_options import Models, registry_of
from .session import Environment, Tenant, caller_of, sealer_of, settings_of, store_of
from .terminal import Exit, fail, out, warn

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller

app = typer.Typer(
    help="Request the prediction of a stored claim, and fetch it when it is done.", no_args_is_help=True
)
Day = datetime.datetime


@app.command()
def submit(
    claim_key: Annotated[int, typer.Argument(metavar="KEY", min=1, help="The claim's key in the store.")],
    as_of: Annotated[
        Day | None,
        typer.Option("--as-of", formats=["%Y-%m-%d"], help="Submission date. Default: today."),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            "--key", help="Idempotency key: the same key is the same request. Default: claim and date."
        ),
    ] = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Request a prediction and print its tracking ID. A worker computes it: `claimwright predictions work`.

    Exit status: 0 requested, 2 there is no such claim.
    """
    from claimwright.features.prediction import ClaimNotFoundError, register_job, submit_prediction
    from claimwright.foundation import clock
    from claimwright.platform.jobs import Jobs

    settings = settings_of(environment)
    caller = caller_of(settings, tenant)
    day = as_of.date() if as_of else clock.today()
    try:
        with store_of(settings) as database, database.transaction(caller) as connection:
            tracking_id = submit_prediction(
                caller,
                connection,
                register_job(Jobs(database.address)),
                claim_key,
                key=key or day.isoformat(),
                as_of=day,
            )
    except ClaimNotFoundError as problem:
        fail(str(problem))
    out.print(tracking_id)


@app.command()
def status(
    tracking_id: Annotated[str, typer.Argument(metavar="TRACKING_ID", help="The tracking ID from `submit`.")],
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Show the state of a prediction as JSON: its stages, the seconds of each, and the result.

    Exit status: 0 completed or in progress, 1 failed, 2 not found.
    """
    from claimwright.features.prediction import PredictionJobs, Status, StoredJobs

    settings = settings_of(environment)
    with store_of(settings) as database:
        store = StoredJobs(caller_of(settings, tenant), database, sealer_of(settings, database))
        found = PredictionJobs(store, registry_of(None, environment), store.claim).poll(tracking_id)
    out.print_json(json.dumps(found))
    exits = {Status.NOT_FOUND: Exit.UNUSABLE, Status.FAILED: Exit.FINDINGS}
    raise typer.Exit(exits.get(Status(found["status"]), Exit.CLEAN))


@app.command()
def work(
    watch: Annotated[
        bool, typer.Option("--watch", help="Keep running; process requests as they arrive.")
    ] = False,
    models: Models = None,
    environment: Environment = None,
) -> None:
    """Compute the requested predictions of all tenants. Several workers can share the queue.

    If a worker is killed, another one resumes at the stage that was not done. With --watch, it also looks for
    unusual access to patient data every hour (`audit.watch_minutes`), evaluates and delivers alerts on
    figures (`alerts.evaluate_minutes`), and delivers the reports that are due. Exit status: 0.
    """
    from claimwright.assembly.alerting import watching_alerts
    from claimwright.assembly.audit_signing import watching_accesses
    from claimwright.assembly.predictions import prediction_jobs
    from claimwright.assembly.reports import delivering_reports

    settings = settings_of(environment)
    caller = caller_of(settings, None)
    with store_of(settings) as database:
        if not watch:
            prediction_jobs(settings, database, models=models).work(wait=False)
            return

        def callers() -> list[Caller]:
            return [caller.of_tenant(each) for each in database.tenants()]

        with (
            watching_accesses(callers, settings, database, warn),
            watching_alerts(callers, settings, database, warn),
            delivering_reports(callers, settings, database, warn),
        ):
            prediction_jobs(settings, database, models=models).work(wait=True)
