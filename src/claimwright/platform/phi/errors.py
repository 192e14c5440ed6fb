"""Errors of sealed data. No message contains a value, sealed or open.

PhiError (ValueError)
├── PhiKeyError    a key is missing, unreadable, or the wrong one: an operator corrects it
└── PhiSealError   a record can't be opened: it was changed, or belongs to another row
"""

from __future__ import annotations

from claimwright.foundation.errors import ProtectionError


class PhiError(ProtectionError, ValueError):
    """Sealed data or its keys can't be used."""


class PhiKeyError(PhiError):
    """A key is missing, unreadable or the wrong one. The message says which and what to do."""


class PhiSealError(PhiError):
    """A record can't be opened. The message gives its position among those passed."""
