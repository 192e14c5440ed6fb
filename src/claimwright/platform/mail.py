"""Mail: one message at a time over SMTP (RFC 5321), encrypted off this machine.

A header is logged by every server on the way: a subject and the names of files contain nothing of a patient.
The time-out is for the whole delivery, however steadily a server answers.

MailError   not delivered; `is_final` says whether it would be refused again
"""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Literal

from claimwright.foundation import clock
from claimwright.foundation.errors import InputError, StoreError

Security = Literal["starttls", "tls", "none"]
MOST_RECIPIENTS = 50
# Common servers refuse messages over 25 MB; base64 makes a third more of what is attached.
MOST_ATTACHED_BYTES = 18_000_000
# RFC 5321, 4.2.1: a reply of 5yz is refused whenever it is tried.
_PERMANENT = 500
_MAIN_TYPES = ("application", "text", "image")


class MailError(StoreError, OSError):
    """The message was not accepted. The text names the server and the kind of failure, never an address."""

    def __init__(self, message: str, *, is_final: bool = False) -> None:
        super().__init__(message)
        self.is_final = is_final


class MailAddressError(InputError, ValueError):
    """A text is no mail address."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in. `none` is for a server of this machine only, which the settings check."""

    host: str
    port: int
    sender: str
    security: Security = "starttls"
    user: str | None = None
    password: str | None = None
    ca_file: Path | None = None
    timeout_seconds: float = 30


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message; `media_type` such as text/csv."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """A message. `key` is the same whenever it is sent again, so that the receiver can tell."""

    recipients: Sequence[str]
    subject: str
    text: str
    key: str
    attachments: Sequence[Attachment] = ()


def checked_recipient(text: str) -> str:
    """The mail address in a text, without a name.

    Raises:
        MailAddressError: it is none.
    """
    told = text.strip()
    try:
        address = Address(addr_spec=told)
    except (ValueError, IndexError, MessageError):
        raise MailAddressError("a mail address is name@example.org, without the person's name.") from None
    if not (address.username and "." in address.domain + ".") or not told.isascii() or len(told) > 254:
        raise MailAddressError("a mail address is name@example.org, in ASCII, of at most 254 characters.")
    if not address.domain or any(ord(each) <= 32 or each in ",;<>" for each in told):
        raise MailAddressError("a mail address is name@example.org, one at a time.")
    return told


def send_mail(server: MailServer, mail: Mail) -> list[str]:
    """Hand a message in. Returns the recipients that the server refused, while it took others.

    Raises:
        MailError: nobody gets it.
        MailAddressError: a recipient is no mail address.
    """
    message = _written(server, mail)
    late = threading.Event()
    opened: list[smtplib.SMTP] = []
    cut_off = threading.Timer(server.timeout_seconds, _shut, [opened, late])
    cut_off.daemon = True
    cut_off.start()
    try:
        with contextlib.closing(_connected(server, opened)) as connection:
            if server.user is not None:
                connection.login(server.user, server.password or "")
            refused = connection.send_message(message)
            with contextlib.suppress(OSError, smtplib.SMTPException):
                connection.quit()
            return sorted(refused)
    except (OSError, smtplib.SMTPException, ValueError) as problem:
        raise _failure(server, TimeoutError() if late.is_set() else problem) from None
    finally:
        cut_off.cancel()


def _failure(server: MailServer, problem: Exception) -> MailError:
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        code = min(each[0] for each in problem.recipients.values())
        return MailError(f"{server.host}: refused all recipients ({code}).", is_final=code >= _PERMANENT)
    if isinstance(problem, smtplib.SMTPResponseException):
        kind, code = type(problem).__name__.removeprefix("SMTP"), problem.smtp_code
        # An account that is refused may be corrected in the settings: it is tried again.
        is_final = code >= _PERMANENT and not isinstance(problem, smtplib.SMTPAuthenticationError)
        return MailError(f"{server.host}: refused the message: {kind} {code}.", is_final=is_final)
    return MailError(f"{server.host}: mail cannot be handed in: {type(problem).__name__}.")


def _written(server: MailServer, mail: Mail) -> EmailMessage:
    recipients = [checked_recipient(each) for each in mail.recipients]
    if not 1 <= len(recipients) <= MOST_RECIPIENTS:
        raise MailAddressError(f"a message has 1 to {MOST_RECIPIENTS} recipients.")
    if sum(len(each.content) for each in mail.attachments) > MOST_ATTACHED_BYTES:
        raise MailError(f"what is attached is over {MOST_ATTACHED_BYTES // 1_000_000} MB.", is_final=True)
    message = EmailMessage()
    message["From"] = server.sender
    message["To"] = ", ".join(recipients)
    message["Subject"] = " ".join(mail.subject.split())[:200]
    message["Date"] = format_datetime(clock.now())
    domain = server.sender.rpartition("@")[2]
    message["Message-ID"] = f"<{mail.key}@{domain}>"
    # RFC 3834: out-of-office replies do not answer a machine.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    for each in mail.attachments:
        main, _, kind = each.media_type.partition("/")
        assert main in _MAIN_TYPES
        assert kind
        message.add_attachment(each.content, maintype=main, subtype=kind, filename=each.name)
    return message


class _Plain(smtplib.SMTP):
    """A connection that is known before it is made, so that it can be ended."""

    def __init__(self, opened: list[smtplib.SMTP], host: str, port: int, timeout: float) -> None:
        opened.append(self)
        super().__init__(host, port, timeout=timeout)


class _Encrypted(smtplib.SMTP_SSL):
    """The same, encrypted from the beginning."""

    def __init__(
        self, opened: list[smtplib.SMTP], host: str, port: int, timeout: float, context: ssl.SSLContext
    ) -> None:
        opened.append(self)
        super().__init__(host, port, timeout=timeout, context=context)


def _connected(server: MailServer, opened: list[smtplib.SMTP]) -> smtplib.SMTP:
    context = ssl.create_default_context(cafile=None if server.ca_file is None else str(server.ca_file))
    if server.security == "tls":
        return _Encrypted(opened, server.host, server.port, server.timeout_seconds, context)
    connection = _Plain(opened, server.host, server.port, server.timeout_seconds)
    try:
        if server.security == "starttls":
            connection.starttls(context=context)
    except BaseException:
        connection.close()
        raise
    return connection


def _shut(opened: list[smtplib.SMTP], late: threading.Event) -> None:
    """End a delivery that takes too long in all."""
    late.set()
    for connection in opened:
        if connection.sock is not None:
            with contextlib.suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)
