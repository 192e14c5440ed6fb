"""Work of which a process does a few at once: the others wait, without a thread and without a connection.

What is slow by its nature would otherwise take all threads of the routes, and everybody would wait for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeVar
from weakref import WeakValueDictionary

from anyio import CapacityLimiter, to_thread

from claimwright.platform.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fastapi import FastAPI, Request

    from .asking import Asker

T = TypeVar("T")
Kind = Literal["passwords", "provider", "rules", "exports", "documents"]
_AT_ONCE: dict[Kind, int] = {
    # Argon2id takes 64 MiB and a processor or more for each.
    "passwords": 2,
    # A sign-in provider may take ten seconds to answer, or not to.
    "provider": 8,
    # A rule over thousands of claims takes a processor for seconds.
    "rules": 2,
    # Each has a connection of the few while it is made.
    "exports": 2,
    # As exports; pages of scans take seconds each.
    "documents": 2,
}


@dataclass
class _Turns:
    """The places of one kind, and one place of each who has work of it, so that others have their turn."""

    places: CapacityLimiter
    own: WeakValueDictionary[tuple[str, str], CapacityLimiter] = field(default_factory=WeakValueDictionary)


def allow_few(app: FastAPI) -> None:
    """Prepare the application; called in its event loop."""
    app.state.few_at_once = {kind: _Turns(CapacityLimiter(most)) for kind, most in _AT_ONCE.items()}


async def few_at_once(request: Request, kind: Kind, work: Callable[[], T], *, of: Asker | None = None) -> T:
    """What some work of this kind returns, done in a thread of its own when its turn comes; one work at a
    time for each asker, where one is given.
    """
    turns: _Turns = request.app.state.few_at_once[kind]
    if of is None:
        return await to_thread.run_sync(work, limiter=turns.places)
    own = turns.own.setdefault((of.caller.tenant, of.caller.actor), CapacityLimiter(1))
    async with own:
        return await to_thread.run_sync(work, limiter=turns.places)


async def exported(request: Request, asker: Asker, pieces: Callable[[], Iterable[bytes]]) -> Iterator[bytes]:
    """An export, made before any of it is sent: whoever reads it slowly keeps no connection, and what fails
    is refused like any other request.
    """

    def made() -> Spool:
        spool = Spool()
        for piece in pieces():
            if spool.add(piece):
                spool.put_aside()
        return spool

    spool = await few_at_once(request, "exports", made, of=asker)

    def chunks() -> Iterator[bytes]:
        with spool:
            yield from spool.chunks()

    return chunks()
