"""Errors of authentication and accounts.

SignInError                refused without a detailed reason: unknown, wrong, locked, ended, revoked
  SecondFactorError        the password was correct, but a code is missing or wrong
  ProviderAnswerError      the answer of a sign-in provider failed a check
AccountError               a name, role, scope or password cannot be used
AccountNotFoundError       the tenant has no such account, session, token or link to a provider
BreachedPasswordsError     the file of breached passwords cannot be searched
ProviderUnavailableError   the sign-in provider cannot be reached, or what it publishes cannot be used
StaleVersionError          somebody else changed it since it was read
"""

from __future__ import annotations

from claimwright.foundation.errors import (
    ClaimwrightError,
    ConfigurationError,
    NotFoundError,
    ProtectionError,
)


class SignInError(ProtectionError):
    """Refused. `retry_seconds` is the wait before another attempt, if waiting helps."""

    def __init__(self, message: str, retry_seconds: int | None = None) -> None:
        super().__init__(message)
        self.retry_seconds = retry_seconds


class SecondFactorError(SignInError):
    """A code of the second factor is missing or wrong."""


class ProviderAnswerError(SignInError):
    """The answer of a sign-in provider failed a check, whose name is for the audit log only."""

    def __init__(self, check: str) -> None:
        super().__init__("the sign-in was refused. Begin again, or ask an administrator.")
        self.check = check


class ProviderUnavailableError(ClaimwrightError):
    """The sign-in provider cannot be reached, or what it publishes cannot be used."""


class BreachedPasswordsError(ClaimwrightError):
    """The file of breached passwords cannot be read, or has another form."""


class AccountError(ConfigurationError):
    """A name, role, password or scope that cannot be used. Never shows a password."""


class AccountNotFoundError(NotFoundError):
    """There is no such account, session or token."""


class StaleVersionError(ConfigurationError):
    """It was changed since it was read: read it again before you change it."""
