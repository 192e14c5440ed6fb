"""Denials as people work on them: worth, clocks, words, states."""

from __future__ import annotations

import datetime
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.features.pipeline.bench_of_claims import CALLER
from tests.features.remittance.conftest import Clinic
from tests.features.remittance.known_answers import DENIED, MARY
from tests.features.remittance.written_835 import Clp, Payment, Svc, written

from claimwright.features.denials import (
    DenialNotFoundError,
    DenialStateError,
    clocks_of,
    decide_denial,
    denial_sheet,
    list_denials,
    without_days_of_service,
    work_list,
)
from claimwright.features.remittance import approve_write_off, propose_write_off

MEDICARE = written(Payment([DENIED])).replace(b"*12*1*11*", b"*MB*1*11*")
AS_OF = datetime.date(2026, 3, 1)
WHY = "checked with the payer"


def test_denials_are_in_order_of_what_they_are_worth_and_grouped_by_cause(clinic: Clinic) -> None:
    kim, lee = (
        {"last": "MOE", "first": "KIM", "member": "W6"}, {"last": "NOE", "first": "LEE", "member": "W7"},
    )  # fmt: skip
    clinic.post(
        Payment([Clp("A200", "4", [Svc("99214", "200", ["CO-197:200"])], **MARY)], trace="1"),
        Payment([Clp("A600", "4", [Svc("99212", "60", ["CO-197:60"])], **kim)], trace="2"),
        Payment(
            [Clp("A700", "4", [Svc("99213", "100", ["CO-16:100"]), Svc("85025", "50")], **lee)], trace="3"
        ),
    )  # fmt: skip
    with clinic.database.transaction(CALLER) as connection:
        listed = list_denials(CALLER, connection, AS_OF)
        found = listed.denials
        sheet = denial_sheet(CALLER, connection, found[0].denial.denial_id, AS_OF)
        assert list_denials(CALLER, connection, AS_OF, facilities=["FAC009"]).denials == []
        with pytest.raises(DenialNotFoundError):
            denial_sheet(CALLER, connection, found[0].denial.denial_id, AS_OF, facilities=["FAC009"])
    # 100.00 x 63 % (sent again) - 25.00 = 38.00; 200.00 x 44 % (appeal) - 118.00 = -30.00;
    # 60.00 x 44 % - 118.00 = -91.60.
    assert [each.expected_cents for each in found] == [3800, -3000, -9160]
    assert listed.total == 3
    assert [
        (each.root_cause, each.denials, each.amount, each.expected_recovery) for each in listed.groups
    ] == [
        (found[0].denial.root_cause, 1, Decimal(100), Decimal(38)),
        ("no-authorization", 2, Decimal(260), Decimal("-121.60")),
    ]
    assert sheet.what
    assert sheet.fix
    # Claim filing 12, a commercial plan: 180 days from the notice of 1 February.
    assert [(each.clock, each.due_on) for each in sheet.clocks] == [
        ("erisa-appeal", datetime.date(2026, 7, 31))
    ]


def test_a_kind_of_payer_without_a_law_says_so(clinic: Clinic) -> None:
    # CLP06: workers' compensation.
    clinic.post(content=written(Payment([DENIED])).replace(b"*12*1*11*", b"*WC*1*11*"))
    with clinic.database.transaction(CALLER) as connection:
        [each] = list_denials(CALLER, connection, AS_OF).denials
        sheet = denial_sheet(CALLER, connection, each.denial.denial_id, AS_OF)
    assert sheet.clocks == []
    assert sheet.no_clock is not None
    assert "claim filing WC" in sheet.no_clock


def test_a_denial_of_medicare_has_its_clocks(clinic: Clinic) -> None:
    # CLP06: the claim is Medicare Part B.
    clinic.post(content=MEDICARE)
    with clinic.database.transaction(CALLER) as connection:
        [each] = list_denials(CALLER, connection, AS_OF).denials
        sheet = denial_sheet(CALLER, connection, each.denial.denial_id, AS_OF)
    by_kind = {clock.kind: clock for clock in sheet.clocks}
    # 42 CFR 424.44: one calendar year after the service on 2026-01-15.
    assert by_kind["filing"].due_on == datetime.date(2027, 1, 15)
    assert all(clock.law for clock in sheet.clocks)
    assert sheet.no_clock is None


def test_list_sheet_work_list_and_clocks_say_the_same_of_a_denial(clinic: Clinic) -> None:
    ann = {"last": "POE", "first": "ANN", "member": "W000000003"}
    first = Clp("A300", "1", [Svc("99213", "100", ["CO-45:40", "PR-2:12"])], **ann)
    # Medicaid is the second payer.
    second = Clp(
        "A300", "2", [Svc("99213", "100", ["OA-23:88", "CO-16:12"])], payer_number="S1", **ann
    )  # fmt: skip
    clinic.post(content=written(Payment([first, second])).replace(b"*12*S1*", b"*MC*S1*"))
    with clinic.database.transaction(CALLER) as connection:
        [listed] = list_denials(CALLER, connection, AS_OF, clinic.sealer).denials
        [item] = work_list(CALLER, connection, AS_OF, clinic.sealer)
        number = item.denial_id
        sheet = denial_sheet(CALLER, connection, number, AS_OF, clinic.sealer)
        clocks = clocks_of(CALLER, connection, number, AS_OF, clinic.sealer)
    assert sheet.weighed == listed
    assert sheet.clocks == clocks
    # 42 CFR 447.45(d)(4)(ii): six months from the first payer's decision of 1 February.
    due = {clock.clock: clock.due_on for clock in sheet.clocks}
    assert due["medicaid-after-medicare"] == datetime.date(2026, 8, 1)
    assert item.expected_recovery is not None
    assert listed.expected_cents == int(item.expected_recovery * 100)
    assert (listed.denial.root_cause, listed.denial.payer_id, listed.next_step, listed.clock) == (
        item.root_cause, item.payer_id, item.next_step, item.clock,
    )  # fmt: skip
    assert (listed.due_on, listed.days_left) == (item.due_on, item.days_left)


def test_pages_of_the_list_continue_each_other(clinic: Clinic) -> None:
    clinic.post(
        Payment(
            [
                Clp(
                    "A700",
                    "4",
                    [Svc("99213", "100", ["CO-16:100"]), Svc("85025", "50", ["CO-16:50"])],
                    last="NOE",
                    first="LEE",
                    member="W7",
                )
            ]
        )
    )
    with clinic.database.transaction(CALLER) as connection:
        whole = list_denials(CALLER, connection, AS_OF)
        pages = [list_denials(CALLER, connection, AS_OF, after=after, limit=1) for after in range(3)]
    assert [each.denial.amount_cents for each in whole.denials] == [10000, 5000]
    assert [each.denials for each in pages] == [[whole.denials[0]], [whole.denials[1]], []]
    assert {each.total for each in pages} == {2}
    with clinic.database.transaction(CALLER) as connection:
        least = [
            list_denials(CALLER, connection, AS_OF, sort="amount_cents", after=after, limit=1).denials
            for after in range(3)
        ]
    assert least == [[whole.denials[1]], [whole.denials[0]], []]


def test_of_too_many_denials_those_of_the_highest_amounts_are_weighed(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("claimwright.features.denials.listing.MOST_WEIGHED", 1)
    kim = {"last": "MOE", "first": "KIM", "member": "W6"}
    clinic.post(
        Payment([Clp("A600", "4", [Svc("99212", "60", ["CO-197:60"])], **kim)], trace="1"),
        Payment([Clp("A200", "4", [Svc("99214", "200", ["CO-16:200"])], **MARY)], trace="2"),
    )
    with clinic.database.transaction(CALLER) as connection:
        highest = list_denials(CALLER, connection, AS_OF)
        of_category = list_denials(CALLER, connection, AS_OF, category="authorization")
        of_cause = list_denials(CALLER, connection, AS_OF, root_cause="no-authorization")
    assert (highest.total, [each.denial.amount_cents for each in highest.denials]) == (1, [20_000])
    assert [each.denial.amount_cents for each in of_category.denials] == [6_000]
    assert [each.denial.amount_cents for each in of_cause.denials] == [6_000]


def test_a_start_that_is_a_day_of_service_can_be_withheld(clinic: Clinic) -> None:
    clinic.post(content=MEDICARE)
    with clinic.database.transaction(CALLER) as connection:
        [each] = list_denials(CALLER, connection, AS_OF).denials
        clocks = denial_sheet(CALLER, connection, each.denial.denial_id, AS_OF).clocks
    starts = {clock.kind: clock.start_on for clock in without_days_of_service(clocks)}
    assert starts["filing"] is None
    # Medicare presumes receipt 5 days after the notice of 1 February.
    assert starts["appeal"] == datetime.date(2026, 2, 6)


def test_the_state_of_a_denial_moves_no_money_and_a_write_off_comes_first(clinic: Clinic) -> None:
    clinic.post(Payment([DENIED]))
    with clinic.database.transaction(CALLER) as connection:
        [each] = list_denials(CALLER, connection, AS_OF).denials
        number = each.denial.denial_id
        decide_denial(CALLER, connection, number, "appealed", reason=WHY)
        assert list_denials(CALLER, connection, AS_OF).denials == []
        assert denial_sheet(CALLER, connection, number, AS_OF).weighed.denial.state == "appealed"
        with pytest.raises(DenialStateError, match="one of open"):
            decide_denial(CALLER, connection, number, "forgotten", reason=WHY)
        with pytest.raises(DenialStateError, match="nothing of the claim was written off"):
            decide_denial(CALLER, connection, number, "written_off", reason=WHY)
        with pytest.raises(DenialNotFoundError):
            decide_denial(CALLER, connection, 999999, "lost", reason=WHY)
        key = clinic.key_of("A200")
        proposed = propose_write_off(CALLER, connection, key, Decimal(200), reason=WHY)
    other = replace(CALLER, actor="user:2")
    with clinic.database.transaction(other) as connection:
        approve_write_off(other, connection, proposed.write_off_id)
    with clinic.database.transaction(CALLER) as connection:
        decide_denial(CALLER, connection, number, "written_off", reason=WHY)
    log = clinic.rows(
        "select subject, body::jsonb -> 'detail' ->> 'state' from platform.audit_log "
        "where action = 'denial.decided' order by sequence"
    )
    assert log == [(f"denial:{number}", "appealed"), (f"denial:{number}", "written_off")]
