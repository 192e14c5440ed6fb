"""A database that is reached over the network is spoken to in TLS, and must be the one that it says it is.

The embedded PostgreSQL was built without TLS. So a TLS end of the tests own stands in front of it, as a proxy
does in many places; libpq's side of it is the real one. That an address elsewhere without TLS is refused is
tested in `test_database.py`.
"""

from __future__ import annotations

import datetime
import ipaddress
import select
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.calling import caller_of
from tests.database_server import running_server

from claimwright.platform.database import (
    APPLICATION,
    DATABASE,
    OWNER,
    EmbeddedServer,
    checked_address,
)
from claimwright.store.schema import migrate, open_database

pytestmark = pytest.mark.slow


def authority(name: str) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    return key, signed(name, key, key, name, x509.BasicConstraints(ca=True, path_length=0))


def signed(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    by: ec.EllipticCurvePrivateKey,
    issuer: str,
    *extensions: x509.ExtensionType,
) -> x509.Certificate:
    def called(said: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, said)])

    begun = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(called(name))
        .issuer_name(called(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begun)
        .not_valid_after(begun + datetime.timedelta(days=2))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(by, hashes.SHA256())


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


class TlsEnd:
    """The TLS end of a PostgreSQL, on 127.0.0.1: answers libpq's SSLRequest, and hands on what comes in TLS.

    PostgreSQL protocol 3.0, section "SSL Session Encryption": the client asks in eight bytes, the server says
    S, and the handshake begins. Whoever asks for nothing is sent away.
    """

    _REQUEST = struct.pack(">ii", 8, 80877103)

    def __init__(self, certificate: Path, key: Path, socket_path: Path) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self._behind = str(socket_path)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.versions: list[str | None] = []
        self._threads = [threading.Thread(target=self._serve)]
        self._threads[0].start()

    def close(self) -> None:
        # A connection of our own wakes the thread that waits for one.
        self._closing = True
        socket.create_connection(("127.0.0.1", self.port)).close()
        for thread in self._threads:
            thread.join(10)
        self._listening.close()

    _closing = False

    def _serve(self) -> None:
        while True:
            plain, _ = self._listening.accept()
            if self._closing:
                plain.close()
                return
            self._threads.append(threading.Thread(target=self._talk, args=[plain]))
            self._threads[-1].start()

    def _talk(self, plain: socket.socket) -> None:
        with plain:
            if plain.recv(8, socket.MSG_WAITALL) != self._REQUEST:
                return
            plain.sendall(b"S")
            try:
                secured = self._context.wrap_socket(plain, server_side=True)
            except (ssl.SSLError, OSError):
                return
            with secured, socket.socket(socket.AF_UNIX) as behind:
                self.versions.append(secured.version())
                behind.connect(self._behind)
                self._pass_on(secured, behind)

    def _pass_on(self, secured: ssl.SSLSocket, behind: socket.socket) -> None:
        while True:
            ready = [secured] if secured.pending() else select.select([secured, behind], [], [])[0]
            for each in ready:
                try:
                    said = each.recv(65_536)
                except OSError:
                    return
                if not said:
                    return
                (behind if each is secured else secured).sendall(said)


@dataclass(frozen=True)
class Served:
    """A PostgreSQL behind its TLS end, and the certificate of the authority that vouches for it."""

    server: EmbeddedServer
    end: TlsEnd
    authority: Path

    def url(self, mode: str, *, host: str = "127.0.0.1", root: Path | None = None) -> str:
        password = quote(self.server.passwords()[APPLICATION], safe="")
        return (
            f"postgresql://{APPLICATION}:{password}@{host}:{self.end.port}/{DATABASE}"
            f"?sslmode={mode}&sslrootcert={quote(str(root or self.authority))}"
        )


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("tls")
    ours, certificate = authority("Claimwright test authority")
    (folder / "authority.pem").write_bytes(pem(certificate))
    key = ec.generate_private_key(ec.SECP256R1())
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    own = signed("127.0.0.1", key, ours, "Claimwright test authority", alternative)
    (folder / "server.pem").write_bytes(pem(own))
    (folder / "server.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    with running_server() as server:
        migrate(server.address(OWNER))
        parts = psycopg.conninfo.conninfo_to_dict(server.address())
        path = Path(str(parts["host"])) / f".s.PGSQL.{parts['port']}"
        end = TlsEnd(folder / "server.pem", folder / "server.key", path)
        try:
            yield Served(server, end, folder / "authority.pem")
        finally:
            end.close()


def test_a_database_that_proves_who_it_is_is_spoken_to_in_tls(served: Served) -> None:
    address = checked_address(served.url("verify-full"))
    with open_database(address) as database, database.transaction(caller_of()) as connection:
        assert connection.execute("select count(*) from production.claims").fetchone() == (0,)
        assert connection.pgconn.ssl_in_use
    assert set(served.end.versions) <= {"TLSv1.2", "TLSv1.3"}
    assert served.end.versions


def test_a_database_that_another_authority_vouches_for_is_refused(served: Served, tmp_path: Path) -> None:
    _, other = authority("Somebody else")
    (tmp_path / "other.pem").write_bytes(pem(other))
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        psycopg.connect(checked_address(served.url("verify-full", root=tmp_path / "other.pem")))


def test_a_database_under_another_name_than_its_certificates_is_refused(served: Served) -> None:
    with pytest.raises(psycopg.OperationalError, match="does not match host name"):
        psycopg.connect(checked_address(served.url("verify-full", host="localhost")))


def test_a_database_that_wants_tls_takes_nothing_in_the_clear(served: Served) -> None:
    before = len(served.end.versions)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(checked_address(served.url("disable")))
    assert len(served.end.versions) == before
