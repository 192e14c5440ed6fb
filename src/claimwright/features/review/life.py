"""The life of a work item: which acts its states allow, and what becomes of it. No clock, no database.

`ACTS` is the one table of what is allowed. Everything that a person does with an item goes through `decide`,
so that an item that needs approval gets it, whatever the order of acts; the database holds the same
(constraints of `work.items`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from claimwright.domain.caller import Caller
from claimwright.domain.work_items import DONE_STATES, OPEN_STATES, STATES, Proposal
from claimwright.store.work_items import WorkItem

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
    proposes: Proposal | None = None
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
PROPOSALS: Mapping[str, frozenset[str]] = {act.proposes: act.kinds for act in ACTS.values() if act.proposes}
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
    repaired_by: list[str]
    does: str | None = None
    is_proposal: bool = False


# What sends a claim as it was repaired.
_SENDS = frozenset({"release", "resubmit"})
_OF_SOURCE = frozenset({"release", "return", "retry", "discard", "decide", "resubmit", "appeal"})


def _why_not(state: str, act: str) -> str:
    """Why an act does not fit a state, and what to do instead."""
    if state == "awaiting_approval":
        return "it waits for an approval: approve or reject what was proposed first."
    if state not in OPEN_STATES:
        return f"it is {state}: reopen it first."
    return f"{act.replace('_', ' ')} does not fit an item that is {state.replace('_', ' ')}."


def decide(
    item: WorkItem, act: str, caller: Caller, *, may: Callable[[str], bool], proposal: str | None = None
) -> Step | RefusedItem:
    """What an act of a caller makes of an item, or why not. `proposal` is what `propose` proposes.

    `may` says whether the caller may do an action of the policies: who approves does what was proposed.
    """
    wanted, actor = ACTS[act], caller.actor
    if item.state not in wanted.from_states:
        return RefusedItem(item.item_id, "wrong_state", _why_not(item.state, act))
    kinds = PROPOSALS.get(proposal or "", frozenset()) if act == "propose" else wanted.kinds
    if kinds and item.kind not in kinds:
        return RefusedItem(item.item_id, "wrong_kind", f"{proposal or act} is not for a {item.kind}.")
    if act == "approve":
        return _approved(item, caller, may)
    if act == "propose":
        return _proposed(item, proposal or "resolve", actor)
    if wanted.to is None:
        return Step(
            item.state, item.outcome, item.proposed_act, item.proposed_by, item.approved_by, item.repaired_by
        )  # fmt: skip
    if act == "reopen" and not item.has_source:
        return RefusedItem(item.item_id, "source_gone", "what it was about waits no longer.")
    if wanted.proposes and item.needs_approval and item.approved_by is None:
        return _proposed(item, wanted.proposes, actor)
    if act in _BEGINS_AGAIN:
        return Step(wanted.to, None, None, None, None, item.repaired_by)
    if act == "repair":
        return Step(wanted.to, None, None, actor, None, _with(item.repaired_by, actor))
    outcome = wanted.outcome or (item.outcome if wanted.to in DONE_STATES else None)
    return Step(
        wanted.to, outcome, item.proposed_act, item.proposed_by, item.approved_by, item.repaired_by,
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
    proposer = item.repaired_by[-1] if item.repaired_by and proposal in _SENDS else actor
    return Step("awaiting_approval", None, proposal, proposer, None, item.repaired_by, is_proposal=True)


def _with(actors: list[str], actor: str) -> list[str]:
    return actors if actor in actors else [*actors, actor]


def _approved(item: WorkItem, caller: Caller, may: Callable[[str], bool]) -> Step | RefusedItem:
    if not caller.is_person:
        return RefusedItem(item.item_id, "not_permitted", "a person approves, not a service.")
    if caller.actor in {item.proposed_by, *item.repaired_by}:
        return RefusedItem(
            item.item_id,
            "own_proposal",
            "nobody approves what they proposed or repaired. Ask another person.",
        )
    assert item.proposed_act is not None
    act = ACTS[item.proposed_act]
    if act.action is not None and not may(act.action):
        return RefusedItem(
            item.item_id, "not_permitted", f"who approves a {item.proposed_act} must be allowed to do it."
        )
    assert act.to is not None
    return Step(
        act.to, act.outcome, item.proposed_act, item.proposed_by, caller.actor, item.repaired_by,
        item.proposed_act if item.proposed_act in _OF_SOURCE else None,
    )  # fmt: skip
