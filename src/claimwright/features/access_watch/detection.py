"""What is unusual in a day's accesses, compared with the 90 days before it.

    volume            many more claims opened than on the person's own days before
    volume_of_peers   many more than any other person ever opened in a day
    hours             claims opened at hours at which the person has hardly ever worked
    walk              claims opened one after another in order of their keys, as a program or a curious
                      person goes through them, for much longer than the person ever did
    break_glass       more claims opened past what policies withhold than on any day before
    family            claims of several patients with one rare surname within a week

A person without enough days of their own is compared with the others only. Every limit has a floor, below
which nothing is unusual, so that a quiet person's second access is none. The limits are chosen so that three
months of ordinary work of a team raise no alert (tests/features/access_watch).
"""

from __future__ import annotations

import datetime
import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from claimwright.platform.audit import PhiAccess

PAST_DAYS = 90
KINDS = {
    "volume": "many more claims opened than on the person's own days before",
    "volume_of_peers": "many more claims opened in a day than by any other person",
    "hours": "claims opened at hours at which the person has hardly ever worked",
    "walk": "claims opened one after another in order of their keys",
    "break_glass": "more opened past what is withheld than ever before",
    "family": "claims of several patients with one rare surname within a week",
}
# Days with accesses from which on a person's own past says what is usual.
_KNOWN_DAYS = 10
# Below these counts nothing is unusual.
_LEAST_VOLUME, _LEAST_HOURS, _LEAST_WALK, _LEAST_GLASS, _LEAST_FAMILY = 30, 5, 15, 3, 4
# An hour is a person's own if there were accesses in it on at least this share of the days.
_OWN_HOUR = 0.03
_WEEK = datetime.timedelta(days=7)
# A surname of at most this share of the patients is rare.
_RARE = 0.01
# Less likely than this by chance: there are thousands of surnames, and every person has a week every day.
_BY_CHANCE = 1e-8


@dataclass(frozen=True)
class Unusual:
    """Something unusual: what, of whom, how many; and up to how many would have been usual."""

    kind: str
    actor: str
    day: datetime.date
    counted: int
    usual: int


@dataclass
class _Past:
    """One person's days before the day in question."""

    volumes: list[int] = field(default_factory=list)
    glass: list[int] = field(default_factory=list)
    hours: Counter[tuple[bool, int]] = field(default_factory=Counter)
    longest_walk: int = 0

    @property
    def is_known(self) -> bool:
        return len(self.volumes) >= _KNOWN_DAYS


def unusual_accesses(accesses: Sequence[PhiAccess], day: datetime.date) -> list[Unusual]:
    """What is unusual on a day (UTC); `accesses` are those of the day and of the 90 days before it."""
    by_actor: dict[str, dict[datetime.date, list[PhiAccess]]] = defaultdict(lambda: defaultdict(list))
    for each in accesses:
        on = each.at.astimezone(datetime.UTC).date()
        if 0 <= (day - on).days <= PAST_DAYS:
            by_actor[each.actor][on].append(each)
    pasts = {
        actor: _past(of_actor for on, of_actor in days.items() if on < day)
        for actor, days in by_actor.items()
    }
    found: list[Unusual] = []
    for actor, days in sorted(by_actor.items()):
        if today := days.get(day):
            peers = [past for other, past in pasts.items() if other != actor]
            found += _of_day(actor, day, today, pasts[actor], peers)
    return found + list(_families(by_actor, day))


def _past(days: Iterable[list[PhiAccess]]) -> _Past:
    past = _Past()
    for of_day in days:
        past.volumes.append(len(of_day))
        past.glass.append(sum(each.broke_glass for each in of_day))
        past.hours.update({_hour(each) for each in of_day})
        past.longest_walk = max(past.longest_walk, _longest_walk(of_day))
    return past


def _of_day(
    actor: str, day: datetime.date, today: list[PhiAccess], past: _Past, peers: Sequence[_Past]
) -> Iterator[Unusual]:
    count = len(today)
    of_peers = max((max(each.volumes, default=0) for each in peers), default=0)
    if past.is_known:
        usual = max(_usual_volume(past.volumes), _LEAST_VOLUME)
        if count > usual:
            yield Unusual("volume", actor, day, count, usual)
    if (usual := max(3 * of_peers, 2 * _LEAST_VOLUME)) < count and of_peers:
        yield Unusual("volume_of_peers", actor, day, count, usual)
    if past.is_known:
        strange = sum(not _is_own_hour(each, past) for each in today)
        if strange >= _LEAST_HOURS:
            yield Unusual("hours", actor, day, strange, _LEAST_HOURS - 1)
    walked = _longest_walk(today)
    # Somebody who works through queues in order walks as well; twice their longest is too far.
    usual = max(_LEAST_WALK, 2 * past.longest_walk)
    if walked > usual:
        yield Unusual("walk", actor, day, walked, usual)
    glass = sum(each.broke_glass for each in today)
    usual = max(_LEAST_GLASS - 1, 2 * max(past.glass, default=0))
    if glass > usual:
        yield Unusual("break_glass", actor, day, glass, usual)


def _usual_volume(volumes: Sequence[int]) -> int:
    """The most that is usual: the median and six median deviations, at least three times the median.

    The median absolute deviation is used, since some busy days must not raise the limit for all days; a
    normal distribution's standard deviation is 1.4826 of it.
    """
    middle = statistics.median(volumes)
    spread = 1.4826 * statistics.median(abs(each - middle) for each in volumes)
    return int(max(middle + 6 * spread, 3 * middle))


def _hour(access: PhiAccess) -> tuple[bool, int]:
    at = access.at.astimezone(datetime.UTC)
    return at.weekday() >= 5, at.hour


def _is_own_hour(access: PhiAccess, past: _Past) -> bool:
    """Whether the person has worked at this hour; one hour earlier or later counts, as clocks change."""
    weekend, hour = _hour(access)
    seen = max(past.hours[weekend, (hour + shift) % 24] for shift in (-1, 0, 1))
    return seen >= max(1, _OWN_HOUR * len(past.volumes))


def _longest_walk(of_day: Sequence[PhiAccess]) -> int:
    """The most claims in a row whose keys go up, or down, by one. The same claim again does not end it."""
    longest = length = 0
    last, step = None, 0
    for key in (each.claim_key for each in of_day):
        if key is None or key == last:
            continue
        change = 0 if last is None else key - last
        if abs(change) == 1 and (change == step or length == 1):
            length += 1
            step = change
        else:
            length, step = 1, 0
        longest, last = max(longest, length), key
    return longest


def _families(
    by_actor: dict[str, dict[datetime.date, list[PhiAccess]]], day: datetime.date
) -> Iterator[Unusual]:
    """People who opened claims of several patients of one rare surname within a week."""
    everyone: dict[str, set[str]] = defaultdict(set)
    for days in by_actor.values():
        for of_day in days.values():
            for each in of_day:
                if each.family and each.patient:
                    everyone[each.family].add(each.patient)
    patients = sum(map(len, everyone.values()))
    for actor, days in sorted(by_actor.items()):
        if day not in days:
            continue
        own: dict[str, set[str]] = defaultdict(set)
        for on, of_day in days.items():
            if day - on < _WEEK:
                for each in of_day:
                    if each.family and each.patient:
                        own[each.family].add(each.patient)
        seen = sum(map(len, own.values()))
        today = {each.family for each in days[day]}
        worst = max(
            (
                len(found)
                for family, found in own.items()
                if family in today
                and len(found) >= _LEAST_FAMILY
                # Of all patients but those of this person's own search.
                and (share := (len(everyone[family]) - len(found) + 1) / patients) <= _RARE
                and _chance(len(found), share * seen) < _BY_CHANCE
            ),
            default=0,
        )
        if worst:
            yield Unusual("family", actor, day, worst, _LEAST_FAMILY - 1)


def _chance(count: int, expected: float) -> float:
    """How likely so many or more are where so many are expected (Poisson)."""
    return sum(
        math.exp(-expected + number * math.log(expected) - math.lgamma(number + 1))
        for number in range(count, count + 30)
    )
