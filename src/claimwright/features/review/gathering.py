"""Items follow what they are about. Called before the queue is read or worked on, in its own transaction.

Nothing in the pipeline's path knows of work items. Gathering costs one look at the end of the audit log while
no source has changed, and one comparison of items and sources otherwise.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from claimwright.domain.caller import Caller
from claimwright.features.denials import denial_prospects
from claimwright.foundation import clock
from claimwright.platform.database import Connection
from claimwright.store import work_gathering as store
from claimwright.store.work_gathering import Gathered

from .audit_events import record_gathered
from .policy import ReviewPolicy

# Denials whose legal clocks are looked up when they arrive. Of more at once, as when the queue is first
# opened, the others keep the service level's day: looking up 100,000 takes half a minute.
MOST_CLOCKS = 20_000


@dataclass(frozen=True)
class GatheredItems:
    """How many items a gathering opened and closed."""

    opened: int
    closed: int


def gather_items(caller: Caller, connection: Connection, policy: ReviewPolicy) -> GatheredItems:
    """Open items for new sources, close those whose source is gone, and order them anew on a new day."""
    before = store.read_position(connection)
    ranking = policy.ranking(clock.today(), clock.now())
    is_ranked = before.ranked_on == ranking.today and before.policy == ranking.policy
    if is_ranked and not store.changes_after(connection, before.position):
        return GatheredItems(0, 0)
    store.lock_gathering(connection)
    # Somebody else may have gathered in the meantime. What is committed after this look is found next time.
    before = store.read_position(connection)
    is_ranked = before.ranked_on == ranking.today and before.policy == ranking.policy
    changes: list[Gathered] = []
    if changed := store.changes_after(connection, before.position):
        changes += store.verify_resubmitted(connection, ranking, changed)
        changes += store.close_gone(connection, ranking, changed)
        opened = store.open_new(connection, ranking, changed)
        if opened:
            _set_prospects(caller, connection, ranking)
        changes += opened
    if not is_ranked:
        store.rank_again(connection, ranking)
    store.keep_position(connection, before.head, ranking)
    if changes:
        record_gathered(caller, connection, changes, str(uuid.uuid4()))
    return GatheredItems(
        sum(each.count for each in changes if each.to_state == "new"),
        sum(each.count for each in changes if each.to_state == "closed"),
    )


def _set_prospects(caller: Caller, connection: Connection, ranking: store.Ranking) -> None:
    denials = store.arrived_denials(connection)[-MOST_CLOCKS:]
    if not denials:
        return
    found = denial_prospects(caller, connection, denials, ranking.today)
    store.set_prospects(connection, found, ranking)
