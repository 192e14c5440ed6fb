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
