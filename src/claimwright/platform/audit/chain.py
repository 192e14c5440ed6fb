"""What a record of the chain is, and its hash: nothing here needs a database.

The hash of a record is SHA-256 over the hash of the one before and, as UTF-8, its sequence number, a line
end, its time, a line end and its body. The body is canonical JSON; it is kept as text, and hashed as kept.
The hash before the first record is 32 zero bytes.

    AuditError (ValueError)   a record that may not be written, or an export that can't be read
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from claimwright.foundation.errors import ProtectionError

START = bytes(32)


class AuditError(ProtectionError, ValueError):
    """A record that may not be written, or an export that can't be read; one line."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that the chain does not bear out."""

    sequence: int
    message: str


@dataclass(frozen=True, slots=True)
class Record:
    """One row of the log."""

    sequence: int
    at: str
    body: str
    previous: bytes
    hash: bytes

    @property
    def content(self) -> dict[str, Any]:
        """Tenant, actor, action, subject, detail and correlation id."""
        content: dict[str, Any] = json.loads(self.body)
        return content

    def computed(self) -> bytes:
        """The hash that the record must have."""
        return hash_of(self.previous, self.sequence, self.at, self.body)


def hash_of(previous: bytes, sequence: int, at: str, body: str) -> bytes:
    """SHA-256 of a record and of all before it."""
    return hashlib.sha256(previous + f"{sequence}\n{at}\n{body}".encode()).digest()


def instant(at: datetime.datetime) -> str:
    """A time as it is hashed: UTC with microseconds."""
    return at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def canonical(content: Mapping[str, Any]) -> str:
    """JSON in one way only: names in order, no spaces, and no number that is not whole.

    After RFC 8785, whose one hard part, the shape of fractions, does not arise: an amount is whole cents or
    a text.

    Raises:
        AuditError: a value has no canonical form, such as a float.
    """
    _check(content)
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _check(value: object) -> None:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if not isinstance(name, str):
                raise AuditError("a name in an audit record is a text.")
            _check(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check(inner)
    elif not (value is None or isinstance(value, str | int | bool)):
        raise AuditError(f"an audit record holds texts and whole numbers, no {type(value).__name__}.")
