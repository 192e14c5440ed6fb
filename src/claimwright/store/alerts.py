"""Alerts on figures: versions of definitions, and incidents with their history."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from claimwright.platform.database import Connection

_EVALUATING = 7_837_021


@dataclass(frozen=True)
class StoredDefinition:
    """A version of a definition; `body` is as it was stored."""

    name: str
    version: int
    is_removed: bool
    body: Mapping[str, Any]
    made_by: str
    made_at: datetime.datetime


@dataclass(frozen=True)
class FigureAlert:
    """An alert of a definition and group: since when, in which state, and the figure when last judged."""

    incident_id: int
    name: str
    version: int
    kpi: str
    severity: str
    dimensions: list[str]
    series: list[str]
    state: str
    begins: datetime.date
    ends: datetime.date
    value: float | None
    usual: float | None
    lower_limit: float | None
    upper_limit: float | None
    items: int
    is_small: bool
    steps_taken: int
    begun_at: datetime.datetime
    seen_at: datetime.datetime
    reminded_at: datetime.datetime | None
    acknowledged_by: str | None
    acknowledged_at: datetime.datetime | None
    resolved_by: str | None
    resolved_at: datetime.datetime | None
    is_muted: bool


@dataclass(frozen=True)
class AlertHappening:
    """What happened to an incident, when, by whom."""

    number: int
    at: datetime.datetime
    what: str
    actor: str
    value: float | None


@dataclass(frozen=True)
class AlertEvaluation:
    """The last evaluation of a definition."""

    name: str
    evaluated_at: datetime.datetime
    version: int
    judged: int
    beyond: int
    problem: str | None


_DEFINITION = ", ".join(StoredDefinition.__dataclass_fields__)
_INCIDENT = ", ".join(FigureAlert.__dataclass_fields__)


def lock_alerts(connection: Connection, name: str) -> bool:
    """Let only one process evaluate a definition, until the transaction ends. False if another one does."""
    row = connection.execute(
        "select pg_try_advisory_xact_lock(%s, hashtext(store.tenant() || %s))", [_EVALUATING, name]
    ).fetchone()
    return bool(row and row[0])


def current_definitions(connection: Connection) -> list[StoredDefinition]:
    """The last version of each definition that was not removed, by name."""
    return _definitions(
        connection,
        f"select * from (select distinct on (name) {_DEFINITION} from alerting.definitions "  # noqa: S608
        "order by name, version desc) newest where not is_removed order by name",
        [],
    )


def versions_of(connection: Connection, name: str) -> list[StoredDefinition]:
    """All versions of a definition, newest first."""
    return _definitions(
        connection,
        f"select {_DEFINITION} from alerting.definitions where name = %s order by version desc",  # noqa: S608
        [name],
    )


def _definitions(connection: Connection, statement: str, values: Sequence[object]) -> list[StoredDefinition]:
    cursor = connection.cursor(row_factory=class_row(StoredDefinition))
    return cursor.execute(statement.encode(), values).fetchall()


def lock_definition(connection: Connection, name: str) -> None:
    """Let versions of a definition be added one after another, until the transaction ends."""
    connection.execute(
        "select pg_advisory_xact_lock(hashtext(store.tenant() || ' alert'), hashtext(%s))", [name]
    )


def add_version(
    connection: Connection, name: str, version: int, body: Mapping[str, Any], *, is_removed: bool = False
) -> None:
    """Store the next version of a definition."""
    connection.execute(
        "insert into alerting.definitions (name, version, body, is_removed) values (%s, %s, %s, %s)",
        [name, version, Jsonb(dict(body)), is_removed],
    )


def list_incidents(
    connection: Connection,
    *,
    before: int | None = None,
    limit: int = 100,
    only_open: bool = False,
    name: str | None = None,
) -> list[FigureAlert]:
    """Incidents, newest first."""
    cursor = connection.cursor(row_factory=class_row(FigureAlert))
    return cursor.execute(
        f"select {_INCIDENT} from alerting.incidents "  # noqa: S608 - names of a class
        "where (%(before)s::bigint is null or incident_id < %(before)s) "
        "and (not %(open)s or state <> 'resolved') and (%(name)s::text is null or name = %(name)s) "
        "order by incident_id desc limit %(limit)s".encode(),
        {"before": before, "open": only_open, "name": name, "limit": limit},
    ).fetchall()


def incidents_by_id(connection: Connection, ids: Sequence[int], *, lock: bool = False) -> list[FigureAlert]:
    """Incidents by number, in order."""
    cursor = connection.cursor(row_factory=class_row(FigureAlert))
    return cursor.execute(
        f"select {_INCIDENT} from alerting.incidents where incident_id = any(%s) "  # noqa: S608
        f"order by incident_id{' for update' if lock else ''}".encode(),
        [list(ids)],
    ).fetchall()


def standing_incidents(connection: Connection, name: str) -> list[FigureAlert]:
    """The incidents of a definition that are open, or that a person resolved while the figure was beyond."""
    cursor = connection.cursor(row_factory=class_row(FigureAlert))
    return cursor.execute(
        f"select {_INCIDENT} from alerting.incidents where name = %s "  # noqa: S608 - names of a class
        "and (state <> 'resolved' or is_muted) order by incident_id for update".encode(),
        [name],
    ).fetchall()


def begin_incident(
    connection: Connection,
    *,
    name: str,
    version: int,
    kpi: str,
    severity: str,
    dimensions: Sequence[str],
    series: Sequence[str],
    seen: Mapping[str, object],
    now: datetime.datetime,
) -> int | None:
    """Store an incident that fires; None if there is an open one of the definition and group."""
    row = connection.execute(
        "insert into alerting.incidents (name, version, kpi, severity, dimensions, series, state, begins, "
        "ends, value, usual, lower_limit, upper_limit, items, is_small, begun_at, seen_at) values "
        "(%(name)s, %(version)s, %(kpi)s, %(severity)s, %(dimensions)s, %(series)s, 'firing', %(begins)s, "
        "%(ends)s, %(value)s, %(usual)s, %(lower_limit)s, %(upper_limit)s, %(items)s, %(is_small)s, "
        "%(now)s, %(now)s) on conflict do nothing returning incident_id",
        {
            "name": name, "version": version, "kpi": kpi, "severity": severity,
            "dimensions": list(dimensions), "series": list(series), "now": now, **seen,
        },
    ).fetchone()  # fmt: skip
    return None if row is None else int(row[0])


def see_again(
    connection: Connection, incident_id: int, seen: Mapping[str, object], now: datetime.datetime
) -> None:
    """Store the figure of an incident that goes on."""
    connection.execute(
        "update alerting.incidents set begins = %(begins)s, ends = %(ends)s, value = %(value)s, "
        "usual = %(usual)s, lower_limit = %(lower_limit)s, upper_limit = %(upper_limit)s, "
        "items = %(items)s, is_small = %(is_small)s, seen_at = %(now)s where incident_id = %(id)s",
        {"id": incident_id, "now": now, **seen},
    )


def set_state(
    connection: Connection,
    incident_id: int,
    state: str,
    now: datetime.datetime,
    *,
    by: str | None = None,
    steps_taken: int | None = None,
    is_muted: bool = False,
) -> None:
    """Store the next state of an incident; `by` None: no person."""
    connection.execute(
        "update alerting.incidents set state = %(state)s, "
        "steps_taken = coalesce(%(steps)s, steps_taken), is_muted = %(muted)s, "
        "acknowledged_by = case when %(state)s = 'acknowledged' then %(by)s else acknowledged_by end, "
        "acknowledged_at = case when %(state)s = 'acknowledged' then %(now)s else acknowledged_at end, "
        "resolved_by = case when %(state)s = 'resolved' then %(by)s else resolved_by end, "
        "resolved_at = case when %(state)s = 'resolved' then %(now)s else resolved_at end "
        "where incident_id = %(id)s",
        {
            "id": incident_id, "state": state, "now": now, "by": by, "steps": steps_taken, "muted": is_muted,
        },
    )  # fmt: skip


def unmute(connection: Connection, incident_id: int) -> None:
    """The figure was back once: the next time that it is beyond is a new incident."""
    connection.execute("update alerting.incidents set is_muted = false where incident_id = %s", [incident_id])


def remind(connection: Connection, incident_id: int, now: datetime.datetime) -> None:
    """Store that an incident was told of again."""
    connection.execute(
        "update alerting.incidents set reminded_at = %s where incident_id = %s", [now, incident_id]
    )


def note_happening(
    connection: Connection, incident_id: int, what: str, now: datetime.datetime, value: float | None = None
) -> None:
    """Add to the history of an incident."""
    connection.execute(
        "insert into alerting.history (incident_id, number, at, what, value) "
        "select %(id)s, coalesce(max(number), 0) + 1, %(now)s, %(what)s, %(value)s "
        "from alerting.history where incident_id = %(id)s",
        {"id": incident_id, "now": now, "what": what, "value": value},
    )


def history_of(connection: Connection, incident_id: int) -> list[AlertHappening]:
    """What happened to an incident, in order."""
    cursor = connection.cursor(row_factory=class_row(AlertHappening))
    return cursor.execute(
        "select number, at, what, actor, value from alerting.history where incident_id = %s order by number",
        [incident_id],
    ).fetchall()


def note_evaluation(
    connection: Connection, name: str, version: int, *, judged: int, beyond: int, problem: str | None,
    now: datetime.datetime,
) -> None:  # fmt: skip
    """Store when and how a definition was evaluated last."""
    connection.execute(
        "insert into alerting.evaluations (name, evaluated_at, version, judged, beyond, problem) "
        "values (%s, %s, %s, %s, %s, %s) on conflict (tenant, name) do update set "
        "evaluated_at = excluded.evaluated_at, version = excluded.version, judged = excluded.judged, "
        "beyond = excluded.beyond, problem = excluded.problem",
        [name, now, version, judged, beyond, problem],
    )


def last_evaluations(connection: Connection) -> dict[str, AlertEvaluation]:
    """The last evaluation of each definition."""
    cursor = connection.cursor(row_factory=class_row(AlertEvaluation))
    rows = cursor.execute(
        "select name, evaluated_at, version, judged, beyond, problem from alerting.evaluations"
    ).fetchall()
    return {each.name: each for each in rows}


def delete_incidents(owner: Connection, before: datetime.datetime) -> int:
    """Delete the tenant's incidents that were resolved before a time, with history, and old deliveries.

    Returns how many rows. Runs as the owner, in the tenant's transaction.
    """
    old = "select incident_id from alerting.incidents where state = 'resolved' and resolved_at < %s"
    count = owner.execute(
        f"delete from alerting.history where incident_id in ({old})".encode(),  # noqa: S608 - of this function
        [before],
    ).rowcount
    count += owner.execute(
        "delete from alerting.incidents where state = 'resolved' and resolved_at < %s", [before]
    ).rowcount
    return (
        count
        + owner.execute(
            "delete from alerting.deliveries where state <> 'waiting' and created_at < %s", [before]
        ).rowcount
    )
