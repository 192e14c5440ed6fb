"""An account of some facilities reads, counts and derives nothing of others, and gives nothing of theirs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.apps.api.conftest import Doors, opened
from tests.apps.api.test_attacks import UNLIMITED, operations
from tests.database_server import Store

from claimwright.platform.access import ROLES

PEOPLE = tuple(role for role in ROLES if role != "service")
# What is the same for all, whatever claims there are: vocabulary, one's own account, what ships.
SAME_FOR_ALL = (
    "/own/", "/session", "/oauth/", "/claims/batch/schema", "/dictionary", "/rules", "/reference", "/access/",
    "/settings", "/models", "/templates", "/language-models", "/tenants", "/accounts", "/tokens",
    "/analytics/kpis", "/analytics/alerts/definitions", "/payer-addresses", "/experiments", "/waivers",
)  # fmt: skip
# Numbers that say nothing of claims: of runs, of people, of definitions.
NO_COUNTS = frozenset({"run_id", "account_id", "chunks", "chunks_done", "version", "days"})
WHY = {"reason": "an audit of what can be reached"}


@pytest.fixture(scope="module")
def shared(processed: tuple[Store, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    store, folder = processed
    own = tmp_path_factory.mktemp("limited")
    shutil.copytree(folder / "home", own / "home")
    with store.copied() as copy, opened(copy, own, **UNLIMITED) as doors:
        yield doors


def counted(value: Any, name: str = "") -> Iterator[str]:
    """The names of numbers in an answer that are not zero."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from counted(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from counted(each, name)
    elif isinstance(value, int | float) and not isinstance(value, bool) and value and name not in NO_COUNTS:
        yield name


def test_an_account_of_a_facility_without_claims_reads_no_number(shared: Doors) -> None:
    shared.client.get("/api/v1/queue", headers=shared.token("manager"))
    nowhere = shared.token(*PEOPLE, facilities=["NOWHERE"])
    told, seen = {}, 0
    for path, method, said in operations(shared):
        if method != "GET" or "{" in path or path.removeprefix("/api/v1").startswith(SAME_FOR_ALL):
            continue
        if any(each.get("required") for each in said.get("parameters", ())):
            continue
        answer = shared.client.get(path, headers=nowhere)
        assert answer.status_code in {200, 403}, path
        if answer.status_code == 200 and answer.headers["content-type"].startswith("application/json"):
            seen += 1
            if names := sorted(set(counted(answer.json()))):
                told[path] = names
    assert told == {}
    assert seen > 30


@pytest.mark.parametrize(
    "path",
    [
        "/audit", "/audit/verification", "/audit/export", "/access/alerts", "/usage", "/usage/export",
        "/usage/quotas", "/language-models/spending", "/feedback", "/settings", "/tenants", "/experiments",
    ],
)  # fmt: skip
def test_what_is_of_the_whole_tenant_is_for_accounts_of_every_facility(shared: Doors, path: str) -> None:
    own = shared.client.get(f"/api/v1{path}", headers=shared.token(*PEOPLE, facilities=["FAC001"]))
    assert (own.status_code, own.json()["error"]["code"]) == (403, "not_permitted")
    assert shared.client.get(f"/api/v1{path}", headers=shared.token(*PEOPLE)).status_code == 200


def test_what_all_facilities_use_is_changed_by_accounts_of_all_of_them(shared: Doors) -> None:
    own = shared.token(*PEOPLE, facilities=["FAC001"])
    acts = {
        "/models/m-000000000000/promotion": {}, "/models/m-000000000000/shadow": {}, "/models/rollback": {},
        "/reference/pos/editions?file=pos.csv": {}, "/tenants": {"tenant": "third"},
        "/templates": {"kind": "template", "text": "x"},
        "/templates/template/any/77/approval": {}, "/templates/template/any/77/activation": {},
        "/experiments/any/ending": {}, "/waivers": {}, "/usage/quotas": {},
        "/analytics/costs": {}, "/analytics/alerts/evaluate": {},
        "/payer-addresses": {
            "payer_id": "P1", "name": "Payer", "address": "1 Main St", "source": "their page",
            "effective_from": "2026-01-01",
        },
    }  # fmt: skip
    for path, wanted in acts.items():
        answer = shared.client.post(f"/api/v1{path}", headers=own, json=wanted)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_permitted"), path
        assert "accounts of every facility" in answer.json()["error"]["message"], path
    able = shared.client.get("/api/v1/own/actions", headers=own).json()
    assert not {"models.promote", "reference.load", "templates.change", "settings.read"} & set(able)
    assert {"accounts.read", "accounts.change", "models.read", "claims.read"} <= set(able)


def test_accounts_and_tokens_of_others_are_not_listed_nor_named(shared: Doors) -> None:
    client, base = shared.client, "/api/v1/accounts"
    hidden = {
        shared.account("of-all", "coder"), shared.account("of-two", "coder", facilities=["FAC001", "FAC002"]),
        shared.account("of-other", "coder", facilities=["FAC002"]),
    }  # fmt: skip
    shown = shared.account("of-own", "coder", facilities=["FAC001"])
    whole = shared.token("administrator")
    for name, facilities in (("feed-all", None), ("feed-other", ["FAC002"]), ("feed-own", ["FAC001"])):
        wanted = {"name": name, "label": name, "scopes": ["claims"], "facilities": facilities}
        assert client.post("/api/v1/tokens", headers=whole, json=wanted).status_code == 201
    shared.token("coder", facilities=["FAC002"])
    own = shared.token("administrator", facilities=["FAC001"])
    accounts = client.get(f"{base}?limit=200", headers=own).json()["items"]
    assert {each["account_id"] for each in accounts} & {*hidden, shown} == {shown}
    assert all(each["facilities"] is not None for each in accounts)
    tokens = client.get("/api/v1/tokens?limit=200", headers=own).json()["items"]
    assert [each["client_name"] for each in tokens if each["client_name"]] == ["feed-own"]
    listed = {each["account_id"] for each in accounts}
    assert {each["account_id"] for each in tokens if each["account_id"] is not None} <= listed
    for number in (*hidden, 999_999):
        answer = client.get(f"{base}/{number}", headers=own)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    auditor = shared.token("auditor", facilities=["FAC001"])
    seen = client.get(f"{base}?limit=200", headers=auditor).json()["items"]
    assert not hidden & {each["account_id"] for each in seen}


def test_colleagues_are_those_at_facilities_of_ones_own(shared: Doors) -> None:
    client = shared.client
    both = shared.account("at-both", "coder", facilities=["FAC001", "FAC002"])
    other = shared.account("at-other", "coder", facilities=["FAC002"])
    mine = shared.account("at-mine", "coder", facilities=["FAC001"])
    own = shared.token("manager", facilities=["FAC001"])
    people = {
        each["account_id"]: each["facilities"]
        for each in client.get("/api/v1/queue/people", headers=own).json()
    }
    assert (people[both], people[mine], other in people) == (["FAC001"], ["FAC001"], False)
    for number, status in ((both, 404), (other, 404), (mine, 200)):
        chosen = client.post(f"/api/v1/queue/people/{number}/skills", headers=own, json={"skills": []})
        assert chosen.status_code == status


def test_an_administrator_of_another_tenant_does_not_read_the_settings_of_the_installation(
    shared: Doors,
) -> None:
    headers = shared.token("administrator", tenant="other")
    assert shared.client.get("/api/v1/settings", headers=headers).status_code == 403


def test_a_claim_of_another_facility_is_as_good_as_none_however_it_is_asked_for(shared: Doors) -> None:
    own = shared.token(*PEOPLE, facilities=["FAC002"])
    listed = shared.client.get("/api/v1/claims?facility=FAC001", headers=shared.token("coder")).json()
    key = listed["items"][0]["claim_key"]
    for act in ("opening", "segments", "repairs", "repairs/trial"):
        wanted = WHY | ({"edits": [{"field": "place_of_service", "value": "22"}]} if "trial" in act else {})
        answers = [
            shared.client.post(f"/api/v1/claims/{each}/{act}", headers=own, json=wanted)
            for each in (key, 999_999)
        ]
        assert [each.status_code for each in answers] == [404, 404], act
        texts = [each.json()["error"]["message"] for each in answers]
        assert texts[0].replace(str(key), "#") == texts[1].replace("999999", "#")
    log = shared.client.get(
        "/api/v1/audit?action=request.refused&limit=20", headers=shared.token("auditor")
    ).json()["items"]
    asked = [each["content"]["subject"] for each in log if each["content"]["detail"].get("items") == [key]]
    assert len(asked) == 4


def test_an_administrator_of_some_facilities_gives_and_takes_no_others(shared: Doors) -> None:
    admin = shared.token("administrator", facilities=["FAC001"])
    whole = shared.account("whole", "claims_processor")
    part = shared.account("part", "claims_processor", facilities=["FAC001"])
    client, base = shared.client, "/api/v1/accounts"
    me = shared._made[-1]

    def refused(method: str, path: str, json: Any = None, status: int = 403, **headers: str) -> bool:
        return client.request(method, path, headers=admin | headers, json=json).status_code == status

    for facilities in (None, ["FAC001", "FAC002"]):
        assert refused("POST", base, {"name": "newcomer", "roles": ["coder"], "facilities": facilities})
        credentials = {"name": "feed", "label": "feed", "scopes": ["claims"], "facilities": facilities}
        assert refused("POST", "/api/v1/tokens", credentials)
    for account in (me, part):
        etag = client.get(f"{base}/{account}", headers=admin).headers["etag"]
        assert refused("PATCH", f"{base}/{account}", {"every_facility": True}, **{"If-Match": etag})
        assert refused("PATCH", f"{base}/{account}", {"facilities": ["FAC002"]}, **{"If-Match": etag})
    everywhere = shared.token("administrator")
    etag = client.get(f"{base}/{whole}", headers=everywhere).headers["etag"]
    assert refused("PATCH", f"{base}/{whole}", {"facilities": ["FAC001"]}, 404, **{"If-Match": etag})
    assert refused("POST", f"{base}/{whole}/link", status=404)
    assert refused("DELETE", f"{base}/{whole}/sessions", status=404)
    assert refused("DELETE", f"{base}/{whole}/factor", status=404)
    shared.token("coder")
    [newest, *_] = client.get("/api/v1/tokens?sort=-token_id", headers=everywhere).json()["items"]
    assert refused("DELETE", f"/api/v1/tokens/{newest['token_id']}", status=404)
    assert client.delete(f"/api/v1/tokens/{newest['token_id']}", headers=everywhere).status_code == 204
    assert client.post(f"{base}/{part}/link", headers=admin).status_code == 201
    made = client.post(
        base, headers=admin, json={"name": "colleague", "roles": ["coder"], "facilities": ["FAC001"]}
    )
    assert made.status_code == 201


def test_open_items_of_others_are_not_counted_beside_people(shared: Doors) -> None:
    manager = shared.token("manager")
    item = shared.client.get("/api/v1/queue?facility=FAC001&limit=1", headers=manager).json()["items"][0]
    taken = {"act": "assign", "to": shared._made[-1], "items": [
        {"item_id": item["item_id"], "version": item["version"]}
    ]}  # fmt: skip
    assert shared.client.post("/api/v1/queue/acts", headers=manager, json=taken).status_code == 200
    for facilities, count in ((None, 1), (["FAC001"], 1), (["FAC002"], 0)):
        people = shared.client.get(
            "/api/v1/queue/people", headers=shared.token("manager", facilities=facilities)
        ).json()
        assert [each["open"] for each in people if each["account_id"] == taken["to"]] == [count]
