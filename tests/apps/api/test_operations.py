"""How the installation does, for those who run it."""

from __future__ import annotations

from tests.apps.api.conftest import Doors


def test_database_connections_and_jobs_are_told_to_whoever_covers_every_facility(doors: Doors) -> None:
    found = doors.client.get("/api/v1/operations", headers=doors.token("manager")).json()
    database, pool = found["database"], found["pool"]
    assert database["size_bytes"] > 1_000_000
    assert 1 <= database["connections"] <= database["most_connections"]
    assert database["commits"] > 0
    assert 1 <= pool["size"] <= database["connections"]
    assert set(found["jobs"]) == {"waiting", "running", "stalled", "failed"}
    own = doors.token("manager", facilities=["FAC001"])
    assert doors.client.get("/api/v1/operations", headers=own).status_code == 403
