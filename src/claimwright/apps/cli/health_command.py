"""`claimwright health`: whether everything that the program needs answers."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from .opening import Environment, settings_of
from .terminal import Exit, err, out

if TYPE_CHECKING:
    from claimwright.platform.settings import Settings


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
    """Ask the database, the keys and object storage whether they answer; with --port, serve that over HTTP.

    Exit status: 0 all answer, 1 something does not, 2 unusable settings.
    """
    from claimwright.platform.observability import HealthServer, health_of

    checks = checks_of(settings_of(environment))
    if port is None:
        found = health_of(checks)
        out.print_json(json.dumps({"ready": found.is_ready, "checks": dict(found.checks)}))
        raise typer.Exit(Exit.CLEAN if found.is_ready else Exit.FINDINGS)
    stopped = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: stopped.set())
    with HealthServer(checks, port=port) as server:
        err.print(f"http://127.0.0.1:{server.port}/health/ready", soft_wrap=True)
        stopped.wait()


def checks_of(settings: Settings) -> dict[str, Callable[[], None]]:
    """What has to answer before work can be done. The embedded database is not started by asking."""

    def database() -> None:
        import psycopg

        with psycopg.connect(_address(settings), connect_timeout=4) as connection:
            connection.execute("select 1")

    def keys() -> None:
        import psycopg

        from claimwright.platform.phi import open_keyring

        with psycopg.connect(_address(settings), connect_timeout=4) as connection:
            there = connection.execute("select 1 from platform.data_keys limit 1").fetchone()
        # Asking must not make the first keys.
        if there:
            open_keyring(settings, lambda: psycopg.connect(_address(settings), connect_timeout=4))

    def objects() -> None:
        from claimwright.platform.objects import open_objects

        open_objects(settings).get("health")

    return {"database": database, "keys": keys, "objects": objects}


def _address(settings: Settings) -> str:
    from claimwright.platform.database import place

    url = settings.database.url
    return place(url.get_secret_value() if url else None, settings.database.home, start=False).address
