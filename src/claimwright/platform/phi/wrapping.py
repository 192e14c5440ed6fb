"""What wraps data keys: whoever holds a key-encryption key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tink.aead import Aead


class KeyEncryption(Protocol):
    """Who holds a key-encryption key."""

    @property
    def name(self) -> str:
        """Which key wraps from now on: kept beside each key that it wrapped."""

    def aead(self, wrapped_by: str | None = None) -> Aead:
        """What wraps and unwraps; to unwrap, `wrapped_by` says which version of the key did it."""
