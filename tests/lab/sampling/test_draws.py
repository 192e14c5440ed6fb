"""Draws: the same for ever, each owner's own, and fair."""

from __future__ import annotations

import numpy as np

from claimwright_lab.sampling.draws import Draws

OWNERS = np.arange(50_000, dtype=np.int64)


def test_a_draw_is_the_same_with_every_version_of_every_library() -> None:
    """SplitMix64 over the owner and the BLAKE2b of seed and purpose, worked through in plain integers."""
    import hashlib

    mask = 2**64 - 1

    def mixed(value: int) -> int:
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 & mask
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB & mask
        return value ^ (value >> 31)

    step = 0x9E3779B97F4A7C15
    key = int.from_bytes(hashlib.blake2b(b"7:age", digest_size=8).digest(), "little")
    expected = [mixed((mixed((owner * step + key) & mask) + step) & mask) for owner in (0, 1, 4_999)]
    drawn = Draws(7, np.array([0, 1, 4_999], dtype=np.int64)).bits("age")
    assert drawn.tolist() == expected


def test_an_owner_draws_the_same_alone_and_among_others() -> None:
    among = Draws(7, OWNERS).below("age", 90)
    alone = Draws(7, np.array([123], dtype=np.int64)).below("age", 90)
    assert among[123] == alone[0]


def test_purposes_seeds_and_owners_draw_apart() -> None:
    draws = Draws(7, OWNERS)
    assert not np.array_equal(draws.bits("age"), draws.bits("sex"))
    assert not np.array_equal(draws.bits("age"), Draws(8, OWNERS).bits("age"))
    assert len(np.unique(draws.bits("age"))) == len(OWNERS)


def test_draws_are_even_over_their_range() -> None:
    counts = np.bincount(Draws(7, OWNERS).below("die", 6), minlength=6)
    # 50,000 throws of a die: 8,333 each, with a standard deviation of 83.
    assert len(counts) == 6
    assert (abs(counts - 50_000 / 6) < 5 * 83).all()


def test_both_ends_of_a_range_are_drawn() -> None:
    assert set(Draws(7, OWNERS).between("days", 3, 5).tolist()) == {3, 4, 5}


def test_what_weighs_nothing_is_never_drawn() -> None:
    drawn = Draws(7, OWNERS).one_of("form", [0, 3, 0, 1])
    assert set(drawn.tolist()) == {1, 3}
    assert abs((drawn == 1).mean() - 0.75) < 0.02
