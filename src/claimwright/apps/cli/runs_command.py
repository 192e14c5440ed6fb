"""`claimwright runs` and `claimwright dead-letters`: runs and the claims that they could not process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .consent import DryRun, Yes, require_consent
from .session import Environment, Tenant, caller_of, settings_of, store_of
from .terminal import Exit, ValueTable, fail, out, wide

if TYPE_CHECKING:
    from rich.table import Table

    from claimwright.features.claims import ChunkView

runs_app = typer.Typer(help="Pipeline runs: list them, show one.", invoke_without_command=True)
dead_app = typer.Typer(
    help="Claims that could not be processed: list, retry or discard them.",
    invoke_without_command=True,
)
_ALL = 1_000_000
Keys = Annotated[list[int] | None, typer.Argument(metavar="[KEY...]", help="Claim keys. Default: all.")]


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
    from claimwright.features.claims import runs

    settings = settings_of(environment)
    with store_of(settings) as database, database.transaction(caller_of(settings, tenant)) as connection:
        found = runs(connection, limit=limit)
    if not found:
        out.print(
            "No runs yet. Stage claims (claimwright intake FILE --facility ID), then: claimwright run.",
            soft_wrap=True,
            markup=False,
        )
        return
    table = ValueTable(
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

    Exit status: 0, or 2 if there is no such run.
    """
    from claimwright.assembly.health import breaker_standings
    from claimwright.features.claims import chunks, runs

    settings = settings_of(environment)
    with store_of(settings) as database, database.transaction(caller_of(settings, tenant)) as connection:
        found = runs(connection, run_id=run_id)
        parts, broken = chunks(connection, run_id), breaker_standings(settings, connection)
    if not found:
        fail(f"there is no run {run_id}. `claimwright runs` lists them.")
    view = found[0]
    out.print(
        f"run {view.run_id}, {view.state}, as of {view.as_of}: {view.claims:,} of {view.planned:,} claims",
        markup=False,
    )
    wide().print(_progress(parts))
    if any(part.seconds for part in parts):
        wide().print()
        wide().print(_stages(parts))
    for each in broken:
        said = f"breaker {each.name}: {each.state.value} since {each.changed_at:%Y-%m-%d %H:%M:%S} UTC"
        if each.failures:
            said += f", {each.failures} failures in a row, {each.problem}"
        if each.retry_at:
            said += f", next attempt at {each.retry_at:%H:%M:%S}"
        out.print(said, markup=False)


@runs_app.command("give-up")
def give_up(
    run_id: Annotated[int, typer.Argument(metavar="RUN", help="The run's number.")],
    chunk: Annotated[int, typer.Argument(metavar="CHUNK", help="The chunk's number, as `runs show` has it.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the audit log.")],
    yes: Yes = False,
    dry_run: DryRun = False,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Give up a chunk that keeps failing: its claims become dead letters, and the run continues.

    When the cause is corrected, `claimwright dead-letters retry` stages the claims again.

    Exit status: 0, or 2 if nothing was changed.
    """
    from claimwright.features.claims import ChunkNotOpenError, give_up_chunk, staged_in_chunk
    from claimwright.platform.audit import AuditError

    settings = settings_of(environment)
    caller = caller_of(settings, tenant)
    try:
        with store_of(settings) as database:
            with database.transaction(caller) as connection:
                going = [f"{staged_in_chunk(connection, run_id, chunk):,} claims, to the dead letters"]
            require_consent(f"Giving up chunk {chunk} of run {run_id}", going, yes=yes, dry_run=dry_run)
            with database.transaction(caller) as connection:
                count = give_up_chunk(caller, connection, run_id, chunk, reason=reason)
    except ChunkNotOpenError as problem:
        fail(str(problem))
    except AuditError as problem:
        fail(f"--reason: {problem}")
    out.print(f"{count:,} claims are now dead letters. Continue with: claimwright run.")


def _progress(parts: list[ChunkView]) -> Table:
    """The state of each chunk; columns without any value are left out."""
    columns: dict[str, list[str]] = {
        "chunk": [str(part.chunk) for part in parts],
        "state": [part.state for part in parts],
        "worker": [str(part.worker or "") for part in parts],
        "leases": [str(part.leases) for part in parts],
        "crashes": [str(part.crashes or "") for part in parts],
        "claims": [_count(part.claims) for part in parts],
        "production": [_count(part.produced) for part in parts],
        "review": [_count(part.review) for part in parts],
        "dead": [_count(part.dead) for part in parts],
        "problem": [part.problem or "" for part in parts],
    }
    table = ValueTable(box=None, pad_edge=False)
    shown = [name for name in columns if name not in {"crashes", "problem"} or any(columns[name])]
    for name in shown:
        table.add_column(name, justify="left" if name in {"state", "problem"} else "right")
    for row in zip(*(columns[name] for name in shown), strict=True):
        table.add_row(*row)
    return table


def _count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def _stages(parts: list[ChunkView]) -> Table:
    """The time of each stage. Stages of several chunks overlap, so their sum is more than the run's time."""
    from rich.table import Column

    from claimwright.features.pipeline import STAGES

    table = ValueTable(
        "stage",
        *(Column(name, justify="right") for name in ("seconds", "a chunk", "longest", "in chunk")),
        box=None,
        pad_edge=False,
    )
    for stage in STAGES:
        took = [(part.seconds[stage], part.chunk) for part in parts if stage in part.seconds]
        if took:
            total, (longest, chunk) = sum(seconds for seconds, _ in took), max(took)
            table.add_row(stage, f"{total:.2f}", f"{total / len(took):.2f}", f"{longest:.2f}", str(chunk))
    return table


@dead_app.callback()
def list_dead(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many, newest first.")] = 100,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """List dead letters, newest first: source file, position and error.

    Exit status: 0 there are none, 1 there are some.
    """
    if context.invoked_subcommand is not None:
        return
    from claimwright.features.claims import dead_letters

    settings = settings_of(environment)
    with store_of(settings) as database, database.transaction(caller_of(settings, tenant)) as connection:
        found = dead_letters(connection, limit=limit)
    if not found:
        out.print("No dead letters. All claims of all runs were processed.", soft_wrap=True)
        return
    table = ValueTable(
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
    from claimwright.features.claims import retry as tried_again

    settings = settings_of(environment)
    caller = caller_of(settings, tenant)
    with store_of(settings) as database, database.transaction(caller) as connection:
        moved = tried_again(caller, connection, keys or None)
    out.print(f"{len(moved):,} staged again. Process them: claimwright run.")


@dead_app.command("discard")
def discard(
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the audit log.")],
    keys: Keys = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Discard dead letters. They stay in the list, marked, and are not retried.

    Exit status: 0, or 2 if the reason is invalid or a claim needs another person's approval.
    """
    from claimwright.assembly.reviews import gather
    from claimwright.features.claims import ApprovalNeededError, dead_letters
    from claimwright.features.claims import discard as given_up
    from claimwright.platform.audit import AuditError

    settings = settings_of(environment)
    caller = caller_of(settings, tenant)
    try:
        with store_of(settings) as database:
            gather(caller, settings, database)
            with database.transaction(caller) as connection:
                dead = [each for each in dead_letters(connection, limit=_ALL) if each.state == "dead"]
            going = [
                f"claim {each.claim_key} of file {each.file_id}: {each.reason}"
                for each in dead
                if not keys or each.claim_key in keys
            ]
            require_consent("Discarding dead letters", going, yes=yes, dry_run=dry_run)
            with database.transaction(caller) as connection:
                marked = given_up(caller, connection, keys or None, reason=reason)
    except ApprovalNeededError as problem:
        fail(f"{problem}: claimwright queue do propose ITEM --propose discard.")
    except AuditError as problem:
        fail(f"--reason: {problem}")
    out.print(f"{len(marked):,} discarded.")
