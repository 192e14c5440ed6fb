"""The only module that touches key material: creates, wraps and uses Tink keysets of one key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import PhiKeyError

if TYPE_CHECKING:
    from tink.aead import Aead

    from .wrapping import KeyEncryption


def _tink() -> Any:
    import tink
    from tink import aead, prf, secret_key_access

    aead.register()
    prf.register()
    return tink, aead, prf, secret_key_access.TOKEN


def new_keyset(purpose: str) -> tuple[int, bytes]:
    """A new key's id and its keyset in Tink's JSON, not wrapped. Pass it only to `wrapped`."""
    from tink import json_proto_keyset_format as form

    tink, aead, prf, token = _tink()
    template = aead.aead_key_templates.AES256_GCM if purpose == "data" else prf.prf_key_templates.HKDF_SHA256
    handle = tink.new_keyset_handle(template)
    return int(handle.keyset_info().primary_key_id), str(form.serialize(handle, token)).encode()


def wrapped(keyset: bytes, kek: KeyEncryption, purpose: str) -> str:
    """The keyset in Tink's encrypted JSON, bound to its purpose."""
    from tink import json_proto_keyset_format as form

    _, _, _, token = _tink()
    handle = form.parse(keyset.decode(), token)
    return str(form.serialize_encrypted(handle, kek.aead(), _binding(purpose)))


def unwrapped(text: str, kek: KeyEncryption, purpose: str, wrapped_by: str) -> bytes:
    """The keyset that was passed to `wrapped`.

    Raises:
        PhiKeyError: another key wrapped it, or it was changed.
    """
    from tink import TinkError
    from tink import json_proto_keyset_format as form

    _, _, _, token = _tink()
    try:
        handle = form.parse_encrypted(text, kek.aead(wrapped_by), _binding(purpose))
    except TinkError:
        raise PhiKeyError(
            f"the key-encryption key {kek.name} can't unwrap a {purpose} key that {wrapped_by} wrapped: "
            "set `phi` to the key that wrapped it."
        ) from None
    return str(form.serialize(handle, token)).encode()


def key_id_of(keyset: bytes) -> int:
    """The id of the key in a keyset. It is part of the wrapped data, so a row can't fake it."""
    from tink import json_proto_keyset_format as form

    _, _, _, token = _tink()
    return int(form.parse(keyset.decode(), token).keyset_info().primary_key_id)


def aead_of(keyset: bytes) -> Aead:
    """An AEAD that seals and opens with a data key."""
    from tink import json_proto_keyset_format as form

    _, aead, _, token = _tink()
    made: Aead = form.parse(keyset.decode(), token).primitive(aead.Aead)
    return made


def derived(keyset: bytes, purpose: bytes, length: int) -> bytes:
    """A key for one purpose, derived from the blind key: HKDF-SHA-256 (RFC 5869), computed by Tink's PRF."""
    from tink import json_proto_keyset_format as form

    _, _, prf, token = _tink()
    made = form.parse(keyset.decode(), token).primitive(prf.PrfSet).primary().compute(purpose, length)
    return bytes(made)


def _binding(purpose: str) -> bytes:
    return b"claimwright " + purpose.encode()
