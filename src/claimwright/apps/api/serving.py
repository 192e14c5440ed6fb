"""The server of the application: TLS, client certificates, limits of connections."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import ssl
import sys
from typing import TYPE_CHECKING, ClassVar

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from claimwright.foundation import clock

from .connections import Connections, Paces

if TYPE_CHECKING:
    from types import FrameType

    from fastapi import FastAPI

    from claimwright.platform.settings import Settings

# Most bytes of a request's headers, also while they are incomplete. Cookies and tokens are a few KiB.
HEAD_BYTES = 65_536


# Connections that the kernel keeps for us while we take others in.
BACKLOG = 1_024
# So many are taken in at a time: of many that come at once, other processes with the same socket get theirs.
_ACCEPTED_AT_A_TIME = 8
# Files that the process needs beside its connections.
_OTHER_FILES = 200
KEEP_ALIVE_SECONDS = 30
_OVERDUE = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_NO_PLACE = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nretry-after: 5\r\nconnection: close\r\n\r\n"
)


class CertifiedProtocol(HttpToolsProtocol):
    """HTTP in which each request's state has the SHA-256 of the client certificate that TLS verified.

    Ends connections whose headers are larger than HEAD_BYTES, and those that `Connections` has no place for.
    """

    places: ClassVar[Connections]
    _header_bytes = _waiting_bytes = 0
    _is_in_head = False
    # Since when a head is awaited; None while a request is under way. Between two it begins when the
    # connection may no longer stay open.
    _head_since: float | None = None
    _is_in_body = False
    # Since when the body is counted, and its bytes since then.
    _body_since = 0.0
    _body_bytes = 0
    # Since when nothing of an answer was read, and what waits to be sent.
    _unread_since: float | None = None
    _unread_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Note the certificate of the connection, if the client showed one."""
        session = transport.get_extra_info("ssl_object")
        certificate = session.getpeercert(binary_form=True) if session is not None else None
        if certificate:
            # A copy: the state of the application is shared by all connections.
            self.app_state = {**self.app_state, "certificate": hashlib.sha256(certificate).digest()}
        super().connection_made(transport)
        self._head_since = clock.seconds()
        if not self.places.admit(self, self.client[0] if self.client else "unknown"):
            transport.write(_NO_PLACE)
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place back."""
        self.places.leave(self)
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        """A websocket is not one of requests: it asks whether the other side is there by itself."""
        self.places.leave(self)
        super().handle_websocket_upgrade()

    def data_received(self, data: bytes) -> None:
        """Count what comes while the headers do not end: the parser keeps it until then."""
        if self.transport.is_closing():
            return
        began_before = self._is_in_head
        super().data_received(data)
        if began_before and self._is_in_head and not self.transport.is_closing():
            self._waiting_bytes += len(data)
            if self._waiting_bytes > HEAD_BYTES:
                self.send_400_response("The headers are too large.")

    def on_message_begin(self) -> None:
        """Begin to count."""
        self._header_bytes, self._waiting_bytes, self._is_in_head = 0, 0, True
        now = clock.seconds()
        self._head_since = now if self._head_since is None else min(now, self._head_since)
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header, or one of a trailer."""
        self._header_bytes += len(name) + len(value)
        if self._header_bytes > HEAD_BYTES:
            # Out of the parser, which answers 400 and ends the connection.
            raise ValueError("the headers are too large")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Stop counting the head, begin with the body."""
        self._is_in_head, self._is_in_body, self._head_since = False, True, None
        self._body_since, self._body_bytes = clock.seconds(), 0
        self.places.work(self)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Count a part of the body."""
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Stop counting the body."""
        self._is_in_body = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The connection may be used again."""
        super().on_response_complete()
        if self.cycle.response_complete and not self._is_in_head:
            self._head_since = clock.seconds() + KEEP_ALIVE_SECONDS
            self.places.wait(self)

    def overdue(self, now: float, paces: Paces) -> str | None:
        """Why the connection is to be ended now, in a word; None if it is not."""
        if self._head_since is not None and now - self._head_since > paces.head_seconds:
            return "head"
        if self._is_unread(now, paces):
            return "answer"
        return "body" if self._is_dripping(now, paces) else None

    def _is_unread(self, now: float, paces: Paces) -> bool:
        size = self.transport.get_write_buffer_size() if self.flow.write_paused else 0
        if not size or size < self._unread_bytes or self._unread_since is None:
            self._unread_since = now if size else None
        self._unread_bytes = size
        return self._unread_since is not None and now - self._unread_since > paces.answer_seconds

    def _is_dripping(self, now: float, paces: Paces) -> bool:
        if not self._is_in_body:
            return False
        if self.flow.read_paused or self.cycle.waiting_for_100_continue:
            self._body_since, self._body_bytes = now, 0
        if now - self._body_since < paces.body_seconds:
            return False
        is_slow = self._body_bytes < paces.body_bytes
        self._body_since, self._body_bytes = now, 0
        return is_slow

    def end(self, why: str) -> None:
        """End the connection; who has not begun to get an answer is told, if that can be."""
        cycle: RequestResponseCycle | None = self.cycle
        is_answering = cycle is not None and cycle.response_started and not cycle.response_complete
        if why in ("head", "body") and not is_answering:
            self.transport.write(_OVERDUE)
            self.transport.close()
        else:
            self.transport.abort()


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens, whose connections send what they have at once.

    Raises:
        OSError: the address can't be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.create_server((host, port), family=family, backlog=BACKLOG)
    # Inherited by every connection. asyncio sets it by itself only where the protocol number is given.
    # Without it, each answer on a connection that stays open waits 40 ms for an acknowledgement.
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return bound


def inherited(number: int) -> socket.socket:
    """The socket of `listening` that this process got from its supervisor.

    Raises:
        OSError: there is none under this number.
    """
    return socket.socket(fileno=number)


class Server(uvicorn.Server):
    """A server that may share its socket with other processes."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept. The kernel keeps more connections than are taken in at a time."""
        await super().startup(sockets)
        if self.should_exit:
            return
        for each in sockets or ():
            each.listen(BACKLOG)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop. Streams of live events are ended first: they would go on until they are cut off."""
        hub = getattr(getattr(self.config.app, "state", None), "hub", None)
        if hub is not None:
            hub.stop()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop on a signal. It is not raised again afterwards: who asked for a stop gets an orderly end."""
        super().handle_exit(sig, frame)
        self._captured_signals.clear()


def server_config(app: FastAPI, settings: Settings, paces: Paces | None = None) -> uvicorn.Config:
    """The server's configuration. With TLS, version 1.3 only; with a client CA, certificates are optional.

    A certificate that the CA did not sign, or that has ended, ends the connection in the handshake. Without
    one, people and services authenticate as usual.
    """
    wanted = settings.api
    has_tls = wanted.certificate_file is not None and wanted.private_key_file is not None
    asks = has_tls and wanted.client_ca_file is not None
    most = _most_connections(wanted.connections)
    places = Connections(most, min(most, wanted.connections_per_address), wanted.trusted_proxies, paces)
    config = uvicorn.Config(
        app,
        # A class of its own for each server, so that two in one process do not share their places.
        http=type("PlacedProtocol", (CertifiedProtocol,), {"places": places}),
        backlog=_ACCEPTED_AT_A_TIME,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(wanted.trusted_proxies),
        forwarded_allow_ips=wanted.trusted_proxies or None,
        ssl_certfile=str(wanted.certificate_file) if has_tls else None,
        ssl_keyfile=str(wanted.private_key_file) if has_tls else None,
        ssl_ca_certs=str(wanted.client_ca_file) if asks else None,
        ssl_cert_reqs=ssl.CERT_OPTIONAL if asks else ssl.CERT_NONE,
        timeout_graceful_shutdown=20,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        # Never reached by requests, which have a place each.
        limit_concurrency=most + 1,
    )
    config.load()
    if config.ssl is not None:
        config.ssl.minimum_version = ssl.TLSVersion.TLSv1_3
    return config


def _most_connections(wanted: int) -> int:
    """As many as are wanted, if the process may have so many files open; else fewer.

    Without a file for it, a connection could not even be refused.
    """
    if sys.platform == "win32":
        return wanted
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else max(1, min(wanted, soft - _OTHER_FILES))
