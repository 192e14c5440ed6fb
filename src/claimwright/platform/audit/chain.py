"""The format of a record of the hash chain, and its hash. Needs no database.

The hash of a record is SHA-256 over the hash of the previous record and, in UTF-8, its sequence number, a
newline, its time, a newline and its body. The body is canonical JSON, stored as text and hashed as stored.
The hash before the first record is 32 zero bytes.

    AuditError (ValueError)   a record must not be written, or an export can't be read
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
    """A record must not be written, or an export can't be read. One line."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One inconsistency in a chain."""

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
    """SHA-256 of a record, chained to all records before it."""
    return hashlib.sha256(previous + f"{sequence}\n{at}\n{body}".encode()).digest()


def instant(at: datetime.datetime) -> str:
    """A time in the form that is hashed: UTC with microseconds."""
    return at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def canonical(content: Mapping[str, Any]) -> str:
    """Canonical JSON: sorted names, no spaces, integers only.

    Follows RFC 8785. Its difficult part, the format of fractions, is not needed: an amount is an integer
    number of cents or a text.

    Raises:
        AuditError: a value has no canonical form, for example a float.
    """
    _check(content)
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _check(value: object) -> None:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if not isinstance(name, str):
                raise AuditError("a name in an audit record must be a text.")
            _check(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check(inner)
    elif not (value is None or isinstance(value, str | int | bool)):
        raise AuditError(f"an audit record can contain texts and integers, but not {type(value).__name__}.")
