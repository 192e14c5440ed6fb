"""Denials by the API: the same lists as the commands', for those of one's own facilities."""

from __future__ import annotations

from tests.apps.api.conftest import Doors


def test_a_store_without_denials_has_empty_lists_and_no_clocks(doors: Doors) -> None:
    viewer = doors.token("viewer")
    found = doors.client.get("/api/v1/denials/work", headers=viewer, params={"as_of": "2026-02-20"})
    assert found.status_code == 200, found.text
    assert found.json()["items"] == []
    assert doors.client.get("/api/v1/denials/groups", headers=viewer).json() == []
    missing = doors.client.get("/api/v1/denials/1/clocks", headers=viewer)
    assert missing.status_code == 404


def test_contracts_own_times_are_set_listed_and_ended(doors: Doors) -> None:
    client, manager, viewer = doors.client, doors.token("manager"), doors.token("viewer")
    own = {"payer_id": "12345", "source": "Contract 2026, section 7", "days": 25, "clock": "erisa-appeal"}
    wanted = {"clocks": [own], "reason": "signed in January"}
    path = "/api/v1/denials/contracts"
    assert client.post(path, headers=viewer, json=wanted).status_code == 403
    # Contracts are of every facility.
    assert (
        client.post(path, headers=doors.token("manager", facilities=["FAC001"]), json=wanted).status_code
        == 403
    )
    unknown = client.post(path, headers=manager, json={**wanted, "clocks": [{**own, "clock": "erisa"}]})
    assert unknown.status_code == 422
    assert "there is no such clock" in unknown.text
    made = client.post(path, headers=manager, json=wanted)
    assert made.status_code == 201, made.text
    [number] = made.json()["clock_ids"]
    [listed] = client.get(path, headers=viewer).json()["items"]
    assert (listed["clock_id"], listed["days"], listed["source"]) == (number, 25, "Contract 2026, section 7")
    ended = client.post(f"{path}/{number}/end", headers=manager, json={"reason": "it was cancelled"})
    assert ended.status_code == 200, ended.text
    again = client.post(f"{path}/{number}/end", headers=manager, json={"reason": "it was cancelled"})
    assert again.status_code == 404
    assert client.get(path, headers=viewer).json()["items"] == []
    [over] = client.get(path, headers=viewer, params={"ended": True}).json()["items"]
    assert over["ended_at"]
