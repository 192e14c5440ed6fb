"""Passwords: which are accepted, and how they are stored (Argon2id, RFC 9106).

Length makes a password strong (NIST SP 800-63B-4, 3.1.1.2): at least 15 characters, any characters, no
composition rules, no periodic change.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from .common_passwords import is_common
from .errors import AccountError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 15, 256
_FEWEST_DIFFERENT = 6


def hashed(password: str, *, name: str) -> str:
    """The Argon2id hash of a password, for storage.

    Raises:
        AccountError: the password is too short, too long, or easy to guess; never shows it.
    """
    text = _normal(password)
    if not SHORTEST <= len(text) <= LONGEST:
        raise AccountError(
            f"a password must have {SHORTEST} to {LONGEST} characters; several words make a good one."
        )
    if len(set(text)) < _FEWEST_DIFFERENT:
        raise AccountError("the password repeats the same few characters. Choose several words.")
    if name.partition("@")[0] in text.lower() or "claimwright" in text.lower():
        raise AccountError("the password contains the account's or the product's name. Choose other words.")
    if is_common(text):
        raise AccountError(
            "the password is put together from common words, keys in a row, years or repetitions. "
            "Choose several other words."
        )
    return _hasher().hash(text)


def matches(password: str, kept: str | None) -> bool:
    """Whether the password matches the stored hash. Without a hash, false after the same time."""
    from argon2.exceptions import Argon2Error, InvalidHashError

    try:
        _hasher().verify(kept or _nobody(), _normal(password))
    except (Argon2Error, InvalidHashError):
        return False
    return kept is not None


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _nobody() -> str:
    """A hash to compare with if the account is unknown, so that the check takes the same time."""
    return _hasher().hash("no account has this password")
