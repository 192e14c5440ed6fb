"""Unusual access is found in the audit log of the API, told as an event, and closed by somebody else."""

from __future__ import annotations

import re

from tests.apps.api.conftest import ROOT, Doors
from tests.apps.api.test_access import opening

from claimwright.features.access_watch import watch_accesses
from claimwright.foundation import clock


def test_much_broken_glass_is_an_alert_once_and_nobody_closes_their_own(doors: Doors) -> None:
    manager, auditor = doors.token("manager"), doors.token("auditor")
    database = doors.services.database
    for key in (1, 5, 9):
        assert opening(doors, key, manager, break_glass=True).status_code == 200
    raised = watch_accesses(ROOT, database, until=clock.now())
    assert [(each.kind, each.counted, each.usual) for each in raised] == [("break_glass", 3, 2)]
    assert watch_accesses(ROOT, database, until=clock.now()) == []
    [alert] = doors.client.get("/api/v1/access/alerts", headers=auditor).json()["items"]
    assert alert["actor"] == raised[0].actor
    with database.transaction(ROOT) as connection:
        told = connection.execute(
            "select subject, data from platform.outbox where type = 'access.unusual.v1'"
        ).fetchall()
    assert [(row[0], row[1]["kind"]) for row in told] == [(f"alert:{alert['alert_id']}", "break_glass")]
    path, found = f"/api/v1/access/alerts/{alert['alert_id']}/review", {"reason": "an audit of old claims"}
    assert doors.client.post(path, headers=manager, json=found).status_code == 403
    both = doors.token("auditor", "manager")
    assert doors.client.post(path, headers=both, json={"reason": "short"}).status_code == 422
    assert doors.client.post(path, headers=auditor, json=found).json()["reviewed_by"].startswith("user:")
    assert doors.client.post(path, headers=auditor, json=found).status_code == 404
    left = doors.client.get("/api/v1/access/alerts", headers=auditor, params={"only_open": True})
    assert left.json()["items"] == []


def test_the_log_has_tokens_of_patients_and_no_names(doors: Doors) -> None:
    coder, auditor = doors.token("coder"), doors.token("auditor")
    shown = [opening(doors, key, coder).json() for key in (1, 2, 1)]
    log = doors.client.get("/api/v1/audit", headers=auditor, params={"action": "phi.read"}).json()["items"]
    tokens = [each["content"]["detail"]["digest"] for each in log][::-1]
    assert all(re.fullmatch(r"[0-9a-f]{8}\.[0-9a-f]{8}", each) for each in tokens)
    assert tokens[0] == tokens[2]
    assert shown[0]["content"]["claims"][0]["subscriber_name"] not in str(log)
