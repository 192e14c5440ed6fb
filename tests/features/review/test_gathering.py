"""Items follow what they are about, and cost a look at the audit log while nothing changes."""

# ruff: noqa: S608 - keys of the store's own

from __future__ import annotations

import datetime

import pytest
from tests.features.review.conftest import ROOT, WHY, Queue

from claimwright.features.claims import release
from claimwright.features.review import GatheredItems, ReviewPolicy, gather_items
from claimwright.foundation import clock
from claimwright.store import work_passes


def test_every_claim_in_review_has_one_item_and_nothing_twice(queue: Queue) -> None:
    waiting = queue.rows(
        "select claim_key, facility from production.claims where route = 'review' order by claim_key"
    )
    assert len(waiting) > 10
    items = queue.items(is_open=True, kinds=["claim_review"])
    assert sorted((each.claim_key, each.facility) for each in items) == waiting
    assert (queue.gather().opened, queue.gather().closed) == (0, 0)
    assert len(queue.items()) == len(items)


def test_the_worst_finding_gives_the_code_and_the_category(queue: Queue) -> None:
    for item in queue.items():
        [(reason, code)] = queue.rows(
            "select c.route_reason, (select code from production.findings f "
            "where f.claim_key = c.claim_key and waiver is null "
            "order by array_position(array['block', 'warn', 'note'], severity), snip, code limit 1) "
            f"from production.claims c where claim_key = {item.claim_key}"
        )
        if reason in {"blocked", "warned"}:
            assert item.what == code
            assert item.title != item.what
    by_code = {each.what[:3]: each.category for each in queue.items()}
    assert by_code.get("MUE", "limit") == "limit"
    assert "own_rule" not in by_code.values()


def test_the_order_is_expected_recovery_by_the_day_that_is_left(queue: Queue) -> None:
    items = queue.items()
    assert [each.per_day_cents for each in items] == sorted(
        (each.per_day_cents for each in items), reverse=True
    )
    for each in items:
        assert each.expected_cents == round(each.stake_cents * each.chance + 1e-9)
        assert each.per_day_cents == each.expected_cents // (each.days_left + 1)
        week = each.expected_cents // 7
        days = 2 if week >= 10_000 else 7 if week >= 1_000 else 21
        assert each.due_on == clock.today() + datetime.timedelta(days=days)
        assert each.priority == (
            "high" if each.per_day_cents >= 10_000 else "normal" if each.per_day_cents >= 1_000 else "low"
        )


def test_a_source_that_is_gone_closes_its_item_and_one_that_is_back_opens_it_again(queue: Queue) -> None:
    [first, second, *_] = queue.items()
    with queue.open() as connection:
        release(ROOT, connection, [first.claim_key or 0, second.claim_key or 0], reason=WHY)
    assert queue.gather().closed == 2
    item = queue.item(first.item_id)
    assert (item.state, item.outcome) == ("closed", "gone")
    queue.change(f"update production.claims set route = 'review' where claim_key = {first.claim_key}")
    # Nothing in the audit log: nobody looks.
    assert queue.gather().opened == 0
    queue.change("update work.gathered set position = -1")
    assert queue.gather().opened == 1
    item = queue.item(first.item_id)
    assert (item.state, item.outcome, item.version) == ("reopened", None, 3)
    assert queue.rows(
        "select act, from_state, to_state from work.history order by entry_id desc limit 1"
    ) == [("came_back", "closed", "reopened")]


def test_what_was_released_and_comes_back_was_released_and_is_nobody_s_repair_any_more(queue: Queue) -> None:
    jane, item = queue.person("jane"), queue.items()[0]
    queue.act(jane, "repair", item.item_id)
    queue.act(jane, "release", item.item_id)
    assert queue.item(item.item_id).repaired_by == [jane.actor]
    queue.change(f"update production.claims set route = 'review' where claim_key = {item.claim_key}")
    queue.change("update work.gathered set position = -1")
    queue.gather()
    back = queue.item(item.item_id)
    assert (back.state, back.repaired_by, back.needs_approval) == ("reopened", [], False)
    assert queue.rows(
        "select act, from_state, to_state from work.history order by entry_id desc limit 1"
    ) == [("came_back", "resubmitted", "reopened")]


def test_dead_letters_get_items_with_the_class_of_the_failure(queue: Queue) -> None:
    [(key,)] = queue.rows("select claim_key from production.claims where route = 'production' limit 1")
    queue.change(
        "insert into pipeline.dead_letters (tenant, claim_key, received_on, file_id, position, facility, "
        "version, form, lines, number_occurrence, content_occurrence, correlation_id, received_at, "
        "total_charge, reason, run_id, attempts, failed_at) select tenant, claim_key, received_on, file_id, "
        "position, facility, version, form, lines, 1, 1, correlation_id, received_at, 500, 'unreadable', 1, "
        f"5, now() from production.claims where claim_key = {key}"
    )
    queue.change("update work.gathered set position = -1")
    assert queue.gather().opened == 1
    [item] = queue.items(kinds=["dead_letter"])
    assert (item.what, item.category, item.stake_cents, item.claim_key) == (
        "unreadable", "processing", 50_000, key,
    )  # fmt: skip
    # 500.00 x 0.63 is 315.00, in a week 45.00 a day: normal, due in 7 days.
    assert (item.expected_cents, item.days_left, item.priority) == (31_500, 7, "normal")


def test_on_a_new_day_or_under_a_new_policy_open_items_are_ranked_again(queue: Queue) -> None:
    before = queue.items()[0]
    queue.change("update work.items set due_on = due_on - 1")
    queue.change("update work.gathered set ranked_on = ranked_on - 1")
    queue.gather()
    after = queue.item(before.item_id)
    assert after.per_day_cents == after.expected_cents // before.days_left
    assert not any(each.needs_approval for each in queue.items() if each.stake_cents <= 1_000_000)
    queue.gather(ReviewPolicy(approval_cents=0))
    assert all(each.needs_approval for each in queue.items() if each.stake_cents)


def test_what_was_gathered_is_told_by_facility_without_a_value_of_a_claim(queue: Queue) -> None:
    told = queue.rows(
        "select data ->> 'facility', (data ->> 'count')::int, jsonb_array_length(data -> 'item_ids') "
        "from platform.outbox where type = 'work.opened.v1' order by 1"
    )
    assert [row[0] for row in told] == ["FAC001", "FAC002"]
    assert sum(int(str(row[1])) for row in told) == len(queue.items())
    assert all(row[1] == row[2] for row in told)
    [(record,)] = queue.rows("select body from platform.audit_log where action = 'work.gathered'")
    assert '"created":' in str(record)


def test_items_of_another_tenant_are_not_there(queue: Queue) -> None:
    with queue.open(ROOT.of_tenant("other")) as connection:
        assert connection.execute("select count(*) from work.items").fetchone() == (0,)


def steps_of(queue: Queue, policy: ReviewPolicy | None = None) -> list[GatheredItems]:
    """Steps until nothing is left."""
    found = []
    while not found or not found[-1].is_whole:
        assert len(found) < 100
        with queue.open() as connection:
            found.append(gather_items(ROOT, connection, policy or queue.policy))
    return found


def test_a_large_store_is_gathered_in_short_steps_and_nothing_is_left_out(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {(each.kind, each.claim_key, each.what, each.per_day_cents) for each in queue.items()}
    queue.change("delete from work.history; delete from work.items; delete from work.gathered")
    monkeypatch.setattr(work_passes, "MOST_OPENED", 4)
    steps = steps_of(queue)
    assert len(steps) > len(before) // 4
    assert max(each.opened for each in steps) == 4
    assert {(each.kind, each.claim_key, each.what, each.per_day_cents) for each in queue.items()} == before
    assert [each.opened for each in steps_of(queue)] == [0]


def test_items_without_a_source_are_closed_in_steps(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work_passes, "MOST_COMPARED", 3)
    count = len(queue.items(is_open=True))
    queue.change("update production.claims set route = 'production' where route = 'review'")
    queue.change("update work.gathered set position = -1")
    steps = steps_of(queue)
    assert sum(each.closed for each in steps) == count
    assert max(each.closed for each in steps) <= 3
    assert queue.items(is_open=True) == []


def test_a_change_during_a_pass_has_everything_compared_once_more(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work_passes, "MOST_COMPARED", 3)
    first, *_, last = sorted(queue.items(), key=lambda each: each.claim_key or 0)
    queue.change("update work.gathered set position = -1")
    assert not queue.gather().is_whole
    # Behind the pass, without a record that names the claims.
    queue.change(f"update production.claims set route = 'production' where claim_key = {first.claim_key}")
    queue.change("update work.gathered set position = -1")
    steps_of(queue)
    assert queue.item(first.item_id).state == "closed"
    assert queue.item(last.item_id).state == "new"


def test_claims_that_are_decided_have_exact_items_however_much_is_left(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work_passes, "MOST_OPENED", 1)
    last = max(queue.items(), key=lambda each: each.claim_key or 0).claim_key
    queue.change("delete from work.history; delete from work.items; delete from work.gathered")
    with queue.open() as connection:
        found = gather_items(ROOT, connection, queue.policy, subjects=[last or 0])
    assert (found.opened, found.is_whole) == (2, False)
    assert last in {each.claim_key for each in queue.items()}


def test_the_order_of_a_new_day_comes_in_steps_and_a_new_policy_at_once(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work_passes, "MOST_RANKED", 5)
    count = len(queue.items())
    queue.change("update work.items set due_on = due_on - 1")
    queue.change("update work.gathered set ranked_on = ranked_on - 1")
    assert len(steps_of(queue)) == count // 5 + 1
    assert all(each.per_day_cents == each.expected_cents // (each.days_left + 1) for each in queue.items())
    assert len(steps_of(queue, ReviewPolicy(approval_cents=0))) == 1
    assert all(each.needs_approval for each in queue.items() if each.stake_cents)


def test_a_reader_does_not_wait_while_somebody_else_gathers(queue: Queue) -> None:
    queue.change("update work.gathered set position = -1")
    with queue.open() as other:
        work_passes.lock_gathering(other)
        with queue.open() as connection:
            found = gather_items(ROOT, connection, queue.policy, waits=False)
    assert not found.is_whole
    assert queue.gather().is_whole
