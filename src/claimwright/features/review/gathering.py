"""Items follow what they are about. Called before the queue is read or worked on, in its own transactions.

Nothing in the pipeline's path knows of work items. Gathering costs one look at the end of the audit log while
no source has changed, and one comparison of items and sources otherwise. A step is short, however much there
is to compare: a request takes some steps and says whether others are left, and the server takes those.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from claimwright.domain.caller import Caller
from claimwright.features.denials import denial_prospects
from claimwright.foundation import clock
from claimwright.platform.database import Connection
from claimwright.store import work_gathering as store
from claimwright.store import work_passes as passes
from claimwright.store.work_gathering import Changes, Gathered
from claimwright.store.work_passes import Position

from .audit_events import record_gathered
from .policy import ReviewPolicy


@dataclass(frozen=True)
class GatheredItems:
    """How many items a gathering opened and closed, and whether nothing is left to compare."""

    opened: int
    closed: int
    is_whole: bool = True

    def __add__(self, other: GatheredItems) -> GatheredItems:
        return GatheredItems(self.opened + other.opened, self.closed + other.closed, other.is_whole)


def gather_items(
    caller: Caller,
    connection: Connection,
    policy: ReviewPolicy,
    *,
    subjects: Sequence[int] = (),
    waits: bool = True,
) -> GatheredItems:
    """Take one step: open items for new sources, close those whose source is gone, order them on a new day.

    The items of `subjects`, claims or denials by key, are exact after it, whatever else is left. Without
    `waits`, nothing is done while somebody else takes a step.
    """
    before = passes.read_position(connection)
    ranking = policy.ranking(clock.today(), clock.now())
    is_current = not subjects and before.is_whole and _is_ranked(before, ranking)
    if is_current and not store.changes_after(connection, before.position):
        return GatheredItems(0, 0)
    if not passes.lock_gathering(connection, waits=waits):
        return GatheredItems(0, 0, is_whole=False)
    # Somebody else may have gathered in the meantime. What is committed after this look is found next time.
    before = passes.read_position(connection)
    changes: list[Gathered] = []
    changed = store.changes_after(connection, before.position)
    reached = replace(before, position=before.head)
    if changed.subjects is None:
        reached = reached.with_pass()
    if named := sorted({*(changed.subjects or ()), *subjects}):
        changes += _compare(caller, connection, ranking, Changes(named))
    reached, found = _next_windows(caller, connection, ranking, reached)
    changes += found
    if store.clocks_changed_after(connection, before.position):
        reached = replace(reached, ranked_to=0)
    reached = _rank(caller, connection, ranking, before, reached)
    passes.keep_position(connection, reached)
    if changes:
        record_gathered(caller, connection, changes, str(uuid.uuid4()))
    return GatheredItems(
        sum(each.count for each in changes if each.to_state == "new"),
        sum(each.count for each in changes if each.to_state == "closed"),
        reached.is_whole,
    )


def is_gathered(connection: Connection, policy: ReviewPolicy) -> bool:
    """Whether items are up to date: a step would find nothing."""
    position = passes.read_position(connection)
    return (
        position.is_whole
        and _is_ranked(position, policy.ranking(clock.today(), clock.now()))
        and not store.changes_after(connection, position.position)
    )


def _is_ranked(position: Position, ranking: store.Ranking) -> bool:
    return position.ranked_on == ranking.today and position.policy == ranking.policy


def _next_windows(
    caller: Caller, connection: Connection, ranking: store.Ranking, reached: Position
) -> tuple[Position, list[Gathered]]:
    """The next windows of the pass, until one was full: a small store is compared in one step."""
    changes: list[Gathered] = []
    while window := passes.next_window(connection, reached):
        changes += _compare(caller, connection, ranking, Changes(None, window))
        reached = reached.past(window)
        if reached.pass_after:
            break
    return reached, changes


def _compare(
    caller: Caller, connection: Connection, ranking: store.Ranking, changed: Changes
) -> list[Gathered]:
    changes = store.verify_resubmitted(connection, ranking, changed)
    changes += store.close_gone(connection, ranking, changed)
    denials = store.arrive(connection, changed)
    if denials is None:
        return changes
    known = denial_prospects(caller, connection, denials, ranking.today) if denials else None
    return changes + store.open_new(connection, ranking, known)


def _rank(
    caller: Caller, connection: Connection, ranking: store.Ranking, before: Position, reached: Position
) -> Position:
    """Order open items anew: in steps on a new day, at once under a new policy: it says who approves.

    In steps, denials are weighed anew: what a clock leaves is less every day, and a contract may change it.
    """
    is_new_policy = before.policy is not None and before.policy != ranking.policy
    if before.ranked_on is not None and not _is_ranked(before, ranking):
        reached = replace(reached, ranked_to=0)
    if reached.ranked_to is not None:
        most = None if is_new_policy else passes.MOST_RANKED
        if most is not None and (denials := passes.denials_at(connection, reached.ranked_to, most)):
            known = denial_prospects(caller, connection, denials, ranking.today)
            passes.set_clocks(connection, known)
        ranked_to = passes.rank_again(connection, ranking.values(), reached.ranked_to, most)
        reached = replace(reached, ranked_to=ranked_to)
    return replace(reached, ranked_on=ranking.today, policy=ranking.policy)
