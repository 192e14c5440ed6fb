"""How long statements take, told to whoever listens: one listener a process, none by default."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
from psycopg.rows import TupleRow

from claimwright.foundation import clock

Row = TypeVar("Row", bound=TupleRow)
_LISTENERS: list[Callable[[float], None]] = []


def listen_to_statements(heard: Callable[[float], None] | None) -> None:
    """Have `heard` called with the seconds of each statement; None: nobody."""
    _LISTENERS[:] = [heard] if heard is not None else []


class TimedCursor(psycopg.Cursor[Any]):
    """A cursor whose statements are timed where somebody listens."""

    def execute(self, *arguments: Any, **named: Any) -> TimedCursor:
        """As a cursor does."""
        if not _LISTENERS:
            super().execute(*arguments, **named)
            return self
        begun = clock.seconds()
        try:
            super().execute(*arguments, **named)
        finally:
            seconds = clock.seconds() - begun
            for heard in _LISTENERS:
                heard(seconds)
        return self
