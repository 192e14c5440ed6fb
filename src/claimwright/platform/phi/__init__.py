"""Patient data at rest: sealed records, blind indexes to find them by, and the keys of both."""

from .errors import PhiError, PhiKeyError, PhiSealError
from .key_encryption import open_key_encryption
from .keyring import KeyInfo, Keyring, open_keyring
from .resealing import Sealed, reseal
from .sealer import SEALED_OVERHEAD, Sealer
from .wrapping import KeyEncryption

__all__ = [
    "SEALED_OVERHEAD",
    "KeyEncryption",
    "KeyInfo",
    "Keyring",
    "PhiError",
    "PhiKeyError",
    "PhiSealError",
    "Sealed",
    "Sealer",
    "open_key_encryption",
    "open_keyring",
    "reseal",
]
