"""Who corrects a claim that needs an approval does not send it alone."""

from __future__ import annotations

import pytest
from tests.features.repairs.conftest import (
    BILLER,
    OTHER,
    Clinic,
    asked,
    by_hand,
    opening,
    route_of,
)

from claimwright.domain.caller import Caller
from claimwright.features.checking import Checker
from claimwright.features.claims import ApprovalNeededError, release
from claimwright.features.repairs import (
    Edit,
    Wanted,
    repair_many,
)
from claimwright.features.review import ActResult, ItemFilter, ShownItem, WantedAct, act_on, list_work
from claimwright.foundation import clock

THIRD = Caller("default", "user:3")


def item_of(clinic: Clinic, key: int) -> ShownItem:
    with clinic.database.transaction(OTHER) as connection:
        found = list_work(connection, ItemFilter(clock.today(), kinds=["claim_review"], claim_key=key))
    [item] = found.items
    return item


def act(clinic: Clinic, caller: Caller, what: str, key: int) -> ActResult:
    wanted = WantedAct(what, {item_of(clinic, key).item_id: None}, "the correction was looked at")
    with clinic.database.transaction(caller) as connection:
        return act_on(caller, connection, wanted, may=lambda _: True)


def test_who_corrects_a_claim_that_needs_an_approval_does_not_send_it_alone(
    clinic: Clinic, checker: Checker
) -> None:
    key, desk = clinic.keys["state"], clinic.desk(approval_cents=1)
    etag = desk.propose(BILLER, key, opening()).etag
    done = desk.correct(BILLER, key, Wanted(["ADR005"]), opening(), etag=etag)
    assert done.needs_approval
    clinic.run(checker)
    new = done.corrected_key
    assert route_of(clinic, new) == [("review", "active")]
    # Nothing is found any more, and the version is worth less than what needs an approval by itself.
    clinic.gather(OTHER)
    item = item_of(clinic, new)
    assert (item.what, item.needs_approval, item.repaired_by) == ("to_be_approved", True, [BILLER.actor])
    with clinic.database.transaction(BILLER) as connection, pytest.raises(ApprovalNeededError):
        release(BILLER, connection, [new], reason="it is fine now, I think")
    # Nor by having somebody else ask for it.
    assert act(clinic, OTHER, "release", new).proposed
    assert [each.code for each in act(clinic, BILLER, "approve", new).refused] == ["own_proposal"]
    # Nor by a new start after a rejection.
    assert act(clinic, THIRD, "reject", new).done
    assert act(clinic, THIRD, "release", new).proposed
    assert [each.code for each in act(clinic, BILLER, "approve", new).refused] == ["own_proposal"]
    assert act(clinic, OTHER, "approve", new).done
    assert route_of(clinic, new) == [("production", "active")]


def test_a_correction_of_a_correction_needs_the_approval_too(clinic: Clinic, checker: Checker) -> None:
    key = clinic.keys["state"]
    etag = clinic.desk(1).propose(BILLER, key, opening()).etag
    first = clinic.desk(1).correct(BILLER, key, Wanted(["ADR005"]), opening(), etag=etag)
    clinic.run(checker)
    desk = clinic.desk()
    etag = desk.propose(BILLER, first.corrected_key, opening()).etag
    edit = by_hand(Edit("billing_address_1", "7 MAIN STREET"))
    again = desk.correct(BILLER, first.corrected_key, edit, opening(), etag=etag)
    assert again.needs_approval
    clinic.run(checker)
    assert route_of(clinic, again.corrected_key) == [("review", "active")]


def test_a_new_policy_does_not_end_the_approval_of_a_correction(clinic: Clinic, checker: Checker) -> None:
    key, desk = clinic.keys["state"], clinic.desk(approval_cents=1)
    etag = desk.propose(BILLER, key, opening()).etag
    done = desk.correct(BILLER, key, Wanted(["ADR005"]), opening(), etag=etag)
    clinic.run(checker)
    for cents in (1, 10**10, 10**11):
        clinic.gather(OTHER, cents)
        assert item_of(clinic, done.corrected_key).needs_approval


def test_claims_that_are_corrected_together_need_the_approval_too(clinic: Clinic, checker: Checker) -> None:
    bulk = repair_many(clinic.desk(approval_cents=1), BILLER, asked("ADR004"))
    clinic.run(checker)
    assert [route_of(clinic, each.corrected_key or 0) for each in bulk.done] == [[("review", "active")]]
