"""`claimwright runs` and `claimwright dead-letters`: what became of claims."""

from __future__ import annotations

from typing import Annotated

import typer

from .opening import Environment, Tenant, settings_of, store_of
from .terminal import Exit, fail, out, wide

runs_app = typer.Typer(help="Runs of the pipeline: list them, show one.", invoke_without_command=True)
dead_app = typer.Typer(
    help="Claims that could not be processed: list them, try them again, give them up.",
    invoke_without_command=True,
)
Keys = Annotated[
    list[int] | None, typer.Argument(metavar="[KEY...]", help="Claim keys; all where none is named.")
]


@runs_app.callback()
def list_runs(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many, newest first.")] = 20,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """List the newest runs.

    Exit status: 0.
    """
    if context.invoked_subcommand is not None:
        return
    from rich.table import Table

    from claimwright.features.pipeline import runs

    settings = settings_of(environment)
    with store_of(settings) as database, database.transaction(tenant or settings.tenant) as connection:
        found = runs(connection, limit=limit)
    table = Table(
        "run", "state", "began", "chunks", "claims", "production", "review", "dead", "charged", box=None,
        pad_edge=False,
    )  # fmt: skip
    for each in found:
        table.add_row(
            str(each.run_id), each.state, f"{each.started_at:%Y-%m-%d %H:%M}",
            f"{each.chunks_done:,} of {each.chunks:,}", f"{each.claims:,}", f"{each.produced:,}",
            f"{each.review:,}", f"{each.dead:,}", f"{each.charge:,.2f}",
        )  # fmt: skip
    wide().print(table)


@runs_app.command("show")
def show(
    run_id: Annotated[int, typer.Argument(metavar="RUN", help="The run's number.")],
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Show a run: its chunks, the time of each stage, and the circuit breakers.

    Exit status: 0, or 2 where there is no such run.
    """
    from rich.table import Table

    from claimwright.features.pipeline import chunks, runs

    from .health_command import breakers_of

    settings = settings_of(environment)
    with store_of(settings) as database, database.transaction(tenant or settings.tenant) as connection:
        found = runs(connection, run_id=run_id)
        parts, broken = chunks(connection, run_id), breakers_of(settings, connection)
    if not found:
        fail(f"there is no run {run_id}. `claimwright runs` lists them.")
    view = found[0]
    out.print(
        f"run {view.run_id}, {view.state}, as of {view.as_of}: {view.claims:,} of {view.planned:,} claims",
        markup=False,
    )
    stages = list(dict.fromkeys(stage for part in parts for stage in part.seconds))
    table = Table(
        "chunk", "state", "worker", "leases", "crashes", "claims", "production", "review", "dead",
        *(f"{stage} s" for stage in stages), "problem", box=None, pad_edge=False,
    )  # fmt: skip
    for part in parts:
        counts = (part.claims, part.produced, part.review, part.dead)
        table.add_row(
            str(part.chunk), part.state, str(part.worker or ""), str(part.leases), str(part.crashes or ""),
            *("" if count is None else f"{count:,}" for count in counts),
            *(f"{part.seconds.get(stage, 0):.2f}" for stage in stages), part.problem or "",
        )  # fmt: skip
    wide().print(table)
    for each in broken:
        said = f"breaker {each.name}: {each.state.value} since {each.changed_at:%Y-%m-%d %H:%M:%S} UTC"
        if each.failures:
            said += f", {each.failures} failures in a row, {each.problem}"
        if each.retry_at:
            said += f", tried again at {each.retry_at:%H:%M:%S}"
        out.print(said, markup=False)


@dead_app.callback()
def list_dead(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many, newest first.")] = 100,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """List dead letters, newest first: where each came in, and what went wrong.

    Exit status: 0 there are none, 1 there are some.
    """
    if context.invoked_subcommand is not None:
        return
    from rich.table import Table

    from claimwright.features.pipeline import dead_letters

    settings = settings_of(environment)
    with store_of(settings) as database, database.transaction(tenant or settings.tenant) as connection:
        found = dead_letters(connection, limit=limit)
    table = Table(
        "claim", "file", "claim of file", "facility", "form", "charge", "what", "stage", "run", "state",
        box=None, pad_edge=False,
    )  # fmt: skip
    for each in found:
        table.add_row(
            str(each.claim_key), str(each.file_id), str(each.position), each.facility, each.form,
            "" if each.total_charge is None else f"{each.total_charge:,.2f}", each.reason, each.stage,
            str(each.run_id), each.state,
        )  # fmt: skip
    wide().print(table)
    raise typer.Exit(Exit.FINDINGS if any(each.state == "dead" for each in found) else Exit.CLEAN)


@dead_app.command("retry")
def retry(keys: Keys = None, environment: Environment = None, tenant: Tenant = None) -> None:
    """Stage dead letters again; the next run takes them.

    Exit status: 0.
    """
    from claimwright.features.pipeline import retry as tried_again

    settings = settings_of(environment)
    whose = tenant or settings.tenant
    with store_of(settings) as database, database.transaction(whose) as connection:
        moved = tried_again(connection, whose, "system:operator", keys or None)
    out.print(f"{len(moved):,} staged again. Process them: claimwright run.")


@dead_app.command("discard")
def discard(
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the audit log.")],
    keys: Keys = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Give dead letters up. They stay in the list, marked.

    Exit status: 0, or 2 where the reason can't be kept.
    """
    from claimwright.features.pipeline import discard as given_up
    from claimwright.platform.audit import AuditProblem

    settings = settings_of(environment)
    whose = tenant or settings.tenant
    try:
        with store_of(settings) as database, database.transaction(whose) as connection:
            marked = given_up(connection, whose, "system:operator", keys or None, reason=reason)
    except AuditProblem as problem:
        fail(f"--reason: {problem}")
    out.print(f"{len(marked):,} discarded.")
