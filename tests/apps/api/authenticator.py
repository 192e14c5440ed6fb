"""A virtual authenticator: makes passkeys and signs with them as WebAuthn Level 3 lays it down (6.1, 6.5).

Written from the standard, beside the library that the product verifies with.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text_of(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def bytes_of(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """A device with one passkey, and the browser in front of it, which says the origin of the page."""

    origin: str
    host: str
    flags: int = PRESENT | VERIFIED
    count: int = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    handle: bytes = b""
    framed: dict[str, Any] = field(default_factory=dict)
    """What the browser says of a page of another site around this one."""

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """As `navigator.credentials.create` answers, in JSON."""
        self.handle = bytes_of(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        # RFC 9053, 7.1: EC2, ES256, P-256, x, y.
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cbor2.dumps(public)
        data = self._data(self.flags | ATTESTED) + attested
        return self._credential(
            {
                "clientDataJSON": text_of(self._client("webauthn.create", options)),
                "attestationObject": text_of(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
                "transports": ["internal"],
            }
        )

    def get(self, options: dict[str, Any], *, counts: bool = True) -> dict[str, Any]:
        """As `navigator.credentials.get` answers, in JSON."""
        self.count += counts
        client, data = self._client("webauthn.get", options), self._data(self.flags)
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._credential(
            {
                "clientDataJSON": text_of(client),
                "authenticatorData": text_of(data),
                "signature": text_of(signed),
                "userHandle": text_of(self.handle),
            }
        )

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said | self.framed).encode()

    def _credential(self, response: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": text_of(self.id), "rawId": text_of(self.id), "type": "public-key", "response": response,
            "clientExtensionResults": {}, "authenticatorAttachment": "platform",
        }  # fmt: skip
