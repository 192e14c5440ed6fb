"""Pagination: items in order of a key, and a cursor for the next page.

A page begins after the last key of the previous page, so new rows do not shift or repeat items. A cursor
belongs to one list with one set of filters; another list refuses it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query, Request
from pydantic import BaseModel, Field

from claimwright.platform.list_order import Place, after_key

from .errors import ApiError, Detail

T = TypeVar("T")
MOST = 1_000
# Of a whole number in the database.
_LARGEST = 2**63 - 1
_LONGEST = 100
# What changes neither the items of a list nor their order.
_NOT_OF_THE_LIST = frozenset({"cursor", "limit", "fields"})


class Page(BaseModel, Generic[T]):
    """Some items of a list; `next` is null on the last page."""

    items: list[T]
    next: str | None
    withheld: dict[str, str] = Field(
        default={},
        description="Fields that are null in all or some items since they may not be seen, and why.",
    )


@dataclass(frozen=True)
class Wanted:
    """The requested page: after which key, and the maximum number of items."""

    after: int | None
    limit: int
    of: str
    # Of a list in another order than that of its keys: the value of the order, and the key.
    after_pair: tuple[int, int] | None = None
    # Where the page before ended, in an order of `claimwright.platform.list_order`.
    place: Place | None = None

    def page(self, items: Sequence[T], key: Callable[[T], int | Place]) -> Page[T]:
        """The items as a page; a full page has a cursor for the next one."""
        return self.page_until(items, key(items[-1]) if len(items) >= self.limit else None)

    def page_until(self, items: Sequence[T], last: int | Place | None) -> Page[T]:
        """The items as a page that ends at a key; None for the last page."""
        return Page(items=list(items), next=self.cursor(last))

    def cursor(self, last: int | Place | None) -> str | None:
        """The cursor of a page that ends at a key, or at a value of its order and a key."""
        if last is None:
            return None
        said = json.dumps([last, self.of]).encode()
        return base64.urlsafe_b64encode(said).decode().rstrip("=")


def wanted_page(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=MOST, description="At most so many items.")] = 100,
    cursor: Annotated[str | None, Query(max_length=200, description="`next` of the page before.")] = None,
) -> Wanted:
    """The page that a request asks for.

    Raises:
        ApiError: the cursor is invalid, or belongs to another list.
    """
    filters = sorted((k, v) for k, v in request.query_params.multi_items() if k not in _NOT_OF_THE_LIST)
    of = hashlib.sha256(json.dumps([request.url.path, filters]).encode()).hexdigest()[:16]
    after, pair, place = None, None, None
    if cursor is not None:
        try:
            last, known = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
            if not isinstance(last, list):
                after = int(last)
                place = after_key(after)
            elif isinstance(last[0], str):
                place = (last[0], int(last[1]))
            else:
                place = pair = (int(last[0]), int(last[1]))
            if any(
                len(each) > _LONGEST if isinstance(each, str) else abs(each) > _LARGEST
                for each in place or ()
            ):
                known = None
            for each in place or ():
                # A text of a forged cursor may be none that can be stored.
                str(each).encode()
        # Also numbers that are none: JSON here has infinite ones.
        except (binascii.Error, ValueError, TypeError, IndexError, OverflowError, KeyError):
            known = None
        if known != of:
            wrong = Detail(field="query.cursor", message="it belongs to another list or other filters.")
            raise ApiError("invalid_request", "the cursor does not belong to this list.", details=[wrong])
    return Wanted(after, limit, of, pair, place)


Paging = Annotated[Wanted, Depends(wanted_page)]
