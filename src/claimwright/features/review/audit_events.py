"""The records of work items in the audit log and the outbox, in the transaction of the change."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from claimwright.domain.caller import Caller
from claimwright.domain.work_items import DONE_STATES
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store import events
from claimwright.store.work_gathering import MOST_IDS, Gathered
from claimwright.store.work_items import WorkItem

from .life import RefusedItem

# What leaves an item in its state.
_ADDITIONS = frozenset({"assign", "snooze", "note", "withdraw_note", "attach"})
_FACILITY = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def record_gathered(
    caller: Caller, connection: Connection, changes: Sequence[Gathered], correlation_id: str
) -> None:
    """Publish what was opened and closed, by facility and kind, and record how much."""
    for each in changes:
        data = _event_data(each.count, each.facility, each.item_ids) | {"kind": each.kind}
        is_new = each.to_state == "new"
        data |= {} if is_new else {"to": each.to_state}
        _publish(caller, connection, "opened" if is_new else "closed", data, correlation_id)
    audit.append(
        caller,
        connection,
        action="work.gathered",
        subject=f"tenant:{caller.tenant}",
        detail={
            "created": sum(each.count for each in changes if each.to_state == "new"),
            "stopped": sum(each.count for each in changes if each.to_state != "new"),
        },
        correlation_id=correlation_id,
    )


def record_act(
    caller: Caller,
    connection: Connection,
    act: str,
    changed: Sequence[tuple[WorkItem, str]],
    reason: str | None,
    correlation_id: str,
) -> None:
    """Publish an act on items with their new states, by facility, and record it with its items."""
    groups: Mapping[tuple[str | None, str], list[WorkItem]] = defaultdict(list)
    for item, state in changed:
        groups[item.facility, state].append(item)
    for (facility, state), items in groups.items():
        ids = [item.item_id for item in items]
        data = _event_data(len(ids), facility, ids if len(ids) <= MOST_IDS else []) | {"to": state}
        ends = state in DONE_STATES and act not in _ADDITIONS
        _publish(
            caller, connection, "closed" if ends else "changed",
            data if ends else data | {"act": "note" if act == "withdraw_note" else act},
            correlation_id,
        )  # fmt: skip
    detail: dict[str, object] = {"count": len(changed), "items": [item.item_id for item, _ in changed]}
    audit.append(
        caller,
        connection,
        action=f"work.{act}",
        subject=f"item:{changed[0][0].item_id}" if len(changed) == 1 else f"tenant:{caller.tenant}",
        detail=detail if reason is None else {**detail, "reason": reason},
        correlation_id=correlation_id,
    )


def record_refused(
    caller: Caller, connection: Connection, act: str, refused: Sequence[RefusedItem], correlation_id: str
) -> None:
    """Record that an act was wanted of items and refused, with the codes of why; nothing changed."""
    audit.append(
        caller,
        connection,
        action="work.refused",
        subject=f"item:{refused[0].item_id}" if len(refused) == 1 else f"tenant:{caller.tenant}",
        detail={
            "option": act, "count": len(refused), "items": [each.item_id for each in refused],
            "reason_code": sorted({each.code for each in refused}),
        },
        correlation_id=correlation_id,
    )  # fmt: skip


def _event_data(count: int, facility: str | None, ids: Sequence[int]) -> dict[str, object]:
    data: dict[str, object] = {"count": count, "item_ids": list(ids)}
    # What is no id of a facility, such as a name with blanks, is left out: no account is limited to it.
    return {**data, "facility": facility} if facility and _FACILITY.fullmatch(facility) else data


def _publish(
    caller: Caller, connection: Connection, what: str, data: Mapping[str, object], correlation_id: str
) -> None:
    events.publish(
        caller,
        connection,
        type=f"work.{what}.v1",
        subject=f"tenant:{caller.tenant}",
        data=data,
        correlation_id=correlation_id,
    )
