"""Passkeys by a virtual authenticator: what is good, and every way in which it is not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cbor2
import pyotp
import pytest
from httpx2 import Response
from tests.apps.api.authenticator import PRESENT, Authenticator, bytes_of, text_of
from tests.apps.api.conftest import ROOT, Doors, opened
from tests.apps.api.test_signing_in import code_of, sign_in
from tests.database_server import Store

from claimwright.platform.audit import search

OWN, SIGN_IN = "/api/v1/own/passkeys", "/api/v1/session/passkey"
HERE = "https://testserver"


@pytest.fixture
def doors(processed: tuple[Store, Path], tmp_path: Path) -> Iterator[Doors]:
    store, folder = processed
    shutil.copytree(folder / "home", tmp_path / "home")
    with (
        store.copied() as copy,
        opened(copy, tmp_path, CLAIMWRIGHT_IDENTITY_PASSKEYS_ORIGIN=HERE) as made,
    ):
        yield made


def device(origin: str = HERE, host: str = "testserver", **more: Any) -> Authenticator:
    return Authenticator(origin, host, **more)


def options(doors: Doors, path: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
    answer = doors.client.post(f"{path}/options", headers=headers, json={})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()["options"]
    return found


def register(doors: Doors, csrf: dict[str, str], made: Authenticator, label: str = "laptop") -> Response:
    credential = made.create(options(doors, OWN, csrf))
    return doors.client.post(OWN, headers=csrf, json={"label": label, "credential": credential})


def enter(doors: Doors, made: Authenticator, **more: Any) -> Response:
    doors.client.cookies.clear()
    credential = made.get(options(doors, SIGN_IN), **more)
    return doors.client.post(SIGN_IN, json={"credential": credential})


def refusals(doors: Doors) -> list[str]:
    with doors.services.database.transaction(ROOT) as connection:
        found = search(ROOT, connection, action="session.refused")
    return [each.content["detail"]["reason_code"] for each in found]


def with_passkey(doors: Doors, name: str, *roles: str) -> Authenticator:
    doors.account(name, *roles)
    made = device()
    assert register(doors, sign_in(doors, name), made).status_code == 201
    return made


def test_a_passkey_is_registered_signed_in_with_listed_and_removed(doors: Doors) -> None:
    number = doors.account("jlee", "coder")
    made = device()
    kept = register(doors, sign_in(doors, "jlee"), made)
    assert kept.status_code == 201, kept.text
    assert kept.json()["label"] == "laptop"
    entered = enter(doors, made)
    assert entered.status_code == 201, entered.text
    assert (entered.json()["account_id"], entered.json()["factors"]) == (number, ["passkey"])
    [cookie] = [each for each in entered.headers.get_list("set-cookie") if "claimwright=" in each]
    assert all(each in cookie for each in ("HttpOnly", "Secure", "SameSite=strict", "Path=/"))
    csrf = {"X-CSRF-Token": entered.json()["csrf_token"]}
    assert doors.client.get("/api/v1/claims").status_code == 200
    [listed] = doors.client.get(OWN).json()
    assert listed["used_at"]
    assert code_of(doors.client.delete(f"{OWN}/{listed['passkey_id']}")) == "forged_request"
    assert doors.client.delete(f"{OWN}/{listed['passkey_id']}", headers=csrf).status_code == 204
    assert doors.client.get(OWN).json() == []
    assert enter(doors, made).status_code == 401
    with doors.services.database.transaction(ROOT) as connection:
        log = [each.content["action"] for each in search(ROOT, connection, action="account.passkey")]
    assert log == ["account.passkey_removed", "account.passkey_added"]


def test_a_passkey_is_a_second_factor_by_itself(doors: Doors) -> None:
    made = with_passkey(doors, "root", "administrator")
    assert code_of(doors.client.get("/api/v1/accounts")) == "second_factor_needed"
    assert enter(doors, made).status_code == 201
    assert doors.client.get("/api/v1/accounts").status_code == 200


def test_whoever_has_only_the_password_changes_nothing_of_how_one_signs_in(doors: Doors) -> None:
    with_passkey(doors, "jlee", "coder")
    csrf = sign_in(doors, "jlee")
    [listed] = doors.client.get(OWN).json()
    secret = doors.client.post("/api/v1/own/factor", headers=csrf).json()["secret"]
    code = {"secret": secret, "code": pyotp.TOTP(secret).now()}
    for answer in (
        doors.client.post(f"{OWN}/options", headers=csrf),
        doors.client.delete(f"{OWN}/{listed['passkey_id']}", headers=csrf),
        doors.client.post("/api/v1/own/factor/confirmation", headers=csrf, json=code),
    ):
        assert (answer.status_code, code_of(answer)) == (401, "second_factor_needed")


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"origin": "https://testserver.example.org"}, "passkey"),
        ({"origin": "http://testserver"}, "passkey"),
        ({"host": "example.org"}, "passkey"),
        ({"flags": PRESENT}, "passkey"),
        ({"flags": 0}, "passkey"),
        ({"handle": b"somebody else"}, "user_handle"),
    ],
)
def test_a_signature_for_another_site_or_without_the_person_is_refused(
    doors: Doors, change: dict[str, Any], check: str
) -> None:
    made = with_passkey(doors, "jlee", "coder")
    for name, value in change.items():
        setattr(made, name, value)
    refused = enter(doors, made)
    assert (refused.status_code, code_of(refused)) == (401, "not_signed_in")
    assert refusals(doors) == [check]


def test_a_passkey_for_another_site_or_without_the_person_is_not_registered(doors: Doors) -> None:
    doors.account("jlee", "coder")
    csrf = sign_in(doors, "jlee")
    for made in (device(origin="https://example.org"), device(host="example.org"), device(flags=PRESENT)):
        assert register(doors, csrf, made).status_code == 422
    assert doors.client.get(OWN).json() == []


def test_a_counter_that_does_not_grow_is_a_copied_authenticator(doors: Doors) -> None:
    made = with_passkey(doors, "jlee", "coder")
    assert enter(doors, made).status_code == 201
    copied = device(key=made.key, id=made.id, handle=made.handle)
    assert enter(doors, copied).status_code == 401
    assert refusals(doors) == ["sign_count"]
    assert enter(doors, made).status_code == 201


def test_an_authenticator_that_never_counts_is_accepted(doors: Doors) -> None:
    made = with_passkey(doors, "jlee", "coder")
    assert [enter(doors, made, counts=False).status_code for _ in range(2)] == [201, 201]


def test_a_signature_counts_once_and_in_the_browser_that_asked_for_it(doors: Doors) -> None:
    made = with_passkey(doors, "jlee", "coder")
    doors.client.cookies.clear()
    signed = {"credential": made.get(options(doors, SIGN_IN))}
    flow = doors.client.cookies["__Host-claimwright-flow"]
    doors.client.cookies.clear()
    assert doors.client.post(SIGN_IN, json=signed).status_code == 401
    options(doors, SIGN_IN)
    assert doors.client.post(SIGN_IN, json=signed).status_code == 401
    for status in (201, 401):
        doors.client.cookies.clear()
        doors.client.cookies.set("__Host-claimwright-flow", flow)
        assert doors.client.post(SIGN_IN, json=signed).status_code == status


def test_a_challenge_of_a_registration_is_good_for_one_answer_also_a_refused_one(doors: Doors) -> None:
    doors.account("jlee", "coder")
    csrf = sign_in(doors, "jlee")
    begun = options(doors, OWN, csrf)
    for made, status in ((device(origin="https://example.org"), 422), (device(), 401)):
        wanted = {"label": "laptop", "credential": made.create(begun)}
        assert doors.client.post(OWN, headers=csrf, json=wanted).status_code == status
    assert doors.client.get(OWN).json() == []


def test_what_was_made_within_a_page_of_another_site_is_refused(doors: Doors) -> None:
    made = with_passkey(doors, "jlee", "coder")
    for framed in ({"crossOrigin": True}, {"topOrigin": "https://example.org"}):
        made.framed = framed
        assert enter(doors, made).status_code == 401
    doors.account("mkay", "coder")
    assert register(doors, sign_in(doors, "mkay"), device(framed={"crossOrigin": True})).status_code == 422


def test_whoever_is_not_named_by_the_passkey_does_not_get_in(doors: Doors) -> None:
    made = with_passkey(doors, "jlee", "coder")
    doors.client.cookies.clear()
    credential = made.get(options(doors, SIGN_IN))
    credential["response"]["userHandle"] = None
    assert doors.client.post(SIGN_IN, json={"credential": credential}).status_code == 401
    assert refusals(doors) == ["user_handle"]


def test_an_attestation_with_parts_of_another_type_is_refused(doors: Doors) -> None:
    doors.account("jlee", "coder")
    csrf = sign_in(doors, "jlee")
    for form, statement in (("android-safetynet", {"ver": "1", "response": 7}), ("packed", {"sig": b"x"})):
        credential = device().create(options(doors, OWN, csrf))
        attested = cbor2.loads(bytes_of(credential["response"]["attestationObject"]))
        changed = {**attested, "fmt": form, "attStmt": statement}
        credential["response"]["attestationObject"] = text_of(cbor2.dumps(changed))
        wanted = {"label": "laptop", "credential": credential}
        refused = doors.client.post(OWN, headers=csrf, json=wanted)
        assert (refused.status_code, code_of(refused)) == (422, "unusable_input")


def test_what_was_signed_by_another_key_or_changed_is_refused(doors: Doors) -> None:
    made = with_passkey(doors, "jlee", "coder")
    assert enter(doors, device(id=made.id, handle=made.handle)).status_code == 401
    doors.client.cookies.clear()
    credential = made.get(options(doors, SIGN_IN))
    data = bytearray(bytes_of(credential["response"]["authenticatorData"]))
    data[-1] ^= 1
    credential["response"]["authenticatorData"] = text_of(bytes(data))
    assert doors.client.post(SIGN_IN, json={"credential": credential}).status_code == 401


@pytest.mark.parametrize(
    "credential", [{}, {"rawId": 7}, {"rawId": "!"}, {"rawId": "AA", "response": []}, {"id": {"a": [[[]]]}}]
)
def test_what_is_no_credential_is_refused(doors: Doors, credential: dict[str, Any]) -> None:
    options(doors, SIGN_IN)
    assert doors.client.post(SIGN_IN, json={"credential": credential}).status_code == 401
    doors.account("jlee", "coder")
    csrf = sign_in(doors, "jlee")
    options(doors, OWN, csrf)
    refused = doors.client.post(OWN, headers=csrf, json={"label": "x", "credential": credential})
    assert refused.status_code == 422


def test_a_passkey_is_of_one_tenant_and_one_account(doors: Doors) -> None:
    made = with_passkey(doors, "jlee", "coder")
    doors.client.cookies.clear()
    answer = doors.client.post(f"{SIGN_IN}/options", json={"tenant": "other"})
    signed = made.get(answer.json()["options"])
    assert doors.client.post(SIGN_IN, json={"credential": signed}).status_code == 401
    # The flow of one account registers nothing for another.
    doors.account("mkay", "coder")
    credential = device().create(options(doors, OWN, sign_in(doors, "mkay")))
    flow = doors.client.cookies["__Host-claimwright-flow"]
    doors.account("nroe", "coder")
    csrf = sign_in(doors, "nroe")
    doors.client.cookies.set("__Host-claimwright-flow", flow)
    refused = doors.client.post(OWN, headers=csrf, json={"label": "x", "credential": credential})
    assert refused.status_code == 401
    # Nor is the same passkey registered twice.
    csrf = sign_in(doors, "mkay")
    twice = device()
    assert [register(doors, csrf, twice).status_code, enter(doors, twice).status_code] == [201, 201]
    csrf = {"X-CSRF-Token": doors.client.get("/api/v1/session").json()["csrf_token"]}
    assert register(doors, csrf, twice).status_code == 422


def test_a_disabled_account_does_not_get_in_and_a_lost_passkey_is_taken_off(doors: Doors) -> None:
    made = with_passkey(doors, "jlee", "coder")
    root = doors.token("administrator")
    [account] = [
        each
        for each in doors.client.get("/api/v1/accounts", headers=root).json()["items"]
        if each["name"] == "jlee"
    ]
    assert account["passkeys"] == 1
    url = f"/api/v1/accounts/{account['account_id']}"
    match = {**root, "If-Match": doors.client.get(url, headers=root).headers["ETag"]}
    assert doors.client.patch(url, headers=match, json={"state": "disabled"}).status_code == 200
    assert enter(doors, made).status_code == 401
    assert refusals(doors) == ["disabled"]
    doors.client.cookies.clear()
    assert doors.client.delete(f"{url}/factor", headers=root).status_code == 204
    assert doors.client.get(url, headers=root).json()["passkeys"] == 0


def test_without_an_origin_there_are_no_passkeys(processed: tuple[Store, Path], tmp_path: Path) -> None:
    store, folder = processed
    shutil.copytree(folder / "home", tmp_path / "home")
    with store.copied() as copy, opened(copy, tmp_path) as doors:
        answer = doors.client.post(f"{SIGN_IN}/options", json={})
        assert (answer.status_code, code_of(answer)) == (404, "not_found")


def test_an_account_that_a_provider_made_has_no_passkeys(doors: Doors) -> None:
    number = doors.account("jlee", "coder")
    with doors.services.database.transaction(ROOT) as connection:
        connection.execute(
            "insert into identity.external_identities (account_id, issuer, subject, gives_roles) "
            "values (%s, 'https://login.example.org', 's-1', true)",
            [number],
        )
    refused = doors.client.post(f"{OWN}/options", headers=sign_in(doors, "jlee"))
    assert (refused.status_code, code_of(refused)) == (422, "unusable_input")
