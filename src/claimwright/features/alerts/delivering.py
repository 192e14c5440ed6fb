"""Delivers waiting messages: tried again with growing waits, given up after so many attempts.

An attempt is stored before it is made. If a process is killed while sending, that attempt counts; the next
one is made when its lease is over, with the same message ID.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from claimwright.domain.caller import Caller
from claimwright.features.analytics import figure_named
from claimwright.features.appeals import list_cases
from claimwright.foundation import clock
from claimwright.foundation.errors import ClaimwrightError
from claimwright.platform import audit
from claimwright.platform.database import Connection, Database
from claimwright.platform.observability import METRICS, get_logger
from claimwright.store import alert_deliveries as stored
from claimwright.store import alerts as rows
from claimwright.store.alert_deliveries import AlertDelivery

from .definitions import NoSuchAlertError, definition_of
from .messages import Message, message_of, stalled_message, trial_message
from .senders import Sender, SendError
from .targets import NoSuchTargetError, TargetSeals, opened_target

_LOG = get_logger("alerts")
_MOST_AT_ONCE = 200
# Beside the time-out of a delivery: what reading and writing takes.
_LEASE_SECONDS = 60


@dataclass(frozen=True)
class Retries:
    """How often a message is tried, and the waits between, in seconds: doubled each time."""

    attempts: int = 8
    first: float = 30
    longest: float = 3_600

    def wait(self, tries: int) -> datetime.timedelta:
        """The wait after a number of attempts."""
        return datetime.timedelta(seconds=min(self.first * 2.0 ** (tries - 1), self.longest))


@dataclass(frozen=True)
class Delivered:
    """What a round came to."""

    sent: int = 0
    failed: int = 0
    given_up: int = 0


def deliver_due(
    caller: Caller,
    database: Database,
    sealer: TargetSeals,
    sender: Sender,
    *,
    retries: Retries | None = None,
    now: Callable[[], datetime.datetime] = clock.now,
) -> Delivered:
    """Try each message of the caller's tenant that is due, once.

    After a target has failed, its other messages wait for the next round: one that never answers holds up the
    others for one time-out, not for one a message.
    """
    retries = retries or Retries()
    counts = {"sent": 0, "waiting": 0, "given_up": 0, "dropped": 0}
    until = now()
    failing: set[str] = set()
    for _ in range(_MOST_AT_ONCE):
        outcome = _next(caller, database, sealer, sender, retries, now, due_by=until, failing=failing)
        if outcome is None:
            break
        counts[outcome] += 1
    return Delivered(counts["sent"], counts["waiting"], counts["given_up"])


def send_test(
    caller: Caller, database: Database, sealer: TargetSeals, sender: Sender, target: str
) -> AlertDelivery:
    """Send a test to a target, once; the delivery says what became of it.

    Raises:
        NoSuchTargetError: there is none.
    """
    with database.transaction(caller) as connection:
        if stored.target_named(connection, target) is None:
            raise NoSuchTargetError(f"there is no target {target[:60]}.")
        number = stored.add_delivery(
            connection, target=target, definition=None, what="test", incidents=(), now=clock.now()
        )
    _next(caller, database, sealer, sender, Retries(attempts=1), clock.now, only=number)
    with database.transaction(caller) as connection:
        found = stored.delivery_by_id(connection, number)
    assert found is not None
    return found


def _next(
    caller: Caller,
    database: Database,
    sealer: TargetSeals,
    sender: Sender,
    retries: Retries,
    now: Callable[[], datetime.datetime],
    *,
    due_by: datetime.datetime | None = None,
    only: int | None = None,
    failing: set[str] | None = None,
) -> str | None:
    """Try the next message, of no target that is `failing`, to which its own is added if it fails.

    Returns its state afterwards, or None if none is due.
    """
    failing = set() if failing is None else failing
    lease = datetime.timedelta(seconds=sender.longest_seconds + _LEASE_SECONDS)
    with database.transaction(caller) as connection:
        at = due_by or now()
        delivery = stored.take_due(connection, at, now() + lease, only=only, passed_over=failing)
        if delivery is None:
            return None
        target = stored.target_named(connection, delivery.target)
        message = _message(connection, delivery, sender)
    state, error, due = "sent", None, None
    if target is None or not target.is_on:
        state, error = "given_up", "the target was removed or is off."
    elif message is None:
        state = "dropped"
    else:
        try:
            sender.send(opened_target(caller, sealer, target), message, delivery.message_id)
        except ClaimwrightError as problem:
            error = str(problem)[:300] if isinstance(problem, SendError) else type(problem).__name__
            failing.add(delivery.target)
            is_last = delivery.attempts >= retries.attempts
            state, due = (
                ("given_up", None) if is_last else ("waiting", now() + retries.wait(delivery.attempts))
            )
            _LOG.warning(
                "an alert was not delivered", delivery_id=delivery.delivery_id, state=state,
                attempt=delivery.attempts,
            )  # fmt: skip
    with database.transaction(caller) as connection:
        stored.note_outcome(connection, delivery.delivery_id, state, now(), due_at=due, error=error)
    METRICS().delivered(f"alert_{target.kind if target else 'removed'}", state)
    return state


def _message(connection: Connection, delivery: AlertDelivery, sender: Sender) -> Message | None:
    """What the message says by now; None if its alerts are gone."""
    link = None
    if delivery.what == "test":
        return trial_message(delivery.target, link=sender.app_url)
    if delivery.what == "stalled":
        found = [case for each in delivery.incidents for case in list_cases(connection, case_id=each)]
        return stalled_message(found, link=sender.app_url)
    incidents = rows.incidents_by_id(connection, delivery.incidents)
    if not incidents or delivery.definition is None:
        return None
    versions = {each.version: each for each in rows.versions_of(connection, delivery.definition)}
    definition = definition_of(versions[incidents[-1].version].body)
    if sender.app_url:
        link = f"{sender.app_url}/alerts"
        if len(incidents) == 1:
            link += f"/{incidents[0].incident_id}"
    title = definition.title or figure_named(definition.kpi).title
    return message_of(delivery.what, title, definition.name, definition.severity, incidents, link=link)


def retry_message(caller: Caller, connection: Connection, delivery_id: int) -> None:
    """Give a message that was given up new attempts.

    Raises:
        NoSuchAlertError: there is no message with this number that was given up.
    """
    if not stored.retry_delivery(connection, delivery_id, clock.now()):
        raise NoSuchAlertError(f"there is no message {delivery_id} that was given up.")
    audit.append(
        caller, connection, action="alert_delivery.retried", subject=f"alert_delivery:{delivery_id}",
        detail={}, correlation_id=str(uuid.uuid4()),
    )  # fmt: skip
