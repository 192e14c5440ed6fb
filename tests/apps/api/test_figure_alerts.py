"""Alerts on figures over the API: defined, evaluated, acknowledged, resolved, delivered; who may what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.apps.api.conftest import Doors, opened
from tests.database_server import Store

BASE = "/api/v1/analytics/alerts"
DEFINITION = {
    "name": "flawed_claims", "kpi": "clean_claim_rate", "minimum_items": 11, "targets": ["hook"],
    "condition": {"kind": "threshold", "below": 1.0, "days": 30},
}  # fmt: skip
HOOK = {
    "name": "hook", "kind": "webhook", "url": "https://hooks.example.invalid/x",
    "secret": "a secret of more than 24 characters",
}  # fmt: skip


@pytest.fixture(scope="module")
def doors(processed: tuple[Store, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    store, folder = processed
    with store.copied() as copied, opened(copied, folder) as made:
        yield made


def asked(doors: Doors, headers: dict[str, str], method: str, path: str, **more: Any) -> Any:
    return doors.client.request(method, f"{BASE}{path}", headers=headers, **more)


def test_an_alert_is_defined_evaluated_acknowledged_and_resolved(doors: Doors) -> None:
    manager = doors.token("manager")

    def ask(method: str, path: str, **more: Any) -> Any:
        found = asked(doors, manager, method, path, **more)
        assert found.status_code < 300, found.text
        return found.json() if found.content else None

    refused = asked(doors, manager, "POST", "/configure", json=DEFINITION)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "unusable_input")
    assert "no target hook" in refused.json()["error"]["message"]
    target = ask("POST", "/targets", json=HOOK)
    assert "secret" not in str(target)
    assert target["shown"] == "hooks.example.invalid"
    made = ask("POST", "/configure", json=DEFINITION)
    assert (made["version"], made["definition"]["severity"]) == (1, "warning")
    done = ask("POST", "/evaluate")
    assert (done["definitions"], len(done["begun"]), done["problems"]) == (1, 1, {})
    [alert] = ask("GET", "", params={"only_open": True})["items"]
    assert (alert["incident_id"], alert["state"]) == (done["begun"][0], "firing")
    number = alert["incident_id"]
    sheet = ask("GET", f"/{number}")
    assert [each["what"] for each in sheet["history"]] == ["firing"]
    assert sheet["definition"]["name"] == "flawed_claims"
    # There is no such host: the message waits for its next attempt, and says why.
    [message] = ask("GET", f"/{number}/deliveries")
    assert (message["state"], message["attempts"]) == ("waiting", 1)
    assert message["last_error"] == "hooks.example.invalid: there is no such name."
    trial = ask("POST", "/targets/hook/test")
    assert (trial["what"], trial["state"]) == ("test", "given_up")
    ask("POST", f"/deliveries/{trial['delivery_id']}/retry")
    assert ask("GET", "/deliveries")["items"][0]["state"] == "waiting"
    assert ask("POST", f"/{number}/acknowledge")["state"] == "acknowledged"
    again = asked(doors, manager, "POST", f"/{number}/acknowledge")
    assert again.json()["error"]["code"] == "unusable_input"
    short = asked(doors, manager, "POST", f"/{number}/resolve", json={"reason": "x"})
    assert short.json()["error"]["code"] == "reason_needed"
    resolved = ask("POST", f"/{number}/resolve", json={"reason": "known for a week now"})
    assert (resolved["state"], resolved["is_muted"]) == ("resolved", True)
    assert ask("POST", "/evaluate", params={"name": "flawed_claims"})["begun"] == []
    ask("DELETE", "/definitions/flawed_claims")
    assert ask("GET", "/definitions") == []
    assert [each["is_removed"] for each in ask("GET", "/definitions/flawed_claims/versions")] == [True, False]
    ask("DELETE", "/targets/hook")
    assert ask("GET", "/targets") == []


def test_others_see_less_and_change_nothing(doors: Doors) -> None:
    manager = doors.token("manager")
    asked(doors, manager, "POST", "/configure", json={**DEFINITION, "targets": []})
    [number] = asked(doors, manager, "POST", "/evaluate").json()["begun"]
    viewer, one_facility = doors.token("viewer"), doors.token("manager", facilities=["FAC001"])
    assert asked(doors, viewer, "GET", f"/{number}").status_code == 200
    assert asked(doors, viewer, "POST", f"/{number}/acknowledge").status_code == 403
    assert asked(doors, viewer, "POST", "/configure", json=DEFINITION).status_code == 403
    assert asked(doors, one_facility, "GET", f"/{number}").status_code == 404
    assert asked(doors, one_facility, "GET", "").json()["items"] == []
    assert asked(doors, one_facility, "POST", "/evaluate").status_code == 403
    # Whoever may not read the ledger defines no alert on what is owed.
    other = doors.token("manager", tenant="north")
    assert asked(doors, other, "GET", f"/{number}").status_code == 404
    assert asked(doors, other, "GET", "/definitions").json() == []
