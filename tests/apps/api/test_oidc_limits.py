"""What an account that a provider created sees, and when its tokens end."""

from __future__ import annotations

import shutil
from pathlib import Path

import psycopg
from tests.apps.api.conftest import Doors, opened
from tests.apps.api.test_oidc import Provider, doors, provider, signed_in
from tests.database_server import Store

# Fixtures of that module, used by name here.
__all__ = ["doors", "provider"]


def test_a_new_account_sees_the_facilities_of_its_groups_and_none_by_default(
    doors: Doors,
    provider: Provider,
    processed: tuple[Store, Path],
    tmp_path: Path,
) -> None:
    provider.person("s-31", preferred_username="fnew", groups=["Bosses", "East"])
    said = signed_in(doors, provider, "s-31").json()
    assert said["facilities"] == []
    assert doors.client.get("/api/v1/claims").json()["items"] == []
    more = {"CLAIMWRIGHT_IDENTITY_OIDC_GROUP_FACILITIES": "East=FAC002; Everywhere=*"}
    settings = doors.services.settings.model_dump()["identity"]["oidc"]
    variables = {
        f"CLAIMWRIGHT_IDENTITY_OIDC_{name.upper()}": ";".join(settings[name])
        if isinstance(settings[name], list)
        else settings[name]
        for name in ("issuer", "client_id", "redirect_url", "group_roles", "inward_hosts")
    }
    folder = tmp_path / "mapped"
    shutil.copytree(tmp_path / "home", folder / "home")
    secret = {"CLAIMWRIGHT_IDENTITY_OIDC_CLIENT_SECRET": "kept between the two of us"}
    with opened(doors.store, folder, **variables, **secret, **more) as mapped:
        assert signed_in(mapped, provider, "s-31").json()["facilities"] == ["FAC002"]
        listed = mapped.client.get("/api/v1/claims").json()["items"]
        assert {each["facility"] for each in listed} == {"FAC002"}
        provider.person("s-31", preferred_username="fnew", groups=["Bosses", "Everywhere"])
        assert signed_in(mapped, provider, "s-31").json()["facilities"] is None
        provider.person("s-31", preferred_username="fnew", groups=["Bosses"])
        assert signed_in(mapped, provider, "s-31").json()["facilities"] == []


def test_tokens_end_with_the_account_its_last_role_and_days_after_its_last_sign_in(
    doors: Doors,
    provider: Provider,
) -> None:
    provider.person("s-32", preferred_username="tokens", groups=["Bosses"])
    said = signed_in(doors, provider, "s-32").json()
    number, headers = said["account_id"], {"X-CSRF-Token": said["csrf_token"]}
    new = {"label": "script", "scopes": ["all"]}

    def token() -> dict[str, str]:
        made = doors.client.post("/api/v1/own/tokens", headers=headers, json=new)
        return {"Authorization": f"Bearer {made.json()['secret']}"}

    def status(bearer: dict[str, str]) -> int:
        return doors.client.get("/api/v1/own/tokens", headers=bearer).status_code

    def age(days: int) -> None:
        with psycopg.connect(doors.store.superuser) as connection:
            connection.execute(
                "update identity.external_identities set used_at = now() - make_interval(days => %s)", [days]
            )

    first = token()
    assert status(first) == 200
    age(8)
    assert status(first) == 401
    headers["X-CSRF-Token"] = signed_in(doors, provider, "s-32").json()["csrf_token"]
    assert status(first) == 200
    provider.person("s-32", preferred_username="tokens", groups=[])
    assert signed_in(doors, provider, "s-32").status_code == 401
    provider.person("s-32", preferred_username="tokens", groups=["Bosses"])
    headers["X-CSRF-Token"] = signed_in(doors, provider, "s-32").json()["csrf_token"]
    # What was revoked does not come back with the role.
    assert status(first) == 401
    second, root = token(), doors.token("administrator")
    assert status(second) == 200
    for state in ("disabled", "active"):
        read = doors.client.get(f"/api/v1/accounts/{number}", headers=root)
        doors.client.patch(
            f"/api/v1/accounts/{number}", json={"state": state},
            headers={**root, "If-Match": read.headers["ETag"]},
        )  # fmt: skip
        assert status(second) == 401
