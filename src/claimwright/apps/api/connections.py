"""The open connections of a server, and an end to those that only hold a place.

A place is for progress: a request's head arrives in seconds, its body at a pace, and an answer is read. Of
one address there are so many. Where all places are taken, the one that has waited longest without a request
makes room for the next.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections import Counter, OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from claimwright.foundation import clock
from claimwright.platform.observability import get_logger


@dataclass(frozen=True)
class Paces:
    """How slow a client may be."""

    head_seconds: float = 10.0
    """From the connection, or from the first byte of a request, to the end of its head."""
    body_seconds: float = 20.0
    body_bytes: int = 40_960
    """Of a body, at least so many bytes come in so many seconds, unless it is we who do not read."""
    answer_seconds: float = 60.0
    """So long nothing of an answer may go unread."""
    sweep_seconds: float = 1.0


def counted_address(address: str) -> str:
    """What an address is counted as: IPv6 by its first 64 bits, of which one subscriber has all the rest
    (RFC 6177), and an IPv4 address in IPv6 as itself.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))


class Connection(Protocol):
    """A connection, as the server's protocol keeps it."""

    def overdue(self, now: float, paces: Paces) -> str | None:
        """Why it is too slow at this time; None if it is not."""

    def end(self, why: str) -> None:
        """Close it."""


class Connections:
    """The connections of one server. Used in its event loop only.

    `most` is how many there are at once, `of_one_address` how many of them from one address, unless it is one
    of `proxies`.
    """

    def __init__(
        self, most: int, of_one_address: int, proxies: Collection[str] = (), paces: Paces | None = None
    ) -> None:
        self._most, self._of_one_address, self._proxies = most, of_one_address, frozenset(proxies)
        self._paces = paces or Paces()
        self._open: dict[Connection, str] = {}
        self._addresses: Counter[str] = Counter()
        # Those without a request under way, by when they began to wait.
        self._waiting: OrderedDict[Connection, None] = OrderedDict()
        self._ended: Counter[str] = Counter()
        self._sweeping: asyncio.TimerHandle | None = None

    def admit(self, connection: Connection, address: str) -> bool:
        """Take a connection in; False if there is no place for it."""
        is_proxy, address = address in self._proxies, counted_address(address)
        if not is_proxy and self._addresses[address] >= self._of_one_address:
            self._ended["address"] += 1
            return False
        if len(self._open) >= self._most:
            if not self._waiting:
                self._ended["full"] += 1
                return False
            # It may be somebody who will ask something later: they connect again.
            self.end(next(iter(self._waiting)), "room")
        self._open[connection] = address
        self._addresses[address] += 1
        self.wait(connection)
        self._sweep_later()
        return True

    def wait(self, connection: Connection) -> None:
        """A connection has no request under way."""
        if connection in self._open:
            self._waiting[connection] = None
            self._waiting.move_to_end(connection)

    def work(self, connection: Connection) -> None:
        """A connection has a request under way."""
        self._waiting.pop(connection, None)

    def leave(self, connection: Connection) -> None:
        """A connection has ended, or is no longer one of requests."""
        self._waiting.pop(connection, None)
        address = self._open.pop(connection, None)
        if address is not None:
            self._addresses[address] -= 1
            if not self._addresses[address]:
                del self._addresses[address]

    def end(self, connection: Connection, why: str) -> None:
        """End a connection."""
        self._ended[why] += 1
        self.leave(connection)
        connection.end(why)

    def _sweep_later(self) -> None:
        if self._sweeping is None:
            loop = asyncio.get_running_loop()
            self._sweeping = loop.call_later(self._paces.sweep_seconds, self._sweep)

    def _sweep(self) -> None:
        self._sweeping = None
        now = clock.seconds()
        for connection in tuple(self._open):
            why = connection.overdue(now, self._paces)
            if why is not None:
                self.end(connection, why)
        for why, count in self._ended.items():
            get_logger("api").warning("connections_ended", reason_code=why, count=count)
        self._ended.clear()
        if self._open:
            self._sweep_later()
