"""Rate limits: requests per identity and minute, and sign-in attempts per address and minute.

Counted separately in each process of the API; the counts start again with each window of a minute.
"""

from __future__ import annotations

from collections import Counter
from threading import Lock

from fastapi import Request, Response

from claimwright.foundation import clock
from claimwright.platform.identity import SignInError

from .asking import address_of, asker_of, services_of
from .errors import ApiError

_WINDOW_SECONDS = 60


class Limiter:
    """Counts by key in windows of a minute. Thread-safe."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._window = -1
        self._lock = Lock()

    def count(self, key: str) -> tuple[int, int]:
        """Count one more; returns the count of this key in the window, and the seconds until it ends."""
        now = clock.seconds()
        window = int(now // _WINDOW_SECONDS)
        with self._lock:
            if window != self._window:
                self._window = window
                self._counts.clear()
            self._counts[key] += 1
            return self._counts[key], int((window + 1) * _WINDOW_SECONDS - now) + 1


def count_request(request: Request, response: Response) -> None:
    """Count a request of an identity, or of an address if it is not authenticated.

    Raises:
        ApiError: there were too many in this minute.
    """
    settings = services_of(request).settings.api
    try:
        asker = asker_of(request)
        key = f"{asker.caller.tenant} {asker.caller.actor}"
        limit = settings.requests_per_minute
    except (SignInError, ApiError):
        # Public routes are counted by address; the others refuse unauthenticated requests themselves.
        key, limit = address_of(request), settings.sign_ins_per_minute
        if request.method == "GET":
            limit = settings.requests_per_minute
    limiter: Limiter = request.app.state.limiter
    count, seconds = limiter.count(f"{request.method == 'GET'} {key}")
    headers = {
        "RateLimit-Limit": str(limit),
        "RateLimit-Remaining": str(max(0, limit - count)),
        "RateLimit-Reset": str(seconds),
    }
    if count > limit:
        raise ApiError("too_many_requests", headers={**headers, "Retry-After": str(seconds)})
    response.headers.update(headers)
