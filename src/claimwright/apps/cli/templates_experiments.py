"""`claimwright templates experiment ...`: two versions of a template, divided by case, with a stop rule."""

from __future__ import annotations

from typing import Annotated

import typer

from .appeals_session import told
from .session import Environment, Tenant, permitted_caller, settings_of, store_of
from .shapes import Shape, ShapeOption, print_json
from .templates_command import FileId, templates_app
from .terminal import ValueTable, out, wide

ExperimentId = Annotated[str, typer.Argument(metavar="EXPERIMENT", help="Id of the experiment.")]


with_experiments = templates_app


@templates_app.command("experiments")
def experiments(
    shape: ShapeOption = Shape.TABLE, environment: Environment = None, tenant: Tenant = None
) -> None:
    """List experiments as they stand. Those whose stop rule is met are stopped first. Exit status: 0."""
    from dataclasses import asdict

    from claimwright.features.governance import list_experiments, settle_experiments

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "templates.read")
    with store_of(settings) as database, database.transaction(caller) as connection:
        settle_experiments(caller, connection)
        found = list_experiments(connection)
    if shape is Shape.JSON:
        print_json([asdict(each) for each in found])
        return
    table = ValueTable("experiment", "template", "state", "result", "a", "b", "pairs", "evidence", "stops at")
    for each in found:
        stored, said = each.stored, each.standing
        table.add_row(
            stored.experiment_id, stored.template_id, stored.state, stored.result or said.result or "",
            f"version {stored.version_a}: {said.a_won} of {said.a_decided}",
            f"version {stored.version_b}: {said.b_won} of {said.b_decided}",
            str(said.pairs), f"{said.evidence:.2f}", f"{said.stops_at:.0f}",
        )  # fmt: skip
    wide().print(table)


@templates_app.command("experiment")
def experiment(
    experiment_id: ExperimentId,
    file_id: FileId,
    version_a: Annotated[int, typer.Argument(metavar="A", min=1, help="A version; one of both is active.")],
    version_b: Annotated[int, typer.Argument(metavar="B", min=1, help="The other, approved.")],
    error: Annotated[
        int, typer.Option("--error", min=1, max=20, help="Percent of experiments that may stop for nothing.")
    ] = 5,
    most: Annotated[
        int, typer.Option("--most", min=10, max=100_000, help="Pairs of decided cases until it gives up.")
    ] = 400,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Let new cases of a template get version A or B, by their number. It may be looked at at any time.

    Exit status: 0, or 2.
    """
    from claimwright.features.governance import start_experiment
    from claimwright.platform.objects import open_objects

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "templates.change")
    with store_of(settings) as database, told(), database.transaction(caller) as connection:
        start_experiment(
            caller, connection, open_objects(settings), experiment_id, file_id, version_a, version_b,
            error_percent=error, most_pairs=most,
        )  # fmt: skip
    out.print(f"experiment {experiment_id} runs.", markup=False)


@templates_app.command("experiment-end")
def experiment_end(
    experiment_id: ExperimentId, environment: Environment = None, tenant: Tenant = None
) -> None:
    """End an experiment before its rule does. Its cases keep their letters. Exit status: 0, or 2."""
    from claimwright.features.governance import end_experiment

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "templates.change")
    with store_of(settings) as database, told(), database.transaction(caller) as connection:
        end_experiment(caller, connection, experiment_id)
    out.print(f"experiment {experiment_id} is ended.", markup=False)
