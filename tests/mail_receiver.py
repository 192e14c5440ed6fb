"""A real SMTP server on a port of this machine, for as long as a test hands in mail."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


@dataclass
class MailReceiver:
    """What came in. `refusals` are answered, one after another, before a message is accepted."""

    port: int
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    # Recipients at these names are refused.
    unknown: set[str] = field(default_factory=set)

    async def handle_RCPT(  # noqa: N802 - the name that the server calls
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address in self.unknown:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.refusals:
            return self.refusals.pop(0)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 OK"


@contextmanager
def receiving_mail(
    certificate: tuple[Path, Path] | None = None, *, account: tuple[str, str] | None = None
) -> Iterator[MailReceiver]:
    """A server; with STARTTLS if it has a certificate, which it then insists on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    receiver = MailReceiver(port)
    more: dict[str, Any] = {}
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*certificate)
        more |= {"tls_context": context, "require_starttls": True}
    if account is not None:

        def known(_server: Any, _session: Any, _envelope: Any, _mechanism: str, told: Any) -> AuthResult:
            wanted = tuple(each.encode() for each in account)
            return AuthResult(
                success=isinstance(told, LoginPassword) and (told.login, told.password) == wanted,
                handled=False,
            )

        more |= {"authenticator": known, "auth_required": True}
    controller = Controller(receiver, hostname="127.0.0.1", port=port, **more)
    controller.start()
    try:
        yield receiver
    finally:
        controller.stop()
