"""The key-encryption key: a file on this machine, AWS KMS, or Azure Key Vault.

It wraps the data keys and nothing else, so a remote one is asked once a data key when a process starts,
never once a claim.
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
    """A Tink keyset in a file that only its owner may read."""

    def __init__(self, path: Path, keyset: bytes) -> None:
        import hashlib

        from .keysets import aead_of

        self._aead = aead_of(keyset)
        # Names the key without telling anything of it: whoever restores a backup sees which file it needs.
        self.name = f"file:{hashlib.sha256(keyset).hexdigest()[:16]}"
        self.path = path

    @classmethod
    def open(cls, path: Path, *, create: bool) -> FileKey:
        """The key in the file; with `create` a new one where there is none.

        Raises:
            PhiKeyError: it is missing, unreadable, or others may read it.
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
            raise PhiKeyError(f"{path}: this is no key; restore it from its backup.") from None

    def aead(self, wrapped_by: str | None = None) -> Aead:  # noqa: ARG002 - of the protocol
        """The key itself; it has one version, whatever `wrapped_by` says."""
        return self._aead


def _new_keyset() -> bytes:
    from .keysets import new_keyset

    return new_keyset("data")[1]


class AwsKey:
    """A symmetric key of AWS KMS. The key never leaves it; it wraps what is sent."""

    def __init__(self, key_id: str, client: Any) -> None:
        self._client = client
        self._key_id = key_id
        self.name = f"aws-kms:{key_id}"

    @classmethod
    def open(cls, key_id: str, *, region: str | None, endpoint: str | None) -> AwsKey:
        """The key, reached with the credentials that AWS's own tools would find."""
        try:
            import boto3
        except ImportError:
            raise PhiKeyError("phi.key_store is aws-kms: pip install 'claimwright[aws]'.") from None
        return cls(key_id, boto3.client("kms", region_name=region, endpoint_url=endpoint))

    def aead(self, wrapped_by: str | None = None) -> Aead:
        """Encrypt and Decrypt of KMS, which finds the version of the key by itself."""
        from .remote_keys import AwsAead

        key_id = (wrapped_by or self.name).removeprefix("aws-kms:")
        return AwsAead(self._client, key_id)


class AzureKey:
    """An RSA key of Azure Key Vault or a managed HSM. The private key never leaves it."""

    def __init__(self, vault_url: str, key_name: str, credential: Any, **options: Any) -> None:
        from azure.keyvault.keys import KeyClient

        self._credential, self._options = credential, options
        found = KeyClient(vault_url, credential, **options).get_key(key_name)
        # The id with its version: after a rotation in the vault, the old version still unwraps.
        self._key_id = str(found.id)
        self.name = f"azure-key-vault:{self._key_id}"

    @classmethod
    def open(cls, vault_url: str, key_name: str) -> AzureKey:
        """The key, reached with the credentials that Azure's own tools would find."""
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
        """A key of its own for each wrapping, which the vault's key wraps: RSA can't bind to a purpose."""
        from .remote_keys import azure_aead

        key_id = (wrapped_by or self.name).removeprefix("azure-key-vault:")
        return azure_aead(key_id, self._credential, self._options)


def open_key_encryption(settings: Settings, *, create: bool = False) -> KeyEncryption:
    """The key-encryption key that the settings name; `create` lets a file be made where there is none.

    Raises:
        PhiKeyError: it can't be had; the message says what to do.
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
