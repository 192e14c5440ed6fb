"""Alerts on figures: defined, evaluated, acknowledged and resolved; their targets and deliveries."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field

from claimwright.apps.api.asking import Asker, Asking
from claimwright.apps.api.bodies import Body
from claimwright.apps.api.pages import Page, Paging
from claimwright.apps.api.resources import Resource
from claimwright.assembly.alerting import alert_sender, alert_view, evaluate_and_deliver
from claimwright.engines.alerting import AlertDefinition
from claimwright.features.alerts import (
    AlertSheet,
    AlertTarget,
    AlertView,
    DefinedAlert,
    TargetView,
    acknowledge_alert,
    alert_deliveries,
    alert_sheet,
    definition_named,
    definition_versions,
    list_alert_targets,
    list_alerts,
    list_definitions,
    remove_alert_target,
    remove_definition,
    resolve_alert,
    retry_message,
    send_test,
    set_definition,
    set_target,
)
from claimwright.foundation import clock
from claimwright.store.alert_deliveries import AlertDelivery
from claimwright.store.alerts import FigureAlert

routes = Resource("alerts", "Alerts on figures: definitions, evaluation, what was sent to whom")
Name = Annotated[str | None, Query(max_length=60, description="Of the definition with this name.")]
_WHOLE = "an alert watches the whole practice"


class AlertResolution(Body):
    """Why an alert is resolved."""

    reason: str = Field(
        max_length=400, description="8 to 200 characters, about the work; kept in the audit log."
    )


class AlertsEvaluated(BaseModel):
    """What an evaluation found: alerts that began and ended; messages sent; problems by definition."""

    definitions: int
    groups: int
    begun: list[int]
    ended: list[int]
    sent: int
    failed: int
    problems: dict[str, str]


@routes.get("/analytics/alerts", action="analytics.read")
def alerts(asker: Asking, page: Paging, only_open: bool = False, name: Name = None) -> Page[FigureAlert]:
    """Alerts, newest first. Numbers of fewer than 11 claims are null for those who may not see them."""
    with asker.services.database.transaction(asker.caller) as connection:
        found = list_alerts(
            connection, _view(asker), before=page.after, limit=page.limit, only_open=only_open, name=name
        )
    return page.page(found, lambda each: each.incident_id)


@routes.get("/analytics/alerts/definitions", action="analytics.read")
def definitions(asker: Asking) -> list[DefinedAlert]:
    """The definitions in force, each with when it was evaluated last and what that found."""
    with asker.services.database.transaction(asker.caller) as connection:
        return list_definitions(connection)


@routes.get("/analytics/alerts/definitions/{name}", action="analytics.read")
def definition(asker: Asking, name: str) -> DefinedAlert:
    """One definition."""
    with asker.services.database.transaction(asker.caller) as connection:
        return definition_named(connection, name)


@routes.get("/analytics/alerts/definitions/{name}/versions", action="analytics.read")
def versions(asker: Asking, name: str) -> list[DefinedAlert]:
    """All versions of a definition, newest first: what counted when, and who made it."""
    with asker.services.database.transaction(asker.caller) as connection:
        return definition_versions(connection, name)


@routes.post("/analytics/alerts/configure", action="analytics.watch", errors=("unusable_input",))
def configure(asker: Asking, wanted: AlertDefinition) -> DefinedAlert:
    """Add a definition, or its next version. The same again changes nothing."""
    with asker.services.database.transaction(asker.caller) as connection:
        return set_definition(asker.caller, connection, wanted, _view(asker).seen)


@routes.delete("/analytics/alerts/definitions/{name}", action="analytics.watch", status=204)
def remove(asker: Asking, name: str) -> None:
    """Remove a definition. Its open alerts are resolved; its versions and alerts can still be read."""
    with asker.services.database.transaction(asker.caller) as connection:
        remove_definition(asker.caller, connection, name)


@routes.post("/analytics/alerts/evaluate", action="analytics.watch")
def evaluate(asker: Asking, name: Name = None) -> AlertsEvaluated:
    """Evaluate all definitions now, or one, and send what is due. A worker does so every few minutes."""
    services = asker.services
    done, sent = evaluate_and_deliver(asker.caller, services.settings, services.database, only=name)
    return AlertsEvaluated(
        definitions=done.definitions, groups=done.judged, begun=done.begun, ended=done.ended, sent=sent.sent,
        failed=sent.failed + sent.given_up, problems=done.problems,
    )  # fmt: skip


@routes.get("/analytics/alerts/targets", action="analytics.read")
def targets(asker: Asking) -> list[TargetView]:
    """Where messages go, without addresses and secrets."""
    with asker.services.database.transaction(asker.caller) as connection:
        return list_alert_targets(connection)


@routes.post("/analytics/alerts/targets", action="analytics.watch", errors=("unusable_input",))
def put_target(asker: Asking, wanted: AlertTarget) -> TargetView:
    """Add a target, or replace the one with its name."""
    services = asker.services
    with services.database.transaction(asker.caller) as connection:
        return set_target(
            asker.caller, connection, services.sealer, wanted,
            inward_hosts=services.settings.alerts.inward_hosts,
        )  # fmt: skip


@routes.delete(
    "/analytics/alerts/targets/{name}", action="analytics.watch", status=204, errors=("unusable_input",)
)
def remove_target(asker: Asking, name: str) -> None:
    """Remove a target that no definition names."""
    with asker.services.database.transaction(asker.caller) as connection:
        remove_alert_target(asker.caller, connection, name)


@routes.post("/analytics/alerts/targets/{name}/test", action="analytics.watch")
def send_trial(asker: Asking, name: str) -> AlertDelivery:
    """Send a test to a target now; the answer says whether it was taken, or why not."""
    services = asker.services
    return send_test(asker.caller, services.database, services.sealer, alert_sender(services.settings), name)


@routes.get("/analytics/alerts/deliveries", action="analytics.read")
def deliveries(asker: Asking, page: Paging, only_failing: bool = False) -> Page[AlertDelivery]:
    """Messages, newest first: waiting, sent, given up or dropped, with attempts and the last error."""
    asker.demand_every_facility(_WHOLE)
    with asker.services.database.transaction(asker.caller) as connection:
        found = alert_deliveries(
            connection, _view(asker), before=page.after, limit=page.limit, only_failing=only_failing
        )
    return page.page(found, lambda each: each.delivery_id)


@routes.post("/analytics/alerts/deliveries/{delivery_id}/retry", action="analytics.watch", status=204)
def retry(asker: Asking, delivery_id: int) -> None:
    """Give a message that was given up new attempts."""
    with asker.services.database.transaction(asker.caller) as connection:
        retry_message(asker.caller, connection, delivery_id)


@routes.get("/analytics/alerts/{incident_id}", action="analytics.read")
def one(asker: Asking, incident_id: int) -> AlertSheet:
    """One alert: its definition, what happened to it, and the figure day by day."""
    with asker.services.database.transaction(asker.caller) as connection:
        return alert_sheet(connection, _view(asker), incident_id, today=clock.today())


@routes.get("/analytics/alerts/{incident_id}/deliveries", action="analytics.read")
def deliveries_of(asker: Asking, incident_id: int) -> list[AlertDelivery]:
    """The messages about one alert, newest first."""
    with asker.services.database.transaction(asker.caller) as connection:
        return list(alert_deliveries(connection, _view(asker), incident_id=incident_id))


@routes.post(
    "/analytics/alerts/{incident_id}/acknowledge", action="analytics.respond", errors=("unusable_input",)
)
def acknowledge(asker: Asking, incident_id: int) -> FigureAlert:
    """Say that you work on it: it is not escalated any further."""
    with asker.services.database.transaction(asker.caller) as connection:
        return acknowledge_alert(asker.caller, connection, _view(asker), incident_id)


@routes.post(
    "/analytics/alerts/{incident_id}/resolve", action="analytics.respond",
    errors=("unusable_input", "reason_needed"),
)  # fmt: skip
def resolve(asker: Asking, incident_id: int, wanted: AlertResolution) -> FigureAlert:
    """Say that it is over, and why. It begins anew only after the figure was back once."""
    with asker.services.database.transaction(asker.caller) as connection:
        return resolve_alert(asker.caller, connection, _view(asker), incident_id, reason=wanted.reason)


def _view(asker: Asker) -> AlertView:
    return alert_view(asker.services.access, asker.caller, asker.facilities)
