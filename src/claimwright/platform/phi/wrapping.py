"""The interface of a key-encryption key, which wraps data keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tink.aead import Aead


class KeyEncryption(Protocol):
    """A key-encryption key."""

    @property
    def name(self) -> str:
        """The name of the wrapping key; stored with each key that it wrapped."""

    def aead(self, wrapped_by: str | None = None) -> Aead:
        """An AEAD that wraps and unwraps.

        To unwrap, `wrapped_by` names the version of the key that wrapped.
        """
