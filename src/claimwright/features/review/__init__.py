"""One queue of what waits for a person: claims in review, dead letters, rejections, denials, answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claimwright.foundation.lazy import lazy_exports
from claimwright.store.work_items import SORTS, ItemFilter
from claimwright.store.work_notes import HistoryEntry, Person, active_people

if TYPE_CHECKING:
    from .acting import MOST_ITEMS, ActError, ActResult, WantedAct, account_of_actor, act_on
    from .assigning import BALANCED, ROUND_ROBIN, Assignment
    from .categories import CATEGORIES
    from .gathering import GatheredItems, gather_items
    from .life import ACTS, PROPOSALS, RefusedItem
    from .listing import (
        ItemGroup,
        ItemInFull,
        ItemPage,
        QueueDay,
        QueueSummary,
        ShownItem,
        default_states,
        export_work,
        item_in_full,
        list_work,
        summarize,
    )
    from .notes import ItemNote, ItemNotFoundError, NoteError, add_note, choose_skills
    from .policy import PRIORITIES, ReviewPolicy, priority_range

__all__ = [
    "ACTS",
    "BALANCED",
    "CATEGORIES",
    "MOST_ITEMS",
    "PRIORITIES",
    "PROPOSALS",
    "ROUND_ROBIN",
    "SORTS",
    "ActError",
    "ActResult",
    "Assignment",
    "GatheredItems",
    "HistoryEntry",
    "ItemFilter",
    "ItemGroup",
    "ItemInFull",
    "ItemNotFoundError",
    "ItemNote",
    "ItemPage",
    "NoteError",
    "Person",
    "QueueDay",
    "QueueSummary",
    "RefusedItem",
    "ReviewPolicy",
    "ShownItem",
    "WantedAct",
    "account_of_actor",
    "act_on",
    "active_people",
    "add_note",
    "choose_skills",
    "default_states",
    "export_work",
    "gather_items",
    "item_in_full",
    "list_work",
    "priority_range",
    "summarize",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "acting": ("MOST_ITEMS", "ActError", "ActResult", "WantedAct", "account_of_actor", "act_on"),
        "assigning": ("BALANCED", "ROUND_ROBIN", "Assignment"),
        "categories": ("CATEGORIES",),
        "gathering": ("GatheredItems", "gather_items"),
        "life": ("ACTS", "PROPOSALS", "RefusedItem"),
        "listing": (
            "QueueDay",
            "ItemGroup",
            "ItemInFull",
            "ItemPage",
            "QueueSummary",
            "ShownItem",
            "default_states",
            "export_work",
            "item_in_full",
            "list_work",
            "summarize",
        ),
        "notes": ("ItemNotFoundError", "ItemNote", "NoteError", "add_note", "choose_skills"),
        "policy": ("PRIORITIES", "ReviewPolicy", "priority_range"),
    },
)
