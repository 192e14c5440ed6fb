"""The webhook target: a signed POST, as the Standard Webhooks specification, 1.0, describes it.

Headers `webhook-id`, `webhook-timestamp` (seconds) and `webhook-signature`: `v1,` and the base64 of
HMAC-SHA-256 over `id.timestamp.body`. The body is the CloudEvent. A receiver checks the
signature, refuses old timestamps (`verify_signature` does both), and deduplicates on the id.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Collection, Mapping

from claimwright.foundation import clock
from claimwright.platform import outward_requests

from .outbox import Event

# Standard Webhooks, "Verifying webhook authenticity": receivers commonly allow five minutes.
TOLERANCE_SECONDS = 300


class WebhookTarget:
    """Posts events to one URL. Redirects are not followed; the response body is not read.

    The timeout applies to a delivery as a whole, not to each read. A receiver on this machine or in an inner
    network must be one of `inward_hosts`.
    """

    name = "webhook"

    def __init__(
        self, url: str, secret: str, *, timeout_seconds: float = 10, inward_hosts: Collection[str] = ()
    ) -> None:
        self._url, self._secret = url, secret
        self._timeout, self._inward_hosts = timeout_seconds, inward_hosts

    def deliver(self, event: Event) -> tuple[bool, str]:
        """Whether the receiver responded with 2xx in time, and the status or the kind of failure."""
        body = json.dumps(event.cloud_event(), separators=(",", ":")).encode()
        moment = int(clock.now().timestamp())
        headers = {
            "content-type": "application/cloudevents+json; charset=utf-8",
            "webhook-id": event.id,
            "webhook-timestamp": str(moment),
            "webhook-signature": signature(self._secret, event.id, moment, body),
        }
        try:
            with outward_requests.streamed(
                "POST", self._url, inward_hosts=self._inward_hosts, headers=headers, body=body,
                timeout_seconds=self._timeout,
            ) as answer:  # fmt: skip
                status = answer.status
        except outward_requests.OutwardRequestError as problem:
            return False, problem.kind or type(problem).__name__
        return 200 <= status < 300, str(status)


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
