"""Views that an account keeps of the web app, and its tour."""

from __future__ import annotations

import pytest
from tests.apps.api.conftest import Doors

API = "/api/v1/own"


def test_an_account_keeps_views_of_its_own(doors: Doors) -> None:
    client, own, other = doors.client, doors.token("coder"), doors.token("manager")
    assert client.get(f"{API}/views", headers=own).json() == {"views": [], "has_toured": False}
    late = {"name": "Late", "address": "/queue?due_before=2026-12-01&kind=denial"}
    saved = client.post(f"{API}/views", headers=own, json=late)
    assert saved.status_code == 201, saved.text
    again = client.post(f"{API}/views", headers=own, json={**late, "address": "/queue?kind=denial"}).json()
    assert again["view_id"] == saved.json()["view_id"]
    [view] = client.get(f"{API}/views", headers=own).json()["views"]
    assert view == {"view_id": again["view_id"], "name": "Late", "address": "/queue?kind=denial"}
    assert client.get(f"{API}/views", headers=other).json()["views"] == []
    path = f"{API}/views/{again['view_id']}"
    assert client.delete(path, headers=other).status_code == 404
    assert client.delete(path, headers=own).status_code == 204
    assert client.delete(path, headers=own).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/", "//elsewhere.example/x", "javascript:alert(1)", "/queue#x", "queue", "",
        "/claims?number=123456789",
    ],
)  # fmt: skip
def test_a_view_is_an_address_of_the_app(doors: Doors, address: str) -> None:
    wanted = {"name": "View", "address": address}
    assert doors.client.post(f"{API}/views", headers=doors.token("coder"), json=wanted).status_code == 422


def test_an_account_keeps_fifty_views_at_most(doors: Doors) -> None:
    own = doors.token("coder")
    answers = [
        doors.client.post(f"{API}/views", headers=own, json={"name": f"V{number}", "address": "/queue"})
        for number in range(51)
    ]
    assert [each.status_code for each in answers] == [201] * 50 + [422]


def test_the_tour_is_shown_once(doors: Doors) -> None:
    own = doors.token("coder")
    assert doors.client.post(f"{API}/tour", headers=own).status_code == 204
    assert doors.client.get(f"{API}/views", headers=own).json()["has_toured"] is True
