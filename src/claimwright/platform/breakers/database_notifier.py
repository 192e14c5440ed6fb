"""Breaker states in the database, with an event at each change."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from claimwright.domain.caller import Caller
from claimwright.platform import events

from .breaker import Breaker, Standing, State

if TYPE_CHECKING:
    from claimwright.platform.database import Connection, Database


def database_notifier_of(caller: Caller, database: Database) -> Callable[[Breaker], None]:
    """Writes a breaker's state to the database, where everyone can see it.

    Does nothing if the database is down.
    """
    import psycopg

    def tell(breaker: Breaker) -> None:
        standing = breaker.standing
        try:
            with database.transaction(caller) as connection:
                connection.execute(
                    "insert into platform.breakers (name, state, failures, problem, changed_at, retry_at) "
                    "values (%s, %s, %s, %s, %s, %s) on conflict (tenant, name) do update set "
                    "state = excluded.state, failures = excluded.failures, problem = excluded.problem, "
                    "changed_at = excluded.changed_at, retry_at = excluded.retry_at",
                    [
                        standing.name, standing.state.value, standing.failures, standing.problem,
                        standing.changed_at, standing.retry_at,
                    ],
                )  # fmt: skip
                events.publish(
                    caller,
                    connection,
                    type="breaker.changed.v1",
                    subject=f"breaker:{standing.name}",
                    data={
                        "breaker": standing.name,
                        "state": standing.state.value,
                        "failures": standing.failures,
                    },
                    correlation_id="",
                )
        except (psycopg.OperationalError, psycopg.InternalError, psycopg.InterfaceError):
            return

    return tell


def standings(connection: Connection) -> list[Standing]:
    """The states of the tenant's circuit breakers that have ever changed, by name."""
    rows = connection.execute(
        "select name, state, failures, problem, changed_at, retry_at from platform.breakers order by name"
    ).fetchall()
    return [Standing(row[0], State(row[1]), *row[2:]) for row in rows]


def standing_of(connection: Connection, name: str) -> Standing | None:
    """A breaker's stored state, which another process may have changed; None if it never changed."""
    return next((each for each in standings(connection) if each.name == name), None)
