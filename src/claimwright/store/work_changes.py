"""Changes of work items, with their history; and which sources wait for an approval."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from claimwright.platform.database import Connection


@dataclass(frozen=True)
class ItemChange:
    """What becomes of an item. `act`, `from_state` and `reason` are for its history."""

    item_id: int
    act: str
    from_state: str
    to_state: str
    outcome: str | None
    proposed_act: str | None
    proposed_by: str | None
    approved_by: str | None
    repaired_by: list[str]
    assignee_id: int | None
    snoozed_until: datetime.date | None
    reason: str | None


def write_changes(
    connection: Connection, changes: Sequence[ItemChange], now: datetime.datetime, *, source_gone: bool
) -> None:
    """Store changes of items, and their history. `source_gone`: what they are about no longer waits."""
    if not changes:
        return
    values = {name: [getattr(each, name) for each in changes] for name in ItemChange.__dataclass_fields__}
    # An array of arrays would have to be rectangular.
    values["repaired_by"] = ["\n".join(each.repaired_by) for each in changes]
    connection.execute(_WRITE, {**values, "now": now, "gone": source_gone})


def lock_items_of_claims(connection: Connection, claim_keys: Sequence[int]) -> None:
    """Lock the items of claims until the transaction ends; before the claims, as everybody does."""
    connection.execute(
        "select from work.items where claim_key = any(%s) order by item_id for update", [list(claim_keys)]
    )


def mark_repaired(
    connection: Connection, claim_keys: Sequence[int], now: datetime.datetime, reason: str
) -> None:
    """The open items of claims that the actor of the transaction has corrected are repaired, by them."""
    connection.execute(_REPAIR, {"keys": list(claim_keys), "now": now, "reason": reason})


def unapproved_sources(connection: Connection, kind: str, keys: Sequence[int] | None) -> list[int]:
    """Those of the claims or denials, or all, whose item needs an approval that it does not have.

    What was approved in the queue is marked there before it is moved: its source as gone, a denial as
    resubmitted. An item that is done may need one all the same: what was approved may be that nothing is done
    with its claim, and a denial that was appealed can still be sent again.
    """
    rows = connection.execute(
        "select subject_id from work.items where kind = %(kind)s and needs_approval "
        "and case when kind in ('denial', 'rejection') then outcome is distinct from 'resubmitted' "
        "else has_source end and (%(keys)s::bigint[] is null or subject_id = any(%(keys)s)) order by 1",
        {"kind": kind, "keys": None if keys is None else list(keys)},
    ).fetchall()
    return [row[0] for row in rows]


def delete_items(owner: Connection, before: datetime.datetime) -> int:
    """Delete items that were opened before a time and whose source is gone, with all that belongs to them.

    Returns how many. Runs as the owner, in a transaction of the tenant.
    """
    gone = "select item_id from work.items where not has_source and opened_at < %s"
    for table in ("work.notes", "work.attachments", "work.history"):
        owner.execute(f"delete from {table} where item_id in ({gone})".encode(), [before])  # noqa: S608
    return owner.execute(b"delete from work.items where not has_source and opened_at < %s", [before]).rowcount


_WRITE = r"""
with u as (
  select * from unnest(%(item_id)s::bigint[], %(act)s::text[], %(from_state)s::text[], %(to_state)s::text[],
    %(outcome)s::text[], %(proposed_act)s::text[], %(proposed_by)s::text[], %(approved_by)s::text[],
    %(repaired_by)s::text[], %(assignee_id)s::bigint[], %(snoozed_until)s::date[], %(reason)s::text[])
    as u(item_id, act, from_state, to_state, outcome, proposed_act, proposed_by, approved_by, repaired_by,
      assignee_id, snoozed_until, reason)
), changed as (
  update work.items i set state = u.to_state, outcome = u.outcome, proposed_act = u.proposed_act,
    proposed_by = u.proposed_by, approved_by = u.approved_by,
    repaired_by = string_to_array(u.repaired_by, E'\n'),
    assignee_id = u.assignee_id, snoozed_until = u.snoozed_until,
    has_source = i.has_source and not %(gone)s, changed_at = %(now)s,
    done_at = case when u.outcome is null then null else coalesce(i.done_at, %(now)s) end,
    version = version + 1
  from u where i.item_id = u.item_id
)
insert into work.history (item_id, at, act, from_state, to_state, reason)
select item_id, %(now)s, act, from_state, to_state, reason from u order by item_id
"""
_REPAIR = """
with found as (
  select item_id, state from work.items
  where claim_key = any(%(keys)s) and done_at is null
    and kind in ('claim_review', 'dead_letter', 'rejection', 'denial')
  for update
), changed as (
  update work.items i set state = 'repaired', proposed_act = null, proposed_by = store.actor(),
    approved_by = null,
    repaired_by = array_remove(i.repaired_by, store.actor()) || store.actor(),
    changed_at = %(now)s, version = version + 1
  from found where found.item_id = i.item_id
)
insert into work.history (item_id, at, act, from_state, to_state, reason)
select item_id, %(now)s, 'repair', state, 'repaired', %(reason)s from found order by item_id
"""
