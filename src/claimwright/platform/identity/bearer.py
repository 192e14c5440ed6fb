"""Secrets that somebody carries: `KIND_TENANT.ID.SECRET`. The store has their SHA-256 alone.

The kind is in front so that a secret that leaks is recognised by those who scan for them; the tenant, so that
row-level security holds from the first look-up on.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

SESSION, PERSONAL, CLIENT, LINK = "cws", "cwp", "cwc", "cwl"
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_TENANT, _SECRET = r"([a-z0-9][a-z0-9_-]{0,62})", r"([A-Za-z0-9_-]{43})"
# The id is that of a row: a session's is a UUID, the others' are whole numbers that a row can have.
_FORMS = (
    re.compile(rf"({SESSION})_{_TENANT}\.({_UUID})\.{_SECRET}"),
    re.compile(rf"({PERSONAL}|{CLIENT}|{LINK})_{_TENANT}\.([0-9]{{1,18}})\.{_SECRET}"),
)


@dataclass(frozen=True, slots=True)
class Bearer:
    """A secret, taken apart. `repr` does not show it."""

    kind: str
    tenant: str
    id: str
    secret: str

    def __repr__(self) -> str:
        return f"Bearer({self.kind}, {self.tenant}, {self.id})"

    def __str__(self) -> str:
        return f"{self.kind}_{self.tenant}.{self.id}.{self.secret}"

    @property
    def digest(self) -> bytes:
        """What the store has of it."""
        return digest_of(self.secret)

    def proof(self, use: str) -> str:
        """A value that only the bearer of the secret can know, for one use, such as against forged forms."""
        return hmac.new(self.secret.encode(), use.encode(), hashlib.sha256).hexdigest()


def parse_bearer(text: str) -> Bearer | None:
    """The secret that a text is; None where it is none."""
    found = next((match for form in _FORMS if (match := form.fullmatch(text))), None)
    return Bearer(*found.groups()) if found else None


def new_secret() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def digest_of(secret: str) -> bytes:
    """SHA-256: 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()
