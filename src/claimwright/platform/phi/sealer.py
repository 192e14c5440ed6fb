"""Seals and opens records, and computes the blind indexes for finding them.

A sealed record is a Tink ciphertext: one version byte, four bytes with the id of the data key, twelve bytes
of nonce, the AES-256-GCM ciphertext, sixteen bytes of tag. So a record names its key, and any Tink library
can open it with that key.

Nonces are random. NIST SP 800-38D, section 8.3, allows 2**32 records per key with random nonces: a million
claims a day for eleven years. `claimwright phi rotate` starts a new count.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from .errors import PhiKeyError, PhiSealError
from .keyring import PREFIX_BYTES, Keyring

BLIND_BYTES = 16
# Bytes that sealing adds: prefix, nonce and tag.
SEALED_OVERHEAD = PREFIX_BYTES + 12 + 16
_BLOCK = 64  # block size of SHA-256, to which RFC 2104 pads a key
_INNER, _OUTER = bytes(range(256)), bytes(range(256))
_INNER = bytes(byte ^ 0x36 for byte in _INNER)
_OUTER = bytes(byte ^ 0x5C for byte in _OUTER)


class Sealer:
    """Seals, opens and blinds with the keys of a keyring. Thread-safe."""

    def __init__(self, keyring: Keyring) -> None:
        self.keyring = keyring

    def seal(self, records: Sequence[bytes], contexts: Sequence[bytes]) -> list[bytes]:
        """The records, sealed with the primary data key.

        Each record is bound to a context, such as its row's key: it opens only with the same context, so that
        nobody can swap two patients' records in the database. The context is not stored.
        """
        encrypt = self.keyring.primary().encrypt
        return [encrypt(record, context) for record, context in zip(records, contexts, strict=True)]

    def open(self, sealed: Sequence[bytes], contexts: Sequence[bytes]) -> list[bytes]:
        """The opened records.

        Raises:
            PhiSealError: a record was changed, or its context is different; gives the position.
            PhiKeyError: the data key of a record is missing.
        """
        from tink import TinkError

        opened: list[bytes] = []
        prefix, decrypt = b"", None
        try:
            for record, context in zip(sealed, contexts, strict=True):
                # Records of one chunk almost always share a key, so it is looked up only when it changes.
                if record[:PREFIX_BYTES] != prefix or decrypt is None:
                    prefix = bytes(record[:PREFIX_BYTES])
                    decrypt = self.keyring.by_prefix(prefix).decrypt
                opened.append(decrypt(record, context))
        except TinkError:
            raise PhiSealError(
                f"sealed record {len(opened)} of {len(sealed)} can't be opened: it was changed, or it was "
                "sealed for a different row."
            ) from None
        except PhiKeyError as problem:
            raise PhiKeyError(f"sealed record {len(opened)} of {len(sealed)}: {problem}") from None
        return opened

    def blind(self, kind: str, tenant: str, values: Iterable[str | None]) -> list[bytes | None]:
        """A blind index of 16 bytes for each value; equal values have equal indexes. None for None.

        HMAC-SHA-256 (RFC 2104) with a key of this tenant and kind, truncated to 16 bytes. The same value has
        different indexes for different tenants, and as a member id or as a claim number. Values are used as
        given; callers normalize case and spaces first if these must not matter.
        """
        key = self.keyring.blind_key(kind, tenant).ljust(_BLOCK, b"\0")
        # Both hashes of the HMAC begin with one block of the key, which is hashed once instead of once per
        # value.
        inner, outer = hashlib.sha256(key.translate(_INNER)), hashlib.sha256(key.translate(_OUTER))
        indexes: list[bytes | None] = []
        for value in values:
            if value is None:
                indexes.append(None)
                continue
            first, second = inner.copy(), outer.copy()
            first.update(value.encode())
            second.update(first.digest())
            indexes.append(second.digest()[:BLIND_BYTES])
        return indexes
