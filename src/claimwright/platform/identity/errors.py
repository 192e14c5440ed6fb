"""Errors of authentication and accounts.

SignInError           refused without a detailed reason: unknown, wrong, locked, ended, revoked
SecondFactorError     the password was correct, but a code is missing or wrong
AccountError          a name, role, scope or password cannot be used
AccountNotFoundError  the tenant has no such account, session or token
StaleVersionError     somebody else changed it since it was read
"""

from __future__ import annotations

from claimwright.foundation.errors import ConfigurationError, NotFoundError, ProtectionError


class SignInError(ProtectionError):
    """Refused. `retry_seconds` is the wait before another attempt, if waiting helps."""

    def __init__(self, message: str, retry_seconds: int | None = None) -> None:
        super().__init__(message)
        self.retry_seconds = retry_seconds


class SecondFactorError(SignInError):
    """A code of the second factor is missing or wrong."""


class AccountError(ConfigurationError):
    """A name, role, password or scope that cannot be used. Never shows a password."""


class AccountNotFoundError(NotFoundError):
    """There is no such account, session or token."""


class StaleVersionError(ConfigurationError):
    """It was changed since it was read: read it again before you change it."""
