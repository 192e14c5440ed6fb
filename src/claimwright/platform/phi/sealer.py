"""Seals records and opens them, and makes the blind indexes that they are found by.

A sealed record is a Tink ciphertext: one byte that says so, four that name the data key, twelve of nonce,
the AES-256-GCM ciphertext, sixteen of tag. So a record tells which key opens it, and any Tink opens it.

Nonces are random. NIST SP 800-38D, section 8.3, allows 2**32 records under one key with random nonces:
a million claims a day for eleven years. `claimwright phi rotate` begins a new count.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from .errors import PhiKeyError, PhiSealError
from .keyring import PREFIX_BYTES, Keyring

BLIND_BYTES = 16
# What a sealed record is longer than the open one: prefix, nonce and tag.
SEALED_OVERHEAD = PREFIX_BYTES + 12 + 16
_BLOCK = 64  # bytes of SHA-256's block, to which RFC 2104 pads a key
_INNER, _OUTER = bytes(range(256)), bytes(range(256))
_INNER = bytes(byte ^ 0x36 for byte in _INNER)
_OUTER = bytes(byte ^ 0x5C for byte in _OUTER)


class Sealer:
    """Seals, opens and blinds with the keys of a keyring. Safe to share between threads."""

    def __init__(self, keyring: Keyring) -> None:
        self.keyring = keyring

    def seal(self, records: Sequence[bytes], contexts: Sequence[bytes]) -> list[bytes]:
        """The records, sealed with the primary data key.

        A context is what a record is bound to, such as its row's key: the record opens only with the same
        one, so that nobody can swap two patients' records in the database. It is not stored.
        """
        encrypt = self.keyring.primary().encrypt
        return [encrypt(record, context) for record, context in zip(records, contexts, strict=True)]

    def open(self, sealed: Sequence[bytes], contexts: Sequence[bytes]) -> list[bytes]:
        """The records as they were before they were sealed.

        Raises:
            PhiSealError: a record was changed, or its context is another; says the position.
            PhiKeyError: the data key of a record is not there.
        """
        from tink import TinkError

        opened: list[bytes] = []
        prefix, decrypt = b"", None
        try:
            for record, context in zip(sealed, contexts, strict=True):
                # Records of one chunk share a key almost always: it is looked up when it changes.
                if record[:PREFIX_BYTES] != prefix or decrypt is None:
                    prefix = bytes(record[:PREFIX_BYTES])
                    decrypt = self.keyring.by_prefix(prefix).decrypt
                opened.append(decrypt(record, context))
        except TinkError:
            raise PhiSealError(
                f"sealed record {len(opened)} of {len(sealed)} does not open: it was changed, or it stands "
                "in another row than it was sealed for."
            ) from None
        except PhiKeyError as problem:
            raise PhiKeyError(f"sealed record {len(opened)} of {len(sealed)}: {problem}") from None
        return opened

    def blind(self, kind: str, tenant: str, values: Iterable[str | None]) -> list[bytes | None]:
        """For each value 16 bytes that are equal where the values are, and say nothing else; None for None.

        HMAC-SHA-256 (RFC 2104) under a key of this tenant and kind, cut to 16 bytes: the same name gives
        another index at another tenant, and as a member id another than as a claim number. Values are
        compared as given; whoever wants case or spaces not to matter takes them out first.
        """
        key = self.keyring.blind_key(kind, tenant).ljust(_BLOCK, b"\0")
        # Both halves of the HMAC begin with one block of the key: it is hashed once, not once a value.
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
