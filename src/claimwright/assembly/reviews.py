"""The queue of work items of a store, as the settings have it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.features.review import GatheredItems, Person, ReviewPolicy
    from claimwright.platform.access import Access
    from claimwright.platform.database import Connection, Database
    from claimwright.platform.settings import Settings


def review_policy(settings: Settings) -> ReviewPolicy:
    """Who must approve, and when items are due."""
    from claimwright.features.review import ReviewPolicy

    review = settings.review
    return ReviewPolicy(
        review.approval_dollars * 100,
        tuple(review.approval_categories),
        (review.due_days_high, review.due_days_normal, review.due_days_low),
    )


def gather(caller: Caller, settings: Settings, database: Database) -> GatheredItems:
    """Bring the items of the caller's tenant up to date, before they are read or worked on."""
    from claimwright.features.review import gather_items

    with database.transaction(caller) as connection:
        return gather_items(caller, connection, review_policy(settings))


def workers_of(access: Access, connection: Connection) -> Sequence[Person]:
    """The active accounts whose roles allow to work on items."""
    from claimwright.features.review import active_people

    return [each for each in active_people(connection) if access.decide(each.roles, "queue.work").allowed]
