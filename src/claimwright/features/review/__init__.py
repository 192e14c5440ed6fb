"""One queue of what waits for a person: claims in review, dead letters, rejections, denials, answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claimwright.foundation.lazy import lazy_exports
from claimwright.store.work_items import SORTS, ItemFilter, is_assigned
from claimwright.store.work_notes import HistoryEntry, Person, active_people

if TYPE_CHECKING:
    from .acting import MOST_ITEMS, ActError, ActResult, WantedAct, account_of_actor, act_on
    from .assigning import BALANCED, ROUND_ROBIN, Assignment
    from .attachments import (
        LARGEST_ATTACHMENT,
        Attachment,
        AttachmentError,
        attach,
        claim_of_item,
        list_attachments,
        open_attachment,
    )
    from .categories import CATEGORIES
    from .gathering import GatheredItems, gather_items, is_gathered
    from .items import ItemNotFoundError
    from .life import ACTS, PROPOSALS, RefusedItem
    from .listing import (
        MOST_COUNTED,
        ItemGroup,
        ItemInFull,
        ItemPage,
        QueueDay,
        QueueSummary,
        ShownItem,
        count_open,
        default_states,
        export_work,
        item_in_full,
        list_work,
        summarize,
    )
    from .notes import ItemNote, NoteError, add_note, choose_skills, withdraw_own_note
    from .policy import PRIORITIES, ReviewPolicy, priority_range

__all__ = [
    "ACTS",
    "BALANCED",
    "CATEGORIES",
    "LARGEST_ATTACHMENT",
    "MOST_COUNTED",
    "MOST_ITEMS",
    "PRIORITIES",
    "PROPOSALS",
    "ROUND_ROBIN",
    "SORTS",
    "ActError",
    "ActResult",
    "Assignment",
    "Attachment",
    "AttachmentError",
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
    "attach",
    "choose_skills",
    "claim_of_item",
    "count_open",
    "default_states",
    "export_work",
    "gather_items",
    "is_assigned",
    "is_gathered",
    "item_in_full",
    "list_attachments",
    "list_work",
    "open_attachment",
    "priority_range",
    "summarize",
    "withdraw_own_note",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "acting": ("MOST_ITEMS", "ActError", "ActResult", "WantedAct", "account_of_actor", "act_on"),
        "attachments": (
            "LARGEST_ATTACHMENT",
            "Attachment",
            "AttachmentError",
            "attach",
            "claim_of_item",
            "list_attachments",
            "open_attachment",
        ),
        "assigning": ("BALANCED", "ROUND_ROBIN", "Assignment"),
        "categories": ("CATEGORIES",),
        "gathering": ("GatheredItems", "gather_items", "is_gathered"),
        "life": ("ACTS", "PROPOSALS", "RefusedItem"),
        "listing": (
            "MOST_COUNTED",
            "count_open",
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
        "items": ("ItemNotFoundError",),
        "notes": ("ItemNote", "NoteError", "add_note", "choose_skills", "withdraw_own_note"),
        "policy": ("PRIORITIES", "ReviewPolicy", "priority_range"),
    },
)
