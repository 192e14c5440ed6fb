"""Sign-out by a real OpenID Connect provider, and every token that is none of its."""

from __future__ import annotations

import time

from httpx2 import Response
from tests.apps.api.conftest import ROOT, Doors
from tests.apps.api.test_oidc import (
    COMPLETE,
    OIDC,
    Provider,
    doors,
    provider,
    refusals,
    signed_in,
)
from tests.apps.api.test_signing_in import code_of, sign_in

from claimwright.platform.audit import search

# Fixtures of that module, used by name here.
__all__ = ["doors", "provider"]


def sign_out_there(doors: Doors, provider: Provider, **claims: object) -> Response:
    token = provider.logout_token(**claims)
    return doors.client.post(f"{OIDC}/sign-out", data={"logout_token": token})


def test_whoever_signs_out_at_the_provider_is_signed_out_here(doors: Doors, provider: Provider) -> None:
    for subject in ("out-1", "out-2"):
        provider.person(subject, preferred_username=subject, groups=["Bosses"])
    provider.attack("sid")
    number = signed_in(doors, provider, "out-1").json()["account_id"]
    doors.client.cookies.clear()
    signed_in(doors, provider, "out-2")
    # Another session of the provider, and of another person: nothing ends.
    for claims in ({"sid": "s-of-nobody"}, {"sub": "out-1"}, {"sub": "out-1", "sid": "s-of-out-2"}):
        sign_out_there(doors, provider, **claims)
    assert doors.client.get("/api/v1/session").status_code == 200
    ended = sign_out_there(doors, provider, sid="s-of-out-2")
    assert (ended.status_code, ended.json()) == (200, {"ended": 1})
    assert doors.client.get("/api/v1/session").status_code == 401
    # A token of before a session began does not end it, however often it is sent.
    earlier = provider.logout_token(sub="out-1", iat=int(time.time()) - 300)
    signed_in(doors, provider, "out-1")
    again = doors.client.post(f"{OIDC}/sign-out", data={"logout_token": earlier})
    assert again.json() == {"ended": 0}
    assert sign_out_there(doors, provider, sub="out-1").json() == {"ended": 1}
    with doors.services.database.transaction(ROOT) as connection:
        log = search(ROOT, connection, action="session.ended")
    assert [each.content["detail"] for each in log[:1]] == [{"reason_code": "provider", "count": 1}]
    assert log[0].content["subject"] == f"account:{number}"


def test_a_token_that_is_sent_again_ends_no_session_that_began_since(
    doors: Doors, provider: Provider
) -> None:
    provider.person("out-5", preferred_username="out-5", groups=["Bosses"])
    signed_in(doors, provider, "out-5")
    sent = {"logout_token": provider.logout_token(sub="out-5")}
    assert doors.client.post(f"{OIDC}/sign-out", data=sent).json() == {"ended": 1}
    signed_in(doors, provider, "out-5")
    again = doors.client.post(f"{OIDC}/sign-out", data=sent)
    assert (again.status_code, again.json()) == (200, {"ended": 0})
    assert doors.client.get("/api/v1/session").status_code == 200


def test_a_session_that_began_with_a_password_stays(doors: Doors, provider: Provider) -> None:
    doors.account("stays-in", "viewer")
    csrf = sign_in(doors, "stays-in")
    provider.person("out-3", preferred_username="else", groups=["Bosses"])
    address = doors.client.post("/api/v1/own/providers", headers=csrf).json()["address"]
    doors.client.post(COMPLETE, json=provider.agreed(address, "out-3"))
    # In another browser: a second sign-in in the same one would end the first.
    doors.client.cookies.clear()
    sign_in(doors, "stays-in")
    assert sign_out_there(doors, provider, sub="out-3").json() == {"ended": 1}
    assert doors.client.get("/api/v1/session").status_code == 200


def test_what_is_no_logout_token_of_the_provider_ends_nothing(doors: Doors, provider: Provider) -> None:
    provider.person("out-4", preferred_username="out-4", groups=["Bosses"])
    signed_in(doors, provider, "out-4")
    wrong: list[tuple[dict[str, object], str]] = [
        ({"forged": True}, "signature"),
        ({"iss": "https://login.example.org"}, "issuer"),
        ({"aud": "another"}, "audience"),
        ({"exp": 1}, "expired"),
        ({"iat": 1}, "expired"),
        ({"iat": 4_000_000_000}, "issued_later"),
        ({"events": None}, "event"),
        ({"nonce": "n"}, "nonce"),
        ({"sub": None}, "subject"),
        ({"typ": "at+jwt"}, "type"),
    ]
    for claims, check in wrong:
        refused = sign_out_there(doors, provider, **{"sub": "out-4", **claims})
        assert (refused.status_code, code_of(refused)) == (401, "not_signed_in")
        assert refusals(doors)[:1] == [check]
    assert doors.client.get("/api/v1/session").status_code == 200
