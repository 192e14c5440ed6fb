"""HTTP requests to addresses that another party may have chosen. Internal networks are refused.

The host name is resolved once, all its addresses are checked, and the connection uses a checked address, so a
name that resolves differently the second time (DNS rebinding) gains nothing. Redirects are not followed. The
size of an answer is limited, and the time-out is for the whole request.

    OutwardRequestError   refused, unreachable, late or too large; the message names the host, not the path
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from claimwright.foundation.errors import ClaimwrightError

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
MOST_BYTES = 1 << 20
TIMEOUT_SECONDS = 10
# RFC 6052 and 3056: IPv6 addresses that stand for an IPv4 address, which may be an inner one.
_TRANSLATED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))


class OutwardRequestError(ClaimwrightError, OSError):
    """The request was refused here, or failed. `kind` is the class of the failure; empty: refused here."""

    def __init__(self, message: str, kind: str = "") -> None:
        super().__init__(message)
        self.kind = kind


class InwardAddressError(OutwardRequestError):
    """The address points to this machine or an inner network, which the settings do not allow."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class OpenAnswer:
    """An answer of which the body is still coming. `headers` by small names; `chunks` can be read once."""

    status: int
    headers: Mapping[str, str]
    chunks: Iterator[bytes]


def checked_address(url: str, inward_hosts: Collection[str]) -> tuple[str, str, int]:
    """Scheme, host and port of an address that may be asked, before its name is looked up.

    Raises:
        OutwardRequestError: it is not https (http only for this machine, if in `inward_hosts`), or it has
            a user or a fragment.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise OutwardRequestError("an address cannot be read.") from None
    if parts.username is not None or parts.password is not None or parts.fragment or not host:
        raise OutwardRequestError(f"{host}: an address has a host, and neither a user nor a fragment.")
    if any(ord(each) <= 32 or ord(each) > 126 for each in url):
        raise OutwardRequestError(f"{host}: an address has only visible ASCII characters.")
    if parts.scheme == "https":
        return parts.scheme, host, port or 443
    if parts.scheme == "http" and host in LOOPBACK and host in inward_hosts:
        return parts.scheme, host, port or 80
    if host in LOOPBACK:
        raise InwardAddressError(f"{host}: this machine is not asked, unless the settings name it.")
    raise OutwardRequestError(f"{host}: only https is used.")


def is_inward(address: str) -> bool:
    """Whether an IP address is of this machine, of an inner network, or of no machine that can be asked."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return is_inward(str(found.ipv4_mapped))
        if found.sixtofour is not None or found.teredo is not None:
            return True
        if any(found in network for network in _TRANSLATED):
            return True
    return not found.is_global or found.is_multicast


def send(
    method: str,
    url: str,
    *,
    inward_hosts: Collection[str] = (),
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    most_bytes: int = MOST_BYTES,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> Answer:
    """The answer to one request, whatever its status.

    Args:
        method: GET or POST.
        url: https; http for a host of this machine that is in `inward_hosts`.
        inward_hosts: names whose addresses may be of this machine or of an inner network.
        headers: beside Host and User-Agent.
        body: of a POST.
        most_bytes: a larger answer is refused.
        timeout_seconds: for all of it.

    Raises:
        OutwardRequestError: the address points inward, or nothing usable came back in time.
    """
    parts: list[bytes] = []
    with streamed(
        method, url, inward_hosts=inward_hosts, headers=headers, body=body, most_bytes=most_bytes,
        timeout_seconds=timeout_seconds, quiet_seconds=timeout_seconds,
    ) as answer:  # fmt: skip
        parts.extend(answer.chunks)
    return Answer(answer.status, b"".join(parts))


@contextlib.contextmanager
def streamed(
    method: str,
    url: str,
    *,
    inward_hosts: Collection[str] = (),
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    most_bytes: int = MOST_BYTES,
    timeout_seconds: float = TIMEOUT_SECONDS,
    quiet_seconds: float = TIMEOUT_SECONDS,
) -> Iterator[OpenAnswer]:
    """The answer to one request while it comes, as `send`; `quiet_seconds` is the longest silence in it.

    Raises:
        OutwardRequestError: as `send`; also while the chunks are read.
    """
    scheme, host, port = checked_address(url, inward_hosts)
    late = threading.Event()
    connection = _Connection(
        host, port, scheme, _resolved(host, port, inward_hosts), min(quiet_seconds, timeout_seconds)
    )
    cut_off = threading.Timer(timeout_seconds, _shut, [connection, late])
    cut_off.daemon = True
    cut_off.start()
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        with _told(host, late):
            connection.request(method, target, body, {"User-Agent": "claimwright", **(headers or {})})
            answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        yield OpenAnswer(answer.status, found, _chunks(host, answer, late, most_bytes))
    finally:
        cut_off.cancel()
        connection.close()


def _chunks(
    host: str, answer: http.client.HTTPResponse, late: threading.Event, most_bytes: int
) -> Iterator[bytes]:
    count = 0
    while True:
        with _told(host, late):
            part = answer.read1(1 << 16)
            if late.is_set():
                raise TimeoutError
        if not part:
            return
        count += len(part)
        if count > most_bytes:
            raise OutwardRequestError(
                f"{host}: the answer is larger than {most_bytes >> 10:,} kB.", "TooLarge"
            )
        yield part


@contextlib.contextmanager
def _told(host: str, late: threading.Event) -> Iterator[None]:
    """Turn every failure of a connection into ours: those of a connection that was shut mean lateness."""
    try:
        yield
    except (OSError, http.client.HTTPException, ValueError) as problem:
        kind = TimeoutError.__name__ if late.is_set() else type(problem).__name__
        raise OutwardRequestError(f"{host}: cannot be asked: {kind}.", kind) from None


class _Connection(http.client.HTTPConnection):
    """A connection to an address that was checked, by the name that it was asked for."""

    def __init__(self, host: str, port: int, scheme: str, addresses: list[str], timeout: float) -> None:
        super().__init__(host, port, timeout=timeout)
        self._addresses, self._is_tls = addresses, scheme == "https"
        self.default_port = 443 if self._is_tls else 80  # the port that the Host header leaves out

    def connect(self) -> None:
        """Connect to the first address that accepts; the certificate is checked for the name."""
        for address in self._addresses[:-1]:
            with contextlib.suppress(OSError):
                self.sock = socket.create_connection((address, self.port), self.timeout)
                break
        else:
            self.sock = socket.create_connection((self._addresses[-1], self.port), self.timeout)
        if self._is_tls:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


def _resolved(host: str, port: int, inward_hosts: Collection[str]) -> list[str]:
    try:
        known = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise OutwardRequestError(f"{host}: there is no such name.") from None
    found = [str(each[4][0]) for each in known]
    if host not in inward_hosts and any(is_inward(each) for each in found):
        raise InwardAddressError(f"{host}: points to an inner network, which the settings do not allow.")
    return found


def _shut(connection: http.client.HTTPConnection, late: threading.Event) -> None:
    """End a request that takes too long in all, however steadily something comes."""
    late.set()
    if connection.sock is not None:
        with contextlib.suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)
