"""Bodies that say something else than they seem to are refused: unknown fields, names twice, no numbers."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel
from tests.apps.api.conftest import Doors
from tests.apps.api.test_signing_in import code_of

from claimwright.apps.api.application import RESOURCES
from claimwright.apps.api.bodies import strict_json

# RFC 6749, 3.2, and Back-Channel Logout 1.0, 2.5: what is not known there is ignored.
FORMS = {"/api/v1/oauth/token", "/api/v1/session/oidc/sign-out"}
JSON = {"Content-Type": "application/json"}


def test_no_route_takes_a_field_that_it_has_not() -> None:
    seen, lenient = 0, []
    for resource in RESOURCES:
        for route in resource.routes:
            field = getattr(route, "body_field", None)
            if field is None or route.path in FORMS:  # type: ignore[attr-defined]  # a route of an API
                continue
            kind: Any = field.field_info.annotation
            seen += 1
            if (
                isinstance(kind, type)
                and issubclass(kind, BaseModel)
                and kind.model_config.get("extra") != "forbid"
            ):
                lenient.append(route.path)  # type: ignore[attr-defined]  # a route of an API
    assert lenient == []
    assert seen > 60


def test_an_account_with_a_misspelt_facility_is_not_made(doors: Doors) -> None:
    headers = doors.token("administrator")
    wanted = {"name": "newcomer", "roles": ["coder"], "facilites": ["FAC001"]}
    refused = doors.client.post("/api/v1/accounts", headers=headers, json=wanted)
    assert (refused.status_code, code_of(refused)) == (422, "invalid_request")
    assert [each["field"] for each in refused.json()["error"]["details"]] == ["body.facilites"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"number": "A", "number": "B"}', "a name comes twice"),
        ('{"number": NaN}', "a number is none"),
        ('{"number": -Infinity}', "a number is none"),
        ('{"number": ' + "[" * 50_000, "it is nested too deep"),
    ],
)
def test_json_that_says_two_things_is_refused_and_says_why(doors: Doors, text: str, why: str) -> None:
    headers = doors.token("coder") | JSON
    refused = doors.client.post("/api/v1/claims/search", headers=headers, content=text)
    assert (refused.status_code, code_of(refused)) == (422, "invalid_request")
    assert refused.json()["error"]["details"][0]["message"] == f"JSON: {why}."
    batch = doors.client.post(
        "/api/v1/claims/batch?facility=FAC001", headers=doors.token("claims_processor") | JSON, content=text
    )
    assert (batch.status_code, code_of(batch)) == (422, "invalid_request")


def test_json_as_it_should_be_is_read_as_it_is() -> None:
    assert strict_json(b'{"a": [{"b": 1}, {"b": 2}], "c": 1e3}') == {"a": [{"b": 1}, {"b": 2}], "c": 1000.0}
