"""`claimwright health`: whether everything that the program needs answers."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from .session import Environment, caller_of, settings_of
from .terminal import Exit, err, out

if TYPE_CHECKING:
    from claimwright.platform.breakers import Standing
    from claimwright.platform.database import Connection
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

    Told as well: where the circuit breakers of the model, the database and the target stand.

    Exit status: 0 all answer, 1 something does not, 2 unusable settings.
    """
    from claimwright.platform.observability import METRICS, HealthServer, health_of

    settings = settings_of(environment)
    checks = checks_of(settings)
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
            for each in _breakers(settings)
        }
        out.print_json(
            json.dumps({"ready": found.is_ready, "checks": dict(found.checks), "breakers": broken})
        )
        raise typer.Exit(Exit.CLEAN if found.is_ready else Exit.FINDINGS)
    stopped = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: stopped.set())

    def measure() -> None:
        for each in _breakers(settings):
            METRICS().breaker(each.name, each.state.value)

    with HealthServer(checks, port=port, measure=measure) as server:
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


def breakers_of(settings: Settings, connection: Connection | None) -> list[Standing]:
    """Where the breakers stand: those noted on this machine, and those of the tenant of the connection."""
    from claimwright.platform.breakers import noted_standings, standings

    known = {each.name: each for each in (standings(connection) if connection is not None else ())}
    for each in noted_standings(settings.home / "breakers"):
        if each.name not in known or known[each.name].changed_at < each.changed_at:
            known[each.name] = each
    return sorted(known.values(), key=lambda each: each.name)


def _breakers(settings: Settings) -> list[Standing]:
    """As `breakers_of`, with what the database says where it answers."""
    import psycopg

    from claimwright.platform.database import DatabaseError, tenancy

    try:
        with (
            psycopg.connect(_address(settings), connect_timeout=4) as connection,
            tenancy(connection, caller_of(settings, None)),
        ):
            return breakers_of(settings, connection)
    except (psycopg.Error, DatabaseError):
        return breakers_of(settings, None)


def _address(settings: Settings) -> str:
    from claimwright.platform.database import place

    url = settings.database.url
    return place(url.get_secret_value() if url else None, settings.database.home, start=False).address
