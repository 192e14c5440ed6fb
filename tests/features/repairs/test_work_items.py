"""A correction repairs the work item of the version before; the gathering that follows ends it."""

from __future__ import annotations

from tests.features.pipeline.bench_of_claims import rows
from tests.features.repairs.conftest import BILLER, OTHER, Clinic, opening

from claimwright.features.checking import Checker
from claimwright.features.repairs import Wanted
from claimwright.features.review import ReviewPolicy, WantedAct, act_on, gather_items
from claimwright.store.work_gathering import changes_after
from claimwright.store.work_passes import read_position


def gather(clinic: Clinic) -> None:
    with clinic.database.transaction(BILLER) as connection:
        gather_items(BILLER, connection, ReviewPolicy(approval_cents=-1))


def item_of(clinic: Clinic, key: int) -> tuple[object, ...]:
    [found] = rows(
        clinic.store,
        "select item_id, state, outcome, proposed_act, repaired_by from work.items "  # noqa: S608
        f"where kind = 'claim_review' and claim_key = {key}",
    )
    return found


def test_a_correction_repairs_its_item_and_the_next_gathering_closes_it(
    clinic: Clinic, checker: Checker
) -> None:
    key, desk = clinic.keys["state"], clinic.desk()
    gather(clinic)
    item_id = int(str(item_of(clinic, key)[0]))
    with clinic.database.transaction(OTHER) as connection:
        wanted = WantedAct("propose", {item_id: None}, "it looks right", proposal="resolve")
        assert act_on(OTHER, connection, wanted, may=lambda _: True).done == [item_id]
    desk.correct(BILLER, key, Wanted(["ADR005"]), opening(), etag=desk.propose(BILLER, key, opening()).etag)
    # What was proposed for the claim as it was is over.
    assert item_of(clinic, key) == (item_id, "repaired", None, None, [BILLER.actor])
    with clinic.database.transaction(BILLER) as connection:
        changes = changes_after(connection, read_position(connection).position)
    assert changes.subjects == [key], rows(clinic.store, "select sequence, action from platform.audit_log")
    gather(clinic)
    assert item_of(clinic, key)[1:3] == ("closed", "gone")
    clinic.run(checker)
    gather(clinic)
    assert item_of(clinic, key)[1:3] == ("closed", "gone")
    history = rows(
        clinic.store,
        "select act, from_state, to_state, by_actor from work.history "  # noqa: S608
        f"where item_id = {item_id} order by entry_id",
    )
    assert history == [
        ("propose", "new", "awaiting_approval", OTHER.actor),
        ("repair", "awaiting_approval", "repaired", BILLER.actor),
        ("gone", "repaired", "closed", BILLER.actor),
    ]
