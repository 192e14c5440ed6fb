"""To whom items go: by hand, by skill, facility and load, or one after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice

from claimwright.domain.work_items import AssignMethod
from claimwright.store.work_items import WorkItem
from claimwright.store.work_notes import Person

from .life import RefusedItem

BALANCED: AssignMethod = "balanced"
ROUND_ROBIN: AssignMethod = "round_robin"


@dataclass(frozen=True)
class Assignment:
    """To whom items are to go.

    Attributes:
        people: whoever may be given items.
        to: the account; None with `how` None lets go of the items.
        how: `balanced` (those whose skills have the category, at the item's facility, who have least) or
            `round_robin` (one after another, at the item's facility).
        may_assign: whether the caller may give items to others and take them away.
    """

    people: Sequence[Person]
    to: int | None = None
    how: AssignMethod | None = None
    may_assign: bool = False


def assign(
    items: Sequence[WorkItem], wanted: Assignment, me: int | None
) -> dict[int, int | RefusedItem | None]:
    """For each item, by id, the account to which it goes, or why it stays."""
    if wanted.how == BALANCED:
        return _balanced(items, wanted.people)
    if wanted.how == ROUND_ROBIN:
        return _round_robin(items, wanted.people)
    person = next((each for each in wanted.people if each.account_id == wanted.to), None)
    found: dict[int, int | RefusedItem | None] = {}
    for item in items:
        of_others = item.assignee_id not in {None, me} or wanted.to not in {None, me}
        if of_others and not wanted.may_assign:
            found[item.item_id] = RefusedItem(item.item_id, "not_permitted", "another person has to give it.")
        elif person is not None and not _is_at(person, item):
            found[item.item_id] = RefusedItem(
                item.item_id, "not_permitted", "the account does not cover the item's facility."
            )
        else:
            found[item.item_id] = wanted.to
    return found


def _balanced(items: Sequence[WorkItem], people: Sequence[Person]) -> dict[int, int | RefusedItem | None]:
    load = {each.account_id: each.open for each in people}
    found: dict[int, int | RefusedItem | None] = {}
    for item in sorted(items, key=lambda each: (-each.per_day_cents, each.item_id)):
        able = [
            each.account_id
            for each in people
            if _is_at(each, item) and (not each.skills or item.category in each.skills)
        ]
        # An item that its assignee keeps is no additional load.
        if item.assignee_id in load:
            load[item.assignee_id] -= 1
        chosen = min(able, key=lambda each: (load[each], each), default=None)
        if chosen is None:
            found[item.item_id] = _nobody(item)
            if item.assignee_id in load:
                load[item.assignee_id] += 1
            continue
        load[chosen] += 1
        found[item.item_id] = chosen
    return found


def _round_robin(items: Sequence[WorkItem], people: Sequence[Person]) -> dict[int, int | RefusedItem | None]:
    turns = cycle(people)
    found: dict[int, int | RefusedItem | None] = {}
    for item in sorted(items, key=lambda each: (-each.per_day_cents, each.item_id)):
        chosen = next((each for each in islice(turns, len(people)) if _is_at(each, item)), None)
        found[item.item_id] = _nobody(item) if chosen is None else chosen.account_id
    return found


def _is_at(person: Person, item: WorkItem) -> bool:
    return person.facilities is None or item.facility in person.facilities


def _nobody(item: WorkItem) -> RefusedItem:
    return RefusedItem(item.item_id, "nobody", "nobody has the category and the facility.")
