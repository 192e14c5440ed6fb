"""Denials are decided one by one or many at once; none is sent again without the approval that it needs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.features.pipeline.bench_of_claims import CALLER
from tests.features.remittance.conftest import Clinic
from tests.features.remittance.known_answers import DENIED
from tests.features.remittance.written_835 import Clp, Payment, Svc

from claimwright.domain.caller import Caller
from claimwright.features.claims import ApprovalNeededError
from claimwright.features.denials import decide_denial
from claimwright.features.review import (
    ActResult,
    ItemFilter,
    ReviewPolicy,
    ShownItem,
    WantedAct,
    act_on,
    gather_items,
    list_work,
)
from claimwright.foundation import clock

ANN, BEN = replace(CALLER, actor="user:1"), replace(CALLER, actor="user:2")
WHY = "checked with the payer"
KIM = Clp("A600", "4", [Svc("99212", "60", ["CO-197:60"])], last="MOE", first="KIM", member="W6")


def gathered(clinic: Clinic, approval_cents: int = -1) -> list[ShownItem]:
    """The items of denials, gathered anew; without more, each needs an approval."""
    with clinic.database.transaction(CALLER) as connection:
        gather_items(CALLER, connection, ReviewPolicy(approval_cents=approval_cents))
        found = list_work(connection, ItemFilter(clock.today(), kinds=["denial"]), sort="age").items
    return sorted(found, key=lambda each: each.item_id)


def key_of(item: ShownItem) -> int:
    assert item.denial_id is not None
    return item.denial_id


def act(clinic: Clinic, caller: Caller, name: str, *items: ShownItem, state: str | None = None) -> ActResult:
    """Do something with items."""
    wanted = WantedAct(name, {each.item_id: None for each in items}, WHY, denial_state=state)
    with clinic.database.transaction(caller) as connection:
        return act_on(caller, connection, wanted, may=lambda _: True)


def decided(clinic: Clinic, denial_id: int, state: str) -> None:
    """Set the state of a denial without the queue."""
    with clinic.database.transaction(ANN) as connection:
        decide_denial(ANN, connection, denial_id, state, reason=WHY)


def states(clinic: Clinic) -> list[str]:
    return [row[0] for row in clinic.rows("select state from remittance.denials order by denial_id")]


@pytest.mark.parametrize("before", [None, "appealed", "lost"])
def test_what_needs_an_approval_is_not_sent_again_past_the_queue(clinic: Clinic, before: str | None) -> None:
    clinic.post(Payment([DENIED]))
    [item] = gathered(clinic)
    if before is not None:
        assert act(clinic, ANN, "decide", item, state=before).done == [item.item_id]
    with pytest.raises(ApprovalNeededError):
        decided(clinic, key_of(item), "resubmitted")
    assert states(clinic) == [before or "open"]
    # Open again, it goes through the queue.
    decided(clinic, key_of(item), "open")
    [item] = gathered(clinic)
    assert act(clinic, ANN, "resubmit", item).proposed == [item.item_id]
    assert [each.code for each in act(clinic, ANN, "approve", item).refused] == ["own_proposal"]
    assert act(clinic, BEN, "approve", item).done == [item.item_id]
    assert states(clinic) == ["resubmitted"]


def test_without_a_need_for_an_approval_a_denial_is_sent_again_at_once(clinic: Clinic) -> None:
    clinic.post(Payment([DENIED]))
    [item] = gathered(clinic, 10**12)
    decided(clinic, key_of(item), "resubmitted")
    assert states(clinic) == ["resubmitted"]


def test_of_many_denials_those_that_wait_are_decided_and_the_others_named(clinic: Clinic) -> None:
    clinic.post(Payment([DENIED, KIM]))
    first, second = gathered(clinic)
    refused = act(clinic, ANN, "decide", first, second, state="written_off").refused
    assert [each.code for each in refused] == ["wrong_state", "wrong_state"]
    assert "ledger write-off" in refused[0].why
    decided(clinic, key_of(first), "appealed")
    result = act(clinic, ANN, "decide", first, second, state="lost")
    assert result.done == [second.item_id]
    assert [(each.item_id, each.code) for each in result.refused] == [(first.item_id, "source_gone")]
    assert states(clinic) == ["appealed", "lost"]
    log = clinic.rows(
        "select action, subject from platform.audit_log "
        "where action like 'denial.decided' or action like 'work.d%' order by sequence"
    )
    assert log == [
        ("denial.decided", f"denial:{key_of(first)}"), ("denial.decided", f"denial:{key_of(second)}"),
        ("work.decide", f"item:{second.item_id}"),
    ]  # fmt: skip


def test_what_came_of_a_resubmission_is_told_as_it_is(clinic: Clinic) -> None:
    clinic.post(Payment([DENIED, KIM]))
    won, lost = gathered(clinic, 10**12)
    act(clinic, ANN, "resubmit", won, lost)
    decided(clinic, key_of(won), "won")
    decided(clinic, key_of(lost), "lost")
    assert [each.state for each in gathered(clinic, 10**12)] == ["verified", "closed"]
    told = clinic.rows(
        "select data ->> 'to', data -> 'item_ids' from platform.outbox "
        "where type = 'work.closed.v1' and data ->> 'to' <> 'resubmitted' order by 1"
    )
    assert told == [("closed", [lost.item_id]), ("verified", [won.item_id])]
