"""The webhook target: a signed POST, as the Standard Webhooks specification, 1.0, describes it.

Headers `webhook-id`, `webhook-timestamp` (seconds) and `webhook-signature`: `v1,` and the base64 of
HMAC-SHA-256 over `id.timestamp.body`. The body is the CloudEvent. A receiver checks the
signature, refuses old timestamps (`verify_signature` does both), and deduplicates on the id.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hmac
import http.client
import json
import socket
import ssl
import threading
from collections.abc import Mapping
from urllib.parse import urlsplit

from claimwright.foundation import clock

from .outbox import Event

# Standard Webhooks, "Verifying webhook authenticity": receivers commonly allow five minutes.
TOLERANCE_SECONDS = 300


class WebhookTarget:
    """Posts events to one URL. Redirects are not followed; the response body is not read.

    The timeout applies to a delivery as a whole, not to each read.
    """

    name = "webhook"

    def __init__(self, url: str, secret: str, *, timeout_seconds: float = 10) -> None:
        self._parts = urlsplit(url)
        self._secret = secret
        self._timeout = timeout_seconds

    def deliver(self, event: Event) -> tuple[bool, str]:
        """Whether the receiver responded with 2xx in time, and the status or the kind of failure."""
        body = json.dumps(event.cloud_event(), separators=(",", ":")).encode()
        moment = int(clock.now().timestamp())
        headers = {
            "content-type": "application/cloudevents+json; charset=utf-8",
            "user-agent": "claimwright",
            "webhook-id": event.id,
            "webhook-timestamp": str(moment),
            "webhook-signature": signature(self._secret, event.id, moment, body),
        }
        connection = self._connection()
        late = threading.Event()
        cut_off = threading.Timer(self._timeout, _shut, [connection, late])
        cut_off.daemon = True
        cut_off.start()
        try:
            path = self._parts.path or "/"
            target = f"{path}?{self._parts.query}" if self._parts.query else path
            connection.request("POST", target, body, headers)
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException, ValueError) as problem:
            # A connection that the timeout closed fails in various ways; all mean that the time ran out.
            return False, TimeoutError.__name__ if late.is_set() else type(problem).__name__
        finally:
            cut_off.cancel()
            connection.close()
        return 200 <= status < 300, str(status)

    def _connection(self) -> http.client.HTTPConnection:
        host = self._parts.hostname or ""
        if self._parts.scheme == "https":
            return http.client.HTTPSConnection(
                host, self._parts.port, timeout=self._timeout, context=ssl.create_default_context()
            )
        return http.client.HTTPConnection(host, self._parts.port, timeout=self._timeout)


def _shut(connection: http.client.HTTPConnection, late: threading.Event) -> None:
    """End a delivery that takes too long in total, even if the receiver keeps sending data."""
    late.set()
    if connection.sock is not None:
        with contextlib.suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)


def signature(secret: str, event_id: str, timestamp: int, body: bytes) -> str:
    """What `webhook-signature` holds."""
    signed = f"{event_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(_key(secret), signed, "sha256")).decode()


def verify_signature(secret: str, headers: Mapping[str, str], body: bytes, *, at: float) -> bool:
    """Whether a request is authentic and recent. For receivers, before anything else.

    Args:
        secret: the shared secret.
        headers: of the request, by lower-case name.
        body: of the request, unchanged.
        at: the receiver's time, in seconds since 1970.
    """
    try:
        moment = int(headers["webhook-timestamp"])
        offered = headers["webhook-signature"].split()
        expected = signature(secret, headers["webhook-id"], moment, body)
    except (KeyError, ValueError):
        return False
    # int, because a float can't hold thousands of digits; bytes, because compare_digest refuses non-ASCII
    # text.
    fresh = abs(int(at) - moment) <= TOLERANCE_SECONDS
    return fresh and any(
        hmac.compare_digest(each.encode(errors="replace"), expected.encode()) for each in offered
    )


def _key(secret: str) -> bytes:
    """The signing key.

    A secret that begins with `whsec_` is base64, as in the specification; any other is used as is.
    """
    if secret.startswith("whsec_"):
        try:
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            pass
    return secret.encode()
