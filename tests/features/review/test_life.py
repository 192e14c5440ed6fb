"""The life of an item: no order of acts goes past an approval, and nobody approves what they proposed."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.features.review.conftest import Queue

from claimwright.domain.caller import Caller
from claimwright.domain.work_items import KINDS
from claimwright.features.review import ACTS, PROPOSALS, ReviewPolicy, WantedAct, act_on
from claimwright.features.review.life import RefusedItem, Step, acts_for, decide
from claimwright.store.work_items import WorkItem

NOON = datetime.datetime(2026, 11, 29, 12, tzinfo=datetime.UTC)
PEOPLE = ("user:1", "user:2", "user:3")
# What leaves the house, or gives money up.
SENT = {"released", "discarded", "resolved", "resubmitted"}


def item_of(kind: str = "claim_review", *, needs_approval: bool = True, **more: Any) -> WorkItem:
    item = WorkItem(
        1, kind, 10, 10, "FAC001", None, "coding", "MOD001", 100, 0.63, 63, 9, NOON.date(), "service_level",
        "new", None, True, needs_approval, None, None, None, [], None, None, NOON, NOON, None, 1,
    )  # fmt: skip
    return replace(item, **more)


def after(item: WorkItem, step: Step) -> WorkItem:
    return replace(
        item, state=step.to_state, outcome=step.outcome, proposed_act=step.proposed_act,
        proposed_by=step.proposed_by, approved_by=step.approved_by, repaired_by=step.repaired_by,
        has_source=item.has_source and step.does is None,
    )  # fmt: skip


def step_of(item: WorkItem, act: str, actor: str, proposal: str | None = None) -> Step | RefusedItem:
    """What comes of an act of somebody who may do everything."""
    return decide(item, act, Caller("default", actor), may=lambda _: True, proposal=proposal)


ACTING = st.tuples(
    st.sampled_from(sorted(ACTS)),
    st.sampled_from(PEOPLE),
    st.sampled_from(sorted(str(each) for each in PROPOSALS)),
)


@settings(max_examples=2_000, deadline=None)
@given(kind=st.sampled_from(KINDS), acts=st.lists(ACTING, max_size=25))
def test_no_order_of_acts_sends_what_needs_an_approval_without_that_of_another_person(
    kind: str, acts: list[tuple[str, str, str]]
) -> None:
    item = item_of(kind)
    # Told apart from what the item says: who proposed, who ever repaired, whether somebody else has approved.
    proposed_by, approved = None, False
    repaired_by: set[str] = set()
    for act, actor, proposal in acts:
        found = step_of(item, act, actor, proposal)
        if not isinstance(found, Step):
            continue
        if act == "approve":
            assert item.state == "awaiting_approval"
            assert actor not in {proposed_by, *repaired_by}
            approved = True
        elif found.is_proposal:
            # Who asks for the approval of another one's repair may give it.
            is_sent = found.proposed_act in {"release", "resubmit"}
            proposed_by = None if repaired_by and is_sent else actor
        elif act == "repair":
            repaired_by.add(actor)
            proposed_by, approved = actor, False
        elif act in {"triage", "start", "reject", "reopen"}:
            proposed_by, approved = None, False
        if found.outcome in SENT:
            assert approved
        item = after(item, found)


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        ("release", "claim_review"),
        ("discard", "dead_letter"),
        ("resubmit", "denial"),
        ("resolve", "rejection"),
    ],
)
def test_what_needs_an_approval_waits_for_it_and_then_goes_the_way_that_was_proposed(
    act: str, kind: str
) -> None:
    proposed = step_of(item_of(kind), act, "user:1")
    assert isinstance(proposed, Step)
    assert (proposed.to_state, proposed.proposed_act, proposed.does) == ("awaiting_approval", act, None)
    waiting = after(item_of(kind), proposed)
    own = step_of(waiting, "approve", "user:1")
    assert not isinstance(own, Step)
    assert own.code == "own_proposal"
    done = step_of(waiting, "approve", "user:2")
    assert isinstance(done, Step)
    said = ACTS[act]
    assert (done.to_state, done.outcome, done.approved_by) == (said.to, said.outcome, "user:2")
    assert done.does == (None if act == "resolve" else act)


@pytest.mark.parametrize("between", [[], ["start"], ["start", "triage"], ["release", "reject"]])
def test_who_repaired_a_claim_does_not_approve_it_though_another_asks_for_the_approval(
    between: list[str],
) -> None:
    item = item_of()
    acts = [("repair", "user:1"), *((act, "user:3") for act in between), ("release", "user:2")]
    for act, actor in acts:
        step = step_of(item, act, actor)
        assert isinstance(step, Step)
        item = after(item, step)
    assert not isinstance(step_of(item, "approve", "user:1"), Step)
    assert isinstance(step_of(item, "approve", "user:2"), Step)


def test_what_needs_no_approval_is_sent_at_once() -> None:
    step = step_of(item_of(needs_approval=False), "release", "user:1")
    assert isinstance(step, Step)
    assert (step.to_state, step.outcome, step.does) == ("resubmitted", "released", "release")


def test_what_a_state_allows_is_what_is_done() -> None:
    for kind in KINDS:
        for state in ("new", "awaiting_approval", "closed"):
            item = item_of(
                kind, state=state, proposed_by="user:1", proposed_act="resolve",
                outcome="resolved" if state == "closed" else None,
            )  # fmt: skip
            able = {act for act in ACTS if isinstance(step_of(item, act, "user:2", "resolve"), Step)}
            assert able == set(acts_for(item))


def test_no_order_of_acts_releases_a_claim_of_the_store_without_an_approval(queue: Queue) -> None:
    queue.gather(ReviewPolicy(approval_cents=-1))
    callers = [queue.person(f"person{number}") for number in range(3)]
    ids = [each.item_id for each in queue.items()[:2]]
    claims = [queue.item(each).claim_key for each in ids]

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        acts=st.lists(
            st.tuples(
                st.sampled_from(
                    [
                        "start",
                        "repair",
                        "propose",
                        "approve",
                        "reject",
                        "release",
                        "resolve",
                        "reopen",
                        "close",
                    ]
                ),
                st.sampled_from(callers),
                st.sampled_from([ids[:1], ids[1:], ids]),
                st.sampled_from(["release", "resolve"]),
            ),
            max_size=12,
        )
    )
    def holds(acts: list[tuple[str, Caller, list[int], str]]) -> None:
        with queue.database.pool.connection() as connection, connection.transaction(force_rollback=True):
            for act, caller, items, proposal in acts:
                connection.execute(
                    "select set_config('claimwright.tenant', 'default', true), "
                    "set_config('claimwright.actor', %s, true)",
                    [caller.actor],
                )
                wanted = WantedAct(act, dict.fromkeys(items), "it was looked at", proposal=proposal)
                act_on(caller, connection, wanted, may=lambda _: True)
                released = connection.execute(
                    "select i.proposed_by, i.approved_by from production.claims c join work.items i "
                    "on i.kind = 'claim_review' and i.subject_id = c.claim_key "
                    "where c.claim_key = any(%s) and c.route = 'production'",
                    [claims],
                ).fetchall()
                assert all(by is not None and by != proposer for proposer, by in released)

    holds()
