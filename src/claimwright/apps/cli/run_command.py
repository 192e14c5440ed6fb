"""`claimwright run`: staged claims to production, by one process or several, until all are done."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from .health_command import breakers_of, checks_of
from .options import AsOf
from .run_prediction import MEASURED_EVERY_SECONDS, measure_predictions
from .run_workers import configure_telling, help_with_runs, helped_by_others, shown, try_claims_of, worker_of
from .session import Environment, Tenant, caller_of, settings_of, store_of
from .supervision import OWN_PROCESS, Supervised, end_with, supervised
from .terminal import Exit, err, fail, out

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.features.pipeline import Run
    from claimwright.features.prediction import StoredPast
    from claimwright.platform.breakers import Breaker
    from claimwright.platform.database import Database
    from claimwright.platform.observability import Together
    from claimwright.platform.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("run")(run)


def run(
    context: typer.Context,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            min=1,
            max=256,
            help="Processes, where there are chunks for them; the setting by default.",
        ),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Keep going as claims arrive.")] = False,
    as_of: AsOf = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
    join: Annotated[int | None, typer.Option("--join", hidden=True, help="Help with this run.")] = None,
    trial: Annotated[
        bool, typer.Option("--trial", hidden=True, help="Compute the claims that standard input names.")
    ] = False,
    metrics_port: Annotated[
        int | None,
        typer.Option(
            "--metrics-port", min=0, max=65_535, help="Serve /metrics and /health on this loopback port."
        ),
    ] = None,
    log: Annotated[bool, typer.Option("--log", help="Write log lines to standard error.")] = False,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Process what is staged: check, price, predict, route, and put into production or the dead letters.

    Killed at any point, it resumes where it stands when it is called again; nothing is lost or doubled. An
    interrupt lets the chunks under way end first; a second one does not. Where a claim kills the process that
    works on it, another one goes on.

    Exit status: 0 all processed, 1 there are dead letters of this run, 2 it can't go on.
    """
    settings = settings_of(environment)
    most = 1 if join is not None else workers or settings.pipeline.workers
    port = settings.telemetry.metrics_port if metrics_port is None else metrics_port
    together = _counting_together() if port is not None and most > 1 else None
    # Before anything begins a thread.
    told = _watched(context, settings, join, most)
    stop = _stopped_by_signals(told)
    caller = caller_of(settings, tenant)
    if told is not None and told.place:
        help_with_runs(caller, settings, told, stop, watch=watch, logs=log or watch)
        return
    from claimwright.features.pipeline import TRANSIENT, RunStoppedError, begin_run, open_chunks

    dead = 0
    known: dict[str, StoredPast] = {}
    configure_telling(settings, logs=log or watch)
    with (
        together or nullcontext(),
        store_of(settings) as database,
        _serving(caller, settings, database, None if join else port),
    ):
        breaker = _breaker_of_store(caller, settings, database)

        def one_run() -> bool:
            """Work on the run that is open, or a new one; False where nothing more is to be done here."""
            nonlocal dead
            with database.transaction(caller) as connection:
                found = begin_run(
                    connection,
                    chunk_claims=settings.pipeline.chunk_claims,
                    as_of=as_of.date() if as_of else None,
                )
            breaker.succeeded()
            if join is not None and (found is None or found.run_id != join):
                return False
            if trial and found is not None:
                try_claims_of(caller, database, settings, found)
                return False
            if found is None:
                if watch:
                    stop.wait(settings.pipeline.poll_seconds)
                else:
                    _say("nothing is staged", quiet=quiet or dead > 0)
                return watch
            with database.transaction(caller) as connection:
                count = min(most, open_chunks(connection, found.run_id))
            with helped_by_others(caller, found, count - 1, settings, told):
                alone = join is None and count <= 1
                worker = worker_of(caller, database, settings, found, stop, known, alone=alone)
                worker.safeguards.breaker = breaker
                with shown(worker, told, quiet=quiet or join is not None):
                    worker.work(to_the_end=join is None)
            if join is not None:
                return False
            dead += _summary(caller, database, found, quiet=quiet)
            return watch or stop.is_set()

        going = True
        while going and not stop.is_set():
            try:
                going = one_run()
            except TRANSIENT as problem:
                if not watch:
                    raise
                breaker.failed(problem)
                _rest(breaker, settings, stop)
            except RunStoppedError as problem:
                if not (watch and isinstance(problem.__cause__, TRANSIENT)):
                    fail(str(problem))
                # The claims wait in the store, which is away; whoever watches waits for it.
                _rest(breaker, settings, stop)
        if join is not None:
            return
    raise typer.Exit(Exit.FINDINGS if dead else Exit.CLEAN)


def _breaker_of_store(caller: Caller, settings: Settings, database: Database) -> Breaker:
    """The breaker of our own database: noted on this machine, and in the database once it is back."""
    from claimwright.platform.breakers import Breaker, State, noted_in, told_in

    note, told = noted_in(settings.home / "breakers"), told_in(caller, database)

    def tell(breaker: Breaker) -> None:
        note(breaker)
        if breaker.state is State.CLOSED:
            told(breaker)

    wanted = settings.pipeline
    return Breaker("database", wanted.breaker_failures, wanted.breaker_seconds, tell)


def _rest(breaker: Breaker, settings: Settings, stop: threading.Event) -> None:
    """Leave a store that is away alone for as long as its breaker says."""
    stop.wait(settings.pipeline.retry_first_seconds)
    while not breaker.allows() and not stop.wait(0.2):
        pass


@contextmanager
def _serving(caller: Caller, settings: Settings, database: Database, port: int | None) -> Iterator[None]:
    """The metrics and health of the command's processes over HTTP, where a port is set."""
    if port is None:
        yield
        return
    from claimwright.features.claims import waiting
    from claimwright.features.delivery import open_target, undelivered
    from claimwright.foundation import clock
    from claimwright.platform.observability import METRICS, HealthServer

    due = [0.0]

    def measure() -> None:
        metrics = METRICS()
        with database.transaction(caller) as connection:
            for queue, depth in waiting(connection).items():
                metrics.queue(queue, depth)
            if settings.pipeline.target_url is not None:
                target = open_target(settings.pipeline.target_url.get_secret_value())
                metrics.queue("delivery", undelivered(connection, target.name))
            for each in breakers_of(settings, connection):
                metrics.breaker(each.name, each.state.value)
            if clock.seconds() >= due[0]:
                due[0] = clock.seconds() + MEASURED_EVERY_SECONDS
                measure_predictions(caller, settings, connection)
        pool = database.pool.get_stats()
        metrics.pool(
            size=pool.get("pool_size", 0),
            idle=pool.get("pool_available", 0),
            waiting=pool.get("requests_waiting", 0),
        )

    try:
        server = HealthServer(checks_of(settings), port=port, measure=measure)
    except OSError as problem:
        fail(f"--metrics-port {port}: {problem.strerror}.")
    with server:
        err.print(f"http://127.0.0.1:{server.port}/metrics", soft_wrap=True)
        yield


def _counting_together() -> Together:
    from claimwright.platform.observability import Together

    return Together()


def _watched(context: typer.Context, settings: Settings, join: int | None, workers: int) -> Supervised | None:
    """Have the work go on in processes that may be lost; whoever helps them ends with them."""
    if join is not None:
        end_with(os.getppid(), signal.SIGTERM)
    elif context.obj is OWN_PROCESS:
        return supervised(settings.pipeline.restarts, workers)
    return None


def _stopped_by_signals(told: Supervised | None) -> threading.Event:
    """Set at the first interrupt or end signal; a second one ends the process as usual."""
    stop = threading.Event()

    def stopped(number: int, _: object) -> None:
        if told is not None:
            told.asked_to_stop()
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stopped)
    return stop


def _summary(caller: Caller, database: Database, found: Run, *, quiet: bool) -> int:
    """Say what the run came to; returns how many dead letters it has."""
    from claimwright.features.claims import runs

    with database.transaction(caller) as connection:
        view = runs(connection, run_id=found.run_id)[0]
    said = (
        f"run {view.run_id}: {view.claims:,} claims, {view.produced:,} to production, "
        f"{view.review:,} to review, {view.dead:,} dead letters"
    )
    if view.state != "done":
        said += f"; {view.planned - view.claims:,} left. Go on with: claimwright run"
    _say(said, quiet=quiet)
    return view.dead


def _say(text: str, *, quiet: bool) -> None:
    if not quiet:
        out.print(text, soft_wrap=True, markup=False)
