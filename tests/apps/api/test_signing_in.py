"""Signing in, sessions, second factors, tokens: what is good, and every way in which it is not."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pyotp
import pytest
from httpx2 import Response
from joserfc import jwk, jwt
from tests.apps.api.conftest import PASSWORD, ROOT, Doors

from claimwright.platform.identity import setup_link
from claimwright.platform.identity.access_tokens import _signing_key

SESSION = "/api/v1/session"


def sign_in(doors: Doors, name: str, **more: str) -> dict[str, str]:
    """Signed in, with the header that a changing request needs."""
    answer = doors.client.post(SESSION, json={"name": name, "password": PASSWORD, **more})
    assert answer.status_code == 201, answer.text
    return {"X-CSRF-Token": answer.json()["csrf_token"]}


def code_of(answer: Response) -> str:
    return str(answer.json()["error"]["code"])


def test_the_first_administrator_is_made_by_a_link_once_and_needs_a_second_factor(doors: Doors) -> None:
    with doors.services.database.transaction(ROOT) as connection:
        link = setup_link(ROOT, connection)
    used = {"link": f"https://x/setup#{link}", "name": "root", "password": PASSWORD}
    weak = doors.client.post(f"{SESSION}/link", json={**used, "password": "password"})
    assert (weak.status_code, code_of(weak)) == (422, "unusable_input")
    assert doors.client.post(f"{SESSION}/link", json=used).status_code == 204
    assert doors.client.post(f"{SESSION}/link", json=used).status_code == 401
    csrf = sign_in(doors, "root")
    refused = doors.client.get("/api/v1/accounts")
    assert (refused.status_code, code_of(refused)) == (401, "second_factor_needed")
    secret = doors.client.post("/api/v1/own/factor", headers=csrf).json()["secret"]
    totp = pyotp.TOTP(secret)
    kept = doors.client.post(
        "/api/v1/own/factor/confirmation", headers=csrf, json={"secret": secret, "code": (code := totp.now())}
    )
    assert kept.status_code == 200
    wanted = doors.client.post(SESSION, json={"name": "root", "password": PASSWORD})
    assert (wanted.status_code, code_of(wanted)) == (401, "second_factor_needed")
    # The code that confirmed it is used up.
    again = doors.client.post(SESSION, json={"name": "root", "password": PASSWORD, "code": code})
    assert code_of(again) == "second_factor_needed"
    sign_in(doors, "root", code=kept.json()["codes"][0])
    assert doors.client.get("/api/v1/accounts").status_code == 200
    once = doors.client.post(
        SESSION, json={"name": "root", "password": PASSWORD, "code": kept.json()["codes"][0]}
    )
    assert once.status_code == 401


def test_whoever_guesses_waits_and_learns_nothing_of_who_there_is(doors: Doors) -> None:
    doors.account("jlee", "coder")
    guess = {"password": "not the password at all"}
    unknown = doors.client.post(SESSION, json={"name": "nobody", **guess})
    wrong = [doors.client.post(SESSION, json={"name": "jlee", **guess}) for _ in range(5)]
    assert {each.status_code for each in (unknown, *wrong)} == {401}
    assert len({each.json()["error"]["message"] for each in (unknown, *wrong)}) == 1
    # Nor by a wait that only an account has. Right, and it waits all the same.
    right = doors.client.post(SESSION, json={"name": "jlee", "password": PASSWORD})
    assert right.status_code == 401
    assert not any("Retry-After" in each.headers for each in (unknown, *wrong, right))


def test_a_session_is_for_this_browser_and_ends(doors: Doors) -> None:
    doors.account("jlee", "coder")
    csrf = sign_in(doors, "jlee")
    cookie = doors.client.cookies["__Host-claimwright"]
    forged = doors.client.post("/api/v1/claims/search", json={"number": "X"})
    assert (forged.status_code, code_of(forged)) == (403, "forged_request")
    assert doors.client.post("/api/v1/claims/search", json={"number": "X"}, headers=csrf).status_code == 200
    first, *_ = doors.client.get("/api/v1/own/sessions").json()
    assert first["is_this"]
    assert doors.client.delete(SESSION, headers=csrf).status_code == 204
    doors.client.cookies.set("__Host-claimwright", cookie)
    assert doors.client.get(SESSION).status_code == 401
    # A session that somebody fixed beforehand is none of ours: signing in makes another.
    sign_in(doors, "jlee")
    assert len({each.value for each in doors.client.cookies.jar}) == 2


def test_a_password_is_changed_by_whoever_knows_the_old_one_and_ends_every_session(doors: Doors) -> None:
    doors.account("jlee", "coder")
    csrf = sign_in(doors, "jlee")
    new = "eleven purple owls sing"
    wrong = doors.client.post("/api/v1/own/password", headers=csrf, json={"old": "x", "new": new})
    assert wrong.status_code == 401
    right = doors.client.post("/api/v1/own/password", headers=csrf, json={"old": PASSWORD, "new": new})
    assert right.status_code == 204
    assert doors.client.get(SESSION).status_code == 401
    assert doors.client.post(SESSION, json={"name": "jlee", "password": new}).status_code == 201


def test_a_token_does_what_its_scopes_say_until_it_is_revoked(doors: Doors) -> None:
    doors.account("jlee", "claims_processor")
    csrf = sign_in(doors, "jlee")
    made = doors.client.post(
        "/api/v1/own/tokens", headers=csrf, json={"label": "report", "scopes": ["findings"], "days": 1}
    ).json()
    bearer = {"Authorization": f"Bearer {made['secret']}"}
    doors.client.cookies.clear()
    assert doors.client.get("/api/v1/findings", headers=bearer).status_code == 200
    narrow = doors.client.get("/api/v1/claims", headers=bearer)
    assert (narrow.status_code, code_of(narrow)) == (403, "not_permitted")
    sign_in(doors, "jlee")
    number = made["token"]["token_id"]
    assert (
        doors.client.delete(f"/api/v1/own/tokens/{number}", headers=sign_in(doors, "jlee")).status_code == 204
    )
    doors.client.cookies.clear()
    assert doors.client.get("/api/v1/findings", headers=bearer).status_code == 401
    for text in ("", "Basic eDp5", "Bearer x", "Bearer cwp_default.1.short", f"bearer {made['secret']}x"):
        assert doors.client.get("/api/v1/findings", headers={"Authorization": text}).status_code == 401


@pytest.fixture
def service(doors: Doors) -> tuple[dict[str, Any], str]:
    """Credentials of a service and an access token of theirs."""
    administrator = doors.token("administrator")
    made = doors.client.post(
        "/api/v1/tokens",
        headers=administrator,
        json={"name": "emr", "label": "feed", "scopes": ["claims", "files"]},
    )
    assert made.status_code == 201, made.text
    answer = doors.client.post(
        "/api/v1/oauth/token",
        data={"grant_type": "client_credentials", "client_secret": made.json()["secret"], "scope": "claims"},
    )
    assert answer.status_code == 200, answer.text
    return made.json(), answer.json()["access_token"]


def test_a_service_works_with_a_token_of_ten_minutes_that_ends_with_its_credentials(
    doors: Doors, service: tuple[dict[str, Any], str]
) -> None:
    made, text = service
    bearer = {"Authorization": f"Bearer {text}"}
    assert doors.client.get("/api/v1/claims", headers=bearer).status_code == 200
    assert doors.client.get("/api/v1/files", headers=bearer).status_code == 403
    keys = doors.client.get("/api/v1/oauth/keys").json()
    assert "d" not in keys["keys"][0]
    assert (
        jwt.decode(text, jwk.KeySet.import_key_set(keys), algorithms=["ES256"]).claims["sub"] == "client:emr"
    )
    more = {"grant_type": "client_credentials", "client_secret": made["secret"], "scope": "audit"}
    assert doors.client.post("/api/v1/oauth/token", data=more).status_code == 401
    number = made["token"]["token_id"]
    doors.client.delete(f"/api/v1/tokens/{number}", headers=doors.token("administrator"))
    assert doors.client.get("/api/v1/claims", headers=bearer).status_code == 401


@pytest.mark.parametrize(
    "attack",
    [
        "none", "confusion", "other key", "expired", "not yet", "audience", "issuer", "kind", "tenant",
        "changed",
    ],
)  # fmt: skip
def test_a_forged_access_token_is_refused(
    doors: Doors, service: tuple[dict[str, Any], str], attack: str
) -> None:
    _, text = service
    head, body, signature = text.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    header = json.loads(base64.urlsafe_b64decode(head + "=="))
    public = doors.client.get("/api/v1/oauth/keys").json()["keys"][0]
    mine = jwk.ECKey.generate_key("P-256", {"kid": header["kid"]})
    with doors.services.database.transaction(ROOT) as connection:
        # The key of the tenant itself: what is wrong is wrong by what it says alone.
        _, theirs = _signing_key(connection, doors.services.sealer, "default")
    now = int(time.time())
    signed = jwt.encode(header, {**claims, "exp": now + 60}, theirs)
    good = doors.client.get("/api/v1/claims", headers={"Authorization": f"Bearer {signed}"})
    assert good.status_code == 200

    def packed(each: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=")

    forged = {
        "none": lambda: f"{packed({**header, 'alg': 'none'})}.{body}.",
        "confusion": lambda: jwt.encode(
            {**header, "alg": "HS256"},
            claims,
            jwk.OctKey.import_key(json.dumps(public)),
            algorithms=["HS256"],
        ),
        "other key": lambda: jwt.encode(header, claims, mine),
        "expired": lambda: jwt.encode(header, {**claims, "exp": now - 100}, theirs),
        "not yet": lambda: jwt.encode(header, {**claims, "nbf": now + 100}, theirs),
        "audience": lambda: jwt.encode(header, {**claims, "aud": "elsewhere"}, theirs),
        "issuer": lambda: jwt.encode(header, {**claims, "iss": "elsewhere"}, theirs),
        "kind": lambda: jwt.encode({**header, "typ": "JWT"}, claims, theirs),
        "tenant": lambda: f"{head}.{packed({**claims, 'tenant': 'other'})}.{signature}",
        "changed": lambda: f"{head}.{packed({**claims, 'scope': 'all'})}.{signature}",
    }[attack]()
    answer = doors.client.get("/api/v1/claims", headers={"Authorization": f"Bearer {forged}"})
    assert (answer.status_code, code_of(answer)) == (401, "not_signed_in")


def test_nobody_changes_their_own_roles_and_a_stale_change_is_refused(doors: Doors) -> None:
    administrator = doors.token("administrator")
    number = doors.account("jlee", "viewer")
    url = f"/api/v1/accounts/{number}"
    read = doors.client.get(url, headers=administrator)
    assert doors.client.patch(url, headers=administrator, json={"roles": ["coder"]}).status_code == 428
    match = {**administrator, "If-Match": read.headers["ETag"]}
    assert doors.client.patch(url, headers=match, json={"roles": ["coder"]}).json()["roles"] == ["coder"]
    stale = doors.client.patch(url, headers=match, json={"roles": ["manager"]})
    assert (stale.status_code, code_of(stale)) == (412, "changed_meanwhile")
    own = doors.client.get("/api/v1/accounts", headers=administrator).json()["items"][0]["account_id"]
    mine = doors.client.get(f"/api/v1/accounts/{own}", headers=administrator)
    change = doors.client.patch(
        f"/api/v1/accounts/{own}", json={"roles": ["viewer"]},
        headers={**administrator, "If-Match": mine.headers["ETag"]},
    )  # fmt: skip
    assert change.status_code == 422
