"""How old editions are, what is said of it, and what an update changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

from typer.testing import CliRunner

from claimwright.apps.cli.main import app
from claimwright.reference import snapshot

Put = Callable[[str, str | bytes], Path]

# What CMS's files at hand hold for this day, and what it therefore must not be said of.
TODAY = date(2026, 11, 28)


def test_what_has_ended_is_stale_and_what_is_in_force_is_not() -> None:
    known = snapshot(TODAY)
    stale = {age.dataset: age.ended_on for age in known.ages() if age.is_stale}
    assert stale["ncci_practitioner"] == date(2024, 9, 30)
    assert stale["mue_practitioner"] == date(2026, 6, 30)
    current = {"physician_fee_schedule", "practice_cost_indices", "icd10cm", "icd10pcs", "ms_drg"}
    assert not current & set(stale)


def test_every_report_says_what_is_stale() -> None:
    told = snapshot(TODAY).sentence()
    assert "ncci_practitioner, ncci_outpatient, mue_outpatient, mue_dme (2024-09-30)" in told
    assert "for it the rules did not run" in told
    assert "ncci" not in snapshot(date(2024, 8, 1)).stale()


def test_the_list_shows_ages(store: Path) -> None:
    words = ["reference", "list", "--store", str(store), "--as-of", "2026-11-28"]
    text = CliRunner().invoke(app, words).output
    assert "Age" in text
    assert "stale" in text


def test_an_update_says_what_changes_and_keeps_who_released_it(put: Put, store: Path, tmp_path: Path) -> None:
    """Two limits: one that stood at 1 in the second quarter of 2026 is 2, and one that was not there."""
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / "payers.csv").write_text("payer_id,name,filing_days\nACME,Acme,90\n")
    run = CliRunner().invoke
    planned = run(app, ["reference", "update", str(folder), "--store", str(store), "--plan"])
    assert "nothing was loaded (--plan)" in planned.output
    assert not store.exists() or not list(store.glob("payers/*"))
    words = ["reference", "update", str(folder), "--store", str(store), "--approver", "A. Reviewer"]
    released = run(app, words)
    assert released.exit_code == 0
    assert "payers: 1 added" in " ".join(released.output.split())
    [record] = (store / ".updates").iterdir()
    kept = json.loads(record.read_text())
    assert kept["approver"] == "A. Reviewer"
    assert set(kept) == {"notification", "impact", "validation", "approver", "released_at"}
