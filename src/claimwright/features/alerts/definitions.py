"""Definitions of alerts: checked against the figures, stored as versions, with an audit record.

AlertDefinitionError (InputError)   the definition can't be used; the message says what to change
NoSuchAlertError (NotFoundError)    there is no such definition or alert
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from claimwright.domain.caller import Caller
from claimwright.engines.alerting import AlertDefinition, UnusualDay
from claimwright.features.analytics import FigureError, NoSuchFigureError, SeenFigures, ask, figure_named
from claimwright.foundation import clock
from claimwright.foundation.errors import InputError, NotFoundError
from claimwright.foundation.located_yaml import read_mapping
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store import alert_deliveries as messages
from claimwright.store import alerts as rows

# Evaluated every few minutes; more than these would never end.
MOST_DEFINITIONS = 200


class AlertDefinitionError(InputError, ValueError):
    """The definition can't be used; the message says what to change."""


class NoSuchAlertError(NotFoundError):
    """There is no such definition, or no such alert."""


@dataclass(frozen=True)
class DefinedAlert:
    """A definition in force, or an earlier version; with its last evaluation."""

    version: int
    definition: AlertDefinition
    made_by: str
    made_at: datetime.datetime
    is_removed: bool
    evaluation: rows.AlertEvaluation | None


def read_definition(text: str) -> AlertDefinition:
    """The definition in a YAML text.

    Raises:
        YamlError: it is no YAML mapping.
        AlertDefinitionError: a field is wrong; the message names it.
    """
    return definition_of(read_mapping(text, "the definition"))


def definition_of(body: Mapping[str, Any]) -> AlertDefinition:
    """The definition in a mapping.

    Raises:
        AlertDefinitionError: a field is wrong; the message names it, without its value.
    """
    try:
        return AlertDefinition.model_validate(body)
    except ValidationError as problem:
        first = problem.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(each) for each in first["loc"]) or "the definition"
        raise AlertDefinitionError(f"{where}: {first['msg']}.") from None


def check_definition(connection: Connection, definition: AlertDefinition, seen: SeenFigures) -> None:
    """Refuse a definition of a figure or target that there is not, or that its author may not see.

    Raises:
        AlertDefinitionError: the figure, a dimension or a target is unknown, or not for them.
    """
    try:
        kpi = figure_named(definition.kpi)
        ask(definition.kpi, group_by=definition.by, where=definition.where)
    except (FigureError, NoSuchFigureError) as problem:
        raise AlertDefinitionError(str(problem)) from None
    refusal = seen.refusal(kpi, [*definition.by, *(dimension for dimension, _ in definition.where)])
    if refusal:
        raise AlertDefinitionError(refusal)
    if "staff" in definition.by or any(dimension == "staff" for dimension, _ in definition.where):
        raise AlertDefinitionError("by: people are not watched by alerts. Choose another dimension.")
    is_by_side = isinstance(definition.condition, UnusualDay) and definition.condition.side == "worse"
    if is_by_side and kpi.direction == "neither":
        raise AlertDefinitionError("condition.side: the figure has no bad side. State up, down or both.")
    known = {each.name for each in messages.list_targets(connection)}
    if strange := sorted(definition.every_target - known):
        raise AlertDefinitionError(f"targets: there is no target {strange[0]}. Add it first.")


def list_definitions(connection: Connection) -> list[DefinedAlert]:
    """The definitions in force, by name."""
    last = rows.last_evaluations(connection)
    return [_defined(each, last.get(each.name)) for each in rows.current_definitions(connection)]


def definition_named(connection: Connection, name: str) -> DefinedAlert:
    """The definition with a name.

    Raises:
        NoSuchAlertError: there is none.
    """
    versions = rows.versions_of(connection, name)
    if not versions or versions[0].is_removed:
        raise _none_named()
    return _defined(versions[0], rows.last_evaluations(connection).get(name))


def definition_versions(connection: Connection, name: str) -> list[DefinedAlert]:
    """All versions of a definition, newest first; of a removed one as well.

    Raises:
        NoSuchAlertError: there never was one.
    """
    versions = rows.versions_of(connection, name)
    if not versions:
        raise _none_named()
    return [_defined(each, None) for each in versions]


def set_definition(
    caller: Caller, connection: Connection, definition: AlertDefinition, seen: SeenFigures
) -> DefinedAlert:
    """Store a definition as its next version, which counts from the next evaluation on.

    Alerts of another figure or breakdown under the same name are resolved. The same again is no new version.

    Raises:
        AlertDefinitionError: it can't be used.
    """
    check_definition(connection, definition, seen)
    rows.lock_definition(connection, definition.name)
    versions = rows.versions_of(connection, definition.name)
    body = definition.model_dump(mode="json")
    if versions and not versions[0].is_removed and definition_of(versions[0].body) == definition:
        return _defined(versions[0], rows.last_evaluations(connection).get(definition.name))
    if len(rows.current_definitions(connection)) >= MOST_DEFINITIONS:
        raise AlertDefinitionError(f"there are {MOST_DEFINITIONS} alerts already. Remove some first.")
    version = versions[0].version + 1 if versions else 1
    rows.add_version(connection, definition.name, version, body)
    before = definition_of(versions[0].body) if versions else definition
    if (before.kpi, before.by, before.where) != (definition.kpi, definition.by, definition.where):
        _end_all(connection, definition.name)
    _tell(caller, connection, "alert_definition.set", definition.name, version)
    return definition_named(connection, definition.name)


def remove_definition(caller: Caller, connection: Connection, name: str) -> None:
    """Remove a definition; its versions and alerts stay as they were, and open ones are resolved.

    Raises:
        NoSuchAlertError: there is none.
    """
    rows.lock_definition(connection, name)
    now = definition_named(connection, name)
    rows.add_version(
        connection, name, now.version + 1, now.definition.model_dump(mode="json"), is_removed=True
    )
    _end_all(connection, name)
    _tell(caller, connection, "alert_definition.removed", name, now.version + 1)


def _end_all(connection: Connection, name: str) -> None:
    now = clock.now()
    for each in rows.standing_incidents(connection, name):
        if each.state != "resolved":
            rows.set_state(connection, each.incident_id, "resolved", now)
            rows.note_happening(connection, each.incident_id, "resolved", now)
        else:
            rows.unmute(connection, each.incident_id)


def _defined(row: rows.StoredDefinition, evaluation: rows.AlertEvaluation | None) -> DefinedAlert:
    return DefinedAlert(
        row.version, definition_of(row.body), row.made_by, row.made_at, row.is_removed, evaluation
    )


def _tell(caller: Caller, connection: Connection, action: str, name: str, version: int) -> None:
    audit.append(
        caller, connection, action=action, subject=f"alert_definition:{name}",
        detail={"version": version}, correlation_id=str(uuid.uuid4()),
    )  # fmt: skip


def _none_named() -> NoSuchAlertError:
    return NoSuchAlertError("there is no alert of this name. `claimwright alerts list` names all of them.")
