"""What people do with alerts: see those that are for them, acknowledge, resolve."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from claimwright.domain.caller import Caller
from claimwright.engines.alerting import AlertDefinition, FigurePoint
from claimwright.features.analytics import SeenFigures, figure_named
from claimwright.foundation import clock
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store import alert_deliveries as messages
from claimwright.store import alerts as rows
from claimwright.store import events
from claimwright.store.alerts import AlertHappening, FigureAlert

from .definitions import AlertDefinitionError, NoSuchAlertError, definition_of
from .evaluating import tell_end
from .series import days_of

_AT_ONCE = 200


@dataclass(frozen=True)
class AlertView:
    """Who sees which alerts, and what of them: figures for the asker, facilities of the asker."""

    seen: SeenFigures
    facilities: Collection[str] | None

    def shows(self, incident: FigureAlert) -> bool:
        """Whether an alert is for them at all."""
        if self.seen.refusal(figure_named(incident.kpi), incident.dimensions):
            return False
        own = dict(zip(incident.dimensions, incident.series, strict=True)).get("facility")
        return self.facilities is None or own in self.facilities

    def of(self, incident: FigureAlert) -> FigureAlert:
        """The alert as they may see it: without numbers of fewer than 11 claims, if these are hidden."""
        if incident.is_small and self.seen.hide_small:
            return replace(incident, value=None, usual=None, lower_limit=None, upper_limit=None, items=0)
        return incident


@dataclass(frozen=True)
class AlertSheet:
    """One alert: with its definition as it was, what happened to it, and the figure day by day."""

    incident: FigureAlert
    definition: AlertDefinition
    history: list[AlertHappening]
    days: list[FigurePoint]


def list_alerts(
    connection: Connection,
    view: AlertView,
    *,
    before: int | None = None,
    limit: int = 100,
    only_open: bool = False,
    name: str | None = None,
) -> list[FigureAlert]:
    """The alerts that are for somebody, newest first."""
    found: list[FigureAlert] = []
    while len(found) < limit:
        part = rows.list_incidents(connection, before=before, limit=_AT_ONCE, only_open=only_open, name=name)
        found += [view.of(each) for each in part if view.shows(each)]
        if len(part) < _AT_ONCE:
            break
        before = part[-1].incident_id
    return found[:limit]


def alert_sheet(
    connection: Connection, view: AlertView, incident_id: int, *, today: datetime.date
) -> AlertSheet:
    """One alert, whole.

    Raises:
        NoSuchAlertError: there is none with this number for them.
    """
    incident = _incident(connection, view, incident_id)
    versions = {each.version: each for each in rows.versions_of(connection, incident.name)}
    definition = definition_of(versions[incident.version].body)
    is_hidden = incident.is_small and view.seen.hide_small
    days = [] if is_hidden else days_of(connection, definition, tuple(incident.series), today)
    if view.seen.hide_small:
        days = [each if each.items > 10 or each.items == 0 else replace(each, value=None) for each in days]
    return AlertSheet(view.of(incident), definition, rows.history_of(connection, incident_id), days)


def acknowledge_alert(
    caller: Caller, connection: Connection, view: AlertView, incident_id: int
) -> FigureAlert:
    """Say that somebody works on it: no further step is taken.

    Raises:
        NoSuchAlertError: there is none with this number for them.
        AlertDefinitionError: it is over, or somebody has acknowledged it.
    """
    incident = _incident(connection, view, incident_id, lock=True)
    if incident.state not in {"firing", "escalated"}:
        raise AlertDefinitionError(f"the alert is {incident.state}; only an open one is acknowledged.")
    now = clock.now()
    rows.set_state(connection, incident_id, "acknowledged", now, by=caller.actor)
    rows.note_happening(connection, incident_id, "acknowledged", now, incident.value)
    _tell(caller, connection, incident, "acknowledged", {})
    return view.of(_incident(connection, view, incident_id))


def resolve_alert(
    caller: Caller, connection: Connection, view: AlertView, incident_id: int, *, reason: str
) -> FigureAlert:
    """Say that it is over, and why, which the audit log keeps. It begins anew only after the figure was back.

    Raises:
        NoSuchAlertError: there is none with this number for them.
        AlertDefinitionError: it is over already.
        AuditError: the reason is too short or too long.
    """
    reason = audit.stated_reason(reason, "the alert is resolved")
    incident = _incident(connection, view, incident_id, lock=True)
    if incident.state == "resolved":
        raise AlertDefinitionError("the alert is resolved already.")
    now = clock.now()
    rows.set_state(connection, incident_id, "resolved", now, by=caller.actor, is_muted=True)
    rows.note_happening(connection, incident_id, "resolved", now, incident.value)
    current = {each.name: each for each in rows.current_definitions(connection)}
    if incident.name in current:
        tell_end(connection, definition_of(current[incident.name].body), incident_id, now)
    _tell(caller, connection, incident, "resolved", {"reason": reason})
    return view.of(_incident(connection, view, incident_id))


def alert_deliveries(
    connection: Connection,
    view: AlertView,
    *,
    incident_id: int | None = None,
    before: int | None = None,
    limit: int = 100,
    only_failing: bool = False,
) -> Sequence[messages.AlertDelivery]:
    """Messages and what became of them, newest first; of one alert, if asked.

    Raises:
        NoSuchAlertError: there is no such alert for them.
    """
    if incident_id is not None:
        _incident(connection, view, incident_id)
    return messages.list_deliveries(
        connection, before=before, limit=limit, incident_id=incident_id, only_failing=only_failing
    )


def _incident(
    connection: Connection, view: AlertView, incident_id: int, *, lock: bool = False
) -> FigureAlert:
    found = rows.incidents_by_id(connection, [incident_id], lock=lock)
    if not found or not view.shows(found[0]):
        raise NoSuchAlertError(f"there is no alert {incident_id}.")
    return found[0]


def _tell(
    caller: Caller, connection: Connection, incident: FigureAlert, state: str, detail: dict[str, str]
) -> None:
    correlation_id = str(uuid.uuid4())
    events.publish(
        caller, connection, type="alert.changed.v1", subject=f"alert:{incident.incident_id}",
        data={
            "incident_id": incident.incident_id, "name": incident.name, "state": state,
            "severity": incident.severity,
        },
        correlation_id=correlation_id,
    )  # fmt: skip
    audit.append(
        caller, connection, action=f"figure_alert.{state}", subject=f"figure_alert:{incident.incident_id}",
        detail=detail, correlation_id=correlation_id,
    )  # fmt: skip
