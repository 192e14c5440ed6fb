"""A clock that a test moves by hand: what waits for a time needs none of the test's own."""

from __future__ import annotations

import datetime


class HandClock:
    """Stands still until it is moved; as `claimwright.foundation.clock.now`, it says an instant in UTC."""

    def __init__(self) -> None:
        self.at = datetime.datetime.now(datetime.UTC)

    def __call__(self) -> datetime.datetime:
        return self.at

    def move(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self.at += datetime.timedelta(seconds=seconds)
