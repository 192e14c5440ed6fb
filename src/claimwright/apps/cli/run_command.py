"""`claimwright run`: process staged claims in one or several processes, until all are done."""

from __future__ import annotations

import importlib
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from claimwright.assembly.supervision import Supervised, end_with
from claimwright.foundation.extras import require

from .options import AsOf
from .run_workers import helper_command, shown
from .session import Environment, Tenant, caller_of, explained, settings_of, store_of
from .terminal import Exit, err, fail, out, warn
from .worker_processes import OWN_PROCESS, supervised

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.features.claims import RunView
    from claimwright.platform.database import Database
    from claimwright.platform.observability import MultiprocessMetrics
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
            help="Number of processes, if there are enough chunks. Default: the setting.",
        ),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Keep running; process claims as they arrive.")
    ] = False,
    as_of: AsOf = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")] = False,
    join: Annotated[
        int | None, typer.Option("--join", hidden=True, help="Help with this run (internal).")
    ] = None,
    trial: Annotated[
        bool,
        typer.Option("--trial", hidden=True, help="Compute the claims named on standard input (internal)."),
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
    """Process staged claims: check, price, predict, route, and write to production or dead letters.

    If it is killed, call it again: it resumes, and no claim is lost or processed twice. An interrupt lets the
    current chunks finish; a second interrupt does not. If a claim crashes its process, another process
    continues.

    Exit status: 0 all processed, 1 this run has dead letters or was interrupted, 2 it cannot continue.
    """
    # Printed once, not by each worker.
    require("platform")
    settings = settings_of(environment)
    most = 1 if join is not None else workers or settings.pipeline.workers
    port = settings.telemetry.metrics_port if metrics_port is None else metrics_port
    together = _counting_together() if port is not None and most > 1 else None
    # Before any thread starts.
    others = _watched(context, settings, join, most)
    stop = _stopped_by_signals(others)
    caller = caller_of(settings, tenant)
    if others is not None and others.place:
        if not watch:
            # While the first worker counts the claims, this processor is idle.
            importlib.import_module("claimwright.features.pipeline")
        # With --watch the wait may be long, and nothing is loaded before the first claims.
        if not others.called(stop):
            return
    from claimwright.assembly.metrics import configure_observability
    from claimwright.assembly.runs import RunLoop, Workshop
    from claimwright.features.pipeline import RunStoppedError

    configure_observability(settings, logs=log or watch)
    helps = join is not None or (others is not None and others.place > 0)
    # The first process cleans up the shared counters.
    counting = nullcontext() if helps or together is None else together
    with counting, store_of(settings) as database, explained():
        shop = Workshop(
            caller, settings, database, stop,
            helper=lambda found: helper_command(caller, settings, found), notify=warn,
        )  # fmt: skip
        loop = RunLoop(
            shop,
            processes=most,
            watch=watch,
            as_of=as_of.date() if as_of else None,
            others=others,
            around=lambda worker: shown(worker, others, quiet=quiet or helps),
            report=lambda view: _say(_sentence(view), quiet=quiet),
            idle=lambda: _say("nothing is staged", quiet=quiet),
        )
        try:
            if join is not None:
                found = loop.begin()
                if found is not None and found.run_id == join:
                    shop.try_claims(found) if trial else loop.help_with(found)
                return
            if helps:
                loop.help()
                return
            with _serving(caller, settings, database, port):
                dead = loop.work()
        except RunStoppedError as problem:
            fail(str(problem))
    interrupted = stop.is_set() and not watch
    if interrupted:
        warn("interrupted. Continue with: claimwright run")
    raise typer.Exit(Exit.FINDINGS if dead or interrupted else Exit.CLEAN)


@contextmanager
def _serving(caller: Caller, settings: Settings, database: Database, port: int | None) -> Iterator[None]:
    """Serve the metrics and health of the command's processes over HTTP, if a port is set."""
    if port is None:
        yield
        return
    from claimwright.assembly.metrics import serve_health

    with ExitStack() as stack:
        try:
            server = stack.enter_context(serve_health(caller, settings, database, port))
        except OSError as problem:
            fail(f"--metrics-port {port}: {problem.strerror}.")
        err.print(f"http://127.0.0.1:{server.port}/metrics", soft_wrap=True)
        yield


def _counting_together() -> MultiprocessMetrics:
    from claimwright.platform.observability import MultiprocessMetrics

    return MultiprocessMetrics()


def _watched(context: typer.Context, settings: Settings, join: int | None, workers: int) -> Supervised | None:
    """Do the work in child processes, which may crash; helper processes end with them."""
    if join is not None:
        end_with(os.getppid(), signal.SIGTERM)
    elif context.obj is OWN_PROCESS:
        return supervised(settings.pipeline.restarts, workers)
    return None


def _stopped_by_signals(others: Supervised | None) -> threading.Event:
    """Set at the first interrupt or termination signal; a second one ends the process as usual."""
    stop = threading.Event()

    def stopped(number: int, _: object) -> None:
        if others is not None:
            others.asked_to_stop()
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stopped)
    return stop


def _sentence(view: RunView) -> str:
    """The result of the run in one line."""
    said = (
        f"run {view.run_id}: {view.claims:,} claims, {view.produced:,} to production, "
        f"{view.review:,} to review, {view.dead:,} dead letters"
    )
    if view.state != "done":
        said += f"; {view.planned - view.claims:,} left. Continue with: claimwright run"
    return said


def _say(text: str, *, quiet: bool) -> None:
    if not quiet:
        out.print(text, soft_wrap=True, markup=False)
