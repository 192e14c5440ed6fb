"""What is hidden of few claims, and that it can't be worked out from the rest."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from claimwright.engines.kpis.evaluation import SUPPRESSED, Value, suppress_small


def hidden(*counts: int) -> list[int]:
    """Which of groups with so many claims are hidden, by their places."""
    found = suppress_small({(0, (str(at),)): Value(n, n, None, n) for at, n in enumerate(counts)})
    return sorted(int(key[1][0]) for key, each in found.items() if each.reason == SUPPRESSED)


def test_one_small_group_hides_the_smallest_other_one() -> None:
    assert hidden(3, 40, 20, 0) == [0, 2]
    assert hidden(40, 20) == []
    assert hidden(10) == [0]
    assert hidden(11) == []


def test_two_groups_of_one_claim_are_not_told_by_their_sum() -> None:
    # 62 in all, 60 of them shown: two groups that share 2 have one each.
    assert hidden(1, 1, 40, 20) == [0, 1, 3]
    assert hidden(5, 6, 40) == [0, 1]


def test_a_small_whole_has_no_other_to_hide() -> None:
    found = suppress_small({(0, ()): Value(3, 3, None, 3), (1, ()): Value(40, 40, None, 40)})
    assert [each.reason for each in found.values()] == [SUPPRESSED, None]


@given(st.lists(st.integers(0, 60), min_size=1, max_size=8))
def test_what_is_hidden_sums_up_to_eleven_or_is_all_there_is(counts: list[int]) -> None:
    gone = hidden(*counts)
    assert {at for at, count in enumerate(counts) if 0 < count < 11} <= set(gone)
    if gone:
        left = [count for at, count in enumerate(counts) if at not in gone and count]
        assert not left or (len(gone) > 1 and sum(counts[at] for at in gone) >= 11)
