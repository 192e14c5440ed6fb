"""Alerts on figures, as the settings have them: evaluated without HTTP, delivered, kept up by a worker."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from .mail import mail_server_of
from .repeating import for_each_tenant, repeated
from .stores import open_sealer

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.features.alerts import AlertView, Delivered, Evaluated, Retries, Sender
    from claimwright.platform.access import Access
    from claimwright.platform.database import Database
    from claimwright.platform.phi import Sealer
    from claimwright.platform.settings import Settings

# How soon a message that waits is sent, and how late an escalation step may be.
_DELIVER_SECONDS = 15.0


def alert_sender(settings: Settings) -> Sender:
    """Sends messages as the settings say."""
    from claimwright.features.alerts import Sender

    wanted = settings.alerts
    return Sender(
        mail_server_of(settings), frozenset(wanted.inward_hosts), wanted.timeout_seconds, wanted.app_url
    )


def alert_retries(settings: Settings) -> Retries:
    """How often a message is tried."""
    from claimwright.features.alerts import Retries

    wanted = settings.alerts
    return Retries(wanted.attempts, wanted.retry_first_seconds, wanted.retry_longest_seconds)


def alert_view(access: Access, caller: Caller, facilities: list[str] | None = None) -> AlertView:
    """Which alerts a caller sees."""
    from claimwright.features.alerts import AlertView

    from .analytics import seen_by

    return AlertView(seen_by(lambda each: access.may(caller, each), access, caller), facilities)


def evaluate_and_deliver(
    caller: Caller, settings: Settings, database: Database, *, only: str | None = None
) -> tuple[Evaluated, Delivered]:
    """Evaluate the caller's tenant's alerts, with figures that are up to date, and send what is due."""
    from claimwright.features.alerts import evaluate_alerts

    from .reviews import gather

    # Work items are facts of figures as well.
    gather(caller, settings, database)
    done = evaluate_alerts(caller, database, only=only)
    return done, deliver_alerts(caller, settings, database)


def deliver_alerts(
    caller: Caller, settings: Settings, database: Database, *, sealer: Sealer | None = None
) -> Delivered:
    """Send what is due of the caller's tenant, once each."""
    from claimwright.features.alerts import deliver_due

    return deliver_due(
        caller, database, sealer or open_sealer(settings, database), alert_sender(settings),
        retries=alert_retries(settings),
    )  # fmt: skip


@contextmanager
def watching_alerts(
    callers: Callable[[], Iterable[Caller]],
    settings: Settings,
    database: Database,
    notify: Callable[[str], None],
    *,
    wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
) -> Iterator[None]:
    """Evaluate alerts every `alerts.evaluate_minutes`, and deliver what is due, until the context ends.

    Several processes may do so. `notify` gets what failed. If the setting is 0, nothing is done.
    """
    from claimwright.features.alerts import advance_alerts
    from claimwright.features.appeals import tell_stalled

    def each_tenant(work: Callable[[Caller], None]) -> None:
        for_each_tenant(callers, work, notify, "alerts")

    def evaluate(caller: Caller) -> None:
        with database.transaction(caller) as connection:
            wanted = settings.appeals
            tell_stalled(caller, connection, minutes=wanted.stalled_minutes, targets=wanted.stalled_targets)
        done, _ = evaluate_and_deliver(caller, settings, database)
        for name, problem in done.problems.items():
            notify(f"tenant {caller.tenant}: alert {name} was not evaluated: {problem}")

    def deliver(caller: Caller) -> None:
        advance_alerts(caller, database)
        deliver_alerts(caller, settings, database)

    minutes = settings.alerts.evaluate_minutes
    with ExitStack() as stack:
        stack.enter_context(repeated(minutes * 60, lambda: each_tenant(evaluate), "evaluates-alerts", wait))
        every = _DELIVER_SECONDS if minutes else 0
        stack.enter_context(repeated(every, lambda: each_tenant(deliver), "delivers-alerts", wait))
        yield
