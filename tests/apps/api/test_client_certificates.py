"""A service shows a client certificate of an authority made here; nobody else gets in with one."""

from __future__ import annotations

import datetime
import ssl
from pathlib import Path

import httpx2
import pytest
from tests.apps.api.conftest import Doors
from tests.apps.api.served import served
from tests.certificates import Authority


def client(authority: Authority, certificate: tuple[Path, Path] | None = None) -> httpx2.Client:
    context = ssl.create_default_context(cafile=str(authority.file))
    if certificate is not None:
        context.load_cert_chain(*certificate)
    return httpx2.Client(verify=context)


def test_a_service_is_known_by_its_certificate_alone(doors: Doors, tmp_path: Path) -> None:
    authority, other = Authority(tmp_path), Authority(tmp_path, "other")
    pair = authority.issued("server")
    wanted = doors.services.settings.api.model_copy(
        update={
            "certificate_file": pair[0], "private_key_file": pair[1], "client_ca_file": authority.file,
        }
    )  # fmt: skip
    settings = doors.services.settings.model_copy(update={"api": wanted})
    feed, unknown = authority.issued("emr-feed"), authority.issued("unknown")
    ended = authority.issued("ended", ends=datetime.timedelta(days=-1))
    strange = other.issued("strange")
    administrator, auditor = doors.token("administrator"), doors.token("auditor")
    new = {
        "name": "emr-feed", "label": "feed", "scopes": ["read", "files"],
        "certificate": feed[0].read_text(),
    }  # fmt: skip
    issued = doors.client.post("/api/v1/tokens", headers=administrator, json=new)
    assert (issued.status_code, issued.json()["secret"]) == (201, None)
    again = doors.client.post("/api/v1/tokens", headers=administrator, json={**new, "name": "second"})
    assert (again.status_code, "another service" in again.json()["error"]["message"]) == (422, True)
    body = "-----BEGIN CERTIFICATE-----\nV0lMU09O\n-----END CERTIFICATE-----"
    for text in ("-----BEGIN CERTIFICATE-----", body):
        wrong = {**new, "name": "third", "certificate": text}
        refused = doors.client.post("/api/v1/tokens", headers=administrator, json=wrong)
        assert (refused.status_code, "V0lMU09O" in refused.text) == (422, False)
    # Nobody proves to have the key: only the installation's own tenant names certificates.
    stranger = doors.token("administrator", tenant="other")
    taken = {**new, "certificate": unknown[0].read_text()}
    assert doors.client.post("/api/v1/tokens", headers=stranger, json=taken).status_code == 403
    with served(doors, settings) as address:
        api = f"{address}/api/v1"
        with client(authority, feed) as service:
            assert service.get(f"{api}/claims").status_code == 200
            # Its scopes and its role hold, as with a secret.
            assert service.get(f"{api}/accounts").status_code == 403
            assert service.post(f"{api}/predictions", json={"claim_key": 1}).status_code == 403
            # A browser shows a certificate by itself, also for the page of somebody else.
            for header in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}):
                forged = service.post(f"{api}/check", headers=header, content=b"ISA")
                assert forged.json()["error"]["code"] == "forged_request"
                assert service.get(f"{api}/claims", headers=header).status_code == 200
            assert service.post(f"{api}/files", content=b"ISA").json()["error"]["code"] != "forged_request"
            # A token that is sent is what counts.
            assert service.get(f"{api}/audit", headers=auditor).status_code == 200
        with client(authority, unknown) as service:
            assert service.get(f"{api}/claims").status_code == 401
        with client(authority) as nobody:
            assert nobody.get(f"{api}/claims").status_code == 401
            assert nobody.get(f"{api}/claims", headers=auditor).status_code == 200
        for pair in (ended, strange):
            with client(authority, pair) as service, pytest.raises(httpx2.TransportError):
                service.get(f"{api}/claims")
        number = issued.json()["token"]["token_id"]
        revoked = doors.client.delete(f"/api/v1/tokens/{number}", headers=administrator)
        assert revoked.status_code == 204
        with client(authority, feed) as service:
            assert service.get(f"{api}/claims").status_code == 401
        old = ssl.create_default_context(cafile=str(authority.file))
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        with httpx2.Client(verify=old) as nobody, pytest.raises(httpx2.TransportError):
            nobody.get(f"{api}/claims")
    used = doors.client.get("/api/v1/audit", headers=auditor, params={"action": "token."}).json()["items"]
    assert [each["content"]["action"] for each in used][:2] == ["token.revoked", "token.issued"]
