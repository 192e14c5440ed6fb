"""The numbers of the queue are kept as items change: whatever happens, they are those of a count."""

# ruff: noqa: S608 - numbers and words of this module

from __future__ import annotations

import datetime
import random
from typing import Any

import pytest
from tests.features.review.conftest import ROOT, Queue

from claimwright.domain.work_items import OPEN_STATES
from claimwright.features.review import ItemFilter, priority_range, summarize
from claimwright.features.review.policy import PRIORITIES
from claimwright.foundation import clock
from claimwright.store import work_items as store

TODAY = clock.today()
FILTERS: tuple[dict[str, Any], ...] = (
    {}, {"snoozed": "hide"}, {"snoozed": "only"}, {"own": ["FAC002"]}, {"kinds": ["claim_review"]},
    {"facilities": ["FAC001"], "is_assigned": False}, {"assignee_id": 1}, {"categories": ["coding"]},
    {"priorities": [priority_range("high"), priority_range("low")]},
    {"priorities": [priority_range("normal")]},
    {"due_before": TODAY}, {"due_before": TODAY + datetime.timedelta(days=7)},
)  # fmt: skip


def compare(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is counted as it changes, beside what a pass over the items finds."""
    filters = [ItemFilter(TODAY, me=1, is_open=True, **each) for each in FILTERS]
    filters += [ItemFilter(TODAY, states=[each]) for each in OPEN_STATES]
    found = []
    for is_counted in (True, False):
        with queue.open() as connection, monkeypatch.context() as patched:
            if not is_counted:
                patched.setattr(store, "_is_counted", lambda _: False)
            totals = [store.total_items(connection, each) for each in filters]
            found.append((totals, [summarize(connection, each) for each in filters]))
    assert found[0] == found[1]
    assert found[0][0][0].items > 0


def test_the_limits_that_are_counted_are_those_of_priorities(queue: Queue) -> None:
    assert sorted(PRIORITIES.values()) == sorted(store.COUNTED_LIMITS)
    for low, high in ((None, 999), (1_000, 9_999), (10_000, 10**9)):
        assert queue.rows(f"select work.down_to_limit({high})") == [(low or 0,)]


def test_numbers_stay_those_of_a_count_whatever_is_done(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare(queue, monkeypatch)
    people = [queue.person(name) for name in ("jane", "john")]
    dice = random.Random(7)
    for number in range(40):
        some = [each.item_id for each in dice.sample(queue.items(is_open=True), 3)]
        who = people[number % 2]
        match dice.choice(("assign", "start", "snooze", "release", "triage", "worth")):
            case "assign":
                queue.act(ROOT, "assign", *some, assignment=queue.assignment(to=1))
            case "snooze":
                queue.act(who, "snooze", *some, until=TODAY + datetime.timedelta(days=2))
            case "worth":
                days = dice.randrange(-3, 9)
                queue.change(
                    f"update work.items set per_day_cents = per_day_cents * 3, due_on = due_on + {days}, "
                    f"stake_cents = stake_cents + 7 where item_id = {some[0]}"
                )
            case act:
                queue.act(who, act, *some)
        if number % 10 == 9:
            compare(queue, monkeypatch)
    # Sources that are gone and come back, items that are deleted, and a sum of all rows.
    for old, new in (("review", "production"), ("production", "review")):
        queue.change(
            f"update production.claims set route = '{new}' where claim_key % 3 = 0 and route = '{old}'"
        )
        queue.change("update work.gathered set position = -1")
        queue.gather()
    queue.change("delete from work.items where item_id % 7 = 0")
    compare(queue, monkeypatch)
    with queue.open() as connection:
        connection.execute("select work.sum_open_counts()")
    compare(queue, monkeypatch)
    alike = "group by kind, category, facility, state, assignee_id, per_day_cents, due_on, snoozed_until"
    assert queue.rows(f"select 1 from work.open_counts {alike} having count(*) > 1 or sum(items) < 0") == []


def test_who_sums_up_waits_for_nobody_and_nothing_is_lost(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = queue.items(is_open=True)[0]
    wanted = ItemFilter(TODAY, is_open=True)
    with queue.open() as first, queue.open() as second:
        first.execute("select work.sum_open_counts()")
        second.execute("set local lock_timeout = '2s'")
        second.execute("select work.sum_open_counts()")
        assert store.total_items(second, wanted).items == len(queue.items(is_open=True))
        second.execute(
            "update work.items set stake_cents = stake_cents + 5 where item_id = %s", [item.item_id]
        )
    compare(queue, monkeypatch)
