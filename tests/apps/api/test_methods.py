"""HEAD is GET without a body; OPTIONS and a refused method say which methods an address takes."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

import pytest
from tests.apps.api.conftest import Doors
from tests.apps.api.served import served


def ask(
    address: str, method: str, path: str, headers: dict[str, str]
) -> tuple[http.client.HTTPResponse, bytes]:
    """What a plain client gets, on a connection that it then uses again: no body may be left on it."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    if answer.getheader("connection") != "close" and method == "HEAD":
        connection.request("GET", "/health/live")
        assert connection.getresponse().read() == b'{"status":"ok"}'
    connection.close()
    return answer, body


def test_head_is_get_without_the_body(doors: Doors) -> None:
    headers = doors.token("manager")
    with served(doors) as address:
        for path, status in (
            ("/api/v1/claims?limit=50", 200), ("/api/v1/claims/1", 200), ("/api/v1/claims/999999", 404),
            ("/api/v1/claims?unknown=1", 422), ("/api/v1/accounts", 403), ("/api/v1/queue/export", 200),
            ("/docs", 200), ("/health/live", 200),
        ):  # fmt: skip
            got, body = ask(address, "GET", path, headers)
            head, nothing = ask(address, "HEAD", path, headers)
            assert (got.status, head.status, nothing) == (status, status, b""), path
            assert body
            for name in ("content-type", "etag", "content-security-policy"):
                assert head.getheader(name) == got.getheader(name), path
            if status == 200:
                assert head.getheader("content-length") == got.getheader("content-length"), path
        assert ask(address, "HEAD", "/api/v1/claims", {})[0].status == 401


def test_head_of_what_goes_on_ends_after_its_headers(doors: Doors) -> None:
    headers, auditor = doors.token("manager"), doors.token("auditor")
    with served(doors) as address:
        for path, who, kind in (
            ("/api/v1/events/stream", headers, "text/event-stream"),
            ("/api/v1/audit/export", auditor, "application/x-ndjson"),
        ):
            head, nothing = ask(address, "HEAD", path, who)
            assert (head.status, nothing) == (200, b"")
            assert str(head.getheader("content-type")).startswith(kind)


def test_head_reads_and_is_counted_as_reading(doors: Doors) -> None:
    headers = doors.token("manager")
    left = [
        int(doors.client.request(method, "/api/v1/claims", headers=headers).headers["RateLimit-Remaining"])
        for method in ("GET", "HEAD")
    ]
    assert left[0] - left[1] == 1


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/api/v1/claims", "GET, HEAD, OPTIONS"),
        ("/api/v1/accounts/1", "GET, HEAD, OPTIONS, PATCH"),
        ("/api/v1/waivers", "GET, HEAD, OPTIONS, POST"),
        ("/api/v1/session", "DELETE, GET, HEAD, OPTIONS, POST"),
        ("/api/v1/claims/search", "GET, HEAD, OPTIONS, POST"),
        ("/health/live", "GET, HEAD, OPTIONS"),
    ],
)
def test_an_address_says_which_methods_it_takes(doors: Doors, path: str, methods: str) -> None:
    told = doors.client.options(path)
    assert (told.status_code, told.headers["allow"], told.content) == (204, methods, b"")
    refused = doors.client.request("PUT", path)
    assert (refused.status_code, refused.headers["allow"]) == (405, methods)
    assert refused.json()["error"]["code"] == "no_such_method"


def test_options_of_no_address_is_not_found_and_opens_nothing_to_other_sites(doors: Doors) -> None:
    assert doors.client.options("/api/v1/nothing-here").status_code == 404
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    told = doors.client.options("/api/v1/claims", headers=asked)
    assert not [name for name in told.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", ["claims", "runs", "denials", "accounts"])
def test_a_number_without_an_end_is_refused(doors: Doors, path: str) -> None:
    headers = doors.token("administrator")
    assert doors.client.get(f"/api/v1/{path}/{'9' * 5_000}", headers=headers).status_code == 422
    stale = doors.client.patch(
        "/api/v1/accounts/1", headers=headers | {"If-Match": "9" * 5_000}, json={"state": "active"}
    )
    assert stale.status_code == 412
