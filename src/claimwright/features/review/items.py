"""One item of the queue, for whoever may have it.

ItemNotFoundError   there is no such item, or it is of another facility
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from claimwright.foundation.errors import NotFoundError
from claimwright.platform.database import Connection
from claimwright.store.work_items import ItemFilter, ListedItem, list_items


class ItemNotFoundError(NotFoundError):
    """There is no such item."""


def item_of(
    connection: Connection, item_id: int, today: datetime.date, facilities: Sequence[str] | None
) -> ListedItem:
    """The item, if it is of one of these facilities; None: of any.

    Raises:
        ItemNotFoundError: there is no such item, or it is of another facility.
    """
    found = list_items(connection, ItemFilter(today, facilities, item_id=item_id), limit=1)
    if not found:
        raise ItemNotFoundError(f"there is no item {item_id}.")
    return found[0]
