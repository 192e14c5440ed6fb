"""Builds the relay that delivers events to the webhook from settings."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from claimwright.foundation.errors import ConfigurationError

from .audit_signing import signing_hourly

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.platform.database import Connection, Database
    from claimwright.platform.events import Backoff, Relayed, Target
    from claimwright.platform.settings import Settings


class WebhookMissingError(ConfigurationError):
    """The settings name no webhook or no secret."""


@dataclass(frozen=True)
class WebhookRelay:
    """Delivers signed events of tenants to the webhook; failed ones are retried in a later round."""

    target: Target
    backoff: Backoff

    def round(self, callers: Iterable[Caller], connection: Connection) -> Relayed:
        """Deliver the due events of the callers' tenants, and count them."""
        from claimwright.platform.events import Relayed, relay
        from claimwright.platform.observability import METRICS

        parts = [relay(each, connection, self.target, backoff=self.backoff) for each in callers]
        done = Relayed(
            sum(each.delivered for each in parts),
            sum(each.failed for each in parts),
            sum(each.abandoned for each in parts),
        )
        for outcome in ("delivered", "failed", "abandoned"):
            METRICS().delivered(self.target.name, outcome, getattr(done, outcome))
        return done

    def watch(
        self,
        callers: Callable[[], Iterable[Caller]],
        settings: Settings,
        database: Database,
        stop: threading.Event,
        notify: Callable[[str], None],
        *,
        report: Callable[[Relayed], None] = lambda _: None,
        every_seconds: float = 1,
    ) -> Relayed:
        """Deliver events until `stop` is set; meanwhile, sign the ends of audit logs hourly.

        `callers` is called each round, because tenants come and go; `report` gets the result of each round.
        Returns the result of the last one.
        """
        with database.connect() as connection, signing_hourly(callers, settings, database, notify):
            while True:
                done = self.round(callers(), connection)
                report(done)
                # NOTIFY would be faster; for a webhook, one second is fast enough.
                if stop.wait(every_seconds):
                    return done

    def retry_abandoned(self, callers: Iterable[Caller], connection: Connection) -> int:
        """Give abandoned events a full number of new attempts. Returns how many."""
        from claimwright.platform.events import retry_abandoned

        return sum(retry_abandoned(each, connection, self.target.name) for each in callers)


def webhook_relay(settings: Settings) -> WebhookRelay:
    """The relay to the webhook in the settings.

    Raises:
        WebhookMissingError: the settings name no webhook or no secret.
    """
    from claimwright.platform.events import Backoff, WebhookTarget

    wanted = settings.events
    if not wanted.webhook_url or not wanted.webhook_secret:
        raise WebhookMissingError(
            "set events.webhook_url and events.webhook_secret: where events are sent, and what signs them."
        )
    secret = wanted.webhook_secret.get_secret_value()
    return WebhookRelay(
        WebhookTarget(
            wanted.webhook_url,
            secret,
            timeout_seconds=wanted.timeout_seconds,
            inward_hosts=frozenset(wanted.webhook_inward_hosts),
        ),
        Backoff(wanted.attempts, wanted.retry_first_seconds, wanted.retry_longest_seconds),
    )
