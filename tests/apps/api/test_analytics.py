"""Figures over the API: who may see them, as what, and what is refused."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.apps.api.conftest import Doors, opened
from tests.database_server import Store

BASE = "/api/v1/analytics"


@pytest.fixture(scope="module")
def doors(processed: tuple[Store, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """One copy of the store for all: what is entered here is a cost, and exports."""
    store, folder = processed
    with store.copied() as copied, opened(copied, folder) as made:
        yield made


def got(doors: Doors, path: str, role: str = "manager", **more: Any) -> Any:
    headers = doors.token(role, facilities=more.pop("facilities", None), tenant=more.pop("tenant", "default"))
    return doors.client.get(f"{BASE}{path}", headers=headers, params=more)


def test_every_figure_says_how_it_is_defined(doors: Doors) -> None:
    found = got(doors, "/kpis").json()
    assert len(found) >= 50
    assert all(each["source"] and each["numerator"]["sql"] and each["withheld"] is None for each in found)
    seen = {each["name"]: each["withheld"] for each in got(doors, "/kpis", "viewer").json()}
    assert seen["initial_denial_rate"] is None
    assert seen["ar_balance"] == "ar_balance is for those who may ledger.read."
    assert seen["staff_productivity"]
    one = got(doors, "/kpis/initial_denial_rate/definition").json()
    assert one["benchmark"]["value"] == 0.05


def test_a_figure_agrees_with_the_list_of_claims(doors: Doors) -> None:
    manager = doors.token("manager")
    claims = doors.client.get("/api/v1/claims?limit=1000", headers=manager).json()["items"]
    processed = [each for each in claims if each["place"] in {"production", "review"}]
    clean = [each for each in processed if each["severity"] in {None, "note"}]
    found = got(doors, "/kpis/clean_claim_rate", group_by="facility").json()
    assert found["totals"][0]["denominator"] == len(processed)
    assert found["totals"][0]["value"] == len(clean) / len(processed)
    rows = {each["group"]["facility"]: each["denominator"] for each in found["rows"]}
    assert sum(rows.values()) == len(processed)
    own = got(doors, "/kpis/clean_claim_rate", facilities=["FAC002"]).json()
    assert own["totals"][0]["denominator"] == rows["FAC002"]
    behind = got(doors, "/kpis/clean_claim_rate/claims", limit=1000).json()["items"]
    assert {each["claim_key"] for each in behind} == {each["claim_key"] for each in clean}
    assert sum(each["amount"] for each in behind) == found["totals"][0]["numerator"]


def test_files_have_what_the_answer_has(doors: Doors) -> None:
    rows = got(doors, "/kpis/clean_claim_rate", group_by="payer").json()["rows"]
    text = got(doors, "/kpis/clean_claim_rate", group_by="payer", format="csv")
    assert text.headers["content-type"].startswith("text/csv")
    assert len(pl.read_csv(text.content, infer_schema_length=0)) == len(rows)
    arrow = got(doors, "/kpis/clean_claim_rate", group_by="payer", format="arrow")
    assert pl.read_ipc(io.BytesIO(arrow.content))["denominator"].sum() == sum(
        each["denominator"] for each in rows
    )


REFUSED: list[tuple[str, dict[str, Any], int]] = [
    ("/kpis/nothing", {}, 404),
    ("/kpis/clean_claim_rate", {"from": "2026-02-01", "to": "2026-01-01"}, 422),
    ("/kpis/clean_claim_rate", {"to": "2099-01-01"}, 422),
    ("/kpis/clean_claim_rate", {"as_of": "2099-01-01"}, 422),
    ("/kpis/clean_claim_rate", {"from": "yesterday"}, 422),
    ("/kpis/clean_claim_rate", {"group_by": "patient"}, 422),
    ("/kpis/clean_claim_rate", {"group_by": "cause"}, 422),
    ("/kpis/clean_claim_rate", {"group_by": ["payer", "plan", "form"]}, 422),
    ("/kpis/clean_claim_rate", {"group_by": ["payer", "payer"]}, 422),
    ("/kpis/clean_claim_rate", {"interval": "hour"}, 422),
    ("/kpis/clean_claim_rate", {"compare_to": "us"}, 422),
    ("/kpis/clean_claim_rate", {"where": "facility:NOT-OURS"}, 404),
    ("/kpis/clean_claim_rate", {"where": "facility"}, 422),
    ("/kpis/ar_balance", {"where": "age:old"}, 422),
    ("/kpis/claim_volume/claims", {"side": "denominator"}, 422),
    ("/kpis/claim_volume", {"interval": "day", "from": "2024-01-01"}, 422),
    ("/kpis/claim_volume", {"where": "payer:' or true --"}, 200),
    ("/dimensions/patient", {}, 404),
]  # fmt: skip


def test_what_can_not_be_asked_is_refused(doors: Doors) -> None:
    for path, asked, status in REFUSED:
        found = got(doors, path, **asked)
        assert found.status_code == status, (path, asked, found.text)
        if status != 200:
            assert found.json()["error"]["message"]


def test_nobody_sees_more_than_they_may(doors: Doors) -> None:
    assert got(doors, "/kpis/ar_balance", "viewer").status_code == 403
    assert got(doors, "/kpis/clean_claim_rate", "viewer", group_by="diagnosis_group").status_code == 403
    assert got(doors, "/kpis/clean_claim_rate/claims", "viewer").status_code == 403
    assert got(doors, "/staff/productivity", "coder").status_code == 403
    assert got(doors, "/kpis/clean_claim_rate", tenant="other").json()["totals"][0]["value"] is None
    own = got(doors, "/kpis/clean_claim_rate", facilities=["FAC002"], where="facility:FAC001")
    assert own.status_code == 404
    counted = got(doors, "/kpis/clean_claim_rate", "viewer", group_by=["payer", "form"]).json()["rows"]
    assert all(each["value"] is None or each["denominator"] >= 11 for each in counted)


def test_what_the_field_asks_by_name_is_there(doors: Doors) -> None:
    for path in (
        "/denials/by-payer",
        "/denials/by-department",
        "/denials/trends",
        "/ar/days",
        "/ar/aging",
        "/staff/productivity",
        "/staff/error-rate",
        "/staff/workload",
        "/scorecards/payers",
        "/dimensions/payer",
    ):
        assert got(doors, path).status_code == 200, path
    [empty] = got(doors, "/denials/by-payer").json()["totals"]
    # No answer came: null with its reason, never zero.
    assert (empty["value"], empty["reason"]) == (None, "nothing_recorded")


def test_a_cost_is_entered_by_a_manager_and_divides_by_cash(doors: Doors) -> None:
    manager = doors.token("manager")
    body = {"month": "2026-01-15", "cents": 125_000}
    assert doors.client.post(f"{BASE}/costs", headers=manager, json=body).status_code == 204
    assert doors.client.post(f"{BASE}/costs", headers=doors.token("coder"), json=body).status_code == 403
    found = doors.client.get(
        f"{BASE}/kpis/cost_to_collect", headers=manager, params={"from": "2026-01-01", "to": "2026-01-31"}
    ).json()
    assert found["totals"][0]["numerator"] == 125_000
    assert found["totals"][0]["reason"] == "no_denominator"


def test_an_export_names_no_patient_unless_a_reason_is_stated(doors: Doors) -> None:
    manager = doors.token("manager")

    def exported(table: str, **wanted: Any) -> Any:
        return doors.client.post(f"{BASE}/exports/{table}", headers=manager, json=wanted)

    claims = pl.read_parquet(io.BytesIO(exported("claims").content))
    facts = pl.read_ipc(io.BytesIO(exported("facts", format="arrow").content))
    assert "service_to_year" in claims.columns
    assert not [
        name for frame in (claims, facts) for name, dtype in frame.schema.items() if dtype.is_temporal()
    ]
    assert set(claims["facility"]) == {"facility 1", "facility 2"}
    assert claims["charge_cents"].sum() > 0
    assert facts.height > claims.height
    keyed = pl.read_parquet(
        io.BytesIO(exported("claims", identified=True, reason="joins with the warehouse").content)
    )
    assert keyed["service_to_on"].dtype == pl.Date
    assert exported("claims", identified=True).status_code == 422
    assert exported("patients").status_code == 422
    auditor = doors.token("auditor")
    log = doors.client.get("/api/v1/audit", headers=auditor, params={"action": "analytics.exported"}).json()[
        "items"
    ]
    assert [each["content"]["detail"]["identified"] for each in log].count(True) == 1
    assert len(log) == 3


def test_every_figure_is_broken_down_by_every_dimension_that_it_names(doors: Doors) -> None:
    headers = doors.token("manager")
    failed = []
    for kpi in doors.client.get(f"{BASE}/kpis", headers=headers).json():
        for dimension in kpi["dimensions"]:
            path = f"{BASE}/kpis/{kpi['name']}?group_by={dimension}"
            answer = doors.client.get(path, headers=headers)
            if answer.status_code != 200:
                failed.append((kpi["name"], dimension, answer.status_code))
    assert failed == []
