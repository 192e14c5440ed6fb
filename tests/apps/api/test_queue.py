"""The queue by the API: who may do what, versions, proposals, notes, and a file for a spreadsheet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from httpx2 import Response
from tests.apps.api.conftest import Doors

from claimwright.platform.access import Access

WHY = "the charge was confirmed"


def listed(doors: Doors, headers: dict[str, str], **query: Any) -> dict[str, Any]:
    found = doors.client.get("/api/v1/queue", headers=headers, params=query)
    assert found.status_code == 200, found.text
    return dict(found.json())


def acted(doors: Doors, headers: dict[str, str], act: str, *items: Any, **more: Any) -> Response:
    body = {
        "act": act,
        "items": [each if isinstance(each, dict) else {"item_id": each} for each in items],
        **more,
    }
    return doors.client.post("/api/v1/queue/acts", headers=headers, json=body)


def test_the_queue_has_every_claim_in_review_page_by_page(doors: Doors) -> None:
    processor, viewer = doors.token("claims_processor"), doors.token("viewer")
    page = listed(doors, viewer)
    waiting = doors.client.get("/api/v1/review", headers=viewer, params={"limit": 1000}).json()["items"]
    assert sorted(each["claim_key"] for each in page["items"]) == sorted(
        each["claim_key"] for each in waiting
    )
    assert (page["total"], page["next"]) == (len(waiting), None)
    assert page["stake_cents"] == sum(each["stake_cents"] for each in page["items"])
    seen, cursor = [], None
    while True:
        part = listed(doors, processor, limit=2, sort="due", **({"cursor": cursor} if cursor else {}))
        seen += [each["item_id"] for each in part["items"]]
        cursor = part["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == len(waiting)
    refused = doors.client.get("/api/v1/queue", headers=viewer, params={"cursor": "WzEsMl0", "sort": "stake"})
    assert refused.status_code == 422


def test_filters_and_counts_say_the_same(doors: Doors) -> None:
    manager = doors.token("manager")
    summary = doors.client.get("/api/v1/queue/summary", headers=manager).json()
    assert summary["open"] == listed(doors, manager)["total"] == summary["unassigned"]
    for name, filter_name in (("kinds", "kind"), ("categories", "category"), ("priorities", "priority")):
        for group in summary[name]:
            assert listed(doors, manager, **{filter_name: group["name"]})["total"] == group["items"]
    both = listed(doors, manager, priority=["high", "normal", "low"], state=["new", "closed"])
    assert both["total"] == summary["open"]
    assert listed(doors, manager, assignee="me")["total"] == 0
    assert listed(doors, manager, state="closed")["total"] == 0
    assert listed(doors, manager, due_before="2020-01-01")["total"] == 0
    assert doors.client.get("/api/v1/queue", headers=manager, params={"state": "x"}).status_code == 422


def test_the_days_of_the_summary_are_counted_where_they_are_wanted(doors: Doors) -> None:
    manager = doors.token("manager")
    whole = doors.client.get("/api/v1/queue/summary", headers=manager).json()
    short = doors.client.get("/api/v1/queue/summary", headers=manager, params={"trend": "false"}).json()
    assert len(whole["trend"]) == 30
    assert whole["trend"][-1]["closed"] == whole["closed_today"]
    assert short == whole | {"trend": []}


def test_what_waits_is_told_to_those_who_work_on_it(doors: Doors) -> None:
    def waiting(role: str) -> dict[str, Any]:
        return dict(doors.client.get("/api/v1/own/waiting", headers=doors.token(role)).json())

    total = listed(doors, doors.token("manager"))["total"]
    assert 0 < total < 1_000
    dead = doors.client.get("/api/v1/runs/waiting", headers=doors.token("manager")).json()["dead_letters"]
    assert waiting("manager") == {"items": total, "dead_letters": dead}
    assert waiting("viewer") == {"items": None, "dead_letters": None}


def test_a_stale_version_is_refused_and_the_others_are_done(doors: Doors) -> None:
    processor = doors.token("claims_processor")
    first, second, *_ = listed(doors, processor)["items"]
    opened = doors.client.get(f"/api/v1/queue/{first['item_id']}", headers=processor)
    assert opened.headers["ETag"] == '"1"'
    assert {"start", "release", "assign"} <= set(opened.json()["can"])
    read = [{"item_id": each["item_id"], "version": 1} for each in (first, second)]
    assert acted(doors, processor, "start", read[0]).json()["done"] == [first["item_id"]]
    answer = acted(doors, processor, "start", *read).json()
    assert answer["done"] == [second["item_id"]]
    assert [(each["item_id"], each["code"]) for each in answer["refused"]] == [
        (first["item_id"], "changed_meanwhile")
    ]
    mine = listed(doors, processor, assignee="me")
    assert {each["item_id"] for each in mine["items"]} == {first["item_id"], second["item_id"]}


def test_an_approval_is_a_manager_s_and_another_person_s(doors: Doors) -> None:
    manager, other, processor = (
        doors.token("manager"),
        doors.token("manager"),
        doors.token("claims_processor"),
    )
    item = listed(doors, manager)["items"][0]["item_id"]
    waits = acted(doors, manager, "propose", item, propose="release", reason=WHY)
    assert waits.json()["done"] == [item], waits.text
    assert acted(doors, processor, "approve", item, reason=WHY).status_code == 403
    own = acted(doors, manager, "approve", item, reason=WHY).json()
    assert [each["code"] for each in own["refused"]] == ["own_proposal"]
    assert acted(doors, other, "approve", item, reason=WHY).json()["done"] == [item]
    shown = doors.client.get(f"/api/v1/queue/{item}", headers=manager).json()
    assert (shown["item"]["state"], shown["item"]["outcome"]) == ("resubmitted", "released")
    assert [each["act"] for each in shown["history"]] == ["propose", "approve"]
    key = shown["item"]["claim_key"]
    claim = doors.client.get("/api/v1/claims", headers=manager, params={"place": "production"}).json()
    assert key in {each["claim_key"] for each in claim["items"]}


def test_who_approves_a_release_needs_the_scope_and_the_role_to_release(doors: Doors) -> None:
    manager, processor = doors.token("manager"), doors.token("claims_processor")
    item = listed(doors, manager)["items"][0]["item_id"]
    acted(doors, processor, "propose", item, propose="release", reason=WHY)
    narrow = doors.token("manager", scopes=("queue",))
    refused = acted(doors, narrow, "approve", item, reason=WHY).json()
    assert [each["code"] for each in refused["refused"]] == ["not_permitted"]
    wide = doors.token("manager", scopes=("queue", "review"))
    assert acted(doors, wide, "approve", item, reason=WHY).json()["done"] == [item]


def test_the_route_for_claims_in_review_refuses_what_needs_an_approval(doors: Doors) -> None:
    processor = doors.token("claims_processor")
    item = listed(doors, processor)["items"][0]
    with doors.services.database.pool.connection() as connection:
        connection.execute("select set_config('claimwright.tenant', 'default', false)")
        connection.execute("update work.items set needs_approval = true")
    body = {"claim_keys": [item["claim_key"]], "reason": WHY}
    refused = doors.client.post("/api/v1/review/release", headers=processor, json=body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "state_conflict")
    returned = doors.client.post("/api/v1/review/return", headers=processor, json=body)
    assert returned.status_code == 200
    assert listed(doors, processor, state="closed", snoozed="all")["items"][0]["outcome"] == "gone"


def test_only_a_manager_gives_items_to_others(doors: Doors) -> None:
    manager, coder = doors.token("manager"), doors.token("coder")
    item = listed(doors, manager)["items"][0]["item_id"]
    people = doors.client.get("/api/v1/queue/people", headers=coder).json()
    assert {each["name"].split("-")[0] for each in people} == {"manager", "coder"}
    ids = {each["name"].split("-")[0]: each["account_id"] for each in people}
    path = f"/api/v1/queue/people/{ids['coder']}/skills"
    assert doors.client.post(path, headers=coder, json={"skills": ["coding"]}).status_code == 403
    skilled = doors.client.post(path, headers=manager, json={"skills": ["coding"]})
    assert skilled.json()["skills"] == ["coding"]
    assert doors.client.post(path, headers=manager, json={"skills": ["juggling"]}).status_code == 422
    refused = acted(doors, coder, "assign", item, to=ids["manager"]).json()
    assert [each["code"] for each in refused["refused"]] == ["not_permitted"]
    assert acted(doors, coder, "assign", item, how="balanced").status_code == 403
    assert acted(doors, coder, "assign", item, to="me").json()["done"] == [item]
    assert acted(doors, manager, "assign", item, to=ids["manager"]).json()["done"] == [item]
    assert acted(doors, manager, "assign", item, to=999_999).status_code == 422
    assert acted(doors, manager, "assign", item, how="round_robin", accounts=[ids["coder"]]).json()[
        "done"
    ] == [item]
    assert listed(doors, coder, assignee="me")["total"] == 1
    assert acted(doors, manager, "assign", item).json()["done"] == [item]
    assert listed(doors, coder, assignee="nobody")["total"] == listed(doors, coder)["total"]


def test_notes_are_for_those_who_may_see_notes(doors: Doors) -> None:
    coder, auditor = doors.token("coder"), doors.token("auditor")
    item = listed(doors, coder)["items"][0]["item_id"]
    people = doors.client.get("/api/v1/queue/people", headers=coder).json()
    text = "<script>alert(1)</script> ask for the record"
    made = doors.client.post(
        f"/api/v1/queue/{item}/notes", headers=coder,
        json={"text": text, "mentions": [people[0]["account_id"]]},
    )  # fmt: skip
    assert made.status_code == 201, made.text
    assert made.json()["text"] == text
    assert (
        doors.client.post(f"/api/v1/queue/{item}/notes", headers=auditor, json={"text": "x"}).status_code
        == 403
    )
    seen, hidden = (
        doors.client.get(f"/api/v1/queue/{item}", headers=headers).json() for headers in (coder, auditor)
    )
    assert ([each["text"] for each in seen["notes"]], seen["withheld"]) == ([text], {})
    assert [each["text"] for each in hidden["notes"]] == [None]
    assert hidden["withheld"] == {"notes": "no policy permits it"}
    assert listed(doors, coder, mentions="me")["total"] == 1
    assert listed(doors, auditor, mentions="me")["total"] == 0
    # Only who wrote it withdraws it. That there was one is still shown; its mention counts no more.
    withdrawal = f"/api/v1/queue/{item}/notes/{made.json()['note_id']}/withdrawal"
    assert doors.client.post(withdrawal, headers=doors.token("manager")).status_code == 422
    assert doors.client.post(withdrawal, headers=coder).status_code == 204
    assert doors.client.post(withdrawal, headers=coder).status_code == 422
    [left] = doors.client.get(f"/api/v1/queue/{item}", headers=coder).json()["notes"]
    assert (left["text"], left["withdrawn_at"] is not None) == (None, True)
    assert listed(doors, coder, mentions="me")["total"] == 0


def test_the_export_is_the_list_as_csv(doors: Doors) -> None:
    viewer = doors.token("viewer")
    found = doors.client.get("/api/v1/queue/export", headers=viewer, params={"priority": "high"})
    assert found.headers["content-type"].startswith("text/csv")
    assert "attachment" in found.headers["content-disposition"]
    items = listed(doors, viewer, priority="high")["items"]
    assert [line.split(",")[0] for line in found.text.splitlines()[1:]] == [
        str(each["item_id"]) for each in items
    ]


def test_nobody_sees_items_of_another_facility_or_tenant(doors: Doors) -> None:
    everything, own = doors.token("manager"), doors.token("manager", facilities=["FAC002"])
    stranger = doors.token("manager", tenant="other")
    item = listed(doors, everything, facility="FAC001")["items"][0]["item_id"]
    assert {each["facility"] for each in listed(doors, own)["items"]} <= {"FAC002"}
    for headers in (own, stranger):
        assert doors.client.get(f"/api/v1/queue/{item}", headers=headers).status_code == 404
        assert [each["code"] for each in acted(doors, headers, "start", item).json()["refused"]] == [
            "not_found"
        ]
        assert (
            doors.client.post(f"/api/v1/queue/{item}/notes", headers=headers, json={"text": "x"}).status_code
            == 404
        )
    assert listed(doors, stranger)["total"] == 0


def test_a_viewer_changes_nothing_and_a_release_needs_the_right_to_release(doors: Doors) -> None:
    viewer, coder = doors.token("viewer"), doors.token("coder")
    item = listed(doors, coder)["items"][0]["item_id"]
    assert acted(doors, viewer, "start", item).status_code == 403
    assert acted(doors, coder, "discard", item, reason=WHY).status_code == 403
    assert acted(doors, coder, "release", item).json()["error"]["code"] == "reason_needed"
    assert acted(doors, coder, "fly", item).status_code == 422
    assert acted(doors, coder, "decide", item, reason=WHY).json()["error"]["code"] == "unusable_input"


def test_a_policy_can_ask_whether_the_claim_is_ones_own_work(doors: Doors, tmp_path: Path) -> None:
    """Notes for whoever the work is assigned to, and for nobody else."""
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "own.cedar").write_text(
        '@id("own-work") @version("1") @effective("2026-01-01") @approver("privacy board")\n'
        'forbid (principal, action == Claimwright::Action::"field.identity", resource)\n'
        "unless { context.assigned_to_me };\n"
    )
    doors.services.access = Access(tmp_path / "policies")
    coder, other = doors.token("coder"), doors.token("coder")
    item = listed(doors, coder)["items"][0]
    path = f"/api/v1/claims/{item['claim_key']}/opening"

    def seen(headers: dict[str, str]) -> bool:
        answer = doors.client.post(path, headers=headers, json={"reason": "checking a denial"})
        assert answer.status_code == 200
        return "subscriber_name" in answer.json()["content"]["claims"][0]

    assert not seen(coder)
    assert acted(doors, coder, "assign", item["item_id"], to="me").json()["done"] == [item["item_id"]]
    assert seen(coder)
    assert not seen(other)
