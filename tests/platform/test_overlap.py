"""Work that overlaps: order, errors, bounds."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from claimwright.foundation.overlap import Leg, Relay, ahead, spread

# Seconds after which a test that waits for a thread says that it hangs.
HANGS = 120


def all_end(name: str) -> bool:
    """Whether the threads whose names begin so come to an end."""
    for thread in threading.enumerate():
        if thread.name.startswith(name):
            thread.join(HANGS)
    return not any(thread.name.startswith(name) for thread in threading.enumerate())


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
    second = threading.Event()

    def making() -> Iterator[int]:
        for number in range(10):
            made.append(number)
            if number == 1:
                second.set()
            yield number

    items = ahead(making())
    assert next(items) == 0
    assert second.wait(HANGS)
    # Time for a third one, which must not come.
    time.sleep(0.1)
    assert made == [0, 1]


def test_a_consumer_that_stops_ends_the_thread() -> None:
    items = ahead(iter(range(1000)))
    next(items)
    items.close()  # type: ignore[attr-defined]
    assert all_end("ahead")


def test_results_come_in_the_order_of_their_items_however_long_each_takes() -> None:
    def slow_first(number: int) -> int:
        time.sleep(0.02 if number % 2 == 0 else 0)
        return number * number

    assert list(spread(slow_first, range(20), workers=3)) == [number * number for number in range(20)]


def test_an_item_that_fails_raises_where_its_result_would_have_come() -> None:
    results = spread(lambda number: 1 // (2 - number), range(10))
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_a_source_that_fails_raises_after_the_results_before_it() -> None:
    def failing() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("broken")

    results = spread(str, failing())
    assert [next(results), next(results)] == ["1", "2"]
    with pytest.raises(ValueError, match="broken"):
        next(results)


def test_no_more_items_are_drawn_than_there_are_workers_and_one_and_results_taken() -> None:
    drawn: list[int] = []

    def drawing() -> Iterator[int]:
        for number in range(20):
            drawn.append(number)
            yield number

    results = spread(str, drawing(), workers=2)
    assert next(results) == "0"
    # Time for more, which must not come.
    time.sleep(0.2)
    assert len(drawn) <= 4
    assert list(results) == [str(number) for number in range(1, 20)]


def test_a_consumer_of_results_that_stops_ends_the_threads() -> None:
    results = spread(str, range(1000))
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert all_end("spread")


def test_a_relay_hands_its_value_on_in_order_whatever_the_threads_do() -> None:
    relay = Relay(0)

    def count(taken: tuple[int, Leg[int]]) -> tuple[int, int]:
        number, leg = taken
        time.sleep(0.01 if number % 3 == 0 else 0)
        return number, leg.run(lambda value: (value, value + 1))

    results = list(spread(count, ((number, relay.leg()) for number in range(30)), workers=3))
    assert results == [(number, number) for number in range(30)]


def test_a_piece_of_work_that_fails_hands_the_value_on_as_it_was() -> None:
    relay = Relay(7)
    first, second = relay.leg(), relay.leg()
    with pytest.raises(ZeroDivisionError):
        first.guarded(lambda: 1 // 0)
    assert second.run(lambda value: (value, value)) == 7
