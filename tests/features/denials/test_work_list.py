"""The work list: its order, its clocks, its steps, worked out by hand."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from tests.features.pipeline.bench_of_claims import CALLER
from tests.features.remittance.conftest import Clinic
from tests.features.remittance.known_answers import MARY
from tests.features.remittance.written_835 import Clp, Payment, Svc

from claimwright.engines.deadlines import Override
from claimwright.features.denials import DenialNotFoundError, clocks_of, work_groups, work_list

DAY = datetime.date(2026, 2, 20)
NO_NUMBER = Clp("A200", "4", [Svc("99214", "200", ["CO-197:200"])], **MARY)
KIM = {"last": "MOE", "first": "KIM", "member": "W6"}
NO_NAME = Clp("A600", "4", [Svc("99212", "60", ["CO-16:60"], remarks=["MA130"])], payer_number="6", **KIM)


def test_a_denial_has_its_worth_its_clock_with_the_law_and_its_next_step(clinic: Clinic) -> None:
    clinic.post(Payment([NO_NUMBER]))
    with clinic.database.transaction(CALLER) as connection:
        [item] = work_list(CALLER, connection, DAY, clinic.sealer)
    assert (item.root_cause, item.amount, item.claim_key) == (
        "no-authorization", Decimal("200.00"), clinic.key_of("A200"),
    )  # fmt: skip
    # CLP06 12, a preferred provider organization: 180 days from the notice of 1 February, 29 CFR
    # 2560.503-1(h)(3)(i), end on 31 July. On 20 February, 161 days are left.
    assert (item.clock, item.due_on, item.days_left) == ("erisa-appeal", datetime.date(2026, 7, 31), 161)
    assert item.law is not None
    assert "29 CFR 2560.503-1(h)(3)(i)" in item.law
    # 44 % of 200.00 less 118.00 of work.
    assert (item.next_step, item.probability_from) == ("appeal", "prior")
    assert item.expected_recovery == Decimal("-30.00")


def test_what_costs_most_by_the_day_comes_first(clinic: Clinic) -> None:
    clinic.post(Payment([NO_NUMBER, NO_NAME]))
    own_time = Override("12345", "Contract 2026, section 7", 25, kind="filing", start="notice")
    with clinic.database.transaction(CALLER) as connection:
        first, second = work_list(CALLER, connection, DAY, clinic.sealer, overrides=[own_time])
        rest = work_list(CALLER, connection, DAY, clinic.sealer, after=1, overrides=[own_time])
        by_day = work_list(CALLER, connection, DAY, clinic.sealer, sort="-due_on", overrides=[own_time])
    # 63 % of 60.00 less 25.00 of work; 25 days from 1 February end on 26 February: 6 days left.
    assert (first.rank, first.carc, first.expected_recovery) == (1, "16", Decimal("12.80"))
    assert (first.next_step, first.due_on, first.days_left) == (
        "correct_and_resubmit", datetime.date(2026, 2, 26), 6,
    )  # fmt: skip
    assert first.law == "Contract 2026, section 7"
    # 12.80 over 7 days, the last one included.
    assert first.per_day == Decimal("1.82")
    assert (second.rank, second.root_cause) == (2, "no-authorization")
    assert rest == [second]
    # In another order, each keeps its rank.
    assert second.due_on is not None
    assert second.due_on > first.due_on
    assert by_day == [second, first]


def test_one_cause_with_one_fix_is_one_group(clinic: Clinic) -> None:
    other = Clp("A600", "4", [Svc("99212", "60", ["CO-197:60"])], payer_number="6", **KIM)
    clinic.post(Payment([NO_NUMBER, other]))
    with clinic.database.transaction(CALLER) as connection:
        [group] = work_groups(CALLER, connection, DAY, clinic.sealer)
    assert (group.root_cause, group.denials, group.claims, group.amount) == (
        "no-authorization", 2, 2, Decimal("260.00"),
    )  # fmt: skip
    assert group.fix


def test_without_appeal_rights_no_appeal_runs(clinic: Clinic) -> None:
    clinic.post(Payment([NO_NAME]))
    with clinic.database.transaction(CALLER) as connection:
        [item] = work_list(CALLER, connection, DAY)
        found = clocks_of(CALLER, connection, item.denial_id, DAY)
    assert item.next_step == "correct_and_resubmit"
    assert [each.kind for each in found if each.kind == "appeal"] == []


def test_a_denial_that_is_paid_after_all_is_not_on_the_list(clinic: Clinic) -> None:
    clinic.post(Payment([NO_NUMBER], trace="1"))
    paid = Clp("A200", "1", [Svc("99214", "200", ["CO-45:50"])], payer_number="2", **MARY)
    clinic.post(Payment([paid], trace="2", day="20260301"))
    with clinic.database.transaction(CALLER) as connection:
        assert work_list(CALLER, connection, DAY) == []


def test_somebody_of_another_facility_has_nothing_to_work(clinic: Clinic) -> None:
    clinic.post(Payment([NO_NUMBER]))
    with clinic.database.transaction(CALLER) as connection:
        [item] = work_list(CALLER, connection, DAY)
        assert work_list(CALLER, connection, DAY, facilities=["FAC999"]) == []
        with pytest.raises(DenialNotFoundError):
            clocks_of(CALLER, connection, item.denial_id, DAY, facilities=["FAC999"])
