"""Events: told with the change or not at all, checked against their schemas, carried out at least once."""

from __future__ import annotations

import datetime
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

import psycopg
import pytest
from tests.calling import act_for, caller_of
from tests.hand_clock import HandClock
from tests.platform.webhook import HERE, SECRET, Receiver
from tests.same_run import least_seconds

from claimwright.platform.events import (
    Bookmark,
    EventError,
    EventType,
    WebhookTarget,
    bookmark_after,
    events_since,
    expire,
    listen,
    relay,
    signature,
    verify_signature,
)
from claimwright.platform.events.relay import Backoff, retry_abandoned
from claimwright.store.events import EVENTS, publish

Connect = Callable[[], psycopg.Connection]
SOON = Backoff(attempts=4, first=1, longest=8)
STAGED = {"file_id": 3, "staged": 5, "refused": 0}


def tell(connect: Connect, *, tenant: str = "north", **changed: Any) -> None:
    given: dict[str, Any] = {"type": "claims.staged.v1", "subject": "file:3", "data": STAGED}
    with connect() as connection:
        act_for(connection, caller_of(tenant))
        publish(caller_of(tenant), connection, correlation_id="c-1", **(given | changed))


def outbox(connect: Connect, tenant: str = "north") -> list[Any]:
    with connect() as connection:
        act_for(connection, caller_of(tenant))
        return connection.execute(
            "select type, subject, data from platform.outbox order by position"
        ).fetchall()


# --- the catalogue ------------------------------------------------------------------------------------


@pytest.mark.parametrize("event", EVENTS.types.values(), ids=EVENTS.types)
def test_every_event_is_documented_and_lets_nothing_in_but_what_it_names(event: EventType) -> None:
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(event.schema)
    assert event.schema["$id"] == event.address == f"urn:claimwright:event:{event.name}"
    assert event.meaning.endswith(".")
    assert event.subject
    for name, part in walk(event.schema):
        assert part.get("description"), name
        if part.get("type") == "object":
            assert part["additionalProperties"] is False, name
        # A text without a list or pattern of what it may be could be anybody's name.
        if part.get("type") == "string":
            assert part.keys() & {"pattern", "enum"}, name


def walk(schema: Mapping[str, Any], name: str = "data") -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield name, schema
    for inner, part in schema.get("properties", {}).items():
        yield from walk(part, f"{name}.{inner}")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (STAGED | {"patient_last_name": "RIVERA"}, "no such field: patient_last_name"),
        (STAGED | {"staged": "RIVERA"}, r"data\.staged: does not fit `type`"),
        (STAGED | {"staged": -1}, r"data\.staged: does not fit `minimum`"),
        ({"file_id": 3}, "missing: staged, refused"),
    ],
)
def test_data_that_the_schema_does_not_allow_is_refused_and_not_repeated(
    connect: Connect, data: dict[str, Any], says: str
) -> None:
    with pytest.raises(EventError, match=says) as raised:
        tell(connect, data=data)
    assert "RIVERA" not in str(raised.value)
    assert outbox(connect) == []


def test_an_event_that_is_not_in_the_catalogue_is_refused(connect: Connect) -> None:
    with pytest.raises(EventError, match="no such event"):
        tell(connect, type="claims.staged.v9")


def test_a_long_list_of_keys_is_checked_quickly_and_to_the_last() -> None:
    data: dict[str, Any] = {
        "run_id": 1, "chunk": 2, "first_key": 1, "last_key": 9, "claims": 3, "production": 1, "review": 1,
        "dead_letters": 1, "reviewed": list(range(100_000)),
    }  # fmt: skip
    EVENTS.check("claims.processed.v1", data)
    checking = least_seconds(lambda: EVENTS.check("claims.processed.v1", data))
    # A validator for each number would take some hundred times as long.
    assert checking < 10 * least_seconds(lambda: json.dumps(data))
    data["reviewed"][-1] = "RIVERA"
    with pytest.raises(EventError, match=r"data\.reviewed\[99999\]: does not fit `type`"):
        EVENTS.check("claims.processed.v1", data)


# --- the outbox ---------------------------------------------------------------------------------------


def test_an_event_is_told_with_the_change_or_not_at_all(connect: Connect) -> None:
    with connect() as connection:
        act_for(connection, caller_of())
        publish(
            caller_of(), connection, type="claims.staged.v1", subject="file:3", data=STAGED,
            correlation_id="c",
        )  # fmt: skip
        connection.rollback()
    assert outbox(connect) == []
    tell(connect)
    assert outbox(connect) == [("claims.staged.v1", "file:3", STAGED)]


def test_an_event_of_another_tenant_is_neither_seen_nor_written(connect: Connect) -> None:
    tell(connect, tenant="north")
    assert outbox(connect, "south") == []
    with connect() as connection:
        act_for(connection, caller_of("south"))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            publish(
                caller_of(), connection, type="claims.staged.v1", subject="file:3", data=STAGED,
                correlation_id="c",
            )  # fmt: skip


def test_an_event_keeps_who_caused_it_and_nobody_writes_in_anothers_name(connect: Connect) -> None:
    tell(connect)
    with connect() as connection:
        act_for(connection, caller_of())
        assert connection.execute("select actor from platform.outbox").fetchall() == [("user:7",)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(
                "insert into platform.outbox (tenant, type, subject, correlation_id, data, actor)"
                " values ('north', 'claims.staged.v1', 'file:3', 'c', '{}', 'user:8')"
            )


def test_a_listener_hears_at_the_commit_who_and_which(connect: Connect) -> None:
    heard: list[Any] = []
    ready = threading.Event()

    def hear() -> None:
        with connect() as connection:
            connection.autocommit = True
            connection.execute("listen claimwright_events")
            ready.set()
            heard.extend(islice(listen(connection, wait_seconds=120), 2))

    listener = threading.Thread(target=hear)
    listener.start()
    assert ready.wait(120)
    tell(connect)
    tell(connect, tenant="south")
    listener.join()
    assert [(each.tenant, each.type) for each in heard] == [
        ("north", "claims.staged.v1"),
        ("south", "claims.staged.v1"),
    ]


# --- the relay ----------------------------------------------------------------------------------------


def rounds(connect: Connect, receiver: Receiver, count: int = 1, backoff: Backoff = SOON) -> list[Any]:
    """So many rounds, each later than the longest wait after the one before."""
    done, now = [], HandClock()
    target = WebhookTarget(receiver.url, SECRET, inward_hosts=HERE)
    for _ in range(count):
        with connect() as connection:
            done.append(relay(caller_of(), connection, target, backoff=backoff, now=now))
        now.move(backoff.longest)
    return done


def test_a_webhook_gets_each_event_once_and_in_order(connect: Connect, receiver: Receiver) -> None:
    for number in range(1, 31):
        tell(connect, subject=f"file:{number}")
    assert rounds(connect, receiver, 2)[0].delivered == 30
    said = [json.loads(body) for _, body in receiver.got]
    assert [each["subject"] for each in said] == [f"file:{number}" for number in range(1, 31)]
    assert len(set(receiver.ids)) == 30


def test_a_webhook_gets_a_cloud_event(connect: Connect, receiver: Receiver) -> None:
    tell(connect)
    rounds(connect, receiver)
    [(headers, body)] = receiver.got
    said = json.loads(body)
    assert headers["content-type"].startswith("application/cloudevents+json")
    # The attributes that CloudEvents 1.0 requires, and those that it names optional.
    assert (said["specversion"], said["type"]) == ("1.0", "claimwright.claims.staged.v1")
    assert said["source"] == "/claimwright/north"
    assert said["id"] == headers["webhook-id"]
    assert datetime.datetime.fromisoformat(said["time"]).tzinfo is not None
    assert said["dataschema"] == "urn:claimwright:event:claims.staged.v1"
    assert said["data"] == STAGED
    assert (said["tenant"], said["correlationid"]) == ("north", "c-1")


def test_a_receiver_can_tell_that_it_is_ours_and_fresh(connect: Connect, receiver: Receiver) -> None:
    tell(connect)
    rounds(connect, receiver)
    [(headers, body)] = receiver.got
    now = int(headers["webhook-timestamp"])
    assert abs(datetime.datetime.now(datetime.UTC).timestamp() - now) < 3_600
    assert verify_signature(SECRET, headers, body, at=now)
    assert not verify_signature("another secret altogether", headers, body, at=now)
    assert not verify_signature(SECRET, headers, body + b" ", at=now)
    assert not verify_signature(SECRET, headers | {"webhook-id": "other"}, body, at=now)
    assert not verify_signature(SECRET, headers, body, at=now + 301)
    assert not verify_signature(SECRET, {}, body, at=now)


def test_the_signature_is_that_of_the_specification() -> None:
    # The example of the Standard Webhooks specification's reference libraries.
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body) == expected


def test_a_failed_delivery_is_tried_again_with_the_same_id(connect: Connect, receiver: Receiver) -> None:
    receiver.answers = [500, 302]
    tell(connect)
    done = rounds(connect, receiver, 4)
    assert [(each.delivered, each.failed) for each in done] == [(0, 1), (0, 1), (1, 0), (0, 0)]
    assert len(receiver.got) == 3
    assert len(set(receiver.ids)) == 1


def test_an_event_that_fails_does_not_hold_up_the_next(connect: Connect, receiver: Receiver) -> None:
    receiver.answers = [503]
    tell(connect, subject="file:1")
    tell(connect, subject="file:2")
    [done] = rounds(connect, receiver, 1, Backoff(first=60))
    assert (done.delivered, done.failed) == (1, 1)


def test_an_event_that_nobody_takes_is_given_up_and_can_be_tried_anew(
    connect: Connect, receiver: Receiver
) -> None:
    receiver.answers = [500] * 4
    tell(connect)
    done = rounds(connect, receiver, 6)
    assert sum(each.failed for each in done) == 4
    assert sum(each.abandoned for each in done) == 1
    with connect() as connection:
        assert retry_abandoned(caller_of(), connection, "webhook") == 1
    assert rounds(connect, receiver)[0].delivered == 1


def test_a_receiver_that_is_not_there_is_tried_again(connect: Connect) -> None:
    tell(connect)
    now, target = HandClock(), WebhookTarget("http://127.0.0.1:9/", SECRET, inward_hosts=HERE)
    with connect() as connection:
        assert relay(caller_of(), connection, target, backoff=SOON, now=now).failed == 1
        # Not before its time, and then once.
        assert relay(caller_of(), connection, target, backoff=SOON, now=now).failed == 0
        now.move(SOON.longest)
        assert relay(caller_of(), connection, target, backoff=SOON, now=now).failed == 1
    with connect() as connection:
        act_for(connection, caller_of())
        assert connection.execute("select last_answer from platform.deliveries").fetchone() == (
            "ConnectionRefusedError",
        )


def test_two_relays_do_not_deliver_the_same_event_twice(connect: Connect, receiver: Receiver) -> None:
    for _ in range(40):
        tell(connect)
    both = [threading.Thread(target=rounds, args=(connect, receiver)) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    rounds(connect, receiver)
    assert len(receiver.got) == 40


def test_waits_double_up_to_the_longest_and_are_spread() -> None:
    backoff = Backoff(first=1, longest=300)
    ids = [f"{number:08x}-0000" for number in range(0, 2**32, 2**28)]
    for tries, full in ((1, 1), (2, 2), (5, 16), (9, 256), (12, 300)):
        waits = [backoff.wait(tries, each) for each in ids]
        assert full / 2 <= min(waits) < max(waits) <= full


def test_delivered_events_expire_and_others_stay(connect: Connect, receiver: Receiver) -> None:
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
    receiver.answers = [204, 500]
    tell(connect, subject="file:1")
    tell(connect, subject="file:2")
    rounds(connect, receiver, 1, Backoff(first=60))
    with connect() as connection:
        assert expire(caller_of("south"), connection, before=later) == 0
        assert expire(caller_of(), connection, before=later) == 1
    assert [subject for _, subject, _ in outbox(connect)] == ["file:2"]


# --- reading on ---------------------------------------------------------------------------------------


def test_a_reader_misses_nothing_of_a_transaction_that_others_overtake(connect: Connect) -> None:
    caller = caller_of()

    def read(mark: Bookmark) -> tuple[list[str], list[str], Bookmark]:
        with connect() as connection:
            act_for(connection, caller)
            events, after = events_since(caller, connection, mark)
        return [each.subject for each in events], [each.id for each in events], after

    def resumed(after: str | None) -> Bookmark:
        with connect() as connection:
            act_for(connection, caller)
            return bookmark_after(caller, connection, after)

    tell(connect, subject="file:1")
    present = resumed(None)
    with connect() as slow:
        act_for(slow, caller)
        publish(caller, slow, type="claims.staged.v1", subject="file:2", data=STAGED, correlation_id="c-2")
        with connect() as quick:
            act_for(quick, caller)
            for subject in ("file:3", "file:4"):
                publish(
                    caller, quick, type="claims.staged.v1", subject=subject, data=STAGED, correlation_id="c-3"
                )
        subjects, ids, mark = read(present)
        assert subjects == ["file:3", "file:4"]
        assert read(mark)[0] == []
    # The one who stayed, and those who resume elsewhere after each of the two.
    assert read(mark)[0] == ["file:2"]
    assert read(resumed(ids[1]))[0] == ["file:2"]
    assert sorted(read(resumed(ids[0]))[0]) == ["file:2", "file:4"]
    assert events_in_pages(connect, present) == ["file:2", "file:3", "file:4"]
    assert read(resumed(None))[0] == []


def events_in_pages(connect: Connect, mark: Bookmark) -> list[str]:
    with connect() as connection:
        act_for(connection, caller_of())
        return [each.subject for each in events_since(caller_of(), connection, mark, limit=1)[0]]


def test_an_event_of_before_there_were_snapshots_is_resumed_by_position(
    connect: Connect, super_url: str
) -> None:
    for subject in ("file:1", "file:2"):
        tell(connect, subject=subject)
    with psycopg.connect(super_url) as owner:
        owner.execute("update platform.outbox set written_in = null, seen_then = null")
    tell(connect, subject="file:3")
    with connect() as connection:
        act_for(connection, caller_of())
        row = connection.execute("select id::text from platform.outbox where subject = 'file:1'").fetchone()
        assert row is not None
        mark = bookmark_after(caller_of(), connection, row[0])
        events, after = events_since(caller_of(), connection, mark)
        assert [each.subject for each in events] == ["file:2", "file:3"]
        assert events_since(caller_of(), connection, after)[0] == []
