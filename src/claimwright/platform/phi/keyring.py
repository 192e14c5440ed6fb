"""The data keys: each a Tink keyset of one key, wrapped by the key-encryption key, a row of the database.

The primary data key seals; all of them open. A key that another process has created in the meantime is loaded
when a record names it, so keys can rotate while workers run. The blind key is never rotated: with a new one,
values that were indexed with the old one could no longer be found.
"""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import PhiKeyError
from .key_encryption import open_key_encryption
from .key_rows import DatabaseKeys, KeyRow, KeyRows
from .wrapping import KeyEncryption

if TYPE_CHECKING:
    import psycopg
    from tink.aead import Aead

    from claimwright.platform.settings import Settings

PREFIX_BYTES = 5
DATA, BLIND = "data", "blind"
_BLIND_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """The facts about a data key that may be disclosed."""

    key_id: int
    purpose: str
    primary: bool
    wrapped_by: str
    created_at: datetime.datetime

    @property
    def prefix(self) -> bytes:
        """The first bytes of every record sealed with this key."""
        return prefix_of(self.key_id)


def prefix_of(key_id: int) -> bytes:
    """Tink's output prefix: one byte of its version, four of the key's id."""
    return b"\x01" + key_id.to_bytes(4, "big")


class Keyring:
    """The unwrapped data keys of one database."""

    def __init__(self, rows: KeyRows, key_encryption: Callable[[bool], KeyEncryption]) -> None:
        self._rows = rows
        self._open_key_encryption = key_encryption
        self._lock = threading.Lock()
        self._known: dict[int, KeyRow] = {}
        self._aeads: dict[bytes, Aead] = {}
        self._primary: bytes = b""
        self._blind_keys: dict[tuple[str, str], bytes] = {}
        self._blind_keyset = b""
        self._kek: KeyEncryption | None = None
        self.reload()

    def reload(self) -> None:
        """Reload the keys; creates the first ones if there are none."""
        from .keysets import aead_of

        with self._lock:
            rows = self._rows.all()
            if not rows:
                # Only a database without keys can get a new key-encryption key. If one that wrapped keys is
                # missing, a new one would hide that the data is lost.
                kek = self._kek = self._open_key_encryption(True)
                self._rows.add(_new(DATA, kek), only_first=True)
                self._rows.add(_new(BLIND, kek), only_first=True)
                rows = self._rows.all()
            kek = self._kek = self._kek or self._open_key_encryption(False)
            for row in rows:
                if row.key_id not in self._known:
                    keyset = _own_keyset(row, kek)
                    if row.purpose == BLIND:
                        self._blind_keyset = keyset
                    else:
                        self._aeads[prefix_of(row.key_id)] = aead_of(keyset)
                self._known[row.key_id] = row
                if row.purpose == DATA and row.is_primary:
                    self._primary = prefix_of(row.key_id)

    def primary(self) -> Aead:
        """The key that seals."""
        return self._aeads[self._primary]

    @property
    def primary_prefix(self) -> bytes:
        """The first bytes of every record that is sealed now."""
        return self._primary

    def by_prefix(self, prefix: bytes) -> Aead:
        """The key that opens records that begin with `prefix`.

        Raises:
            PhiKeyError: there is none, even after reloading the keys.
        """
        if prefix not in self._aeads:
            if len(prefix) != PREFIX_BYTES or prefix[0] != 1:
                raise PhiKeyError("this is not a sealed record.")
            self.reload()
        found = self._aeads.get(prefix)
        if found is None:
            key_id = int.from_bytes(prefix[1:], "big")
            raise PhiKeyError(f"data key {key_id} is missing from platform.data_keys: restore that table.")
        return found

    def blind_key(self, kind: str, tenant: str) -> bytes:
        """The key of the blind indexes of one kind of value at one tenant."""
        found = self._blind_keys.get((kind, tenant))
        if found is None:
            from .keysets import derived

            purpose = f"claimwright blind index 1\0{tenant}\0{kind}".encode()
            found = self._blind_keys[kind, tenant] = derived(self._blind_keyset, purpose, _BLIND_KEY_BYTES)
        return found

    def rotate(self) -> KeyInfo:
        """Create a new primary data key; the old ones still open the records that they sealed."""
        with self._lock:
            kek = self._kek = self._kek or self._open_key_encryption(False)
            made = _new(DATA, kek)
            self._rows.add(made, only_first=False)
        self.reload()
        return next(info for info in self.infos() if info.key_id == made.key_id)

    def wrap_again(self, key_encryption: KeyEncryption) -> int:
        """Wrap all data keys with another key-encryption key, all or none; returns how many.

        Sealed records do not change: the data keys stay the same.
        """
        from .keysets import wrapped

        with self._lock:
            old = self._kek = self._kek or self._open_key_encryption(False)
            changed = [
                KeyRow(
                    row.key_id,
                    row.purpose,
                    row.is_primary,
                    wrapped(_own_keyset(row, old), key_encryption, row.purpose),
                    key_encryption.name,
                    row.created_at,
                )
                for row in self._rows.all()
            ]
            self._rows.replace(changed)
            self._kek = key_encryption
        self.reload()
        return len(changed)

    def infos(self) -> Sequence[KeyInfo]:
        """The facts about the keys that may be disclosed, oldest key first."""
        return [
            KeyInfo(row.key_id, row.purpose, row.is_primary, row.wrapped_by, row.created_at)
            for row in self._rows.all()
        ]


def _own_keyset(row: KeyRow, kek: KeyEncryption) -> bytes:
    """The keyset of a row, unwrapped.

    Raises:
        PhiKeyError: it can't be unwrapped, or is the key of another row.
    """
    from .keysets import key_id_of, unwrapped

    keyset = unwrapped(row.wrapped, kek, row.purpose, row.wrapped_by)
    if key_id_of(keyset) != row.key_id:
        raise PhiKeyError(
            f"the row of data key {row.key_id} contains a different key: restore platform.data_keys."
        )
    return keyset


def _new(purpose: str, kek: KeyEncryption) -> KeyRow:
    from claimwright.foundation.clock import now

    from .keysets import new_keyset, wrapped

    key_id, keyset = new_keyset(purpose)
    return KeyRow(key_id, purpose, True, wrapped(keyset, kek, purpose), kek.name, now())


def open_keyring(settings: Settings, connect: Callable[[], psycopg.Connection] | None = None) -> Keyring:
    """The keys of the database that the settings name; the first ones are created if there are none.

    Args:
        settings: `settings.phi` names the key-encryption key.
        connect: opens a connection to the database; by default as the settings say.

    Raises:
        PhiKeyError: the key-encryption key is missing, unreadable, or did not wrap these keys.
    """
    return Keyring(
        DatabaseKeys(connect or _connection_of(settings)),
        lambda create: open_key_encryption(settings, create=create),
    )


def _connection_of(settings: Settings) -> Callable[[], psycopg.Connection]:
    """Separate connections for the keys, so that a transaction of the caller can't block them."""
    import psycopg

    from claimwright.platform.database import place
    from claimwright.platform.traces import store_traces

    url = settings.database.url
    address = place(
        url.get_secret_value() if url else None,
        settings.database.home,
        traces=lambda: store_traces(settings),
    ).address
    return lambda: psycopg.connect(address)
