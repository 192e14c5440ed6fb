"""Work put away one step behind: order, errors, bounds."""

from __future__ import annotations

import threading

import pytest

from claimwright.foundation.overlap import Behind


def test_items_are_put_away_in_order_and_all_of_them_at_the_end() -> None:
    done: list[int] = []
    with Behind[int](done.append) as behind:
        for number in range(50):
            behind.put(number)
    assert done == list(range(50))


def test_what_goes_wrong_is_raised_and_nothing_after_it_is_put_away() -> None:
    done: list[int] = []

    def failing(number: int) -> None:
        if number == 2:
            raise ValueError("broken")
        done.append(number)

    def putting() -> None:
        with Behind[int](failing) as behind:
            for number in range(50):
                behind.put(number)

    with pytest.raises(ValueError, match="broken"):
        putting()
    assert done == [0, 1]


def test_the_last_item_that_goes_wrong_is_told_as_well() -> None:
    def failing(_: int) -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"), Behind[int](failing) as behind:
        behind.put(1)


def test_no_more_than_its_depth_waits() -> None:
    free, put = threading.Event(), []

    def putting() -> None:
        with Behind[int](lambda _: free.wait(120), depth=1) as behind:
            for number in range(4):
                behind.put(number)
                put.append(number)

    thread = threading.Thread(target=putting)
    thread.start()
    thread.join(0.3)
    # One is being put away, one waits, however long anybody looks on.
    assert len(put) <= 2
    free.set()
    thread.join(120)
    assert put == [0, 1, 2, 3]
