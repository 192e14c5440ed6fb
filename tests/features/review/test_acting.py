"""What people do with items: the item and what it is about move together; who is refused is told why."""

# ruff: noqa: S608 - keys of the store's own

from __future__ import annotations

import datetime
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from tests.features.review.conftest import WHY, Queue

from claimwright.domain.caller import Caller
from claimwright.features.claims import ApprovalNeededError, NotInReviewError, release
from claimwright.features.review import (
    ActError,
    ItemFilter,
    NoteError,
    ReviewPolicy,
    WantedAct,
    act_on,
    add_note,
    choose_skills,
    export_work,
    item_in_full,
    list_work,
    summarize,
)
from claimwright.foundation import clock
from claimwright.platform.audit import AuditError


def route(queue: Queue, claim_key: int | None) -> object:
    return queue.rows(f"select route from production.claims where claim_key = {claim_key}")[0][0]


def test_a_released_claim_and_its_item_move_together(queue: Queue) -> None:
    jane = queue.person("jane")
    item = queue.items()[0]
    assert queue.act(jane, "start", item.item_id).done == [item.item_id]
    started = queue.item(item.item_id)
    assert (started.state, started.assignee) == ("in_progress", "jane")
    assert queue.act(jane, "release", item.item_id).done == [item.item_id]
    sent = queue.item(item.item_id)
    assert (sent.state, sent.outcome, route(queue, item.claim_key)) == (
        "resubmitted",
        "released",
        "production",
    )
    # The gathering that follows finds nothing to do with it.
    assert queue.gather().closed == 0
    assert queue.item(item.item_id).state == "resubmitted"
    assert queue.rows(
        "select act, from_state, to_state, reason, by_actor from work.history order by entry_id"
    ) == [
        ("start", "new", "in_progress", WHY, jane.actor),
        ("release", "in_progress", "resubmitted", WHY, jane.actor),
    ]
    actions = [row[0] for row in queue.rows("select action from platform.audit_log order by sequence")]
    assert actions[-3:] == ["work.start", "review.released", "work.release"]
    told = queue.rows(
        "select type, data ->> 'to', data -> 'item_ids' from platform.outbox "
        "where type like 'work.c%' order by position"
    )
    assert told == [
        ("work.changed.v1", "in_progress", [item.item_id]), ("work.closed.v1", "resubmitted", [item.item_id]),
    ]  # fmt: skip


def test_a_delivered_claim_verifies_its_item(queue: Queue) -> None:
    jane, item = queue.person("jane"), queue.items()[0]
    queue.act(jane, "release", item.item_id)
    queue.change(
        "insert into production.deliveries (tenant, target, claim_key, version, delivered_at) "
        f"values ('default', 'payer', {item.claim_key}, 1, now())"
    )
    queue.gather()
    assert queue.item(item.item_id).state == "verified"
    assert queue.act(jane, "close", item.item_id).done == [item.item_id]
    assert queue.item(item.item_id).outcome == "released"


def test_a_returned_claim_closes_its_item(queue: Queue) -> None:
    item = queue.items()[0]
    queue.act(queue.person("jane"), "return", item.item_id)
    assert (queue.item(item.item_id).outcome, route(queue, item.claim_key)) == ("returned", "returned")


def test_of_many_items_those_that_can_be_done_are_done_and_the_others_named(queue: Queue) -> None:
    jane = queue.person("jane")
    first, second, third, fourth, *_ = queue.items()
    queue.act(jane, "return", second.item_id)
    with queue.open(jane) as connection:
        release(jane, connection, [third.claim_key or 0], reason=WHY)
    with queue.open(jane) as connection:
        ids = {first.item_id: 1, second.item_id: None, third.item_id: None, fourth.item_id: 9, 999_999: None}
        result = act_on(jane, connection, WantedAct("release", ids, WHY), may=lambda _: True)
    assert result.done == [first.item_id]
    assert {each.item_id: each.code for each in result.refused} == {
        second.item_id: "wrong_state", third.item_id: "source_gone", fourth.item_id: "changed_meanwhile",
        999_999: "not_found",
    }  # fmt: skip
    assert route(queue, fourth.claim_key) == "review"


def test_four_eyes_release_what_is_worth_much(queue: Queue) -> None:
    queue.gather(ReviewPolicy(approval_cents=-1))
    jane, mary = queue.person("jane"), queue.person("mary", "manager")
    item = queue.items()[0]
    assert queue.act(jane, "release", item.item_id).proposed == [item.item_id]
    waiting = queue.item(item.item_id)
    assert (waiting.state, waiting.proposed_act, waiting.proposed_by) == (
        "awaiting_approval", "release", jane.actor,
    )  # fmt: skip
    assert [each.code for each in queue.act(jane, "approve", item.item_id).refused] == ["own_proposal"]
    assert route(queue, item.claim_key) == "review"
    assert queue.act(mary, "approve", item.item_id).done == [item.item_id]
    done = queue.item(item.item_id)
    assert (done.state, done.outcome, done.approved_by) == ("resubmitted", "released", mary.actor)
    assert route(queue, item.claim_key) == "production"


def test_who_approves_must_be_allowed_what_they_approve_and_be_a_person(queue: Queue) -> None:
    queue.gather(ReviewPolicy(approval_cents=-1))
    jane, mary = queue.person("jane"), queue.person("mary", "manager")
    item = queue.items()[0]
    queue.act(jane, "release", item.item_id)
    for caller, forbidden in ((mary, "review.decide"), (Caller("default", "client:7"), None)):
        refused = queue.act(caller, "approve", item.item_id, forbidden=forbidden).refused
        assert [each.code for each in refused] == ["not_permitted"]
    assert route(queue, item.claim_key) == "review"
    # What gives up nothing else than the work on it needs no other right.
    queue.act(mary, "reject", item.item_id)
    queue.act(jane, "resolve", item.item_id)
    assert queue.act(mary, "approve", item.item_id, forbidden="review.decide").done == [item.item_id]


def test_who_repaired_a_claim_never_approves_it_and_neither_says_the_database(queue: Queue) -> None:
    queue.gather(ReviewPolicy(approval_cents=-1))
    alice, bob, mary, dave = (queue.person(name, "manager") for name in ("alice", "bob", "mary", "dave"))
    item = queue.items()[0].item_id
    for caller, act in (
        (alice, "repair"),
        (bob, "start"),
        (mary, "repair"),
        (bob, "start"),
        (bob, "release"),
        (mary, "reject"),
        (bob, "release"),
    ):
        assert not queue.act(caller, act, item).refused
    # One's own repair is not another one's because somebody marks the item as repaired after it.
    assert queue.item(item).repaired_by == [alice.actor, mary.actor]
    for each in (alice, mary):
        assert [one.code for one in queue.act(each, "approve", item).refused] == ["own_proposal"]
    done = "state = 'resubmitted', outcome = 'released', done_at = now(), proposed_by = 'user:99'"
    with pytest.raises(psycopg.errors.CheckViolation):
        queue.change(f"update work.items set {done}, approved_by = '{alice.actor}' where item_id = {item}")
    assert queue.act(dave, "approve", item).done == [item]


def test_a_resolved_item_does_not_open_the_old_ways_for_its_claim(queue: Queue) -> None:
    queue.gather(ReviewPolicy(approval_cents=-1))
    jane, mary = queue.person("jane"), queue.person("mary", "manager")
    item = queue.items()[0]
    queue.act(jane, "resolve", item.item_id)
    assert queue.act(mary, "approve", item.item_id).done == [item.item_id]
    with queue.open(jane) as connection, pytest.raises(ApprovalNeededError):
        release(jane, connection, [item.claim_key or 0], reason=WHY)
    assert route(queue, item.claim_key) == "review"
    assert queue.act(jane, "reopen", item.item_id).done == [item.item_id]
    assert queue.act(jane, "release", item.item_id).proposed == [item.item_id]


def test_a_rejected_proposal_is_worked_on_again(queue: Queue) -> None:
    queue.gather(ReviewPolicy(approval_categories=["coding"], approval_cents=10**9))
    item = next(each for each in queue.items() if each.category == "coding")
    assert not next(each for each in queue.items() if each.category != "coding").needs_approval
    queue.act(queue.person("jane"), "release", item.item_id)
    queue.act(queue.person("mary", "manager"), "reject", item.item_id)
    again = queue.item(item.item_id)
    assert (again.state, again.proposed_by, again.proposed_act) == ("in_progress", None, None)


def test_the_old_ways_do_not_go_past_an_approval_and_neither_does_the_database(queue: Queue) -> None:
    queue.gather(ReviewPolicy(approval_cents=-1))
    jane, item = queue.person("jane"), queue.items()[0]
    with queue.open(jane) as connection, pytest.raises(ApprovalNeededError):
        release(jane, connection, [item.claim_key or 0], reason=WHY)
    assert route(queue, item.claim_key) == "review"
    done = "state = 'resubmitted', outcome = 'released', done_at = now()"
    for statement in (
        f"update work.items set {done}",
        f"update work.items set {done}, proposed_by = 'user:1', approved_by = 'user:1'",
        f"update work.items set {done}, approved_by = 'user:1'",
    ):
        with pytest.raises(psycopg.errors.CheckViolation):
            queue.change(statement)


def test_a_resolved_item_stays_closed_while_its_claim_waits_and_can_be_reopened(queue: Queue) -> None:
    jane, item = queue.person("jane"), queue.items()[0]
    queue.act(jane, "resolve", item.item_id)
    queue.change("update work.gathered set position = -1")
    assert (queue.gather().opened, queue.item(item.item_id).outcome) == (0, "resolved")
    assert queue.act(jane, "reopen", item.item_id).done == [item.item_id]
    assert queue.item(item.item_id).state == "reopened"
    queue.act(jane, "release", item.item_id)
    assert queue.act(jane, "reopen", item.item_id).refused[0].code == "source_gone"


def test_what_is_wrong_with_the_whole_request_does_nothing(queue: Queue) -> None:
    jane, item = queue.person("jane"), queue.items()[0]
    for act, more in (
        ("fly", {}), ("propose", {}), ("decide", {}), ("assign", {}), ("snooze", {"until": clock.today()}),
    ):  # fmt: skip
        with pytest.raises(ActError):
            queue.act(jane, act, item.item_id, **more)
    with pytest.raises(AuditError):
        queue.act(jane, "release", item.item_id, reason=None)
    with pytest.raises(ActError):
        queue.act(jane, "start")
    assert queue.item(item.item_id).version == 1


def test_snoozed_items_are_hidden_until_their_day(queue: Queue) -> None:
    jane, item = queue.person("jane"), queue.items()[0]
    tomorrow = clock.today() + datetime.timedelta(days=1)
    queue.act(jane, "snooze", item.item_id, until=tomorrow)
    assert item.item_id not in {each.item_id for each in queue.items(snoozed="hide")}
    assert [each.item_id for each in queue.items(snoozed="only")] == [item.item_id]
    with queue.open() as connection:
        later = list_work(connection, ItemFilter(tomorrow, snoozed="hide"), limit=1_000)
    assert item.item_id in {each.item_id for each in later.items}
    queue.act(jane, "snooze", item.item_id)
    assert not queue.items(snoozed="only")


def test_items_go_to_those_who_know_the_category_cover_the_facility_and_have_least(queue: Queue) -> None:
    everywhere, second = queue.person("anna"), queue.person("bob", facilities=["FAC002"])
    numbers = {name: int(caller.actor[5:]) for name, caller in (("anna", everywhere), ("bob", second))}
    with queue.open(everywhere) as connection:
        choose_skills(everywhere, connection, numbers["bob"], [])
    ids = [each.item_id for each in queue.items()]
    queue.act(everywhere, "assign", *ids, assignment=queue.assignment(how="balanced"))
    given = {each.item_id: each for each in queue.items()}
    for each in given.values():
        assert each.assignee == "anna" or each.facility == "FAC002"
    of_second = [each.assignee for each in given.values() if each.facility == "FAC002"]
    of_first = [each for each in given.values() if each.facility == "FAC001"]
    # Anna has all of the first facility, which is more: the second's go to Bob, but for one while both have
    # as many.
    assert len(of_first) > len(of_second)
    assert of_second.count("bob") >= len(of_second) - 1
    with queue.open(everywhere) as connection:
        choose_skills(everywhere, connection, numbers["anna"], ["pending"])
    result = queue.act(everywhere, "assign", *ids, assignment=queue.assignment(how="balanced"))
    assert {each.code for each in result.refused} == {"nobody"}
    assert {given[each.item_id].facility for each in result.refused} == {"FAC001"}
    with queue.open() as connection, pytest.raises(NoteError):
        choose_skills(everywhere, connection, numbers["anna"], ["juggling"])


def test_round_robin_gives_one_after_another(queue: Queue) -> None:
    people = [queue.person(name) for name in ("anna", "bob", "carl")]
    ids = [each.item_id for each in queue.items()][:7]
    queue.act(people[0], "assign", *ids, assignment=queue.assignment(how="round_robin"))
    given = [queue.item(each).assignee for each in ids]
    assert given == ["anna", "bob", "carl", "anna", "bob", "carl", "anna"]


def test_without_the_right_to_assign_one_takes_free_items_and_gives_up_ones_own(queue: Queue) -> None:
    jane, mary = queue.person("jane"), queue.person("mary")
    first, second, *_ = queue.items()
    mine, hers = int(jane.actor[5:]), int(mary.actor[5:])
    weak: dict[str, Any] = {"people": queue.assignment().people, "may_assign": False}
    from claimwright.features.review import Assignment

    assert queue.act(jane, "assign", first.item_id, assignment=Assignment(to=mine, **weak)).done
    for caller, to, item in ((mary, hers, first), (jane, hers, second)):
        result = queue.act(caller, "assign", item.item_id, assignment=Assignment(to=to, **weak))
        assert [each.code for each in result.refused] == ["not_permitted"]
    assert queue.act(jane, "assign", first.item_id, assignment=Assignment(**weak)).done
    assert queue.item(first.item_id).assignee is None


def test_a_note_is_sealed_and_found_by_whom_it_mentions(queue: Queue) -> None:
    jane, mary = queue.person("jane"), queue.person("mary", facilities=["FAC009"])
    item, text = queue.items()[0], "Call <b>Ms. Example</b> about the <script>"
    with queue.open(jane) as connection:
        with pytest.raises(NoteError):
            add_note(jane, connection, queue.sealer, item.item_id, text, [int(mary.actor[5:])])
        with pytest.raises(NoteError):
            add_note(jane, connection, queue.sealer, item.item_id, "  ")
        add_note(jane, connection, queue.sealer, item.item_id, text, [int(jane.actor[5:])])
    assert [each.item_id for each in queue.items(mentions=int(jane.actor[5:]))] == [item.item_id]
    assert queue.items(mentions=int(mary.actor[5:])) == []
    stored = queue.rows(
        "select sealed::text, (select string_agg(body, '') from platform.audit_log) from work.notes"
    )
    assert "Example" not in str(stored)
    with queue.open(jane) as connection:
        seen = item_in_full(jane, connection, item.item_id, queue.sealer, ItemFilter(clock.today()))
        hidden = item_in_full(jane, connection, item.item_id, None, ItemFilter(clock.today()))
    assert [(each.text, each.by_name) for each in seen.notes] == [(text, "jane")]
    assert [each.text for each in hidden.notes] == [None]
    assert len(queue.rows("select 1 from platform.audit_log where action = 'phi.read'")) == 1


def test_every_page_follows_the_one_before_in_every_order(queue: Queue) -> None:
    for sort in ("priority", "stake", "due", "age"):
        found, after = [], None
        while True:
            with queue.open() as connection:
                page = list_work(connection, ItemFilter(clock.today()), sort=sort, after=after, limit=3)
            found += [each.item_id for each in page.items]
            after = page.last
            if after is None:
                break
        assert len(found) == len(set(found)) == page.total == len(queue.items())


def test_the_summary_adds_up(queue: Queue) -> None:
    jane = queue.person("jane")
    first, second, *others = queue.items()
    queue.act(jane, "start", first.item_id)
    queue.act(jane, "release", second.item_id)
    with queue.open() as connection:
        found = summarize(connection, ItemFilter(clock.today(), me=int(jane.actor[5:])))
    stake = first.stake_cents + sum(each.stake_cents for each in others)
    assert (found.open, found.stake_cents) == (1 + len(others), stake)
    assert (found.mine, found.unassigned, found.closed_today, found.overdue) == (1, len(others), 1, 0)
    for groups in (found.kinds, found.categories, found.priorities, found.facilities, found.states):
        assert sum(each.items for each in groups) == found.open
        assert sum(each.stake_cents for each in groups) == stake
    assert len(found.trend) == 30
    assert (found.trend[-1].opened, found.trend[-1].closed) == (found.open + 1, 1)
    with queue.open() as connection:
        own = summarize(connection, ItemFilter(clock.today(), own=["FAC009"]))
    assert (own.open, own.closed_today) == (0, 0)


@pytest.fixture
def new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The time zone of the machine, which is not that of the database."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("new_york")
def test_days_are_those_of_the_machine_also_where_the_clocks_change(queue: Queue) -> None:
    day, last = datetime.date(2026, 3, 7), datetime.date(2026, 3, 9)
    first, second, *_ = queue.items()
    # On 8 March at 2:00 the offset changes from -5 to -4 hours.
    queue.change("update work.items set opened_at = '2026-01-01 12:00+00'")
    for item, opened in ((first, "2026-03-08 04:59+00"), (second, "2026-03-09 03:59+00")):
        queue.change(f"update work.items set opened_at = '{opened}' where item_id = {item.item_id}")
    queue.change(
        "update work.items set state = 'closed', outcome = 'gone', done_at = '2026-03-09 04:00+00' "
        f"where item_id = {second.item_id}"
    )
    for each, found in ((day, [first.item_id]), (day + datetime.timedelta(days=1), [second.item_id])):
        assert [item.item_id for item in queue.items(opened_from=each, opened_to=each)] == found
    with queue.open() as connection:
        trend = summarize(connection, ItemFilter(last)).trend
    assert [(each.opened, each.closed) for each in trend[-3:]] == [(1, 0), (1, 0), (0, 1)]


def test_no_text_of_the_export_is_a_formula(queue: Queue) -> None:
    queue.change("update work.items set what = '=1+1', facility = '@x'")
    with queue.open() as connection:
        text = b"".join(export_work(connection, ItemFilter(clock.today()))).decode()
    header, *rows = text.splitlines()
    assert header.startswith("item_id,kind,claim_key,facility")
    assert len(rows) == len(queue.items())
    assert all(",'=1+1," in row and ",'@x," in row for row in rows)


def test_another_facility_s_items_are_not_found(queue: Queue) -> None:
    jane = queue.person("jane", facilities=["FAC002"])
    item = queue.items(facilities=["FAC001"])[0]
    with queue.open(jane) as connection:
        result = act_on(
            jane, connection, WantedAct("return", {item.item_id: None}, WHY), may=lambda _: True,
            facilities=["FAC002"],
        )  # fmt: skip
        with pytest.raises(NotInReviewError):
            release(jane, connection, [999_999], reason=WHY)
    assert [each.code for each in result.refused] == ["not_found"]
