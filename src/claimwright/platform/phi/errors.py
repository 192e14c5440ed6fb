"""What can go wrong with sealed data. No message carries a value, sealed or open.

PhiError (ValueError)
├── PhiKeyError    a key is missing, unreadable, or the wrong one: an operator corrects it
└── PhiSealError   a record does not open: it was changed, or belongs to another row
"""

from __future__ import annotations

from claimwright.foundation.errors import ProtectionError


class PhiError(ProtectionError, ValueError):
    """Sealed data or its keys can't be used."""


class PhiKeyError(PhiError):
    """A key is missing, unreadable or the wrong one. The message says which and what to do."""


class PhiSealError(PhiError):
    """A record does not open. The message says which of those given, by position."""
