"""Key rotation, and changing the key-encryption key, for callers; both are recorded in the audit log.

RotationStoppedError (StoreError)   records are resealed, but object storage refused the files
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from claimwright.foundation.errors import StoreError

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.platform.database import Database
    from claimwright.platform.phi import KeyInfo, Keyring
    from claimwright.platform.settings import Settings


class RotationStoppedError(StoreError):
    """Rotation stopped between records and files; it can be continued without a new key."""


@dataclass(frozen=True)
class Resealed:
    """The resealed rows of a tenant; `unreadable` names records that can't be opened; they stay unchanged."""

    tenant: str
    records: int
    pieces: int
    unreadable: list[str] = field(default_factory=list)


def data_keys(settings: Settings, database: Database) -> Sequence[KeyInfo]:
    """The facts about the data keys that may be disclosed, oldest first.

    Raises:
        PhiError: the keys can't be loaded.
    """
    return _keyring(settings, database).infos()


def make_data_key(callers: Sequence[Caller], settings: Settings, database: Database) -> int:
    """Create a new primary data key and return its id. The older keys still open what they sealed.

    Raises:
        PhiError: the keys can't be loaded.
    """
    made = _keyring(settings, database).rotate()
    _record(callers, database, "keys.rotated", f"key:{made.key_id}", {"key_id": made.key_id})
    return made.key_id


def seal_again(callers: Sequence[Caller], settings: Settings, database: Database) -> Iterator[Resealed]:
    """Reseal the records and files of each caller's tenant with the newest key, while workers run.

    After an interruption, it continues where it stopped. A record that can't be opened is named and left
    unchanged.

    Raises:
        PhiError: the keys can't be loaded.
        RotationStoppedError: object storage refused.
    """
    from claimwright.features.intake import reseal_files
    from claimwright.platform.objects import ObjectError, open_objects
    from claimwright.platform.phi import Sealer, reseal
    from claimwright.store.resealing import sealed_columns

    keyring = _keyring(settings, database)
    sealer = Sealer(keyring)
    for caller in callers:
        records, unreadable = 0, list[str]()
        with database.connect() as connection:
            for each in sealed_columns(caller.tenant):
                named: list[tuple[Any, ...]] = []
                records += sum(reseal(caller, connection, sealer, each, unreadable=named.append))
                what = f"tenant {caller.tenant}, {each.key[0].replace('_', ' ')}"
                unreadable += [f"{what} {key[0]}" for key in named]
        try:
            shelf = open_objects(settings)
            files = reseal_files(caller, database, shelf, sealer, prefix=keyring.primary_prefix)
            pieces = sum(1 for _ in files)
        except ObjectError as problem:
            raise RotationStoppedError(
                f"{problem} The records are resealed. Continue with --no-new-key."
            ) from None
        yield Resealed(caller.tenant, records, pieces, unreadable)


def move_keys(caller: Caller, before: Settings, settings: Settings, database: Database) -> tuple[int, str]:
    """Wrap all data keys with the key-encryption key of `settings` instead of that of `before`.

    Returns how many, and the name of the new wrapping key. Sealed records do not change.

    Raises:
        PhiError: one of the keys can't be loaded; nothing was changed.
    """
    from claimwright.platform.phi import open_key_encryption

    keyring = _keyring(before, database)
    new = open_key_encryption(settings, create=True)
    count = keyring.wrap_again(new)
    _record([caller], database, "keys.rewrapped", "keys", {"count": count})
    return count, new.name


def _keyring(settings: Settings, database: Database) -> Keyring:
    from claimwright.platform.phi import open_keyring

    return open_keyring(settings, database.connect)


def _record(
    callers: Sequence[Caller], database: Database, action: str, subject: str, detail: dict[str, Any]
) -> None:
    from claimwright.platform.audit import append

    for caller in callers:
        with database.transaction(caller) as connection:
            append(caller, connection, action=action, subject=subject, detail=detail, correlation_id="")
