"""Evaluates alerts without HTTP: figures are judged, alerts begin and end, steps and reminders are taken.

Each definition is one transaction, and a problem of one is stored with it and does not stop the others.
Several processes may evaluate: a definition that another one evaluates is left out, and an alert of a
definition and group begins once.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import psycopg

from claimwright.domain.caller import Caller
from claimwright.engines.alerting import AlertDefinition, due_escalation, quiet_until
from claimwright.features.analytics import FigureError, NoSuchFigureError, refresh_in
from claimwright.foundation import clock
from claimwright.foundation.errors import ClaimwrightError
from claimwright.platform import audit
from claimwright.platform.database import Connection, Database
from claimwright.store import alert_deliveries as messages
from claimwright.store import alerts as rows
from claimwright.store import events

from .definitions import definition_of
from .series import Judged, judge_all

_MOST_IN_ONE = 1_000


@dataclass
class Evaluated:
    """What an evaluation found."""

    definitions: int = 0
    judged: int = 0
    begun: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)


def evaluate_alerts(
    caller: Caller,
    database: Database,
    *,
    today: datetime.date | None = None,
    only: str | None = None,
    now: Callable[[], datetime.datetime] = clock.now,
) -> Evaluated:
    """Evaluate the caller's tenant's definitions that are on; `only` the one with this name.

    Messages wait afterwards: `deliver_due` sends them.
    """
    done = Evaluated()
    with database.transaction(caller) as connection:
        wanted = [each for each in rows.current_definitions(connection) if only is None or each.name == only]
        if wanted:
            refresh_in(connection)
    for stored in wanted:
        definition = definition_of(stored.body)
        if not definition.is_on:
            continue
        try:
            with database.transaction(caller) as connection:
                if not rows.lock_alerts(connection, definition.name):
                    continue
                judged = judge_all(connection, definition, today or clock.today())
                _settle(caller, connection, definition, stored.version, judged, now(), done)
            done.definitions += 1
        except (FigureError, NoSuchFigureError) as problem:
            _note_problem(caller, database, stored, str(problem), now(), done)
        except (psycopg.Error, ClaimwrightError) as problem:
            _note_problem(caller, database, stored, type(problem).__name__, now(), done)
    advance_alerts(caller, database, now=now)
    return done


def advance_alerts(
    caller: Caller, database: Database, *, now: Callable[[], datetime.datetime] = clock.now
) -> int:
    """Take the escalation steps and send the reminders that are due. Returns how many."""
    count = 0
    with database.transaction(caller) as connection:
        current = {each.name: definition_of(each.body) for each in rows.current_definitions(connection)}
        waiting = [
            each.incident_id
            for each in rows.list_incidents(connection, only_open=True, limit=_MOST_IN_ONE)
            if each.name in current and each.state != "acknowledged"
        ]
        # Locked in one order, as everybody locks them.
        for incident in rows.incidents_by_id(connection, waiting, lock=True):
            if incident.state in {"acknowledged", "resolved"}:
                continue
            definition, at = current[incident.name], now()
            steps = due_escalation(definition.escalation, incident.begun_at, incident.steps_taken, at)
            for number in range(steps):
                step = definition.escalation[incident.steps_taken + number]
                _queue(connection, definition, step.targets, "escalated", [incident.incident_id], at)
            if steps:
                rows.set_state(
                    connection, incident.incident_id, "escalated", at,
                    steps_taken=incident.steps_taken + steps,
                )  # fmt: skip
                rows.note_happening(connection, incident.incident_id, "escalated", at, incident.value)
                _publish(caller, connection, incident.incident_id, definition, "escalated")
                count += 1
            elif definition.remind_hours is not None:
                last = incident.reminded_at or incident.begun_at
                if at - last >= datetime.timedelta(hours=definition.remind_hours):
                    rows.remind(connection, incident.incident_id, at)
                    rows.note_happening(connection, incident.incident_id, "reminded", at, incident.value)
                    _queue(connection, definition, definition.targets, "reminded", [incident.incident_id], at)
                    count += 1
    return count


def _settle(
    caller: Caller,
    connection: Connection,
    definition: AlertDefinition,
    version: int,
    judged: Sequence[Judged],
    now: datetime.datetime,
    done: Evaluated,
) -> None:
    """Begin, continue and end the alerts of a definition."""
    standing = {tuple(each.series): each for each in rows.standing_incidents(connection, definition.name)}
    begun, ended = [], []
    for each in judged:
        known = standing.get(each.series)
        if each.judgement.is_unusual:
            if known is None:
                begun_id = rows.begin_incident(
                    connection, name=definition.name, version=version, kpi=definition.kpi,
                    severity=definition.severity, dimensions=definition.by, series=each.series,
                    seen=each.seen, now=now,
                )  # fmt: skip
                if begun_id is not None:
                    begun.append(begun_id)
                    rows.note_happening(connection, begun_id, "firing", now, each.value)
            elif known.state != "resolved":
                rows.see_again(connection, known.incident_id, each.seen, now)
        elif known is not None and each.judgement.reason is None:
            if known.state == "resolved":
                rows.unmute(connection, known.incident_id)
            else:
                rows.set_state(connection, known.incident_id, "resolved", now)
                rows.note_happening(connection, known.incident_id, "resolved", now, each.value)
                ended.append(known.incident_id)
    if begun:
        _queue(connection, definition, definition.targets, "firing", begun, now)
    for incident_id in ended:
        tell_end(connection, definition, incident_id, now)
    done.judged += len(judged)
    done.begun += begun
    done.ended += ended
    rows.note_evaluation(
        connection, definition.name, version, judged=len(judged),
        beyond=sum(each.judgement.is_unusual for each in judged), problem=None, now=now,
    )  # fmt: skip
    for incident_id in begun:
        _publish(caller, connection, incident_id, definition, "firing")
    for incident_id in ended:
        _publish(caller, connection, incident_id, definition, "resolved")
    if begun or ended:
        audit.append(
            caller, connection, action="alert.evaluated", subject=f"alert_definition:{definition.name}",
            detail={"version": version, "created": len(begun), "released": len(ended)},
            correlation_id=str(uuid.uuid4()),
        )  # fmt: skip


def tell_end(
    connection: Connection, definition: AlertDefinition, incident_id: int, now: datetime.datetime
) -> None:
    """Tell those who were told of an alert that it is over; who was not told yet need not hear of it."""
    messages.drop_held(connection, incident_id, now)
    told = sorted(messages.told_targets(connection, incident_id))
    _queue(connection, definition, told, "resolved", [incident_id], now)


def _queue(
    connection: Connection,
    definition: AlertDefinition,
    targets: Sequence[str],
    what: str,
    incidents: Sequence[int],
    now: datetime.datetime,
) -> None:
    """Have messages wait: one a target, whatever the number of groups; in quiet hours until their end."""
    held = quiet_until(definition.quiet_hours, now, definition.severity)
    for target in targets:
        messages.add_delivery(
            connection, target=target, definition=definition.name, what=what, incidents=incidents, now=now,
            held_until=held,
        )  # fmt: skip


def _publish(
    caller: Caller, connection: Connection, incident_id: int, definition: AlertDefinition, state: str
) -> None:
    events.publish(
        caller, connection, type="alert.changed.v1", subject=f"alert:{incident_id}",
        data={
            "incident_id": incident_id, "name": definition.name, "state": state,
            "severity": definition.severity,
        },
        correlation_id=str(uuid.uuid4()),
    )  # fmt: skip


def _note_problem(
    caller: Caller,
    database: Database,
    stored: rows.StoredDefinition,
    problem: str,
    now: datetime.datetime,
    done: Evaluated,
) -> None:
    done.problems[stored.name] = problem
    with database.transaction(caller) as connection:
        rows.note_evaluation(
            connection, stored.name, stored.version, judged=0, beyond=0, problem=problem[:300], now=now
        )
