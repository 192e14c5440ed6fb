"""Passwords: which are accepted, and how they are kept (Argon2id, RFC 9106).

Length is what makes a password strong (NIST SP 800-63B-4, 3.1.1.2): 15 characters at least, any characters,
no rules of composition, no change without a reason.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from .errors import AccountError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 15, 256
_FEWEST_DIFFERENT = 6


def hashed(password: str, *, name: str) -> str:
    """The password as it is kept; it can't be had back.

    Raises:
        AccountError: it is too short, too long, or easy to guess; never shows it.
    """
    text = _normal(password)
    if not SHORTEST <= len(text) <= LONGEST:
        raise AccountError(
            f"a password has {SHORTEST} to {LONGEST} characters; several words make a good one."
        )
    if len(set(text)) < _FEWEST_DIFFERENT:
        raise AccountError("the password repeats the same few characters. Choose several words.")
    if name.partition("@")[0] in text.lower() or "claimwright" in text.lower():
        raise AccountError("the password has the account's or the product's name in it. Choose other words.")
    return _hasher().hash(text)


def matches(password: str, kept: str | None) -> bool:
    """Whether this is the password. Without a kept one it takes as long, and is not."""
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
    """What the password of an unknown account is compared with, so that it takes as long."""
    return _hasher().hash("no account has this password")
