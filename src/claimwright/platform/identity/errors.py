"""What goes wrong where somebody says who they are.

SignInError           refused, and whoever asks is not told why: unknown, wrong, locked, ended, revoked
SecondFactorError     the password was right, and a code is missing or wrong
AccountError          what an administrator wrote cannot be used: a name, a role, a password
AccountNotFoundError  the tenant has no such account, session or token
StaleVersionError     somebody else changed it since it was read
"""

from __future__ import annotations

from claimwright.foundation.errors import ConfigurationError, NotFoundError, ProtectionError


class SignInError(ProtectionError):
    """Refused. `retry_seconds` is how long to wait before another try, where that is known to help."""

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
    """It was changed since it was read: read it again, and decide again."""
