"""Planted behaviour among 90 days of ordinary work is found, and the ordinary work is not."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from claimwright.features.access_watch import PAST_DAYS, unusual_accesses
from claimwright.platform.audit import PhiAccess

DAY = datetime.date(2026, 11, 26)
UTC = datetime.UTC
# Patients, by a number; a surname is shared as in a town: few are common, most are rare.
PATIENTS, SURNAMES = 6_000, 1_500


def at(day: datetime.date, hour: float) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(), UTC) + datetime.timedelta(hours=float(hour))


class Town:
    """A team at work: people with their own hours, volumes and ways of working."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        weights = 1 / np.arange(1, SURNAMES + 1)
        self.surname = self.rng.choice(SURNAMES, PATIENTS, p=weights / weights.sum())

    def opened(
        self, who: str, when: datetime.datetime, key: int, patient: int, *, glass: bool = False
    ) -> PhiAccess:
        return PhiAccess(when, who, key, glass, f"s{self.surname[patient]}", f"p{patient}")

    def day_of(self, who: str, day: datetime.date) -> list[PhiAccess]:
        """One person's ordinary day."""
        number = int(who.rpartition(":")[2])
        weekend = day.weekday() >= 5
        # Number 8 works nights and weekends, 9 half days; everybody is away on some days.
        if (weekend and number != 8) or self.rng.random() < 0.08:
            return []
        mean = {7: 60, 9: 8}.get(number, 25)
        count = int(self.rng.poisson(mean * (2 if self.rng.random() < 0.05 else 1)))
        start = {8: 22.0}.get(number, 13.0)
        hours = np.sort(start + self.rng.uniform(0, 4 if number == 9 else 8, count))
        keys = np.sort(self.rng.integers(1, 400_000, count))
        if number in {6, 7}:
            # Works through the queue of a file in order: every other key or so.
            keys = self.rng.integers(1, 390_000) + np.cumsum(1 + (self.rng.random(count) < 0.3))
        patients = self.rng.integers(0, PATIENTS, count)
        glass = self.rng.random(count) < (0.004 if number in {4, 5} else 0)
        return [
            self.opened(who, at(day, hour), int(key), int(patient), glass=bool(broken))
            for hour, key, patient, broken in zip(hours, keys, patients, glass, strict=True)
        ]

    def past(self, days: int = PAST_DAYS) -> list[PhiAccess]:
        """Ordinary days up to and with the last."""
        found = []
        for number in range(days, -1, -1):
            day = DAY - datetime.timedelta(days=number)
            for person in range(1, 13):
                found += self.day_of(f"user:{person}", day)
        return found


@pytest.fixture(scope="module")
def town() -> tuple[Town, list[PhiAccess]]:
    made = Town(1)
    return made, made.past(2 * PAST_DAYS)


def kinds(accesses: list[PhiAccess], day: datetime.date = DAY) -> list[tuple[str, str]]:
    first = at(day, 0) - datetime.timedelta(days=PAST_DAYS)
    window = [each for each in accesses if first <= each.at < at(day, 24)]
    return [(each.kind, each.actor) for each in unusual_accesses(window, day)]


def test_three_months_of_ordinary_work_raise_no_alert(town: tuple[Town, list[PhiAccess]]) -> None:
    _, ordinary = town
    found = [
        (number, each)
        for number in range(0, PAST_DAYS, 9)
        for each in kinds(ordinary, DAY - datetime.timedelta(days=number))
    ]
    # Ten days of twelve people.
    assert found == []


def planted(town: Town, what: str) -> tuple[str, list[PhiAccess]]:
    rng = np.random.default_rng(5)

    def some(count: int) -> list[int]:
        return [int(each) for each in rng.integers(0, PATIENTS, count)]

    evening = [13 + number / 60 for number in range(400)]
    match what:
        case "volume":
            opened = enumerate(zip(evening[:140], some(140), strict=True))
            return "user:2", [town.opened("user:2", at(DAY, hour), 7 * n + 3, p) for n, (hour, p) in opened]
        case "volume_of_peers":
            opened = enumerate(zip(evening[:400], some(400), strict=True))
            return "user:77", [town.opened("user:77", at(DAY, hour), 5 * n + 2, p) for n, (hour, p) in opened]
        case "hours":
            return "user:3", [
                town.opened("user:3", at(DAY, 3 + n / 10), 11 * n, p) for n, p in enumerate(some(8))
            ]
        case "walk":
            return "user:1", [
                town.opened("user:1", at(DAY, 15 + n / 100), 1_000 + n, p) for n, p in enumerate(some(22))
            ]
        case "break_glass":
            return "user:4", [
                town.opened("user:4", at(DAY, 16 + n / 10), 13 * n, p, glass=True)
                for n, p in enumerate(some(9))
            ]
    rare = [[int(each) for each in np.flatnonzero(town.surname == name)] for name in range(200, SURNAMES)]
    family = next(each for each in rare if len(each) >= 5)[:5]
    days = [DAY - datetime.timedelta(days=n) for n in (4, 3, 1, 0, 0)]
    return "user:10", [
        town.opened("user:10", at(day, 17), 17 * n, patient)
        for n, (day, patient) in enumerate(zip(days, family, strict=True))
    ]


@pytest.mark.parametrize("what", ["volume", "volume_of_peers", "hours", "walk", "break_glass", "family"])
def test_planted_behaviour_is_found_for_what_it_is_and_of_whom(
    town: tuple[Town, list[PhiAccess]], what: str
) -> None:
    made, ordinary = town
    who, more = planted(made, what)
    before = set(kinds(ordinary))
    found = kinds(sorted([*ordinary, *more], key=lambda each: each.at))
    assert (what, who) in found
    assert (what, who) not in before
    assert {actor for _, actor in set(found) - before} == {who}


def test_little_is_never_unusual() -> None:
    past = [PhiAccess(at(DAY - datetime.timedelta(days=n), 14), "user:1", 10 * n) for n in range(1, 60)]
    today = [PhiAccess(at(DAY, 14 + n / 10), "user:1", 50 * n, broke_glass=n < 2) for n in range(20)]
    assert kinds([*past, *today]) == []
    assert kinds([]) == []


def test_a_walk_counts_both_directions_and_not_the_same_claim_again() -> None:
    def walked(keys: list[int]) -> list[tuple[str, str]]:
        return kinds([PhiAccess(at(DAY, 14 + n / 100), "user:1", key) for n, key in enumerate(keys)])

    assert walked(list(range(40, 20, -1))) == [("walk", "user:1")]
    assert walked([key for key in range(20) for _ in range(2)]) == [("walk", "user:1")]
    assert walked([key + (key % 2) for key in range(20, 60, 3)]) == []
    assert walked([5, 6, 5, 6] * 10) == []
