"""Lists in an order: whole page by page with many equal values, while rows arrive, and read from an index."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.apps.api.conftest import Doors, opened
from tests.database_server import Store, new_store

from claimwright.domain.caller import Caller
from claimwright.platform.database import EmbeddedServer
from claimwright.store.appeals import CASE_ORDERS, list_cases
from claimwright.store.listings import FILE_ORDERS, list_claims, list_files, order_value
from claimwright.store.remittance_listings import (
    PAYMENT_ORDERS,
    REMITTANCE_ORDERS,
    list_payments,
    list_remittances,
)
from claimwright.store.underpayments import UNDERPAYMENT_ORDERS, list_underpayments

ROWS, MANY = 60, 20_000
# Rows from one number to another, with few different values: most are equal to others.
FILL = {
    "files": (
        "insert into staging.files (tenant, file_id, facility, digest, bytes, received_at, received_on,"
        " correlation_id, claims, staged, refused, faults)"
        " select 'default', i, 'FAC001', int8send(i), i, now(), current_date, gen_random_uuid(), i %% 7, 0,"
        " 0, i %% 5 from generate_series(%(first)s::bigint, %(last)s::bigint) i"
    ),
    "remittances": (
        "insert into remittance.files (tenant, file_id, source, digest, bytes, received_at, entered_by,"
        " payments, claims, faults, correlation_id)"
        " select 'default', i, '835', int8send(i), i, now(), 'user:1', 1, i %% 7, 0, gen_random_uuid()"
        " from generate_series(%(first)s::bigint, %(last)s::bigint) i"
    ),
    "payments": (
        "insert into remittance.payments (tenant, payment_id, file_id, position, state, amount_cents,"
        " claims_cents, provider_cents, paid_on, claims, identity, content)"
        " select 'default', i, i, 1, 'posted', (i %% 9) * 100 - 200, 0, 0,"
        " case when i %% 11 > 0 then date '2026-01-01' + (i %% 13)::integer end, 1, int8send(i), int8send(i)"
        " from generate_series(%(first)s::bigint, %(last)s::bigint) i"
    ),
    "underpayments": (
        "insert into remittance.underpayments (tenant, payment_id, ordinal, kind, confidence, amount_cents,"
        " basis, found_at) select 'default', i, 0, 'paid_below_contract', 'high', (i %% 9) * 100, 'a', now()"
        " from generate_series(%(first)s::bigint, %(last)s::bigint) i"
    ),
    "appeals": (
        "insert into appeals.cases (tenant, case_id, tracking_id, denial_id, level, state, due_on,"
        " amount_cents, expected_cents, as_of, correlation_id, opened_by, opened_at, changed_at)"
        " select 'default', i, gen_random_uuid(), i, 1, 'ready',"
        " case when i %% 11 > 0 then date '2026-01-01' + (i %% 13)::integer end,"
        " case when i %% 3 > 0 then (i %% 9) * 100 end, (i %% 5) * 10, current_date, gen_random_uuid(),"
        " 'user:1', now(), now() from generate_series(%(first)s::bigint, %(last)s::bigint) i"
    ),
}
LISTS: dict[str, tuple[Any, Callable[..., list[Any]]]] = {
    "files": (FILE_ORDERS, list_files),
    "remittances": (REMITTANCE_ORDERS, list_remittances),
    "payments": (PAYMENT_ORDERS, list_payments),
    "underpayments": (UNDERPAYMENT_ORDERS, list_underpayments),
    "appeals": (CASE_ORDERS, list_cases),
}
ORDERS = [
    (name, sign + field)
    for name, (orders, _) in LISTS.items()
    for field in (orders.field, *orders.values)
    for sign in ("", "-")
]


ARRIVING = itertools.count(1)
# An underpayment needs a payment.
ARRIVES = {name: (name,) for name in LISTS} | {"underpayments": ("payments", "underpayments")}


def fill(store: Store, *names: str, first: int, last: int) -> None:
    with psycopg.connect(store.superuser) as connection:
        connection.execute("select set_config('claimwright.tenant', 'default', true)")
        connection.execute("select set_config('claimwright.actor', 'user:1', true)")
        for name in names:
            connection.execute(FILL[name].encode(), {"first": first, "last": last})


@pytest.fixture(scope="module")
def doors(server: EmbeddedServer, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """Sixty rows of every list, and as many payments for the underpayments; rows arrive with every test."""
    with new_store(server, template) as store:
        fill(store, *FILL, first=100_000, last=100_000 + ROWS - 1)
        many = {"CLAIMWRIGHT_API_REQUESTS_PER_MINUTE": "100000"}
        with opened(store, tmp_path_factory.mktemp("sorted"), **many) as made:
            yield made


def keyed(orders: Any, items: list[dict[str, Any]]) -> list[int]:
    return [each.get("payment", each)[orders.field] for each in items]


@pytest.mark.parametrize(("name", "sort"), ORDERS)
def test_a_sorted_list_is_whole_and_right_while_rows_arrive(doors: Doors, name: str, sort: str) -> None:
    orders, _ = LISTS[name]
    headers = doors.token("manager", "appeals_specialist")
    asked: dict[str, Any] = {"sort": sort, "limit": 17}
    whole = doors.client.get(f"/api/v1/{name}", headers=headers, params=asked | {"limit": 1_000}).json()
    found: list[dict[str, Any]] = []
    # Rows arrive between the pages, on both sides of where the reader is.
    while True:
        page = doors.client.get(f"/api/v1/{name}", headers=headers, params=asked)
        assert page.status_code == 200, page.text
        found += page.json()["items"]
        if page.json()["next"] is None:
            break
        asked["cursor"] = page.json()["next"]
        up = next(ARRIVING)
        fill(doors.store, *ARRIVES[name], first=200_000 + up, last=200_000 + up)
        fill(doors.store, *ARRIVES[name], first=90_000 - up, last=90_000 - up)
    keys, before = keyed(orders, found), keyed(orders, whole["items"])
    assert len(before) >= ROWS
    assert [each for each in keys if each in before] == before
    assert len(set(keys)) == len(keys)
    field = sort.removeprefix("-")
    nothing = "1970-01-01" if field.endswith("_on") else 0
    values = [each.get("payment", each)[field] or nothing for each in found]
    assert values == sorted(values, reverse=sort.startswith("-"))
    if field == orders.field:
        assert keys == sorted(keys, reverse=sort.startswith("-"))


@pytest.mark.parametrize(("name", "sort"), ORDERS)
def test_a_page_of_a_sorted_list_is_read_from_an_index(many: Store, name: str, sort: str) -> None:
    orders, listing = LISTS[name]
    with many.open() as database:
        caller = Caller("default", "system:test")
        with database.transaction(caller) as connection:
            half = listing(connection, sort=sort, limit=MANY // 2)
            for after in (None, orders.place_of(half[5], sort), orders.place_of(half[-1], sort)):
                plan = Planned(connection)
                more = {"place": after} if name == "appeals" else {"after": after}
                listing(plan, sort=sort, limit=100, **more)
                # What is sorted is at most a page: nothing that grows with the table.
                assert plan.sorted_rows <= 100, (sort, after, plan.sorted_rows)
                # Whether an underpayment is in force depends on other rows: where the database expects that
                # few are, it reads them all and keeps the first hundred. Findings are few beside answers.
                if name != "underpayments":
                    assert plan.read_rows <= 2_000, (sort, after, plan.read_rows)


@pytest.fixture(scope="module")
def many(server: EmbeddedServer, template: str) -> Iterator[Store]:
    with new_store(server, template) as store:
        fill(store, *FILL, first=1_000, last=1_000 + MANY - 1)
        with psycopg.connect(store.superuser, autocommit=True) as connection:
            for table in (
                "staging.files",
                "remittance.files",
                "remittance.payments",
                "remittance.underpayments",
            ):
                connection.execute(f"analyze {table}".encode())
            connection.execute("analyze appeals.cases")
        yield store


@pytest.mark.parametrize("sort", ["service_from_on", "-service_from_on", "claim_key", "-claim_key"])
def test_a_page_of_claims_is_read_from_an_index(many_claims: Store, sort: str) -> None:
    with many_claims.open() as database, database.transaction(Caller("default", "system:test")) as connection:
        half = list_claims(connection, order=sort, limit=MANY // 2)
        for last in (None, half[5], half[-1]):
            plan = Planned(connection)
            after = {"after": last.claim_key, "after_value": order_value(last, sort)} if last else {}
            list_claims(plan, order=sort, **after)  # type: ignore[arg-type]  # explains
            # Claims in production, those that are staged and dead letters.
            assert plan.sorted_rows <= 300, (sort, last, plan.sorted_rows)
            assert plan.read_rows <= 2_000, (sort, last, plan.read_rows)


@pytest.fixture(scope="module")
def many_claims(processed: tuple[Store, Path]) -> Iterator[Store]:
    """One claim many times, on forty days or without one."""
    with processed[0].copied() as store:
        with psycopg.connect(store.superuser, autocommit=True) as connection:
            connection.execute(
                "insert into production.claims select (jsonb_populate_record(null::production.claims,"
                " to_jsonb(c) || jsonb_build_object('claim_key', 1000000 + i, 'service_from_on',"
                " case when i %% 41 > 0 then date '2026-01-01' + i %% 41 end))).*"
                " from (select * from production.claims limit 1) c, generate_series(1, %s) i",
                [MANY],
            )
            connection.execute("analyze production.claims")
        yield store


class Planned:
    """A connection that explains the one statement of a list instead of answering it."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self.sorted_rows = self.read_rows = 0

    def cursor(self, **_: Any) -> Planned:
        return self

    def execute(self, query: Any, values: dict[str, Any]) -> Planned:
        text = query.decode() if isinstance(query, bytes) else str(query)
        row = self._connection.execute(f"explain (analyze, format json) {text}".encode(), values).fetchone()
        assert row is not None
        self._walk(row[0][0]["Plan"])
        return self

    def fetchall(self) -> list[Any]:
        return []

    def _walk(self, node: dict[str, Any]) -> None:
        rows = node["Actual Rows"] * node["Actual Loops"]
        if node["Node Type"] in {"Sort", "Incremental Sort"}:
            self.sorted_rows = max(self.sorted_rows, rows)
        if "Scan" in node["Node Type"]:
            self.read_rows = max(self.read_rows, rows + node.get("Rows Removed by Filter", 0))
        for each in node.get("Plans", ()):
            self._walk(each)


@pytest.mark.parametrize(
    ("path", "sort", "values"),
    [
        ("accounts", "name", lambda each: each["name"]),
        ("accounts", "-account_id", lambda each: -each["account_id"]),
        ("tokens", "-expires_at", lambda each: (each["expires_at"], each["token_id"])),
        ("audit", "sequence", lambda each: each["sequence"]),
        ("runs", "run_id", lambda each: each["run_id"]),
    ],
)
def test_administrators_sort_too(
    doors: Doors, path: str, sort: str, values: Callable[[dict[str, Any]], Any]
) -> None:
    headers = doors.token("administrator", "auditor")
    for role in ("viewer", "coder", "viewer", "manager"):
        doors.token(role)
    asked: dict[str, Any] = {"sort": sort, "limit": 2}
    found: list[dict[str, Any]] = []
    while True:
        page = doors.client.get(f"/api/v1/{path}", headers=headers, params=asked).json()
        found += page["items"]
        if page["next"] is None:
            break
        asked["cursor"] = page["next"]
    assert len(found) >= 5 or path == "runs"
    assert found == sorted(found, key=values, reverse=sort == "-expires_at")


def test_a_cursor_of_another_kind_is_refused(doors: Doors) -> None:
    headers = doors.token("administrator")
    asked = {"sort": "name", "limit": "1"}
    doors.token("viewer")
    cursor = doors.client.get("/api/v1/accounts", headers=headers, params=asked).json()["next"]
    for sort in ("account_id", "-name", "nothing"):
        answer = doors.client.get(
            "/api/v1/accounts", headers=headers, params={"sort": sort, "cursor": cursor}
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_request")
