"""The key-encryption key: a file on this machine, AWS KMS, or Azure Key Vault.

It wraps only the data keys. A remote key store is therefore called once per data key when a process starts,
not once per claim.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from claimwright.platform.private_files import PrivateFileError, read_private, write_private

from .errors import PhiKeyError
from .wrapping import KeyEncryption

if TYPE_CHECKING:
    from tink.aead import Aead

    from claimwright.platform.settings import Settings


class FileKey:
    """A Tink keyset in a file that only its owner can read."""

    def __init__(self, path: Path, keyset: bytes) -> None:
        import hashlib

        from .keysets import aead_of

        self._aead = aead_of(keyset)
        # Identifies the key without revealing it, so that a person who restores a backup sees which file is
        # needed.
        self.name = f"file:{hashlib.sha256(keyset).hexdigest()[:16]}"
        self.path = path

    @classmethod
    def open(cls, path: Path, *, create: bool) -> FileKey:
        """The key in the file; with `create`, a new one if there is none.

        Raises:
            PhiKeyError: it is missing, unreadable, or readable by others.
        """
        if create and not path.exists():
            write_private(path, _new_keyset())
        try:
            keyset = read_private(path)
        except PrivateFileError as problem:
            raise PhiKeyError(str(problem)) from None
        from tink import TinkError

        try:
            return cls(path, keyset)
        except (ValueError, TinkError):
            raise PhiKeyError(f"{path}: this is not a key file; restore it from its backup.") from None

    def aead(self, wrapped_by: str | None = None) -> Aead:  # noqa: ARG002 - of the protocol
        """The key itself. It has only one version, so `wrapped_by` is ignored."""
        return self._aead


def _new_keyset() -> bytes:
    from .keysets import new_keyset

    return new_keyset("data")[1]


class AwsKey:
    """A symmetric key in AWS KMS. The key never leaves KMS; data keys are sent to it to be wrapped."""

    def __init__(self, key_id: str, client: Any) -> None:
        self._client = client
        self._key_id = key_id
        self.name = f"aws-kms:{key_id}"

    @classmethod
    def open(cls, key_id: str, *, region: str | None, endpoint: str | None) -> AwsKey:
        """The key, accessed with the standard AWS credential chain."""
        try:
            import boto3
        except ImportError:
            raise PhiKeyError("phi.key_store is aws-kms: pip install 'claimwright[aws]'.") from None
        return cls(key_id, boto3.client("kms", region_name=region, endpoint_url=endpoint))

    def aead(self, wrapped_by: str | None = None) -> Aead:
        """Encrypt and Decrypt of KMS, which finds the key's version itself."""
        from .remote_keys import AwsAead

        key_id = (wrapped_by or self.name).removeprefix("aws-kms:")
        return AwsAead(self._client, key_id)


class AzureKey:
    """An RSA key in Azure Key Vault or a managed HSM. The private key never leaves it."""

    def __init__(self, vault_url: str, key_name: str, credential: Any, **options: Any) -> None:
        from azure.keyvault.keys import KeyClient

        self._credential, self._options = credential, options
        found = KeyClient(vault_url, credential, **options).get_key(key_name)
        # The id includes the version: after a rotation in the vault, the old version still unwraps.
        self._key_id = str(found.id)
        self.name = f"azure-key-vault:{self._key_id}"

    @classmethod
    def open(cls, vault_url: str, key_name: str) -> AzureKey:
        """The key, accessed with the standard Azure credential chain."""
        try:
            from azure.core.exceptions import AzureError
            from azure.identity import DefaultAzureCredential
        except ImportError:
            raise PhiKeyError("phi.key_store is azure-key-vault: pip install 'claimwright[azure]'.") from None
        try:
            return cls(vault_url, key_name, DefaultAzureCredential())
        except AzureError as problem:
            raise PhiKeyError(
                f"Azure Key Vault: {key_name}: {type(problem).__name__}: check the vault."
            ) from None

    def aead(self, wrapped_by: str | None = None) -> Aead:
        """Envelope encryption: a new key per wrapping, wrapped by the vault's key, because RSA can't bind to
        a purpose.
        """
        from .remote_keys import azure_aead

        key_id = (wrapped_by or self.name).removeprefix("azure-key-vault:")
        return azure_aead(key_id, self._credential, self._options)


def open_key_encryption(settings: Settings, *, create: bool = False) -> KeyEncryption:
    """The key-encryption key that the settings name; with `create`, a missing key file is created.

    Raises:
        PhiKeyError: it can't be loaded; the message says what to do.
    """
    phi = settings.phi
    if phi.key_store == "aws-kms":
        if not phi.aws_key_id:
            raise PhiKeyError("phi.key_store is aws-kms: set phi.aws_key_id.")
        return AwsKey.open(phi.aws_key_id, region=phi.aws_region, endpoint=phi.aws_endpoint)
    if phi.key_store == "azure-key-vault":
        if not (phi.azure_vault_url and phi.azure_key_name):
            raise PhiKeyError(
                "phi.key_store is azure-key-vault: set phi.azure_vault_url and phi.azure_key_name."
            )
        return AzureKey.open(phi.azure_vault_url, phi.azure_key_name)
    return FileKey.open(phi.key_file, create=create)
