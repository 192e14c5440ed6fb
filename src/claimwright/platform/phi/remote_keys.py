"""Remote keys (AWS KMS, Azure Key Vault) behind Tink's interface."""

from __future__ import annotations

from typing import Any

from tink import TinkError
from tink.aead import Aead, KmsEnvelopeAead, aead_key_templates

from .errors import PhiKeyError


class AwsAead(Aead):  # type: ignore[misc]  # Tink ships no types
    """Encrypt and Decrypt of AWS KMS: up to 4,096 bytes, bound to an encryption context."""

    def __init__(self, client: Any, key_id: str) -> None:
        self._client = client
        self._key_id = key_id

    def encrypt(self, plaintext: bytes, associated_data: bytes) -> bytes:
        """The plaintext, encrypted by KMS."""
        answer = self._ask(
            "encrypt", KeyId=self._key_id, Plaintext=plaintext, EncryptionContext=_context(associated_data)
        )
        return bytes(answer["CiphertextBlob"])

    def decrypt(self, ciphertext: bytes, associated_data: bytes) -> bytes:
        """The plaintext. Only the configured key is used, whatever key the ciphertext names."""
        answer = self._ask(
            "decrypt",
            KeyId=self._key_id,
            CiphertextBlob=ciphertext,
            EncryptionContext=_context(associated_data),
        )
        return bytes(answer["Plaintext"])

    def _ask(self, operation: str, **arguments: Any) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return getattr(self._client, operation)(**arguments)
        except ClientError as problem:
            code = problem.response.get("Error", {}).get("Code", "")
            if code in {"InvalidCiphertextException", "IncorrectKeyException"}:
                raise TinkError(code) from None
            raise PhiKeyError(f"AWS KMS refuses to {operation} with {self._key_id}: {code}.") from None
        except BotoCoreError as problem:
            raise PhiKeyError(f"AWS KMS can't be reached: {type(problem).__name__}.") from None


def _context(associated_data: bytes) -> dict[str, str]:
    return {"claimwright": associated_data.decode()}


class AzureWrap(Aead):  # type: ignore[misc]  # Tink ships no types
    """`wrapKey` and `unwrapKey` of Azure Key Vault with RSA-OAEP-256.

    No associated data: see `azure_aead`.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def encrypt(self, plaintext: bytes, associated_data: bytes) -> bytes:  # noqa: ARG002 - of Tink
        """The plaintext, wrapped; at most 190 bytes with a key of 2,048 bits."""
        return bytes(self._ask("wrap_key", plaintext).encrypted_key)

    def decrypt(self, ciphertext: bytes, associated_data: bytes) -> bytes:  # noqa: ARG002 - of Tink
        """The plaintext, unwrapped by the vault."""
        return bytes(self._ask("unwrap_key", ciphertext).key)

    def _ask(self, operation: str, key: bytes) -> Any:
        from azure.core.exceptions import AzureError, HttpResponseError
        from azure.keyvault.keys.crypto import KeyWrapAlgorithm

        try:
            return getattr(self._client, operation)(KeyWrapAlgorithm.rsa_oaep_256, key)
        except HttpResponseError as problem:
            if problem.status_code == 400:
                raise TinkError("the vault can't unwrap this") from None
            raise PhiKeyError(f"Azure Key Vault refuses to {operation}: {problem.status_code}.") from None
        except AzureError as problem:
            raise PhiKeyError(f"Azure Key Vault can't be reached: {type(problem).__name__}.") from None


def azure_aead(key_id: str, credential: Any, options: dict[str, Any]) -> Aead:
    """Tink's envelope encryption with one version of a vault's key; the inner key binds associated data."""
    from azure.keyvault.keys.crypto import CryptographyClient

    remote = AzureWrap(CryptographyClient(key_id, credential, **options))
    return KmsEnvelopeAead(aead_key_templates.AES256_GCM, remote)
