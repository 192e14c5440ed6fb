"""A Key Vault on loopback: the REST calls that the client makes for one RSA key, over TLS, with a challenge.

It speaks what the Azure Key Vault REST reference documents for Get Key, Wrap Key and Unwrap Key (7.x), and
the bearer challenge. It is no Azure: names, permissions, throttling and Entra ID are not in it.
"""

from __future__ import annotations

import base64
import datetime
import ipaddress
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _number(value: int) -> str:
    return _text(value.to_bytes((value.bit_length() + 7) // 8, "big"))


@dataclass
class Vault:
    """Versions of one key, and what was asked of them."""

    url: str = ""
    certificate: str = ""
    versions: dict[str, rsa.RSAPrivateKey] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def rotate(self) -> None:
        """A new version, which Get Key then answers."""
        self.versions[f"v{len(self.versions) + 1}"] = rsa.generate_private_key(65537, 2048)

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        parts = path.strip("/").split("/")
        version = parts[2] if len(parts) > 2 else list(self.versions)[-1]
        key = self.versions[version]
        kid = f"{self.url}/keys/{parts[1]}/{version}"
        operation = parts[3] if len(parts) > 3 else "get"
        self.asked.append(operation)
        if operation == "get":
            public = key.public_key().public_numbers()
            jwk = {"kid": kid, "kty": "RSA", "key_ops": ["wrapKey", "unwrapKey"]}
            return 200, {
                "key": jwk | {"n": _number(public.n), "e": _number(public.e)},
                "attributes": {"enabled": True},
            }
        assert body["alg"] == "RSA-OAEP-256"
        try:
            if operation == "wrapkey":
                return 200, {"kid": kid, "value": _text(key.public_key().encrypt(_raw(body["value"]), OAEP))}
            return 200, {"kid": kid, "value": _text(key.decrypt(_raw(body["value"]), OAEP))}
        except ValueError:
            return 400, {"error": {"code": "BadParameter", "message": "refused"}}


@contextmanager
def vault(folder: Path) -> Iterator[Vault]:
    """A vault with one version of a key."""
    made = Vault()
    made.rotate()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _respond(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            if self.headers.get("authorization") != "Bearer a-token":
                status, said = 401, {"error": {"code": "Unauthorized"}}
            else:
                status, said = made.answer(self.path.partition("?")[0], body)
            content = json.dumps(said).encode()
            self.send_response(status)
            if status == 401:
                challenge = f'Bearer authorization="{made.url}/a-tenant", resource="https://vault.azure.net"'
                self.send_header("www-authenticate", challenge)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = _respond  # noqa: N815 - as the base class names it
        do_POST = _respond  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    certificate, key = _certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.daemon_threads = True
        made.url = f"https://127.0.0.1:{server.server_port}"
        made.certificate = str(certificate)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield made
        server.shutdown()
        thread.join()


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "vault.pem", folder / "vault.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return certificate, private
