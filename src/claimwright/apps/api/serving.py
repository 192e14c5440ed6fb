"""The server of the application: TLS, client certificates, limits of connections."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import ssl
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from fastapi import FastAPI

    from claimwright.platform.settings import Settings

# Most bytes of a request's headers, also while they are incomplete. Cookies and tokens are a few KiB.
HEAD_BYTES = 65_536


class CertifiedProtocol(HttpToolsProtocol):
    """HTTP in which each request's state has the SHA-256 of the client certificate that TLS verified.

    Ends connections whose headers are larger than HEAD_BYTES.
    """

    _header_bytes = _waiting_bytes = 0
    _is_in_head = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Note the certificate of the connection, if the client showed one."""
        session = transport.get_extra_info("ssl_object")
        certificate = session.getpeercert(binary_form=True) if session is not None else None
        if certificate:
            # A copy: the state of the application is shared by all connections.
            self.app_state = {**self.app_state, "certificate": hashlib.sha256(certificate).digest()}
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Count what comes while the headers do not end: the parser keeps it until then."""
        began_before = self._is_in_head
        super().data_received(data)
        if began_before and self._is_in_head and not self.transport.is_closing():
            self._waiting_bytes += len(data)
            if self._waiting_bytes > HEAD_BYTES:
                self.send_400_response("The headers are too large.")

    def on_message_begin(self) -> None:
        """Begin to count."""
        self._header_bytes, self._waiting_bytes, self._is_in_head = 0, 0, True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header, or one of a trailer."""
        self._header_bytes += len(name) + len(value)
        if self._header_bytes > HEAD_BYTES:
            # Out of the parser, which answers 400 and ends the connection.
            raise ValueError("the headers are too large")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Stop counting."""
        self._is_in_head = False
        super().on_headers_complete()


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens, whose connections send what they have at once.

    Raises:
        OSError: the address can't be had.
    """
    bound = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    # Inherited by every connection. asyncio sets it by itself only where the protocol number is given.
    # Without it, each answer on a connection that stays open waits 40 ms for an acknowledgement.
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return bound


def server_config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    """The server's configuration. With TLS, version 1.3 only; with a client CA, certificates are optional.

    A certificate that the CA did not sign, or that has ended, ends the connection in the handshake. Without
    one, people and services authenticate as usual.
    """
    wanted = settings.api
    has_tls = wanted.certificate_file is not None and wanted.private_key_file is not None
    asks = has_tls and wanted.client_ca_file is not None
    config = uvicorn.Config(
        app,
        http=CertifiedProtocol,
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
        timeout_keep_alive=30,
        limit_concurrency=2_000,
    )
    config.load()
    if config.ssl is not None:
        config.ssl.minimum_version = ssl.TLSVersion.TLSv1_3
    return config
