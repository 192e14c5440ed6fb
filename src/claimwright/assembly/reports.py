"""Reports on a schedule: where they go according to the settings, and the thread that delivers them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .repeating import for_each_tenant, repeated

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.features.analytics import Channels
    from claimwright.platform.database import Database
    from claimwright.platform.mail import Mail
    from claimwright.platform.settings import Settings

# How often is looked for reports that are due: they are due at a full hour.
_SECONDS = 60


def channels_of(settings: Settings) -> Channels:
    """The mail server and the object storage of the settings."""
    from claimwright.features.analytics import Channels
    from claimwright.platform.mail import send_mail
    from claimwright.platform.objects import open_objects

    from .mail import mail_server_of

    server = mail_server_of(settings)

    def send(mail: Mail) -> list[str]:
        assert server is not None
        return send_mail(server, mail)

    return Channels(None if server is None else send, lambda: open_objects(settings))


@contextmanager
def delivering_reports(
    callers: Callable[[], Iterable[Caller]],
    settings: Settings,
    database: Database,
    notify: Callable[[str], None],
    *,
    wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
) -> Iterator[None]:
    """Deliver the reports that are due, every minute, until the context ends. Several processes may do so."""
    from claimwright.features.analytics import deliver_reports

    def deliver(caller: Caller) -> None:
        deliver_reports(caller, database, channels_of(settings))

    def deliver_all() -> None:
        for_each_tenant(callers, deliver, notify, "reports were not delivered, and are tried again")

    with repeated(_SECONDS, deliver_all, "delivers-reports", wait):
        yield
