"""Bearer secrets, in the form `KIND_TENANT.ID.SECRET`. The store contains only their SHA-256.

The kind comes first so that secret scanners recognize a leaked secret. The tenant is included so that
row-level security applies from the first lookup.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

SESSION, FLOW, PERSONAL, CLIENT, LINK = "cws", "cwf", "cwp", "cwc", "cwl"
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_TENANT, _SECRET = r"([a-z0-9][a-z0-9_-]{0,62})", r"([A-Za-z0-9_-]{43})"
# The id of a row: a UUID for a session, otherwise an integer in the range of row ids.
_FORMS = (
    re.compile(rf"({SESSION}|{FLOW})_{_TENANT}\.({_UUID})\.{_SECRET}"),
    re.compile(rf"({PERSONAL}|{CLIENT}|{LINK})_{_TENANT}\.([0-9]{{1,18}})\.{_SECRET}"),
)


@dataclass(frozen=True, slots=True)
class Bearer:
    """A parsed secret. `repr` does not show it."""

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
        """The hash that the store contains."""
        return digest_of(self.secret)

    def proof(self, use: str) -> str:
        """A value that only the bearer of the secret can know, derived for one purpose, such as CSRF
        protection.
        """
        return hmac.new(self.secret.encode(), use.encode(), hashlib.sha256).hexdigest()


def parse_bearer(text: str) -> Bearer | None:
    """Parse a secret; None if the text is not one."""
    found = next((match for form in _FORMS if (match := form.fullmatch(text))), None)
    return Bearer(*found.groups()) if found else None


def new_secret() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def digest_of(secret: str) -> bytes:
    """SHA-256 of the secret: 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()
