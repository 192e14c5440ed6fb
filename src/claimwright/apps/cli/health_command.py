"""`claimwright health`: whether the database, the keys and object storage respond."""

from __future__ import annotations

import json
import signal
import threading
from typing import Annotated

import typer

from .session import Environment, caller_of, settings_of
from .terminal import Exit, err, out


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("health")(health)


def health(
    port: Annotated[
        int | None,
        typer.Option("--port", min=0, max=65_535, help="Serve /health and /metrics on this loopback port."),
    ] = None,
    environment: Environment = None,
) -> None:
    """Check that the database, the keys and object storage respond. With --port, serve this over HTTP.

    Also shows the state of the circuit breakers of the model, the database and the target.

    Exit status: 0 all respond, 1 at least one does not, 2 unusable settings.
    """
    from claimwright.assembly.health import current_breakers, health_checks
    from claimwright.platform.observability import METRICS, HealthServer, health_of

    settings = settings_of(environment)
    checks, caller = health_checks(settings), caller_of(settings, None)
    if port is None:
        found = health_of(checks)
        broken = {
            each.name: {
                "state": each.state.value,
                "failures": each.failures,
                "problem": each.problem,
                "since": each.changed_at.isoformat(),
                "retry_at": each.retry_at.isoformat() if each.retry_at else None,
            }
            for each in current_breakers(caller, settings)
        }
        out.print_json(
            json.dumps({"ready": found.is_ready, "checks": dict(found.checks), "breakers": broken})
        )
        raise typer.Exit(Exit.CLEAN if found.is_ready else Exit.FINDINGS)
    stopped = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: stopped.set())

    def measure() -> None:
        for each in current_breakers(caller, settings):
            METRICS().breaker(each.name, each.state.value)

    with HealthServer(checks, port=port, measure=measure) as server:
        err.print(f"http://127.0.0.1:{server.port}/health/ready", soft_wrap=True)
        stopped.wait()
