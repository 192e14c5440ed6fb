"""Requests of every kind, made from the API's own description, to every route: what is said is what comes.

A short form; `make api-fuzz` sends more (`API_FUZZ_EXAMPLES` for each route), and with `API_FUZZ_ROUTES`, a
regular expression of method and path, to some routes only. What it found is in docs/api_fuzz.md.
"""

from __future__ import annotations

import os
import re
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from tests.apps.api.conftest import ROOT, Doors, opened
from tests.apps.api.served import served
from tests.database_server import Store

from claimwright.platform.access import ROLES

EXAMPLES = int(os.environ.get("API_FUZZ_EXAMPLES", "3"))
ONLY = re.compile(os.environ.get("API_FUZZ_ROUTES", ""))
# So long an answer may take on a machine that does much else.
PATIENCE = 300
# It never ends.
LEFT_OUT = {"/api/v1/events/stream"}
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def fuzzed(
    processed: tuple[Store, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Doors, str]]:
    """The API as a server, without limits of requests."""
    store, folder = processed
    own = tmp_path_factory.mktemp("fuzzed")
    shutil.copytree(folder / "home", own / "home")
    many = {
        "CLAIMWRIGHT_API_REQUESTS_PER_MINUTE": "100000000",
        "CLAIMWRIGHT_API_SIGN_INS_PER_MINUTE": "100000000",
        "CLAIMWRIGHT_DATABASE_POOL_SIZE": "4",
    }
    with store.copied() as copy, opened(copy, own, **many) as doors, served(doors) as address:
        yield doors, address


def _as_it_is(_: object, value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def test_every_route_answers_as_its_description_says(fuzzed: tuple[Doors, str]) -> None:
    doors, address = fuzzed
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import schemathesis
        from schemathesis import checks
    # Small numbers are what is tried first: accounts and tokens that may go.
    for _ in range(15):
        doors.token("viewer")
    headers = doors.token(*ROLES)
    schema = schemathesis.openapi.from_dict(doors.client.get("/openapi.json").json())
    names = (
        "not_a_server_error", "status_code_conformance", "content_type_conformance",
        "response_schema_conformance", "response_headers_conformance",
    )  # fmt: skip
    checks.load_all_checks()
    for kind in ("application/edi-x12", "application/gzip", "application/octet-stream"):
        schemathesis.serializer(kind)(_as_it_is)
    kept = [each for each in checks.CHECKS.get_all() if each.__name__ in names]
    assert len(kept) == len(names)
    problems: dict[str, str] = {}
    tried = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path in LEFT_OUT or not ONLY.search(operation.label):
            continue
        tried += 1

        @hypothesis.settings(
            max_examples=EXAMPLES, deadline=None, derandomize=EXAMPLES <= 3, database=None,
            suppress_health_check=list(hypothesis.HealthCheck), print_blob=False,
            phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        )  # fmt: skip
        @hypothesis.given(case=operation.as_strategy())
        def send(case: schemathesis.Case) -> None:
            response = case.call(base_url=address, headers=headers, timeout=PATIENCE)
            case.validate_response(response, checks=kept)

        try:
            send()
        except BaseException as problem:
            if isinstance(problem, KeyboardInterrupt):
                raise
            problems[operation.label] = str(problem)[:1_500]
    assert tried >= (85 if not ONLY.pattern else 1)
    assert not problems, "\n\n".join(f"{label}\n{what}" for label, what in problems.items())
    with doors.services.database.transaction(ROOT) as connection:
        connection.execute("select 1")
