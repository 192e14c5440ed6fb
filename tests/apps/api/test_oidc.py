"""Sign-in with a real OpenID Connect provider, and every way in which its answer can be wrong."""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyotp
import pytest
from httpx2 import Response
from tests.apps.api.conftest import PASSWORD, ROOT, Doors, opened
from tests.apps.api.test_signing_in import code_of, sign_in
from tests.database_server import Store

from claimwright.platform.audit import search

OIDC = "/api/v1/session/oidc"
COMPLETE = f"{OIDC}/answer"
BACK = "https://testserver/sign-in/oidc"


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


@dataclass
class Provider:
    """The provider's process, and the person at its page."""

    issuer: str

    def put(self, path: str, content: object = None) -> bytes:
        body = json.dumps(content or {}).encode()
        request = urllib.request.Request(  # noqa: S310 - our own process
            self.issuer + path, body, {"Content-Type": "application/json"}, method="PUT"
        )
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - our own process
            content_of_answer: bytes = answer.read()
        return content_of_answer

    def logout_token(self, **claims: object) -> str:
        """Signed by the provider, unless `forged`; a claim that is None is left out."""
        now = int(time.time())
        said = {
            "iss": self.issuer, "aud": "us", "iat": now, "exp": now + 120, "jti": secrets.token_hex(8),
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}}, **claims,
        }  # fmt: skip
        kept = {name: value for name, value in said.items() if value is not None}
        return str(json.loads(self.put("/logout-token", kept))["logout_token"])

    def person(self, subject: str, **claims: object) -> None:
        self.put(f"/users/{subject}", claims)

    def attack(self, name: str) -> None:
        self.put(f"/attack/{name}")

    def agreed(self, address: str, subject: str) -> dict[str, str]:
        """What the provider sends the browser back with, once the person has signed in there."""
        opener = urllib.request.build_opener(_NoRedirects)
        try:
            opener.open(address, urllib.parse.urlencode({"sub": subject}).encode(), timeout=20).close()
        except urllib.error.HTTPError as redirect:
            back = redirect.headers["Location"]
            redirect.close()
        assert back.startswith(BACK)
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(back).query))


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.apps.api.oidc_process"], stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    yield Provider(process.stdout.readline().strip())
    process.terminate()
    process.wait(20)
    process.stdout.close()


@pytest.fixture
def doors(processed: tuple[Store, Path], tmp_path: Path, provider: Provider) -> Iterator[Doors]:
    store, folder = processed
    shutil.copytree(folder / "home", tmp_path / "home")
    provider.attack("none")
    more = {
        "CLAIMWRIGHT_IDENTITY_OIDC_ISSUER": provider.issuer,
        "CLAIMWRIGHT_IDENTITY_OIDC_CLIENT_ID": "us",
        "CLAIMWRIGHT_IDENTITY_OIDC_CLIENT_SECRET": "kept between the two of us",
        "CLAIMWRIGHT_IDENTITY_OIDC_REDIRECT_URL": BACK,
        "CLAIMWRIGHT_IDENTITY_OIDC_GROUP_ROLES": "CN=Coders,OU=Claims=coder; Bosses=manager;Bosses=coder;"
        "Root=administrator",
        "CLAIMWRIGHT_IDENTITY_OIDC_INWARD_HOSTS": "127.0.0.1",
    }
    with store.copied() as copy, opened(copy, tmp_path, **more) as made:
        yield made


def begun(doors: Doors) -> str:
    answer = doors.client.post(OIDC)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["address"])


def signed_in(doors: Doors, provider: Provider, subject: str) -> Response:
    back = provider.agreed(begun(doors), subject)
    return doors.client.post(COMPLETE, json=back)


def refusals(doors: Doors) -> list[str]:
    with doors.services.database.transaction(ROOT) as connection:
        found = search(ROOT, connection, action="session.refused")
    return [each.content["detail"].get("reason_code", "") for each in found]


def test_somebody_of_a_group_gets_an_account_and_the_roles_of_the_group(
    doors: Doors, provider: Provider
) -> None:
    provider.person("s-1", preferred_username="J Lee", groups=["CN=Coders,OU=Claims", "Others"])
    answer = signed_in(doors, provider, "s-1")
    assert answer.status_code == 201, answer.text
    said = answer.json()
    assert (said["name"], said["roles"], said["factors"]) == ("j-lee", ["coder"], ["oidc"])
    cookies = {each.name: each for each in doors.client.cookies.jar}
    kept = cookies["__Host-claimwright"]
    assert kept.secure
    attributes = [each for each in answer.headers.get_list("set-cookie") if each.startswith("__Host-claim")]
    assert all("HttpOnly" in each and "SameSite=strict" in each for each in attributes)
    assert doors.client.get("/api/v1/claims").status_code == 200
    forged = doors.client.post("/api/v1/claims/search", json={"number": "X"})
    assert code_of(forged) == "forged_request"
    # The next time it is the same account, with the roles of today's groups.
    provider.person("s-1", preferred_username="other", groups=["Bosses"])
    again = signed_in(doors, provider, "s-1").json()
    assert (again["account_id"], again["name"], again["roles"]) == (
        said["account_id"], "j-lee", ["coder", "manager"],
    )  # fmt: skip
    with doors.services.database.transaction(ROOT) as connection:
        log = [each.content["action"] for each in search(ROOT, connection, limit=6)]
    assert [each for each in log if each.startswith(("account.", "session."))] == [
        "session.begun", "account.changed", "session.begun", "account.linked", "account.created",
    ]  # fmt: skip


def test_without_a_group_that_has_a_role_nobody_gets_in_nor_stays(doors: Doors, provider: Provider) -> None:
    provider.person("s-2", preferred_username="mkay", groups=["Others"])
    assert signed_in(doors, provider, "s-2").status_code == 401
    assert refusals(doors) == ["groups"]
    provider.person("s-2", preferred_username="mkay", groups=["Bosses"])
    assert signed_in(doors, provider, "s-2").status_code == 201
    provider.person("s-2", preferred_username="mkay", groups=[])
    assert signed_in(doors, provider, "s-2").status_code == 401
    # The session of before has ended.
    assert doors.client.get("/api/v1/claims").status_code == 401


def test_a_disabled_account_does_not_get_in(doors: Doors, provider: Provider) -> None:
    provider.person("s-3", preferred_username="disabled", groups=["Bosses"])
    number = signed_in(doors, provider, "s-3").json()["account_id"]
    root = doors.token("administrator")
    read = doors.client.get(f"/api/v1/accounts/{number}", headers=root)
    changed = doors.client.patch(
        f"/api/v1/accounts/{number}", json={"state": "disabled"},
        headers={**root, "If-Match": read.headers["ETag"]},
    )  # fmt: skip
    assert changed.status_code == 200
    assert signed_in(doors, provider, "s-3").status_code == 401
    assert refusals(doors) == ["disabled"]


def test_a_name_is_nobody_elses_account_and_is_linked_by_whoever_is_signed_in(
    doors: Doors, provider: Provider
) -> None:
    number = doors.account("jlee", "viewer")
    provider.person("s-4", preferred_username="jlee", groups=["Root"])
    taken = signed_in(doors, provider, "s-4")
    assert (taken.status_code, code_of(taken)) == (422, "unusable_input")
    csrf = sign_in(doors, "jlee")
    address = doors.client.post("/api/v1/own/providers", headers=csrf).json()["address"]
    linked = doors.client.post(COMPLETE, json=provider.agreed(address, "s-4"))
    assert linked.status_code == 201, linked.text
    # The roles stay those that an administrator gave here.
    assert (linked.json()["account_id"], linked.json()["roles"]) == (number, ["viewer"])
    csrf = {"X-CSRF-Token": linked.json()["csrf_token"]}
    assert signed_in(doors, provider, "s-4").json()["account_id"] == number
    csrf = {"X-CSRF-Token": doors.client.get("/api/v1/session").json()["csrf_token"]}
    # Somebody else cannot link the same person.
    doors.account("mkay", "viewer")
    other = sign_in(doors, "mkay")
    address = doors.client.post("/api/v1/own/providers", headers=other).json()["address"]
    refused = doors.client.post(COMPLETE, json=provider.agreed(address, "s-4"))
    assert refused.status_code == 422
    csrf = sign_in(doors, "jlee")
    [own] = doors.client.get("/api/v1/own/providers").json()
    assert own["subject"] == "s-4"
    url = f"/api/v1/own/providers/{own['identity_id']}"
    assert doors.client.delete(url, headers=csrf).status_code == 204
    assert doors.client.delete(url, headers=csrf).status_code == 404


def test_an_account_that_the_provider_made_stays_linked(doors: Doors, provider: Provider) -> None:
    provider.person("s-5", preferred_username="stays", groups=["Bosses"])
    csrf = {"X-CSRF-Token": signed_in(doors, provider, "s-5").json()["csrf_token"]}
    [own] = doors.client.get("/api/v1/own/providers").json()
    url = f"/api/v1/own/providers/{own['identity_id']}"
    assert doors.client.delete(url, headers=csrf).status_code == 422


def test_a_role_that_needs_a_second_factor_needs_it_here_or_at_the_provider(
    doors: Doors, provider: Provider
) -> None:
    provider.person("s-6", preferred_username="root", groups=["Root"])
    csrf = {"X-CSRF-Token": signed_in(doors, provider, "s-6").json()["csrf_token"]}
    assert code_of(doors.client.get("/api/v1/accounts")) == "second_factor_needed"
    provider.person("s-6", preferred_username="root", groups=["Root"], amr=["pwd", "mfa"])
    stated = signed_in(doors, provider, "s-6").json()
    assert stated["factors"] == ["oidc", "mfa"]
    assert doors.client.get("/api/v1/accounts").status_code == 200
    # With a factor here, a code of it is wanted where the provider states none.
    csrf = {"X-CSRF-Token": stated["csrf_token"]}
    secret = doors.client.post("/api/v1/own/factor", headers=csrf).json()["secret"]
    kept = doors.client.post(
        "/api/v1/own/factor/confirmation", headers=csrf,
        json={"secret": secret, "code": pyotp.TOTP(secret).now()},
    )  # fmt: skip
    recovery = kept.json()["codes"]
    assert signed_in(doors, provider, "s-6").status_code == 201
    doors.client.cookies.clear()
    provider.person("s-6", preferred_username="root", groups=["Root"])
    wanted = signed_in(doors, provider, "s-6")
    assert (wanted.status_code, code_of(wanted)) == (401, "second_factor_needed")
    assert doors.client.get("/api/v1/session").status_code == 401
    wrong = doors.client.post(f"{OIDC}/code", json={"code": "000000"})
    assert (wrong.status_code, code_of(wrong)) == (401, "second_factor_needed")
    right = doors.client.post(f"{OIDC}/code", json={"code": recovery[0]})
    assert right.status_code == 201, right.text
    assert right.json()["factors"] == ["oidc", "code"]
    assert doors.client.get("/api/v1/accounts").status_code == 200
    assert doors.client.post(f"{OIDC}/code", json={"code": recovery[1]}).status_code == 401


def test_guessing_the_code_after_the_provider_makes_the_account_wait(
    doors: Doors, provider: Provider
) -> None:
    provider.person("s-7", preferred_username="waits", groups=["Bosses"])
    csrf = {"X-CSRF-Token": signed_in(doors, provider, "s-7").json()["csrf_token"]}
    secret = doors.client.post("/api/v1/own/factor", headers=csrf).json()["secret"]
    doors.client.post(
        "/api/v1/own/factor/confirmation", headers=csrf,
        json={"secret": secret, "code": pyotp.TOTP(secret).now()},
    )  # fmt: skip
    assert code_of(signed_in(doors, provider, "s-7")) == "second_factor_needed"
    wrong = [doors.client.post(f"{OIDC}/code", json={"code": "000000"}) for _ in range(5)]
    assert int(wrong[-1].headers["Retry-After"]) == 30


def test_another_state_is_refused_and_does_not_use_the_sign_in_up(doors: Doors, provider: Provider) -> None:
    provider.person("s-8", preferred_username="s8", groups=["Bosses"])
    back = provider.agreed(begun(doors), "s-8")
    assert doors.client.post(COMPLETE, json={**back, "state": "0" * 64}).status_code == 401
    assert doors.client.post(COMPLETE, json={**back, "state": "é"}).status_code == 401
    assert refusals(doors) == ["state", "state"]
    assert doors.client.post(COMPLETE, json=back).status_code == 201


def test_an_answer_counts_only_in_the_browser_that_began_it_and_once(
    doors: Doors, provider: Provider
) -> None:
    provider.person("s-9", preferred_username="s9", groups=["Bosses"])
    back = provider.agreed(begun(doors), "s-9")
    cookie = doors.client.cookies["__Host-claimwright-flow"]
    doors.client.cookies.clear()
    assert doors.client.post(COMPLETE, json=back).status_code == 401
    begun(doors)
    assert doors.client.post(COMPLETE, json=back).status_code == 401
    doors.client.cookies.clear()
    doors.client.cookies.set("__Host-claimwright-flow", cookie)
    assert doors.client.post(COMPLETE, json=back).status_code == 201
    doors.client.cookies.clear()
    doors.client.cookies.set("__Host-claimwright-flow", cookie)
    assert doors.client.post(COMPLETE, json=back).status_code == 401
    # A session's cookie is no sign-in under way, nor the other way round.
    doors.client.cookies.clear()
    doors.client.cookies.set("__Host-claimwright", cookie)
    assert doors.client.get("/api/v1/session").status_code == 401


def test_a_code_that_was_used_is_refused_by_the_provider(doors: Doors, provider: Provider) -> None:
    provider.person("s-10", preferred_username="s10", groups=["Bosses"])
    first = provider.agreed(begun(doors), "s-10")
    assert doors.client.post(COMPLETE, json=first).status_code == 201
    second = provider.agreed(begun(doors), "s-10")
    replayed = doors.client.post(COMPLETE, json={**second, "code": first["code"]})
    assert replayed.status_code == 401
    assert refusals(doors) == ["code"]


def test_the_code_of_another_sign_in_is_refused(doors: Doors, provider: Provider) -> None:
    """A code that was stolen elsewhere, injected here: nonce and PKCE verifier are of another browser."""
    provider.person("s-11", preferred_username="s11", groups=["Bosses"])
    stolen = provider.agreed(begun(doors), "s-11")
    own = provider.agreed(begun(doors), "s-11")
    refused = doors.client.post(COMPLETE, json={**own, "code": stolen["code"]})
    assert refused.status_code == 401
    assert refusals(doors)[0] in {"nonce", "code"}


@pytest.mark.parametrize(
    ("attack", "check"),
    [
        ("nonce", "nonce"), ("audience", "audience"), ("issuer", "issuer"), ("alg-none", "signature"),
        ("confusion", "signature"), ("other-key", "signature"), ("changed", "signature"),
    ],
)  # fmt: skip
def test_an_answer_that_fails_a_check_signs_nobody_in(
    doors: Doors, provider: Provider, attack: str, check: str
) -> None:
    provider.person("s-12", preferred_username="s12", groups=["Bosses"])
    address = begun(doors)
    provider.attack(attack)
    refused = doors.client.post(COMPLETE, json=provider.agreed(address, "s-12"))
    assert (refused.status_code, code_of(refused)) == (401, "not_signed_in")
    assert refusals(doors) == [check]
    # The answer does not say which check it was.
    assert check not in refused.json()["error"]["message"]
    assert doors.client.get("/api/v1/session").status_code == 401


def test_an_answer_of_another_provider_is_refused(doors: Doors, provider: Provider) -> None:
    """The mix-up attack, RFC 9207: the answer names its issuer, and has to where the provider says so."""
    provider.person("s-13", preferred_username="s13", groups=["Bosses"])
    back = provider.agreed(begun(doors), "s-13")
    refused = doors.client.post(COMPLETE, json={**back, "iss": "https://login.example.org"})
    assert refused.status_code == 401
    back = provider.agreed(begun(doors), "s-13")
    assert doors.client.post(COMPLETE, json={**back, "iss": provider.issuer}).status_code == 201
    assert refusals(doors) == ["answer_issuer"]


def test_a_provider_that_names_the_issuer_must_do_so_in_each_answer(doors: Doors, provider: Provider) -> None:
    provider.attack("requires-iss")
    provider.person("s-14", preferred_username="s14", groups=["Bosses"])
    assert signed_in(doors, provider, "s-14").status_code == 401
    assert refusals(doors) == ["answer_issuer"]


def test_somebody_who_declines_is_told_to_begin_again(doors: Doors) -> None:
    state = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(begun(doors)).query))["state"]
    assert doors.client.post(COMPLETE, json={"state": state}).status_code == 401
    assert refusals(doors) == ["declined"]


@pytest.mark.parametrize("attack", ["other-discovery", "no-pkce"])
def test_a_provider_that_describes_another_or_less_is_not_used(
    doors: Doors, provider: Provider, attack: str
) -> None:
    provider.attack(attack)
    answer = doors.client.post(OIDC)
    assert (answer.status_code, code_of(answer)) == (503, "unavailable")


@pytest.mark.parametrize("attack", ["inward-keys", "inward-token", "plain-token"])
def test_an_address_of_the_provider_that_points_inward_is_not_asked(
    doors: Doors, provider: Provider, attack: str
) -> None:
    provider.attack(attack)
    provider.person("s-15", preferred_username="s15", groups=["Bosses"])
    answer = signed_in(doors, provider, "s-15")
    assert (answer.status_code, code_of(answer)) == (503, "unavailable")


def test_without_a_provider_there_is_no_sign_in_with_one(
    processed: tuple[Store, Path], tmp_path: Path
) -> None:
    store, folder = processed
    shutil.copytree(folder / "home", tmp_path / "home")
    with store.copied() as copy, opened(copy, tmp_path) as doors:
        for answer in (doors.client.post(OIDC), doors.client.post(COMPLETE, json={"state": "x"})):
            assert (answer.status_code, code_of(answer)) == (404, "not_found")
        assert doors.client.post(f"{OIDC}/code", json={"code": "1"}).status_code == 401
        doors.account("jlee", "coder")
        assert doors.client.post("/api/v1/own/providers", headers=sign_in(doors, "jlee")).status_code == 404


def test_the_page_of_the_sign_in_asks_this_site_alone(doors: Doors) -> None:
    page = doors.client.get("/sign-in/oidc?state=x&code=y")
    assert page.status_code == 200
    assert "connect-src 'self'" in page.headers["Content-Security-Policy"]
    assert doors.client.get("/docs/oidc.js").status_code == 200
    assert PASSWORD not in page.text
