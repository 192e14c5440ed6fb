"""Work one step ahead: order, errors, bounds."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from claimwright.platform.overlap import ahead


def test_items_come_in_order() -> None:
    assert list(ahead(iter(range(100)))) == list(range(100))


def test_an_error_comes_where_its_item_would_have() -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    items = ahead(failing())
    assert next(items) == 1
    with pytest.raises(ValueError, match="broken"):
        next(items)


def test_no_more_than_one_item_is_made_ahead() -> None:
    made: list[int] = []

    def making() -> Iterator[int]:
        for number in range(10):
            made.append(number)
            yield number

    items = ahead(making())
    assert next(items) == 0
    time.sleep(0.1)
    assert made == [0, 1]


def test_a_consumer_that_stops_ends_the_thread() -> None:
    items = ahead(iter(range(1000)))
    next(items)
    items.close()  # type: ignore[attr-defined]
    time.sleep(0.2)
    assert not [thread for thread in threading.enumerate() if thread.name == "ahead"]
