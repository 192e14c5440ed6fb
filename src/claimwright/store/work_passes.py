"""How far the items of a tenant are gathered, and the next part of what is not.

A pass compares every source with its item, kind after kind and in order of their keys, in windows that one
short transaction handles. What changes meanwhile is known by the position in the audit log, which is that of
the beginning of the pass: what a window sees is at least as new.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from claimwright.domain.work_items import SourceWindow
from claimwright.platform.database import Connection

KINDS = ("claim_review", "dead_letter", "denial", "rejection", "unmatched_answer")
# Of one window: items that are opened (0.1 ms each, a denial with its clock 0.4 ms), and sources looked at.
MOST_OPENED = 1_000
MOST_COMPARED = 10_000
# Items of one step that get the order of a new day.
MOST_RANKED = 5_000
_END = 2**63 - 1


@dataclass(frozen=True)
class Position:
    """How far items were gathered, and what they are ordered by. `head` is the end of the audit log.

    `pass_kind` and `pass_after` are where the pass goes on, None if there is none; `ranked_to` the last item
    with the order of `ranked_on`, None if all open items have it.
    """

    position: int
    ranked_on: datetime.date | None
    policy: str | None
    head: int
    pass_kind: str | None = None
    pass_after: int = 0
    pass_again: bool = False
    ranked_to: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing was left for a next step."""
        return self.pass_kind is None and self.ranked_to is None

    def with_pass(self) -> Position:
        """Everything is to be compared: from the first key, or once more after the pass that is under way."""
        if self.pass_kind is not None:
            return replace(self, pass_again=True)
        return replace(self, pass_kind=KINDS[0], pass_after=0)

    def past(self, window: SourceWindow) -> Position:
        """A window is done."""
        if window.to < _END:
            return replace(self, pass_after=window.to)
        following = KINDS[KINDS.index(window.kind) + 1 :]
        if following:
            return replace(self, pass_kind=following[0], pass_after=0)
        return replace(self, pass_kind=KINDS[0] if self.pass_again else None, pass_after=0, pass_again=False)


def read_position(connection: Connection) -> Position:
    """The position of the tenant, without a lock."""
    row = connection.execute(
        "select coalesce(g.position, -1), g.ranked_on, g.policy, "
        "coalesce((select sequence from platform.audit_heads where tenant = store.tenant()), 0), "
        "g.pass_kind, coalesce(g.pass_after, 0), coalesce(g.pass_again, false), g.ranked_to "
        "from (select store.tenant() as tenant) t left join work.gathered g using (tenant)"
    ).fetchone()
    assert row is not None
    return Position(*row)


def lock_gathering(connection: Connection, *, waits: bool = True) -> bool:
    """One gathering of a tenant at a time; another one waits until the transaction ends, or is told False."""
    name = "hashtextextended('work.gathered ' || store.tenant(), 0)"
    if waits:
        connection.execute(f"select pg_advisory_xact_lock({name})".encode())
        return True
    row = connection.execute(f"select pg_try_advisory_xact_lock({name})".encode()).fetchone()
    return bool(row and row[0])


def keep_position(connection: Connection, reached: Position) -> None:
    """Store how far items were gathered."""
    connection.execute(
        "insert into work.gathered "
        "(position, ranked_on, policy, pass_kind, pass_after, pass_again, ranked_to) "
        "values (%s, %s, %s, %s, %s, %s, %s) on conflict (tenant) do update set "
        "position = excluded.position, ranked_on = excluded.ranked_on, policy = excluded.policy, "
        "pass_kind = excluded.pass_kind, pass_after = excluded.pass_after, pass_again = excluded.pass_again, "
        "ranked_to = excluded.ranked_to",
        [
            reached.position, reached.ranked_on, reached.policy, reached.pass_kind, reached.pass_after,
            reached.pass_again, reached.ranked_to,
        ],
    )  # fmt: skip


def next_window(connection: Connection, reached: Position) -> SourceWindow | None:
    """The next part of the pass; None if there is none."""
    kind, after = reached.pass_kind, reached.pass_after
    if kind is None:
        return None
    assert kind in KINDS
    row = connection.execute(
        _NEXT.replace("KIND", f"'{kind}'").encode(),
        {"after": after, "compared": MOST_COMPARED, "opened": MOST_OPENED},
    ).fetchone()
    assert row is not None
    return SourceWindow(kind, after, min((each for each in row if each is not None), default=_END))


def denials_at(connection: Connection, after: int, most: int) -> list[int]:
    """The denials of the next open items."""
    rows = connection.execute(
        "select subject_id from (select subject_id, kind, done_at from work.items where item_id > %s "
        "order by item_id limit %s) next "
        "where kind in ('denial', 'rejection') and done_at is null order by 1",
        [after, most],
    ).fetchall()
    return [row[0] for row in rows]


def set_clocks(connection: Connection, prospects: pl.DataFrame) -> None:
    """The clock and the chance of items of denials as they are now: `denial`, `due_on`, `chance`.

    An item that is snoozed beyond its last day wakes.
    """
    connection.execute(
        _SET_CLOCKS.encode(),
        {
            "denials": prospects["denial"].to_list(), "days": prospects["due_on"].to_list(),
            "odds": prospects["chance"].to_list(),
        },
    )  # fmt: skip


def rank_again(
    connection: Connection, ranking: Mapping[str, object], after: int, most: int | None
) -> int | None:
    """The order of a new day, and who must approve by a new policy, of the next open items.

    Returns the last item that has it; None if no further one is left.
    """
    row = connection.execute(
        "select max(item_id), count(*) from "
        "(select item_id from work.items where item_id > %s order by item_id limit %s) next",
        [after, most],
    ).fetchone()
    assert row is not None
    to, count = row
    if to is None:
        return None
    connection.execute(_RANK_AGAIN.encode(), {**ranking, "after": after, "to": to})
    return None if most is None or count < most else int(to)


_NEXT = """
with ahead as (
  select s.subject_id, i.is_there is null as is_missing
  from (
    select subject_id from work.sources where kind = KIND and subject_id > %(after)s
    order by subject_id limit %(compared)s
  ) s
    left join lateral (
      select true as is_there from work.items i
      where i.kind = KIND and i.subject_id = s.subject_id and i.has_source limit 1
    ) i on true
)
select (select subject_id from ahead order by subject_id offset %(compared)s - 1 limit 1),
  (select subject_id from ahead where is_missing order by subject_id offset %(opened)s - 1 limit 1),
  (select subject_id from work.items where kind = KIND and has_source and subject_id > %(after)s
    order by subject_id offset %(compared)s - 1 limit 1)
"""
_SET_CLOCKS = """
with known as (
  select i.item_id, u.due_on, coalesce(round(u.chance::numeric, 3), i.chance) as chance
  from unnest(%(denials)s::bigint[], %(days)s::date[], %(odds)s::float8[]) as u(denial_id, due_on, chance)
    join work.items i on i.kind in ('denial', 'rejection') and i.subject_id = u.denial_id
  where i.done_at is null and u.due_on is not null
)
update work.items i set due_on = k.due_on, due_from = 'law', chance = k.chance,
  expected_cents = round(i.stake_cents * k.chance)::bigint,
  snoozed_until = case when i.snoozed_until <= k.due_on then i.snoozed_until end
from known k where k.item_id = i.item_id
  and ((i.due_on, i.due_from, i.chance) is distinct from (k.due_on, 'law', k.chance)
    or i.snoozed_until > k.due_on)
"""
_RANK_AGAIN = """
with ranked as (
  select item_id, work.per_day(expected_cents, due_on, %(today)s) as per_day_cents,
    stake_cents > %(approval_cents)s or category = any(%(approval_categories)s)
    or i.kind = 'claim_review' and exists (
      select from production.corrections k where k.corrected_key = i.subject_id and k.needs_approval
    ) as needs_approval
  from work.items i where done_at is null and item_id > %(after)s and item_id <= %(to)s
)
update work.items i set per_day_cents = r.per_day_cents, needs_approval = r.needs_approval
from ranked r where r.item_id = i.item_id
  and (i.per_day_cents, i.needs_approval) is distinct from (r.per_day_cents, r.needs_approval)
"""
