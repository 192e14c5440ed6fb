"""Sends one message to one target: by mail, to a chat, to a signed webhook. In time, or it has failed.

SendError   the target did not take it; the message has no address and nothing of what the target said
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from claimwright.foundation import clock
from claimwright.foundation.errors import StoreError
from claimwright.platform.events.webhook import signature
from claimwright.platform.mail import Mail, MailAddressError, MailError, MailServer, send_mail
from claimwright.platform.outward_requests import OutwardRequestError, send

from .messages import Message
from .targets import AlertTarget

# What a receiver answers is not kept; a page of an error is enough to read.
_MOST_ANSWERED = 64 << 10


class SendError(StoreError):
    """The target did not take the message."""


@dataclass(frozen=True)
class Sender:
    """Sends messages. Without a `mail` server none goes by mail."""

    mail: MailServer | None
    inward_hosts: Collection[str] = ()
    timeout_seconds: float = 10
    app_url: str | None = None

    @property
    def longest_seconds(self) -> float:
        """The longest that a delivery takes."""
        return max(self.timeout_seconds, self.mail.timeout_seconds if self.mail else 0)

    def send(self, target: AlertTarget, message: Message, message_id: uuid.UUID) -> None:
        """Send a message; the same `message_id` at every attempt.

        Raises:
            SendError: it was not taken, or not in time.
        """
        if target.kind == "email":
            self._mail(target, message, message_id)
        elif target.kind == "slack":
            body = json.dumps({"text": message.text}, separators=(",", ":")).encode()
            self._post(target, body, {})
        else:
            self._signed(target, message, message_id)

    def _signed(self, target: AlertTarget, message: Message, message_id: uuid.UUID) -> None:
        """Signed as the Standard Webhooks specification, 1.0, says; see `verify_signature`."""
        moment = int(clock.now().timestamp())
        body = json.dumps(
            {"type": "claimwright.alert", "title": message.title, "data": message.body},
            separators=(",", ":"),
        ).encode()
        assert target.secret is not None
        self._post(
            target,
            body,
            {
                "webhook-id": str(message_id),
                "webhook-timestamp": str(moment),
                "webhook-signature": signature(target.secret, str(message_id), moment, body),
            },
        )

    def _post(self, target: AlertTarget, body: bytes, headers: dict[str, str]) -> None:
        assert target.url is not None
        try:
            answer = send(
                "POST", target.url, inward_hosts=self.inward_hosts,
                headers={"content-type": "application/json; charset=utf-8", **headers}, body=body,
                most_bytes=_MOST_ANSWERED, timeout_seconds=self.timeout_seconds,
            )  # fmt: skip
        except OutwardRequestError as problem:
            raise SendError(str(problem)) from None
        if not 200 <= answer.status < 300:
            raise SendError(f"the receiver answered with status {answer.status}.")

    def _mail(self, target: AlertTarget, message: Message, message_id: uuid.UUID) -> None:
        if self.mail is None:
            raise SendError("there is no mail server: set mail.host.")
        mail = Mail(target.addresses, message.title, message.text, str(message_id))
        try:
            refused = send_mail(self.mail, mail)
        except (MailError, MailAddressError) as problem:
            raise SendError(str(problem)) from None
        if refused:
            raise SendError(f"the mail server refused {len(refused)} of {len(target.addresses)} addresses.")
