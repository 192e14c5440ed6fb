"""The queue of work items of a store, as the settings have it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from claimwright.foundation import clock

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.features.review import GatheredItems, Person, ReviewPolicy
    from claimwright.platform.access import Access
    from claimwright.platform.database import Connection, Database
    from claimwright.platform.settings import Settings


# What a request that reads the queue spends on bringing items in; the server brings in the others meanwhile.
GATHER_SECONDS = 0.25


def review_policy(settings: Settings) -> ReviewPolicy:
    """Who must approve, and when items are due."""
    from claimwright.features.review import ReviewPolicy

    review = settings.review
    return ReviewPolicy(
        review.approval_dollars * 100,
        tuple(review.approval_categories),
        (review.due_days_high, review.due_days_normal, review.due_days_low),
    )


def gather(
    caller: Caller,
    settings: Settings,
    database: Database,
    *,
    subjects: Sequence[int] = (),
    within: float | None = None,
    waits: bool = False,
    is_stopped: Callable[[], bool] = lambda: False,
) -> GatheredItems:
    """Bring the items of the caller's tenant up to date, before they are read or worked on, step by step.

    Without `within` until nothing is left. With it, for at most so many seconds and one step: the result says
    whether something is left. The items of `subjects`, claims or denials by key, are up to date in any case.
    `waits` for the step that somebody else is taking, as whoever changes items must.
    """
    from claimwright.features.review import GatheredItems, gather_items

    policy, begun = review_policy(settings), clock.seconds()
    total = GatheredItems(0, 0, is_whole=False)
    while not total.is_whole and not is_stopped():
        must_wait = waits or within is None or bool(subjects)
        with database.transaction(caller) as connection:
            found = gather_items(caller, connection, policy, subjects=subjects, waits=must_wait)
        total, subjects = total + found, ()
        if within is not None and clock.seconds() - begun >= within:
            break
    return total


def workers_of(
    access: Access, connection: Connection, *, facilities: Sequence[str] | None = None
) -> Sequence[Person]:
    """The active accounts whose roles allow to work on items. Where facilities are given, those that cover
    one of them; of each, only these facilities and the open items at them.
    """
    from claimwright.features.review import active_people

    people = [
        each
        for each in active_people(connection, facilities=facilities)
        if access.decide(each.roles, "queue.work").allowed
    ]
    if facilities is None:
        return people
    own = set(facilities)
    shown = [
        each if each.facilities is None else replace(each, facilities=sorted(own & set(each.facilities)))
        for each in people
    ]
    return [each for each in shown if each.facilities != []]
