"""The life of a work item: which acts its states allow, and what becomes of it. No clock, no database.

`ACTS` is the one table of what is allowed. Everything that a person does with an item goes through `decide`,
so that an item that needs approval gets it, whatever the order of acts; the database holds the same
(constraints of `work.items`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from claimwright.store.work_items import WorkItem

OPEN_STATES = ("new", "triaged", "in_progress", "repaired", "awaiting_approval", "reopened")
DONE_STATES = ("resubmitted", "verified", "closed")
STATES = (*OPEN_STATES, *DONE_STATES)
# Without those that wait for an approval: a proposal is approved, rejected or taken back first.
_WORKABLE = frozenset(OPEN_STATES) - {"awaiting_approval"}
_DENIALS = frozenset({"denial", "rejection"})
# The act that sets a denial to a state; the other states end it.
ACT_OF_DENIAL_STATE = {"resubmitted": "resubmit", "appealed": "appeal"}


@dataclass(frozen=True)
class Act:
    """What a person can do with an item.

    Attributes:
        from_states: in which states.
        to: the state afterwards; None: unchanged, or decided by what was proposed.
        outcome: how it ends, for what ends it.
        kinds: of which kinds of items; empty for all.
        proposes: with which proposal it waits, where the item needs an approval that it does not have.
        needs_reason: whether a reason has to be stated.
        action: what the policies must allow in addition to `queue.work`.
    """

    from_states: frozenset[str]
    to: str | None = None
    outcome: str | None = None
    kinds: frozenset[str] = field(default_factory=frozenset)
    proposes: str | None = None
    needs_reason: bool = False
    action: str | None = None


ACTS: Mapping[str, Act] = {
    "triage": Act(frozenset({"new", "in_progress", "reopened"}), "triaged"),
    "start": Act(frozenset(OPEN_STATES) - {"in_progress"}, "in_progress"),
    "repair": Act(frozenset({"new", "triaged", "in_progress", "reopened"}), "repaired"),
    "propose": Act(_WORKABLE, "awaiting_approval", needs_reason=True),
    "approve": Act(frozenset({"awaiting_approval"}), needs_reason=True, action="queue.approve"),
    "reject": Act(
        frozenset({"awaiting_approval"}), "in_progress", needs_reason=True, action="queue.approve"
    ),
    "release": Act(
        _WORKABLE, "resubmitted", "released", frozenset({"claim_review"}), "release", needs_reason=True,
        action="review.decide",
    ),
    "return": Act(
        _WORKABLE, "closed", "returned", frozenset({"claim_review"}), needs_reason=True,
        action="review.decide",
    ),
    "retry": Act(
        _WORKABLE, "resubmitted", "retried", frozenset({"dead_letter"}), action="dead_letters.decide"
    ),
    "discard": Act(
        _WORKABLE, "closed", "discarded", frozenset({"dead_letter"}), "discard", needs_reason=True,
        action="dead_letters.decide",
    ),
    "decide": Act(_WORKABLE, "closed", "decided", _DENIALS, needs_reason=True, action="denials.decide"),
    "resubmit": Act(
        _WORKABLE, "resubmitted", "resubmitted", _DENIALS, "resubmit", needs_reason=True,
        action="denials.decide",
    ),
    "appeal": Act(_WORKABLE, "resubmitted", "decided", _DENIALS, needs_reason=True, action="denials.decide"),
    "resolve": Act(_WORKABLE, "closed", "resolved", proposes="resolve", needs_reason=True),
    "close": Act(frozenset({"resubmitted", "verified"}), "closed"),
    "reopen": Act(frozenset(DONE_STATES), "reopened", needs_reason=True),
    "assign": Act(frozenset(STATES)),
    "snooze": Act(frozenset(OPEN_STATES)),
}  # fmt: skip
# What can be proposed, and of which kinds of items.
PROPOSALS = {act.proposes: act.kinds for act in ACTS.values() if act.proposes}
# With these, an earlier proposal or approval is over.
_BEGINS_AGAIN = frozenset({"triage", "start", "reject", "reopen"})


@dataclass(frozen=True)
class RefusedItem:
    """Why an item was left as it is."""

    item_id: int
    code: str
    why: str


@dataclass(frozen=True)
class Step:
    """What becomes of an item: its state, how it ended, its proposal, and what is done with its source.

    `does` is release, return, retry, discard, decide, resubmit or appeal; None if its source stays as it is.
    """

    to_state: str
    outcome: str | None
    proposed_act: str | None
    proposed_by: str | None
    approved_by: str | None
    does: str | None = None
    is_proposal: bool = False


_OF_SOURCE = frozenset({"release", "return", "retry", "discard", "decide", "resubmit", "appeal"})


def decide(item: WorkItem, act: str, actor: str, *, proposal: str | None = None) -> Step | RefusedItem:
    """What an act of an actor makes of an item, or why not. `proposal` is what `propose` proposes."""
    said = ACTS[act]
    if item.state not in said.from_states:
        return RefusedItem(item.item_id, "wrong_state", f"it is {item.state}: {act} is not possible.")
    kinds = PROPOSALS.get(proposal or "", frozenset()) if act == "propose" else said.kinds
    if kinds and item.kind not in kinds:
        return RefusedItem(item.item_id, "wrong_kind", f"{proposal or act} is not for a {item.kind}.")
    if act == "approve":
        return _approved(item, actor)
    if act == "propose":
        return _proposed(item, proposal or "resolve", actor)
    if said.to is None:
        return Step(item.state, item.outcome, item.proposed_act, item.proposed_by, item.approved_by)
    if act == "reopen" and not item.has_source:
        return RefusedItem(item.item_id, "source_gone", "what it was about waits no longer.")
    if said.proposes and item.needs_approval and item.approved_by is None:
        return _proposed(item, said.proposes, actor)
    if act in _BEGINS_AGAIN:
        return Step(said.to, None, None, None, None)
    if act == "repair":
        return Step(said.to, None, None, actor, None)
    outcome = said.outcome or (item.outcome if said.to in DONE_STATES else None)
    return Step(
        said.to, outcome, item.proposed_act, item.proposed_by, item.approved_by,
        act if act in _OF_SOURCE else None,
    )  # fmt: skip


def acts_for(item: WorkItem) -> list[str]:
    """The acts that state and kind of an item allow, whoever asks."""
    return [
        name
        for name, act in ACTS.items()
        if item.state in act.from_states
        and (not act.kinds or item.kind in act.kinds)
        and (name != "reopen" or item.has_source)
    ]


def _proposed(item: WorkItem, proposal: str, actor: str) -> Step:
    # Who repaired the claim has proposed what is sent, also where somebody else asks for the approval.
    return Step("awaiting_approval", None, proposal, item.proposed_by or actor, None, is_proposal=True)


def _approved(item: WorkItem, actor: str) -> Step | RefusedItem:
    if actor == item.proposed_by:
        return RefusedItem(
            item.item_id, "own_proposal", "nobody approves what they proposed. Ask another person."
        )
    assert item.proposed_act is not None
    said = ACTS[item.proposed_act]
    assert said.to is not None
    return Step(
        said.to, said.outcome, item.proposed_act, item.proposed_by, actor,
        item.proposed_act if item.proposed_act in _OF_SOURCE else None,
    )  # fmt: skip
