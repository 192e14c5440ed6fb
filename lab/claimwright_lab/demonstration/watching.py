"""What the practice watches: alerts on figures, a report on a schedule, a waiver of a rule."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from claimwright.foundation import clock

from .people import LOADER, REASON

if TYPE_CHECKING:
    from claimwright.platform.database import Database
    from claimwright.platform.settings import Settings

    from .people import People

_ALERTS: tuple[dict[str, Any], ...] = (
    {
        "name": "denials_by_payer", "title": "Initial denials of a payer above 18 percent, 90 days",
        "kpi": "initial_denial_rate", "by": ["payer"], "minimum_items": 11,
        "condition": {"kind": "threshold", "above": 0.18, "days": 90},
    },
    {
        "name": "clean_claims", "title": "Clean-claim rate of a facility below 80 percent, 30 days",
        "kpi": "clean_claim_rate", "by": ["facility"], "minimum_items": 11, "severity": "critical",
        "condition": {"kind": "threshold", "below": 0.80, "days": 30},
    },
    {
        "name": "days_in_ar", "title": "Net days in A/R above 45", "kpi": "net_days_in_ar",
        "minimum_items": 11, "condition": {"kind": "threshold", "above": 45, "days": 30},
    },
    {
        "name": "claims_a_day", "title": "Claims sent in a day, unusual", "kpi": "claim_volume",
        "minimum_items": 11, "severity": "info",
        "condition": {"kind": "unusual", "side": "both", "sensitivity": "normal", "delay_days": 1},
    },
)  # fmt: skip
_REPORTS: tuple[dict[str, Any], ...] = (
    {
        "title": "Receivables, every Monday", "group_by": "payer", "period": "last_week", "every": "week",
        "kpis": ["net_days_in_ar", "ar_insurance_balance", "aged_ar_over_90_insurance"],
    },
    {
        "title": "Denials of the month", "group_by": "payer", "period": "last_month", "every": "month",
        "kpis": ["initial_denial_rate", "preventable_share", "overturn_rate"], "format": "xlsx",
    },
)  # fmt: skip


def watch(settings: Settings, database: Database, people: People) -> None:
    """Define and evaluate the alerts: somebody works on one, one was settled. Schedule the reports."""
    from claimwright.assembly.reports import channels_of
    from claimwright.features.alerts import (
        AlertView,
        acknowledge_alert,
        definition_of,
        evaluate_alerts,
        list_alerts,
        resolve_alert,
        set_definition,
    )
    from claimwright.features.analytics import (
        NewReport,
        SeenFigures,
        add_report,
        deliver_reports,
        send_report_now,
    )

    manager = people["manager"]
    seen = SeenFigures(lambda _action: True, lambda _kind: True)
    with database.transaction(manager) as connection:
        for body in _ALERTS:
            set_definition(manager, connection, definition_of(body), seen)
        reports = [
            add_report(manager, connection, NewReport(**each, target="objects"), seen, None)
            for each in _REPORTS
        ]
        send_report_now(manager, connection, reports[0].report_id)
    evaluate_alerts(LOADER, database)
    view = AlertView(seen, None)
    with database.transaction(manager) as connection:
        open_ones = list_alerts(connection, view, only_open=True)
        of_payers = [each for each in open_ones if each.kpi == "initial_denial_rate"]
        if of_payers:
            acknowledge_alert(manager, connection, view, of_payers[0].incident_id)
        if len(of_payers) > 1:
            resolve_alert(
                manager, connection, view, of_payers[1].incident_id,
                reason="The payer had loaded a wrong fee schedule and reprocesses the claims",
            )  # fmt: skip
    deliver_reports(LOADER, database, channels_of(settings))


def waive(database: Database, people: People) -> None:
    """A rule whose findings are accepted for some weeks."""
    from claimwright.engines.rules import Waiver, load_rulebook
    from claimwright.features.claims import add_waiver

    today, manager = clock.today(), people["manager"]
    with database.transaction(manager) as connection:
        waiver = Waiver(
            "DEMO-1", ("ADR007",), today - datetime.timedelta(days=20), today + datetime.timedelta(days=10),
            "manager", f"{REASON}: the clinic has moved, and payers are told",
        )  # fmt: skip
        add_waiver(manager, connection, waiver, load_rulebook())
