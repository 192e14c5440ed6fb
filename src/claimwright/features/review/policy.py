"""What the tenant's installation says of work items: who must approve, and when they are due."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from claimwright.domain.work_items import ItemPriority
from claimwright.store.work_gathering import Ranking

from .categories import CATEGORY_OF_FINDING, CHANCE, CHANCES

# Expected recovery per day that is left, in cents, from which an item has a priority; below the last, low.
# Working a claim costs 25 dollars or more (engines.denials.worth): 10 dollars a day pay for it within a few
# days, 100 at once.
PRIORITIES: Mapping[ItemPriority, int] = {"high": 10_000, "normal": 1_000}


@dataclass(frozen=True)
class ReviewPolicy:
    """Settings of work items; `due_days` by priority: high, normal, low."""

    approval_cents: int = 1_000_000
    approval_categories: Sequence[str] = ()
    due_days: tuple[int, int, int] = (2, 7, 21)

    def ranking(self, today: datetime.date, now: datetime.datetime) -> Ranking:
        """What the statements of gathering need."""
        categories = sorted(self.approval_categories)
        return Ranking(
            today, now, CATEGORY_OF_FINDING, CHANCES, CHANCE, PRIORITIES["high"], PRIORITIES["normal"],
            *self.due_days, self.approval_cents, categories,
            policy=f"{self.approval_cents} {' '.join(categories)}",
        )  # fmt: skip


def priority_of(per_day_cents: int) -> ItemPriority:
    """The word for an expected recovery per day."""
    return next((word for word, limit in PRIORITIES.items() if per_day_cents >= limit), "low")


def priority_range(word: str) -> tuple[int | None, int | None]:
    """The expected cents a day of a priority, from the first to before the second."""
    return {
        "high": (PRIORITIES["high"], None),
        "normal": (PRIORITIES["normal"], PRIORITIES["high"]),
        "low": (None, PRIORITIES["normal"]),
    }[word]
