"""The rows of a transaction, written in order: by a thread, while the next rows are computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from claimwright.foundation.overlap import Behind

Write = Callable[[], object]
# Writes that wait: each holds the rows of one table of one block.
_DEPTH = 16


def _run(write: Write) -> None:
    write()


@dataclass(frozen=True)
class Writes:
    """Writes in order; at once, unless it is opened by `in_background`.

    Whoever reads by the same connection waits first: two threads never use a connection at the same time.
    """

    behind: Behind[Write] | None = None

    def add(self, write: Write) -> None:
        """Write, now or in turn.

        Raises:
            psycopg.Error: this or an earlier write failed.
        """
        if self.behind is None:
            write()
        else:
            self.behind.put(write)

    def wait(self) -> None:
        """Wait until everything is written.

        Raises:
            psycopg.Error: a write failed.
        """
        if self.behind is not None:
            self.behind.wait()


@dataclass(frozen=True)
class Collected(Writes):
    """Writes that are kept until somebody else adds them."""

    kept: list[Write] = field(default_factory=list)

    def add(self, write: Write) -> None:
        """Keep it."""
        self.kept.append(write)


@contextmanager
def in_background() -> Iterator[Writes]:
    """Writes by a thread. At the end everything is written.

    Raises:
        psycopg.Error: a write failed.
    """
    with Behind(_run, depth=_DEPTH) as behind:
        yield Writes(behind)
