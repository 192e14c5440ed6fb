"""A service line or a diagnosis that was forgotten is added, and the claim goes on with it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.features.repairs.conftest import BILLER, Clinic, by_hand, opening, route_of

from claimwright.domain.claim_changes import Change, ChangeError, with_changes
from claimwright.features.checking import Checker
from claimwright.features.repairs import Edit


def test_a_line_and_a_diagnosis_are_added_with_what_every_such_row_says(
    clinic: Clinic, checker: Checker
) -> None:
    key, desk = clinic.keys["state"], clinic.desk()
    before = desk.open(BILLER, key, opening())[1].batch
    lines, diagnoses = before.lines.height, before.diagnoses.height
    first = before.lines.row(0, named=True)
    total = before.claims["total_charge"][0]
    line = lines + 1
    wanted = by_hand(
        Edit("billing_state", "OH"),
        Edit("diagnosis", "I10", position=diagnoses + 1),
        Edit("service_from_on", str(first["service_from_on"]), line),
        Edit("procedure", "36415", line), Edit("line_charge", "12.50", line), Edit("units", "1", line),
        Edit("diagnosis_pointer_1", "1", line), Edit("total_charge", str(total + 12), None),
    )  # fmt: skip
    tried = desk.trial(BILLER, key, wanted, opening())
    new = {(each.field, each.line, each.position): (each.old, each.new) for each in tried.changes}
    assert new["procedure", line, None] == (None, "36415")
    assert new["procedure_qualifier", line, None] == (None, "HC")
    assert new["unit_basis", line, None] == (None, "UN")
    assert new["diagnosis_qualifier", None, diagnoses + 1] == (None, "ABF")
    # The sum of the lines is another one: the rules say so, and the sum of the claim is corrected as well.
    assert "BAL001" in [each.code for each in tried.after.new]
    wanted = by_hand(*wanted.edits[:-1], Edit("total_charge", str(total + Decimal("12.50"))))
    etag = desk.propose(BILLER, key, opening()).etag
    done = desk.correct(BILLER, key, wanted, opening(), etag=etag)
    clinic.run(checker)
    after = desk.open(BILLER, done.corrected_key, opening())[1].batch
    assert after.lines["line"].to_list() == list(range(1, line + 1))
    assert after.lines["procedure"].to_list() == [*before.lines["procedure"].to_list(), "36415"]
    assert after.diagnoses["diagnosis"].to_list() == [*before.diagnoses["diagnosis"].to_list(), "I10"]
    assert route_of(clinic, done.corrected_key) == [("production", "active")]


def test_only_the_next_row_is_added_and_only_by_a_value(clinic: Clinic) -> None:
    batch = clinic.desk().open(BILLER, clinic.keys["state"], opening())[1].batch
    lines, diagnoses, notes = batch.lines.height, batch.diagnoses.height, batch.notes.height
    for change in (
        Change(1, "procedure", "36415", lines + 2),
        Change(1, "procedure", None, lines + 1),
        Change(1, "diagnosis", "I10", position=diagnoses + 2),
        Change(1, "note", "A NOTE", lines + 1, 1),
        Change(1, "other_payer_name", "A PAYER", position=2),
    ):
        with pytest.raises(ChangeError, match="not the next one"):
            with_changes(batch, [change])
    two = [
        Change(1, "diagnosis", code, position=diagnoses + at) for at, code in enumerate(["I10", "E119"], 1)
    ]
    after, made = with_changes(batch, [*reversed(two), Change(1, "note", "ONE MORE", None, notes + 1)])
    assert after.diagnoses["diagnosis"].to_list()[-2:] == ["I10", "E119"]
    assert {(each.old, each.change.new) for each in made} == {
        (None, "ONE MORE"),
        (None, "I10"),
        (None, "E119"),
    }
    assert after.notes.select("line", "position", "note").rows()[notes] == (None, notes + 1, "ONE MORE")


def test_another_payer_is_added_with_what_every_such_payer_says(clinic: Clinic, checker: Checker) -> None:
    key, desk = clinic.keys["state"], clinic.desk()
    before = desk.open(BILLER, key, opening())[1].batch
    assert before.other_payers.is_empty()
    payer = [
        Edit(name, value, position=1)
        for name, value in (
            ("other_payer_name", "SECOND MUTUAL"), ("other_payer_id", "99887"),
            ("other_payer_responsibility", "S"), ("other_claim_filing_code", "CI"),
            ("other_subscriber_relationship", "18"), ("other_subscriber_name", "DOE"),
            ("other_subscriber_first_name", "JANE"), ("other_subscriber_member_id", "M123"),
        )
    ]  # fmt: skip
    paid = [
        Edit("other_payer_paid", "10.00", position=1),
        Edit("other_payer_paid_on", str(before.lines["service_from_on"][0]), position=1),
    ]
    state = Edit("billing_state", "OH")
    # The rules judge it at once: a second payer does not pay before the first one.
    tried = desk.trial(BILLER, key, by_hand(state, *payer, *paid), opening())
    assert [each.code for each in tried.after.new] == ["PYR002"]
    new = {(each.field, each.position): each.new for each in tried.changes}
    # 2330B NM108, 2330A NM102 and NM108; 2320 OI03 and OI06 as the claim says them of its own payer.
    assert new["other_payer_id_qualifier", 1] == "PI"
    assert new["other_subscriber_entity_type", 1] == "1"
    assert new["other_subscriber_id_qualifier", 1] == "MI"
    assert new["other_benefits_assigned", 1] == before.claims["benefits_assigned"][0]
    assert new["other_release_of_information", 1] == before.claims["release_of_information"][0]
    etag = desk.propose(BILLER, key, opening()).etag
    done = desk.correct(BILLER, key, by_hand(state, *payer), opening(), etag=etag)
    clinic.run(checker)
    [after] = desk.open(BILLER, done.corrected_key, opening())[1].batch.other_payers.rows(named=True)
    assert (after["other_payer_name"], after["other_payer_id"]) == ("SECOND MUTUAL", "99887")
    assert (after["other_subscriber_member_id"], after["other_payer_paid"]) == ("M123", None)
    assert route_of(clinic, done.corrected_key) == [("production", "active")]


def test_what_another_payer_decided_of_a_line_is_added_and_changed(clinic: Clinic, checker: Checker) -> None:
    key, desk = clinic.keys["state"], clinic.desk()
    before = desk.open(BILLER, key, opening())[1].batch
    line = before.lines.row(0, named=True)
    paid_on = str(line["service_from_on"])
    edits = [
        *(
            Edit(name, value, position=1)
            for name, value in (
                ("other_payer_name", "FIRST MUTUAL"), ("other_payer_id", "99887"),
                ("other_payer_responsibility", "S"), ("other_claim_filing_code", "CI"),
                ("other_subscriber_relationship", "18"), ("other_subscriber_name", "DOE"),
                ("other_payer_adjustments", "oa-23 -5; CO-45 3.50"),
            )
        ),
        *(
            Edit(name, value, 1, 1)
            for name, value in (
                ("adjudication_payer_id", "99887"), ("line_paid", "10.00"), ("line_paid_on", paid_on),
                ("paid_procedure", str(line["procedure"])), ("paid_units", "1"),
                ("line_adjustments", "CO-45 20, PR-2 16.00 x2, CO-97 $1.25"),
            )
        ),
    ]  # fmt: skip
    tried = desk.trial(BILLER, key, by_hand(*edits), opening())
    new = {(each.field, each.line, each.position): (each.old, each.new) for each in tried.changes}
    # A CAS has one group; 2430 SVD03-1 comes by itself.
    assert new["line_adjustments", 1, 1] == (None, "CO-45 20.00, CO-97 1.25, PR-2 16.00 x2")
    assert new["other_payer_adjustments", None, 1] == (None, "OA-23 -5.00, CO-45 3.50")
    assert new["paid_procedure_qualifier", 1, 1] == (None, "HC")
    etag = desk.propose(BILLER, key, opening()).etag
    done = desk.correct(BILLER, key, by_hand(*edits), opening(), etag=etag, force=True)
    clinic.run(checker)
    after = desk.open(BILLER, done.corrected_key, opening())[1].batch
    keys = "line", "other_payer", "adjudication", "position"
    rows = after.adjustments.select(
        *keys, "adjustment_group", "adjustment_reason", "adjustment_amount"
    ).rows()
    assert rows == [
        (None, 1, None, 1, "OA", "23", Decimal("-5.00")),
        (None, 1, None, 2, "CO", "45", Decimal("3.50")),
        (1, None, 1, 1, "CO", "45", Decimal("20.00")),
        (1, None, 1, 2, "CO", "97", Decimal("1.25")),
        (1, None, 1, 3, "PR", "2", Decimal("16.00")),
    ]
    # One list is replaced as a whole, or removed; others stay as they are.
    changed, made = with_changes(after, [Change(1, "line_adjustments", "PR-1 36.00", 1, 1)])
    assert [(each.old, each.change.new) for each in made] == [
        ("CO-45 20.00, CO-97 1.25, PR-2 16.00 x2", "PR-1 36.00")
    ]
    assert changed.adjustments["adjustment_reason"].to_list() == ["23", "45", "1"]
    removed, made = with_changes(after, [Change(1, "other_payer_adjustments", None, None, 1)])
    assert made[0].change.new is None
    assert removed.adjustments["line"].to_list() == [1, 1, 1]
    same = with_changes(after, [Change(1, "other_payer_adjustments", "OA-23 -5.00, CO-45 3.5", None, 1)])[1]
    assert same == []


@pytest.mark.parametrize("text", ["CO-45", "XX-45 5.00", "CO-45 5.001", "CO45 5.00", "CO-45 5.00 PR-2 1.00"])
def test_what_is_no_adjustment_is_refused_with_how_to_write_it(clinic: Clinic, text: str) -> None:
    batch = clinic.desk().open(BILLER, clinic.keys["state"], opening())[1].batch
    payer = Change(1, "other_payer_name", "A PAYER", None, 1)
    with pytest.raises(ChangeError, match=r"write adjustments as CO-45 20\.00, PR-2 16\.00"):
        with_changes(batch, [payer, Change(1, "other_payer_adjustments", text, None, 1)])
