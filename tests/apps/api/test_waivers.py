"""Waivers over the API and in the terminal: added, applied to checks and runs, ended, audited."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.apps.api.conftest import ROOT, Doors
from tests.features.pipeline.bench_of_claims import sample, stage
from typer.testing import CliRunner

from claimwright.apps.cli.main import app
from claimwright.assembly.runs import Workshop
from claimwright.features.pipeline import begin_run
from claimwright.foundation import clock
from claimwright.platform.settings import load_settings

NEW = {
    "waiver_id": "W-1", "rules": ["DAT001", "npi-invalid"], "valid_from": "2020-01-01",
    "valid_to": "2099-12-31", "owner": "a.jones", "reason": "the payer accepts it until June",
}  # fmt: skip


def one(code: str, **more: object) -> dict[str, object]:
    return {**NEW, "rules": [code], **more}


def test_a_waiver_is_added_listed_and_ended_once(doors: Doors) -> None:
    manager, coder = doors.token("manager"), doors.token("coder")
    path = "/api/v1/waivers"
    assert doors.client.post(path, headers=coder, json=one("DAT001")).status_code == 403
    added = doors.client.post(path, headers=manager, json=one("DAT001"))
    assert added.status_code == 201
    assert added.json()["rules"] == ["DAT001"]
    again = doors.client.post(path, headers=manager, json=one("DAT001"))
    assert (again.status_code, again.json()["error"]["code"]) == (422, "unusable_input")
    unknown = doors.client.post(path, headers=manager, json=one("NOT999", waiver_id="W-2"))
    assert unknown.status_code == 422
    backwards = one("DAT001", waiver_id="W-2", valid_to="2019-01-01")
    assert doors.client.post(path, headers=manager, json=backwards).status_code == 422
    own = doors.token("manager", facilities=["FAC001"])
    assert doors.client.post(path, headers=own, json=one("DAT001", waiver_id="W-2")).status_code == 403
    listed = doors.client.get(path, headers=coder).json()["items"]
    assert [(each["waiver_id"], each["ended_at"]) for each in listed] == [("W-1", None)]
    why = {"reason": "the payer has changed its mind"}
    ended = doors.client.post(f"{path}/W-1/end", headers=manager, json=why).json()
    assert ended["ended_by"].startswith("user:")
    assert doors.client.post(f"{path}/W-1/end", headers=manager, json=why).status_code == 404
    log = doors.client.get("/api/v1/audit", headers=doors.token("auditor"), params={"action": "waiver."})
    assert [(each["content"]["action"], each["content"]["subject"]) for each in log.json()["items"]] == [
        ("waiver.ended", "waiver:W-1"), ("waiver.added", "waiver:W-1"),
    ]  # fmt: skip
    assert doors.client.get(path, headers=doors.token("coder", tenant="other")).json()["items"] == []


def test_checks_and_runs_apply_what_is_in_force(doors: Doors, tmp_path: Path) -> None:
    manager = doors.token("manager")
    content = sample(tmp_path, 60, seed=21).replace(b"CLM*", b"CLM*W")
    whole = doors.client.post("/api/v1/check", headers=manager, content=content).json()
    codes = [found["code"] for claim in whole["checked"] for found in claim["findings"]]
    code = max(set(codes), key=codes.count)
    assert doors.client.post("/api/v1/waivers", headers=manager, json=one(code)).status_code == 201
    part = doors.client.post("/api/v1/check", headers=manager, content=content).json()
    found = [each for claim in part["checked"] for each in claim["findings"] if each["code"] == code]
    assert len(found) == codes.count(code)
    assert {each["waiver"] for each in found} == {"W-1"}
    assert part["clean"] >= whole["clean"]

    database = doors.services.database
    stage(database, doors.services.sealer, content, "FAC001")
    shop = Workshop(ROOT, doors.services.settings, database)
    with database.transaction(ROOT) as connection:
        run = begin_run(connection, chunk_claims=1_000, as_of=clock.today())
    assert run is not None
    shop.worker(run).work()
    counts = {
        each["code"]: each for each in doors.client.get("/api/v1/findings/counts", headers=manager).json()
    }
    with database.transaction(ROOT) as connection:
        rows = connection.execute(
            "select waiver from production.findings f join production.claims c using (tenant, claim_key) "
            "where f.code = %s and c.file_id = (select max(file_id) from staging.files)",
            [code],
        ).fetchall()
    assert rows
    assert {row[0] for row in rows} == {"W-1"}
    assert counts[code]["waived"] == len(rows)


def test_the_terminal_adds_a_file_of_waivers_whole_and_ends_one(
    doors: Doors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAIMWRIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CLAIMWRIGHT_DATABASE_URL", doors.store.url)
    monkeypatch.setenv("CLAIMWRIGHT_SETTINGS", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    assert load_settings().home == tmp_path / "home"
    entry = (
        "- id: {}\n  rules: [DAT001]\n  from: 2026-01-01\n  to: 2026-06-30\n  owner: a.jones\n"
        "  reason: accepted until the enrollment is done\n"
    )
    file = tmp_path / "waivers.yaml"
    file.write_text(entry.format("A-1") + entry.format("A-2"))

    def run(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["waivers", *words])
        return result.exit_code, result.output

    assert run("add", str(file)) == (0, "2 waivers added.\n")
    file.write_text(entry.format("A-3") + entry.format("A-1"))
    code, said = run("add", str(file))
    assert (code, "A-1" in said) == (2, True)
    listed = run("list")[1]
    assert ("A-2" in listed, "A-3" in listed) == (True, False)
    assert run("end", "A-2", "--reason", "no longer needed")[0] == 0
    assert run("end", "A-2", "--reason", "no longer needed")[0] == 2
    assert run("end", "A-1", "--reason", "short")[0] == 2
