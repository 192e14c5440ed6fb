"""The mail server of the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from claimwright.platform.mail import MailServer
    from claimwright.platform.settings import Settings


def mail_server_of(settings: Settings) -> MailServer | None:
    """Where mail is handed in; None if the settings name no server."""
    from claimwright.platform.mail import MailServer

    mail = settings.mail
    if mail.host is None:
        return None
    return MailServer(
        mail.host, mail.port, mail.sender, mail.security, mail.user,
        None if mail.password is None else mail.password.get_secret_value(), mail.ca_file,
        mail.timeout_seconds,
    )  # fmt: skip
