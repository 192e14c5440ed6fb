"""Reading routes that are answered in one thread: the same routes, errors and counts as FastAPI's way."""

from __future__ import annotations

import re

from fastapi import Depends, FastAPI, Request
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send
from tests.apps.api.conftest import Doors

from claimwright.apps.api.application import RESOURCES
from claimwright.apps.api.asking import Asking
from claimwright.apps.api.direct_reads import DirectReads
from claimwright.apps.api.resources import Resource
from claimwright.apps.api.selection import has_fields

READING = [
    each
    for resource in RESOURCES
    for each in resource.routes
    if isinstance(each, APIRoute) and "GET" in (each.methods or ())
]


async def _nothing(_scope: Scope, _receive: Receive, _send: Send) -> None: ...


def test_every_route_that_reads_is_answered_directly_and_found_as_fastapi_finds_it() -> None:
    direct = DirectReads(_nothing, FastAPI(), READING)
    for route in READING:
        path = re.sub(r"\{[^}]*\}", "7", route.path)
        first = next(each for each in READING if each.path_regex.match(path))
        found = direct._found(path)
        assert (found and found[0].route) is (first if has_fields(first) else None), path


def test_a_route_with_a_dependency_that_waits_is_left_to_fastapi() -> None:
    routes = Resource("waiting", "Routes of a test")

    async def waited(request: Request) -> str:
        return str(await request.body())

    @routes.get("/waited", action="claims.list")
    def read(asker: Asking, body: str = Depends(waited)) -> dict[str, str]:
        return {"body": body, "actor": asker.caller.actor}

    assert DirectReads(_nothing, FastAPI(), routes.routes)._found("/api/v1/waited") is None


def test_a_request_is_counted_once_whether_its_parameters_are_valid_or_not(doors: Doors) -> None:
    headers = doors.token("claims_processor")
    answers = [
        doors.client.get(f"/api/v1/claims{path}", headers=headers)
        for path in ("", "?limit=x", "/x", "?limit=3", "/7?fields=nothing", "/7?unknown=1", "/999999", "/7")
    ]
    assert [each.status_code for each in answers] == [200, 422, 422, 200, 422, 422, 404, 200]
    counts = [int(each.headers["RateLimit-Remaining"]) for each in answers]
    assert [counts[0] - each for each in counts] == list(range(len(answers)))


def test_what_is_not_valid_is_told_only_to_who_is_let_in(doors: Doors) -> None:
    assert doors.client.get("/api/v1/claims?limit=x").status_code == 401
    denied = doors.client.get("/api/v1/audit?limit=x", headers=doors.token("viewer"))
    assert denied.status_code == 403
