"""Readiness checks of the services that the work needs, and the states of the circuit breakers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .stores import place_of

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.platform.breakers import Standing
    from claimwright.platform.database import Connection
    from claimwright.platform.settings import Settings

# A health check that takes longer responds too late to be useful.
_CONNECT_SECONDS = 4


def health_checks(settings: Settings) -> dict[str, Callable[[], None]]:
    """Checks that raise if a service does not respond. They do not start the embedded database."""
    # Imported here and not in the checks, so that loading libraries does not count against a check's time
    # limit.
    import psycopg

    from claimwright.platform.objects import open_objects
    from claimwright.platform.phi import open_keyring

    def database() -> None:
        with psycopg.connect(_address(settings), connect_timeout=_CONNECT_SECONDS) as connection:
            connection.execute("select 1")

    def keys() -> None:
        def connect() -> psycopg.Connection:
            return psycopg.connect(_address(settings), connect_timeout=_CONNECT_SECONDS)

        with connect() as connection:
            there = connection.execute("select 1 from platform.data_keys limit 1").fetchone()
        # A check must not create the first keys.
        if there:
            open_keyring(settings, connect)

    def objects() -> None:
        open_objects(settings).get("health")

    return {"database": database, "keys": keys, "objects": objects}


def breaker_standings(settings: Settings, connection: Connection | None) -> list[Standing]:
    """States of the breakers recorded on this machine, and of those of the connection's tenant."""
    from claimwright.platform.breakers import noted_standings, standings

    known = {each.name: each for each in (standings(connection) if connection is not None else ())}
    for each in noted_standings(settings.home / "breakers"):
        if each.name not in known or known[each.name].changed_at < each.changed_at:
            known[each.name] = each
    return sorted(known.values(), key=lambda each: each.name)


def current_breakers(caller: Caller, settings: Settings) -> list[Standing]:
    """Like `breaker_standings`, with the states in the database if it responds."""
    import psycopg

    from claimwright.platform.database import DatabaseError, tenancy

    try:
        with (
            psycopg.connect(_address(settings), connect_timeout=_CONNECT_SECONDS) as connection,
            tenancy(connection, caller),
        ):
            return breaker_standings(settings, connection)
    except (psycopg.Error, DatabaseError):
        return breaker_standings(settings, None)


def _address(settings: Settings) -> str:
    return place_of(settings, start=False).address
