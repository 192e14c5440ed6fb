"""The one error of the vocabulary that every feature may raise."""

from __future__ import annotations

from claimwright.foundation.errors import NotFoundError


class ClaimNotFoundError(NotFoundError):
    """There is no such claim where it was looked for: in a file, in the store, or in production."""
