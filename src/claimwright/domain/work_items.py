"""The words of work items: kinds, states, acts, orders. Which act a state allows is in `features.review`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

ItemKind = Literal["claim_review", "dead_letter", "rejection", "denial", "unmatched_answer"]
KINDS: tuple[ItemKind, ...] = get_args(ItemKind)

OpenState = Literal["new", "triaged", "in_progress", "repaired", "awaiting_approval", "reopened"]
OPEN_STATES: tuple[OpenState, ...] = get_args(OpenState)
DoneState = Literal["resubmitted", "verified", "closed"]
DONE_STATES: tuple[DoneState, ...] = get_args(DoneState)
ItemState = Literal[OpenState, DoneState]
STATES: tuple[ItemState, ...] = get_args(ItemState)

ItemAct = Literal[
    "triage", "start", "repair", "propose", "approve", "reject", "release", "return", "retry", "discard",
    "decide", "resubmit", "appeal", "resolve", "close", "reopen", "assign", "snooze",
]  # fmt: skip
# What waits for another person's approval.
Proposal = Literal["release", "discard", "resolve", "resubmit"]

# By skill, facility and load, or one after another.
AssignMethod = Literal["balanced", "round_robin"]
ASSIGN_METHODS: tuple[AssignMethod, ...] = get_args(AssignMethod)

ItemPriority = Literal["high", "normal", "low"]
ITEM_PRIORITIES: tuple[ItemPriority, ...] = get_args(ItemPriority)
ItemOrder = Literal["priority", "stake", "due", "age"]


@dataclass(frozen=True)
class SourceWindow:
    """The sources and items of a kind whose keys are after one and up to another."""

    kind: str
    after: int
    to: int
