"""Messages reach real receivers, or fail visibly: mail, chat, signed webhook; in time, once, without PHI."""

from __future__ import annotations

import datetime
import json
import re
import time
import uuid
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from claimwright.engines.alerting import QuietHours
from claimwright.features.alerts import (
    AlertTarget,
    AlertTargetError,
    NoSuchTargetError,
    Retries,
    Sender,
    SendError,
    deliver_due,
    evaluate_alerts,
    list_alert_targets,
    remove_alert_target,
    resolve_alert,
    retry_message,
    send_test,
    set_target,
)
from claimwright.features.alerts.messages import trial_message
from claimwright.features.alerts.targets import checked_target
from claimwright.foundation import clock
from claimwright.platform.events.webhook import verify_signature
from claimwright.platform.mail import MailServer
from claimwright.store.alert_deliveries import AlertDelivery, add_delivery, list_deliveries, list_targets

from .conftest import Later, Watched
from .receivers import mail, web

SECRET = "whsec_" + "a2V5IG9mIHRoZSB0ZXN0cywgbG9uZyBlbm91Z2g="
INWARD = frozenset({"127.0.0.1", "localhost"})


def add_target(watched: Watched, name: str, kind: str, **more: object) -> None:
    wanted = AlertTarget.model_validate({"name": name, "kind": kind, **more})
    with watched.database.transaction(watched.caller) as connection:
        set_target(watched.caller, connection, watched.sealer, wanted, inward_hosts=INWARD)


def messages(watched: Watched) -> list[AlertDelivery]:
    with watched.database.transaction(watched.caller) as connection:
        return list_deliveries(connection)


def bad_day(watched: Watched, *payers: str) -> None:
    for payer in payers:
        watched.past(payer)
    watched.many([(watched.today, payer, 200, 60) for payer in payers])


def test_an_alert_reaches_mail_chat_and_webhook_and_so_does_its_end(watched: Watched, tmp_path: Path) -> None:
    with mail(tmp_path) as (post, server), web() as chat, web() as hook:
        sender = Sender(server, INWARD, 60, "https://claims.example.org")
        add_target(watched, "team", "email", addresses=["a@example.org", "b@example.org"])
        add_target(watched, "chat", "slack", url=chat.url)
        add_target(watched, "hook", "webhook", url=hook.url, secret=SECRET)
        bad_day(watched, "22222", "33333")
        watched.define(targets=["team", "chat", "hook"], title="Denials by payer")
        evaluate_alerts(watched.caller, watched.database)
        first = deliver_due(watched.caller, watched.database, watched.sealer, sender)
        assert (first.sent, first.failed) == (3, 0)
        # Again there is nothing to send.
        assert deliver_due(watched.caller, watched.database, watched.sealer, sender).sent == 0

        [letter] = post.messages
        assert post.recipients == [["a@example.org", "b@example.org"]]
        assert letter["Subject"] == "[warning] Denials by payer (2 groups): began"
        text = letter.get_content()
        assert "payer 22222, 06/17/2026: 30.0%, usually about" in text
        assert "https://claims.example.org/alerts" in text
        assert json.loads(chat.got[0][1])["text"].startswith("[warning] Denials by payer (2 groups)")
        headers, body = hook.got[0]
        assert verify_signature(SECRET, headers, body, at=time.time())
        assert not verify_signature(SECRET, headers, body + b" ", at=time.time())
        assert not verify_signature(SECRET, headers, body, at=time.time() + 3600)
        data = json.loads(body)["data"]
        assert [each["group"] for each in data["incidents"]] == [{"payer": "22222"}, {"payer": "33333"}]

        watched.at(watched.today + datetime.timedelta(days=1))
        watched.many([(watched.today, payer, 200, 16) for payer in ("22222", "33333")])
        evaluate_alerts(watched.caller, watched.database)
        assert deliver_due(watched.caller, watched.database, watched.sealer, sender).sent == 6
        assert "is over" in post.messages[1]["Subject"]
    assert {each.state for each in messages(watched)} == {"sent"}


def test_a_failing_receiver_is_tried_again_with_growing_waits_and_its_error_is_visible(
    watched: Watched, minutes: Later
) -> None:
    retries = Retries(attempts=3, first=60, longest=600)
    with web() as hook:
        hook.status = 500
        add_target(watched, "hook", "webhook", url=hook.url, secret=SECRET)
        bad_day(watched, "22222")
        watched.define(targets=["hook"])
        evaluate_alerts(watched.caller, watched.database, now=lambda: minutes(0))
        sender = Sender(None, INWARD)

        def round_at(minute: float) -> None:
            deliver_due(
                watched.caller,
                watched.database,
                watched.sealer,
                sender,
                retries=retries,
                now=lambda: minutes(minute),
            )

        for minute, attempts in ((0, 1), (0.9, 1), (1.1, 2), (2.9, 2), (3.2, 3), (99, 3)):
            round_at(minute)
            assert len(hook.got) == attempts
        [message] = messages(watched)
        assert (message.state, message.attempts) == ("given_up", 3)
        assert message.last_error == "the receiver answered with status 500."
        assert len({headers["webhook-id"] for headers, _ in hook.got}) == 1
        hook.status = 204
        with watched.database.transaction(watched.caller) as connection:
            retry_message(watched.caller, connection, message.delivery_id)
        deliver_due(watched.caller, watched.database, watched.sealer, sender)
    [message] = messages(watched)
    assert (message.state, message.last_error) == ("sent", None)


def test_a_webhook_that_answers_in_an_hour_is_cut_off(watched: Watched) -> None:
    with web() as hook:
        hook.hangs = True
        add_target(watched, "hook", "webhook", url=hook.url, secret=SECRET)
        begun = time.monotonic()
        done = send_test(
            watched.caller,
            watched.database,
            watched.sealer,
            Sender(None, INWARD, timeout_seconds=0.5),
            "hook",
        )
        assert time.monotonic() - begun < 30
    assert (done.state, done.attempts) == ("given_up", 1)
    assert done.last_error == "127.0.0.1: cannot be asked: TimeoutError."


def test_a_webhook_that_never_answers_holds_up_the_others_once(watched: Watched) -> None:
    with web() as hung, web() as hook:
        hung.hangs = True
        for name, url in (("hung", hung.url), ("hook", hook.url)):
            add_target(watched, name, "webhook", url=url, secret=SECRET)
        with watched.database.transaction(watched.caller) as connection:
            for name in ("hung", "hung", "hung", "hook"):
                add_delivery(
                    connection, target=name, definition=None, what="test", incidents=(), now=clock.now()
                )
        sender = Sender(None, INWARD, timeout_seconds=0.5)
        done = deliver_due(watched.caller, watched.database, watched.sealer, sender)
        assert (done.sent, done.failed, done.given_up) == (1, 1, 0)
        assert (len(hung.got), len(hook.got)) == (1, 1)
    assert sorted((each.target, each.state, each.attempts) for each in messages(watched)) == [
        ("hook", "sent", 1), ("hung", "waiting", 0), ("hung", "waiting", 0), ("hung", "waiting", 1)
    ]  # fmt: skip


def test_mail_servers_that_refuse_or_are_not_there_fail_in_words(watched: Watched, tmp_path: Path) -> None:
    add_target(watched, "team", "email", addresses=["secret.person@example.org"])

    def trial(server: MailServer | None) -> str | None:
        sender = Sender(server, timeout_seconds=60)
        done = send_test(watched.caller, watched.database, watched.sealer, sender, "team")
        assert done.state == "given_up"
        return done.last_error

    assert trial(None) == "there is no mail server: set mail.host."
    with mail(tmp_path) as (post, server):
        assert trial(replace(server, password="wrong")) == (
            "localhost: refused the message: AuthenticationError 535."
        )
        # The machine's own authorities do not know this one.
        assert trial(replace(server, ca_file=None)) == (
            "localhost: mail cannot be handed in: SSLCertVerificationError."
        )
        post.refusals.append("451 come back later")
        assert trial(server) == "localhost: refused the message: DataError 451."
    assert trial(server) == "localhost: mail cannot be handed in: ConnectionRefusedError."


INNER = "is of this machine or an inner network"


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"kind": "webhook", "url": "https://169.254.169.254/latest", "secret": SECRET}, INNER),
        ({"kind": "webhook", "url": "https://localhost:1/x", "secret": SECRET}, INNER),
        ({"kind": "slack", "url": "https://[::ffff:10.0.0.1]/x"}, INNER),
        ({"kind": "slack", "url": "http://hooks.example.org/x"}, "only https"),
        ({"kind": "slack", "url": "http://127.0.0.1/x"}, "this machine is not asked"),
        ({"kind": "slack", "url": "file:///etc/passwd"}, "url"),
        ({"kind": "slack", "url": "https://user:word@example.org/x"}, "neither a user"),
        ({"kind": "webhook", "url": "https://example.org/x", "secret": "short"}, "24 characters"),
        ({"kind": "webhook", "url": "https://example.org/x"}, "24 characters"),
        ({"kind": "email"}, "addresses"),
        ({"kind": "email", "addresses": ["a@b.org\nBcc: c@d.org"]}, "a mail address is"),
        ({"kind": "email", "addresses": ["A Person <a@b.org>"]}, "a mail address is"),
    ],
)
def test_targets_inside_the_house_and_broken_ones_are_refused(wanted: dict[str, object], said: str) -> None:
    with pytest.raises((ValidationError, AlertTargetError), match=re.escape(said)):
        checked_target(AlertTarget.model_validate({"name": "one", **wanted}), frozenset())
    if said == INNER:
        # A name may lead there later: it is looked up, and refused, at each delivery.
        target = AlertTarget.model_validate({"name": "one", **wanted})
        with pytest.raises(SendError, match="inner network"):
            Sender(None).send(target, trial_message("one", link=None), uuid.uuid4())


def test_quiet_hours_hold_messages_and_what_is_over_by_then_is_never_told(
    watched: Watched, minutes: Later
) -> None:
    with web() as chat:
        add_target(watched, "chat", "slack", url=chat.url)
        bad_day(watched, "22222")
        # minutes(0) is 10:00 in Chicago; quiet until noon.
        quiet = {"time_zone": "America/Chicago", "begins": "09:00", "ends": "12:00"}
        watched.define("quiet_one", targets=["chat"], quiet_hours=quiet)
        watched.define("urgent_one", targets=["chat"], quiet_hours=quiet, severity="critical")
        evaluate_alerts(watched.caller, watched.database, now=lambda: minutes(0))

        def round_at(minute: float) -> int:
            return deliver_due(
                watched.caller,
                watched.database,
                watched.sealer,
                Sender(None, INWARD),
                now=lambda: minutes(minute),
            ).sent

        assert round_at(1) == 1
        assert b"[critical]" in chat.got[0][1]
        assert round_at(119) == 0
        quiet_alert = next(each for each in watched.alerts() if each.name == "quiet_one")
        watched.patch.setattr("claimwright.foundation.clock.now", lambda: minutes(60))
        with watched.database.transaction(watched.caller) as connection:
            resolve_alert(
                watched.caller, connection, watched.view, quiet_alert.incident_id, reason="a known outage"
            )
        assert round_at(121) == 0
        assert [each.state for each in messages(watched) if each.definition == "quiet_one"] == ["dropped"]
        # One that goes on is told at noon.
        watched.define("later_one", targets=["chat"], quiet_hours=quiet)
        evaluate_alerts(watched.caller, watched.database, now=lambda: minutes(90))
        assert (round_at(119), round_at(121)) == (0, 1)


def test_messages_have_no_names_of_people_and_no_small_numbers(watched: Watched) -> None:
    with web() as hook:
        add_target(watched, "hook", "webhook", url=hook.url, secret=SECRET)
        bad_day(watched, "Jane Q. Doe", "123-45-6789", "22222")
        watched.define(targets=["hook"])
        evaluate_alerts(watched.caller, watched.database)
        with watched.database.transaction(watched.caller) as connection:
            connection.execute("update alerting.incidents set is_small = true where series = array['22222']")
        deliver_due(watched.caller, watched.database, watched.sealer, Sender(None, INWARD))
        [(_, body)] = hook.got
    assert b"Doe" not in body
    assert b"6789" not in body
    small = [each for each in json.loads(body)["data"]["incidents"] if each["group"]["payer"] == "22222"]
    assert small[0]["value"] is None
    assert small[0]["items"] is None


def test_addresses_and_secrets_are_sealed_and_never_listed(watched: Watched) -> None:
    add_target(watched, "team", "email", addresses=["a@example.org"])
    add_target(watched, "hook", "webhook", url="https://hooks.example.org/T0KEN", secret=SECRET)
    with watched.database.transaction(watched.caller) as connection:
        shown = str(list_alert_targets(connection))
        stored = b"".join(each.sealed for each in list_targets(connection))
    for text in ("a@example.org", "T0KEN", SECRET):
        assert text not in shown
        assert text.encode() not in stored
    bad_day(watched, "22222")
    watched.define(targets=["team"])
    with watched.database.transaction(watched.caller) as connection:
        with pytest.raises(AlertTargetError, match="denials"):
            remove_alert_target(watched.caller, connection, "team")
        remove_alert_target(watched.caller, connection, "hook")
        with pytest.raises(NoSuchTargetError):
            remove_alert_target(watched.caller, connection, "hook")
    with pytest.raises(NoSuchTargetError):
        send_test(watched.caller, watched.database, watched.sealer, Sender(None), "hook")


def test_quiet_hours_know_when_clocks_change() -> None:
    from claimwright.engines.alerting import quiet_until

    def quiet_hours(begins: str, ends: str, *days: int) -> QuietHours:
        return QuietHours.model_validate(
            {"time_zone": "America/New_York", "begins": begins, "ends": ends, "quiet_days": set(days)}
        )

    quiet = quiet_hours("22:00", "02:30", 6)
    utc = datetime.UTC

    def until(year: int, month: int, day: int, hour: int, minute: int) -> datetime.datetime | None:
        return quiet_until(quiet, datetime.datetime(year, month, day, hour, minute, tzinfo=utc), "warning")

    # Friday March 6, 2026, 23:00 EST (UTC-5) to Saturday 02:30.
    assert until(2026, 3, 7, 4, 0) == datetime.datetime(2026, 3, 7, 7, 30, tzinfo=utc)
    # Saturday March 7, 23:00: all of Sunday March 8 is quiet, on which 02:00 becomes 03:00 EDT (UTC-4); then
    # from Sunday 22:00 on to Monday 02:30 EDT, which is 06:30 UTC.
    assert until(2026, 3, 8, 4, 0) == datetime.datetime(2026, 3, 9, 6, 30, tzinfo=utc)
    # In the night to Sunday November 1, 2026, the hour from 01:00 is there twice.
    nights = quiet_hours("22:00", "01:30")
    assert quiet_until(nights, datetime.datetime(2026, 11, 1, 3, 0, tzinfo=utc), "info") == (
        datetime.datetime(2026, 11, 1, 5, 30, tzinfo=utc)  # 01:30 EDT, the first time
    )
    # In the skipped hour nothing is quiet that ends in it: 02:30 never comes, 03:00 EDT is after it.
    spring = quiet_hours("23:00", "02:30")
    assert quiet_until(spring, datetime.datetime(2026, 3, 8, 5, 0, tzinfo=utc), "info") == (
        datetime.datetime(2026, 3, 8, 7, 0, tzinfo=utc)
    )
    assert until(2026, 6, 17, 16, 0) is None
    assert quiet_until(quiet, datetime.datetime(2026, 3, 7, 4, 0, tzinfo=utc), "critical") is None
    assert quiet_until(None, datetime.datetime(2026, 3, 7, 4, 0, tzinfo=utc), "info") is None
