"""What people do with work items: one or thousands at once, each alone, the refused ones with why.

An item and what it is about change in one transaction, with an audit record and an event. Whatever its
order, no path goes past an approval: `life.decide` is asked for each item, and the database holds the same.

ActError   the request is wrong as a whole; nothing was done
"""

from __future__ import annotations

import datetime
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from claimwright.domain.caller import Caller
from claimwright.domain.denial_states import DENIAL_STATES
from claimwright.features.claims import discard, release, retry, send_back
from claimwright.features.denials import NOT_WRITTEN_OFF, decide_denials, lock_undecided_denials
from claimwright.foundation import clock
from claimwright.foundation.errors import InputError
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store.dead_letters import lock_dead_letters
from claimwright.store.review import lock_in_review
from claimwright.store.work_changes import ItemChange, write_changes
from claimwright.store.work_items import WorkItem, lock_items

from .assigning import Assignment, assign
from .audit_events import record_act, record_refused
from .life import ACT_OF_DENIAL_STATE, ACTS, PROPOSALS, RefusedItem, Step, decide

MOST_ITEMS = 10_000


class ActError(InputError):
    """An act that can't be done with any item: it is unknown, or a part of it is missing."""


@dataclass(frozen=True)
class WantedAct:
    """An act on items.

    Attributes:
        act: a name of `life.ACTS`.
        versions: the items, each with the version that was read; None for whichever is there.
        reason: 8 to 200 characters, kept in the audit log.
        proposal: of `propose`: a name of `life.PROPOSALS`.
        denial_state: of `decide`: a state of denials.
        assignment: of `assign`.
        until: of `snooze`: the day on which the items come back; None at once.
    """

    act: str
    versions: Mapping[int, int | None]
    reason: str | None = None
    proposal: str | None = None
    denial_state: str | None = None
    assignment: Assignment | None = None
    until: datetime.date | None = None


@dataclass(frozen=True)
class ActResult:
    """What became of each item. `proposed` wait for another person's approval."""

    act: str
    done: list[int] = field(default_factory=list)
    proposed: list[int] = field(default_factory=list)
    refused: list[RefusedItem] = field(default_factory=list)


def act_on(
    caller: Caller,
    connection: Connection,
    wanted: WantedAct,
    *,
    may: Callable[[str], bool],
    facilities: Sequence[str] | None = None,
) -> ActResult:
    """Do something with items. Each is done or refused by itself; `facilities` are the caller's.

    `may` says whether the caller may do an action of the policies. That of the act itself (`life.ACTS`) is
    asked before; that of what an approval does differs by item, and is asked here.

    Raises:
        ActError: the act as a whole is wrong.
        AuditError: the reason is missing, too short or too long.
    """
    wanted = _checked(wanted)
    now, correlation = clock.now(), str(uuid.uuid4())
    refused: list[RefusedItem] = []
    items = _current(connection, wanted, facilities, refused)
    steps: dict[int, Step] = {}
    for item in items:
        found = decide(item, wanted.act, caller, may=may, proposal=wanted.proposal)
        if isinstance(found, RefusedItem):
            refused.append(found)
        else:
            steps[item.item_id] = found
    items = [item for item in items if item.item_id in steps]
    items = _with_sources(connection, wanted, items, steps, refused)
    if wanted.act == "snooze":
        items = _not_past_clocks(items, wanted.until, refused)
    assignees = _assignees(caller, wanted, items, refused)
    items = [item for item in items if item.item_id in assignees]
    for gone in (False, True):
        part = [item for item in items if (steps[item.item_id].does is not None) is gone]
        changes = [_change(wanted, item, steps[item.item_id], assignees[item.item_id]) for item in part]
        write_changes(connection, changes, now, source_gone=gone)
    _move_sources(caller, connection, wanted, items, steps)
    result = ActResult(wanted.act, refused=sorted(refused, key=lambda each: each.item_id))
    for is_proposal, ids in ((False, result.done), (True, result.proposed)):
        part = [item for item in items if steps[item.item_id].is_proposal is is_proposal]
        if part:
            ids += [item.item_id for item in part]
            changed = [(item, steps[item.item_id].to_state) for item in part]
            act = "propose" if is_proposal else wanted.act
            record_act(caller, connection, act, changed, wanted.reason, correlation)
    if result.refused:
        record_refused(caller, connection, wanted.act, result.refused, correlation)
    if wanted.act != "propose":
        return result
    return replace(result, done=result.proposed, proposed=[])


def _checked(wanted: WantedAct) -> WantedAct:
    """The act with its reason as it is stored; of a denial's state, the act that sets it."""
    act = wanted.act
    if act == "decide":
        if wanted.denial_state not in set(DENIAL_STATES) - {"open"}:
            raise ActError("decide: name the state of the denials, such as resubmitted or lost.")
        act = ACT_OF_DENIAL_STATE.get(wanted.denial_state, act)
    if act not in ACTS:
        raise ActError(f"there is no such act. There are: {', '.join(ACTS)}.")
    if not 1 <= len(wanted.versions) <= MOST_ITEMS:
        raise ActError(f"name 1 to {MOST_ITEMS:,} items.")
    if act == "propose" and wanted.proposal not in PROPOSALS:
        raise ActError(f"propose: name one of {', '.join(PROPOSALS)}.")
    if act == "assign" and wanted.assignment is None:
        raise ActError("assign: say to whom.")
    if act == "snooze" and wanted.until is not None and wanted.until <= clock.today():
        raise ActError("snooze: the day has to be after today.")
    reason = wanted.reason
    if reason is not None or ACTS[act].needs_reason:
        reason = audit.stated_reason(reason or "", f"{act} is done with work items")
    return replace(wanted, act=act, reason=reason)


def _current(
    connection: Connection, wanted: WantedAct, facilities: Sequence[str] | None, refused: list[RefusedItem]
) -> list[WorkItem]:
    """The items, locked, that are as they were read."""
    items = lock_items(connection, sorted(wanted.versions), facilities)
    missing = wanted.versions.keys() - {item.item_id for item in items}
    refused += [RefusedItem(each, "not_found", "there is no such item.") for each in missing]
    current = []
    for item in items:
        if wanted.versions[item.item_id] in {None, item.version}:
            current.append(item)
        else:
            refused.append(
                RefusedItem(item.item_id, "changed_meanwhile", "somebody changed it since it was read.")
            )
    return current


def _with_sources(
    connection: Connection,
    wanted: WantedAct,
    items: Sequence[WorkItem],
    steps: Mapping[int, Step],
    refused: list[RefusedItem],
) -> list[WorkItem]:
    """Those whose claim, dead letter or denial can be moved. All of these are locked before the audit log."""
    keys: dict[str, list[int]] = defaultdict(list)
    for item in items:
        if steps[item.item_id].does is not None:
            keys[item.kind].append(item.subject_id)
    denials, fitting = lock_undecided_denials(
        connection, keys["denial"] + keys["rejection"], _denial_state(wanted, steps)
    )
    there = {
        "claim_review": set(lock_in_review(connection, keys["claim_review"])),
        "dead_letter": set(lock_dead_letters(connection, keys["dead_letter"])),
        "denial": denials,
        "rejection": denials,
    }
    able = {**there, "denial": fitting, "rejection": fitting}
    kept = []
    for item in items:
        if steps[item.item_id].does is None or item.subject_id in able[item.kind]:
            kept.append(item)
        elif item.subject_id in there[item.kind]:
            refused.append(RefusedItem(item.item_id, "wrong_state", NOT_WRITTEN_OFF))
        else:
            refused.append(
                RefusedItem(item.item_id, "source_gone", "what it is about does not wait any more.")
            )
    return kept


def _not_past_clocks(
    items: Sequence[WorkItem], until: datetime.date | None, refused: list[RefusedItem]
) -> list[WorkItem]:
    """Those that are back on the last day of their legal clock, or before it."""
    kept = []
    for item in items:
        if until is not None and item.due_from == "law" and clock.today() <= item.due_on < until:
            why = f"its time ends on {item.due_on}: choose that day, or one before it."
            refused.append(RefusedItem(item.item_id, "past_its_clock", why))
        else:
            kept.append(item)
    return kept


def _denial_state(wanted: WantedAct, steps: Mapping[int, Step]) -> str | None:
    """The state to which the denials of an act are set."""
    done = {step.does for step in steps.values()}
    return next((state for state, act in ACT_OF_DENIAL_STATE.items() if act in done), wanted.denial_state)


def _assignees(
    caller: Caller, wanted: WantedAct, items: Sequence[WorkItem], refused: list[RefusedItem]
) -> dict[int, int | None]:
    """Whose each item is afterwards, without those that are refused."""
    me = account_of_actor(caller.actor)
    if wanted.act != "assign":
        taken = me if wanted.act == "start" else None
        return {item.item_id: item.assignee_id or taken for item in items}
    assert wanted.assignment is not None
    found: dict[int, int | None] = {}
    for item_id, account in assign(items, wanted.assignment, me).items():
        if isinstance(account, RefusedItem):
            refused.append(account)
        else:
            found[item_id] = account
    return found


def _change(wanted: WantedAct, item: WorkItem, step: Step, assignee: int | None) -> ItemChange:
    return ItemChange(
        item.item_id, "propose" if step.is_proposal else wanted.act, item.state, step.to_state, step.outcome,
        step.proposed_act, step.proposed_by, step.approved_by, step.repaired_by, assignee,
        wanted.until if wanted.act == "snooze" else item.snoozed_until, wanted.reason,
    )  # fmt: skip


def _move_sources(
    caller: Caller,
    connection: Connection,
    wanted: WantedAct,
    items: Sequence[WorkItem],
    steps: Mapping[int, Step],
) -> None:
    """Release, return, retry or discard the claims, decide the denials, through the functions that everybody
    uses. Each ends with a record in the audit log, whose end is locked from then on.
    """
    keys: dict[str, list[int]] = defaultdict(list)
    for item in items:
        does = steps[item.item_id].does
        if does is not None:
            keys[does].append(item.subject_id)
    reason = wanted.reason or ""
    if keys["release"]:
        release(caller, connection, keys["release"], reason=reason)
    if keys["return"]:
        send_back(caller, connection, keys["return"], reason=reason)
    if keys["retry"]:
        retry(caller, connection, keys["retry"])
    if keys["discard"]:
        discard(caller, connection, keys["discard"], reason=reason)
    state = _denial_state(wanted, steps)
    if (denials := keys["decide"] + keys["resubmit"] + keys["appeal"]) and state is not None:
        decide_denials(caller, connection, sorted(denials), state, reason=reason)


def account_of_actor(actor: str) -> int | None:
    """The account of an actor such as `user:7`; None if it is none."""
    kind, _, number = actor.partition(":")
    return int(number) if kind == "user" and number.isdecimal() else None
