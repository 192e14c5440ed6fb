"""A service line that was never rendered is removed, with all that is said of it; the claim goes on."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest
from tests.features.pipeline.bench_of_claims import rows
from tests.features.repairs.conftest import ALL, BILLER, Clinic, opening, route_of

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.claim_changes import Change, ChangeError, with_changes
from claimwright.domain.removed_lines import without_lines
from claimwright.features.checking import Checker
from claimwright.features.repairs import Edit, Wanted
from claimwright.platform.access import AccessDeniedError
from claimwright.store.corrections import correction_context


def no_billing(_facility: str, _labels: frozenset[str]) -> tuple[dict[str, bool], dict[str, str]]:
    return ALL | {"billing": False}, dict.fromkeys(ALL, "no policy shows it")


def three_lines(clinic: Clinic, name: str) -> tuple[ClaimBatch, list[Edit]]:
    """A claim, and the edits that give it two lines more, of 12.50 and 7.25, with their sum."""
    batch = clinic.desk().open(BILLER, clinic.keys[name], opening())[1].batch
    first, lines = batch.lines.row(0, named=True), batch.lines.height
    edits = []
    for line, (code, charge) in enumerate((("36415", "12.50"), ("81002", "7.25")), lines + 1):
        edits += [
            Edit("service_from_on", str(first["service_from_on"]), line), Edit("procedure", code, line),
            Edit("line_charge", charge, line), Edit("units", "1", line),
            Edit("diagnosis_pointer_1", "1", line),
        ]  # fmt: skip
    total = batch.claims["total_charge"][0] + Decimal("19.75")
    return batch, [*edits, Edit("total_charge", str(total))]


def changes_of(edits: list[Edit]) -> list[Change]:
    return [Change(1, each.field, each.value, each.line, each.position) for each in edits]


def test_lines_move_up_with_what_is_said_of_them(clinic: Clinic) -> None:
    batch, edits = three_lines(clinic, "fine")
    lines = batch.lines.height
    notes = [Change(1, "note", f"OF LINE {line}", line, 1) for line in (lines + 1, lines + 2)]
    more, _ = with_changes(batch, [*changes_of(edits), Change(1, "note", "OF ALL", None, 1), *notes])
    numbered = replace(more, lines=more.lines.with_columns(assigned_number=pl.col("line")))
    done = without_lines(numbered, {lines + 1})
    assert done.batch.lines["line"].to_list() == list(range(1, lines + 2))
    assert done.batch.lines["assigned_number"].to_list() == list(range(1, lines + 2))
    assert done.batch.lines["procedure"].to_list()[-1] == "81002"
    found = {tuple(row) for row in done.batch.notes.select("line", "note").rows()}
    assert {(None, "OF ALL"), (lines + 1, f"OF LINE {lines + 2}")} <= found
    assert f"OF LINE {lines + 1}" not in {text for _, text in found}
    left = {(each.change.field, each.change.line): each.old for each in done.left}
    assert left["procedure", lines + 1] == "36415"
    assert left["line_charge", lines + 1] == "12.50"
    assert left["note", lines + 1] == f"OF LINE {lines + 1}"
    assert {line for _, line in left} == {lines + 1}
    assert done.numbers == {**{line: line for line in range(1, lines + 1)}, lines + 1: lines + 2}


def test_a_claim_keeps_a_line_and_only_its_own_are_removed(clinic: Clinic) -> None:
    batch = clinic.desk().open(BILLER, clinic.keys["fine"], opening())[1].batch
    with pytest.raises(ChangeError, match="at least one"):
        without_lines(batch, batch.lines["line"].to_list())
    with pytest.raises(ChangeError, match="no such line"):
        without_lines(batch, [batch.lines.height + 1])


def test_a_line_is_removed_its_charge_with_it_and_a_run_verifies_the_claim(
    clinic: Clinic, checker: Checker
) -> None:
    desk = clinic.desk()
    batch, edits = three_lines(clinic, "state")
    lines = batch.lines.height
    etag = desk.propose(BILLER, clinic.keys["state"], opening()).etag
    # The state stays wrong, so that the claim with three lines waits for a person again.
    added = desk.correct(BILLER, clinic.keys["state"], Wanted((), edits), opening(), etag=etag)
    clinic.run(checker)
    key = added.corrected_key
    middle = lines + 1
    tried = desk.trial(BILLER, key, Wanted(("ADR005",), (), (middle,)), opening())
    # The sum of the lines is another one: the rules say so, and name the lines as the person sees them.
    assert "BAL001" in [each.code for each in tried.after.new]
    told = {(each.field, each.line): (each.old, each.new) for each in tried.changes}
    assert told["procedure", middle] == ("36415", None)
    assert told["line_charge", middle] == ("12.50", None)
    with pytest.raises(AccessDeniedError, match="withheld"):
        desk.trial(BILLER, key, Wanted((), (), (middle,)), opening(no_billing))
    total = batch.claims["total_charge"][0] + Decimal("7.25")
    wanted = Wanted(("ADR005",), (Edit("total_charge", str(total)),), (middle,))
    after = desk.trial(BILLER, key, wanted, opening()).after
    assert (after.new, after.route) == ([], "production")
    done = desk.correct(BILLER, key, wanted, opening(), etag=tried.etag)
    assert "line" in done.fields
    clinic.run(checker)
    now = desk.open(BILLER, done.corrected_key, opening())[1].batch
    assert now.lines["procedure"].to_list() == [*batch.lines["procedure"].to_list(), "81002"]
    assert now.claims["total_charge"][0] == total
    assert route_of(clinic, done.corrected_key) == [("production", "active")]
    # What left is kept, sealed, as one change of the whole line.
    query = f"select ordinal, line, sealed from production.corrected_fields where field = 'line' and correction_id = {done.correction_id}"  # noqa: E501, S608
    [(ordinal, line, sealed)] = rows(clinic.store, query)
    context = correction_context("default", done.correction_id, ordinal)
    [opened] = clinic.sealer.open([sealed], [context])
    kept = json.loads(opened)
    assert (line, kept["new"]) == (middle, None)
    assert {"field": "procedure", "position": None, "value": "36415"} in kept["old"]


def test_a_line_is_not_changed_and_removed_at_once(clinic: Clinic) -> None:
    batch, edits = three_lines(clinic, "fine")
    wanted = Wanted((), edits, (batch.lines.height + 2,))
    with pytest.raises(ChangeError, match="is to be removed"):
        clinic.desk().trial(BILLER, clinic.keys["fine"], wanted, opening())
