"""Breakers' standings in the store, with an event at each change."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from claimwright.domain.caller import Caller
from claimwright.platform import events

from .breaker import Breaker, Standing, State

if TYPE_CHECKING:
    from claimwright.platform.database import Connection, Database


def database_notifier_of(caller: Caller, database: Database) -> Callable[[Breaker], None]:
    """Writes a breaker's state where everyone can see it; a store that is away is told nothing."""
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
    """Each circuit breaker of the tenant that ever changed, by name."""
    rows = connection.execute(
        "select name, state, failures, problem, changed_at, retry_at from platform.breakers order by name"
    ).fetchall()
    return [Standing(row[0], State(row[1]), *row[2:]) for row in rows]


def standing_of(connection: Connection, name: str) -> Standing | None:
    """Where a breaker stands, that may have changed in another process; None where it never did."""
    return next((each for each in standings(connection) if each.name == name), None)
