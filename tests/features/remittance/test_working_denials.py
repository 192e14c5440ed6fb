"""Denials as people work on them: worth, clocks, words, states."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from tests.features.pipeline.bench_of_claims import CALLER

from claimwright.features.remittance import (
    DenialNotFoundError,
    DenialStateError,
    decide_denial,
    denial_sheet,
    grouped_denials,
    post_write_off,
    weighed_denials,
)

from .conftest import Clinic
from .known_answers import DENIED, MARY
from .written_835 import Clp, Payment, Svc, written

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
        found = weighed_denials(connection, AS_OF)
        sheet = denial_sheet(connection, found[0].denial.denial_id, AS_OF)
        assert weighed_denials(connection, AS_OF, facilities=["FAC009"]) == []
        with pytest.raises(DenialNotFoundError):
            denial_sheet(connection, found[0].denial.denial_id, AS_OF, facilities=["FAC009"])
    # 100.00 x 63 % (sent again) - 25.00 = 38.00; 200.00 x 44 % (appeal) - 118.00 = -30.00;
    # 60.00 x 44 % - 118.00 = -91.60.
    assert [each.expected_cents for each in found] == [3800, -3000, -9160]
    groups = grouped_denials(found)
    assert [(each.root_cause, each.denials, each.amount_cents, each.expected_cents) for each in groups] == [
        (found[0].denial.root_cause, 1, 10000, 3800), ("no-authorization", 2, 26000, -12160),
    ]  # fmt: skip
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
        [each] = weighed_denials(connection, AS_OF)
        sheet = denial_sheet(connection, each.denial.denial_id, AS_OF)
    assert sheet.clocks == []
    assert sheet.no_clock is not None
    assert "claim filing WC" in sheet.no_clock


def test_a_denial_of_medicare_has_its_clocks(clinic: Clinic) -> None:
    # CLP06: the claim is Medicare Part B.
    clinic.post(content=written(Payment([DENIED])).replace(b"*12*1*11*", b"*MB*1*11*"))
    with clinic.database.transaction(CALLER) as connection:
        [each] = weighed_denials(connection, AS_OF)
        sheet = denial_sheet(connection, each.denial.denial_id, AS_OF)
    by_kind = {clock.kind: clock for clock in sheet.clocks}
    # 42 CFR 424.44: one calendar year after the service on 2026-01-15.
    assert by_kind["filing"].due_on == datetime.date(2027, 1, 15)
    assert all(clock.law for clock in sheet.clocks)
    assert sheet.no_clock is None


def test_the_state_of_a_denial_moves_no_money_and_a_write_off_comes_first(clinic: Clinic) -> None:
    clinic.post(Payment([DENIED]))
    with clinic.database.transaction(CALLER) as connection:
        [each] = weighed_denials(connection, AS_OF)
        number = each.denial.denial_id
        decide_denial(CALLER, connection, number, "appealed", reason=WHY)
        assert weighed_denials(connection, AS_OF) == []
        assert denial_sheet(connection, number, AS_OF).weighed.denial.state == "appealed"
        with pytest.raises(DenialStateError, match="one of open"):
            decide_denial(CALLER, connection, number, "forgotten", reason=WHY)
        with pytest.raises(DenialStateError, match="nothing of the claim was written off"):
            decide_denial(CALLER, connection, number, "written_off", reason=WHY)
        with pytest.raises(DenialNotFoundError):
            decide_denial(CALLER, connection, 999999, "lost", reason=WHY)
        key = clinic.key_of("A200")
        post_write_off(CALLER, connection, key, Decimal(200), approved_by="user:2", reason=WHY)
        decide_denial(CALLER, connection, number, "written_off", reason=WHY)
    log = clinic.rows(
        "select subject, body::jsonb -> 'detail' ->> 'state' from platform.audit_log "
        "where action = 'denial.decided' order by sequence"
    )
    assert log == [(f"denial:{number}", "appealed"), (f"denial:{number}", "written_off")]
