"""One call of one provider over HTTP, and what its status means."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from email.utils import parsedate_to_datetime

from claimwright.platform.outward_requests import OutwardRequestError, streamed

from .asking import OnText, Reply, Wire, WireRequest
from .bedrock import stream_error
from .errors import (
    LanguageModelError,
    ModelCutOffError,
    ModelMalformedError,
    ModelRateLimitedError,
    ModelRefusedError,
    ModelServerError,
    ModelTimeoutError,
    ModelUnreachableError,
)

# An answer of 32,000 tokens is about 150 kB of text and ten times that as a stream of events.
MOST_BYTES = 16 << 20
_OVERLOADED = 529  # Anthropic API reference, Errors
_CUT_OFF = frozenset({"IncompleteRead", "ConnectionResetError", "RemoteDisconnected", "BrokenPipeError"})


def call(
    wire: Wire, request: WireRequest, *, inward_hosts: Collection[str], timeout_seconds: float,
    quiet_seconds: float, on_text: OnText, now: datetime.datetime,
) -> Reply:  # fmt: skip
    """The reply to one request.

    Raises:
        LanguageModelError: there is none that can be used.
    """
    begun = False
    try:
        with streamed(
            "POST", request.url, inward_hosts=inward_hosts, headers=request.headers, body=request.body,
            most_bytes=MOST_BYTES, timeout_seconds=timeout_seconds, quiet_seconds=quiet_seconds,
        ) as answer:  # fmt: skip
            if answer.status != 200:
                raise status_error(answer.status, answer.headers, now)
            begun = True
            return wire.read(answer, on_text)
    except OutwardRequestError as problem:
        if problem.kind == TimeoutError.__name__:
            raise ModelTimeoutError from None
        if problem.kind == "TooLarge":
            raise ModelMalformedError("it is too large") from None
        if begun or problem.kind in _CUT_OFF:
            raise ModelCutOffError from None
        # What was refused here names the host and the rule, which whoever sets it up has to know.
        made = ModelUnreachableError(str(problem).rstrip("."))
        # Refused before anything was sent: it will be refused again.
        made.again = bool(problem.kind)
        raise made from None


def status_error(status: int, headers: Mapping[str, str], now: datetime.datetime) -> LanguageModelError:
    """What a status other than 200 means. The body is not read: it could repeat what was sent."""
    after = retry_after(headers, now)
    if "x-amzn-errortype" in headers and status < 500:
        made = stream_error(headers["x-amzn-errortype"])
        made.status, made.retry_after = status, after
        return made
    if status == 429:
        return ModelRateLimitedError(str(status), retry_after=after, status=status)
    if status >= 500 or status in (408, 409, 425, _OVERLOADED):
        return ModelServerError(str(status), retry_after=after, status=status)
    return ModelRefusedError(str(status), status=status)


def retry_after(headers: Mapping[str, str], now: datetime.datetime) -> float | None:
    """Seconds until the provider wants to be asked again: a number or a date (RFC 9110, 10.2.3), or OpenAI's
    milliseconds.
    """
    if (millis := headers.get("retry-after-ms", "")).isdecimal():
        return min(int(millis[:12]) / 1000, 86_400)
    said = headers.get("retry-after", "").strip()
    if said.isdecimal():
        return min(float(said[:9]), 86_400)
    try:
        then = parsedate_to_datetime(said)
    except (TypeError, ValueError):
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=datetime.UTC)
    return max(0.0, (then - now).total_seconds())
