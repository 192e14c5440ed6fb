"""Signed checkpoints: the end of a chain at some time, stored where the database's owner has no access.

A chain alone proves order and content, but the newest records could be cut off unnoticed, and the database's
owner could write a new chain. A checkpoint in object storage, signed with Ed25519 (RFC 8032), states: "record
N of this tenant had this hash". Give write access to the bucket to other people than to the database.
"""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claimwright.domain.caller import Caller
from claimwright.platform.tenancy import tenancy

from .chain import AuditError, canonical, instant

if TYPE_CHECKING:
    import psycopg
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

    from claimwright.platform.objects import Objects

FOLDER = "audit"
PUBLIC_KEY = f"{FOLDER}/public_key.pem"
_CHECKPOINT, _RETENTION = "audit checkpoint 1", "audit retention 1"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The signed statement, and its signature.

    A retention proof states that retention deleted this record and all before it: a log that begins right
    after it is complete.
    """

    tenant: str
    sequence: int
    hash: bytes
    at: str
    signature: bytes
    is_retention: bool = False

    @property
    def statement(self) -> bytes:
        """The bytes that are signed."""
        return canonical(
            {
                "claimwright": _RETENTION if self.is_retention else _CHECKPOINT,
                "at": self.at,
                "hash": self.hash.hex(),
                "sequence": self.sequence,
                "tenant": self.tenant,
            }
        ).encode()

    def to_json(self) -> str:
        """One line of JSON."""
        said = json.loads(self.statement) | {"signature": self.signature.hex()}
        return canonical(said)

    @classmethod
    def from_json(cls, text: str | bytes) -> Checkpoint:
        """A checkpoint as `to_json` wrote it.

        Raises:
            AuditError: it is not a checkpoint.
        """
        try:
            said: dict[str, Any] = json.loads(text)
            return cls(
                str(said["tenant"]),
                int(said["sequence"]),
                bytes.fromhex(said["hash"]),
                str(said["at"]),
                bytes.fromhex(said["signature"]),
                said.get("claimwright") == _RETENTION,
            )
        except (ValueError, KeyError, TypeError):
            raise AuditError("this is not an audit checkpoint.") from None

    def is_signed_by(self, key: Ed25519PublicKey) -> bool:
        """Whether the signature is valid."""
        from cryptography.exceptions import InvalidSignature

        try:
            key.verify(self.signature, self.statement)
        except InvalidSignature:
            return False
        return True


class SigningKey:
    """The Ed25519 key that signs checkpoints: a file that only its owner may read."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @classmethod
    def open(cls, path: Path) -> SigningKey:
        """The key in the file; if there is no file, a new key is created with mode 0600.

        Raises:
            AuditError: the file contains no Ed25519 key, or can't be read.
        """
        from cryptography.hazmat.primitives import serialization as form
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        from claimwright.platform.private_files import PrivateFileError, read_private, write_private

        if not path.exists():
            made = Ed25519PrivateKey.generate()
            pem = made.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
            write_private(path, pem)
        try:
            key = form.load_pem_private_key(read_private(path), None)
        except PrivateFileError as problem:
            raise AuditError(str(problem)) from None
        except (ValueError, TypeError):
            raise AuditError(f"{path}: this is not a private key in PEM format.") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise AuditError(f"{path}: this is not an Ed25519 key.")
        return cls(key)

    def sign(
        self, tenant: str, sequence: int, digest: bytes, at: str, *, is_retention: bool = False
    ) -> Checkpoint:
        """A signed checkpoint of a record, or a signed proof that retention deleted it and all before it."""
        unsigned = Checkpoint(tenant, sequence, digest, at, b"", is_retention)
        return replace(unsigned, signature=self._key.sign(unsigned.statement))

    def public_pem(self) -> bytes:
        """The public key, for verification."""
        from cryptography.hazmat.primitives import serialization as form

        return self._key.public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)


def public_key(pem: bytes) -> Ed25519PublicKey:
    """The public key of a PEM file.

    Raises:
        AuditError: it contains no Ed25519 public key.
    """
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = form.load_pem_public_key(pem)
    except ValueError:
        raise AuditError("this is not a public key in PEM format.") from None
    if not isinstance(key, Ed25519PublicKey):
        raise AuditError("this is not an Ed25519 public key.")
    return key


def checkpoint(
    caller: Caller, connection: psycopg.Connection, objects: Objects, key: SigningKey
) -> Checkpoint | None:
    """Sign the end of the tenant's chain and store the checkpoint; None if nothing was appended since the
    last one.

    Raises:
        AuditError: the chain differs from the one signed before: it is shorter, or has a different record.
    """
    from claimwright.foundation.clock import now

    tenant = caller.tenant
    last = _last_checkpoint(objects, tenant)
    with tenancy(connection, caller):
        head = connection.execute(
            "select sequence, hash from platform.audit_heads where tenant = %s", (tenant,)
        ).fetchone()
        there = (
            None
            if last is None
            else connection.execute(
                "select hash from platform.audit_log where tenant = %s and sequence = %s",
                (tenant, last.sequence),
            ).fetchone()
        )
    if last is not None:
        _refuse_another_chain(last, int(head[0]) if head else 0, there)
    if head is None:
        return None
    made = key.sign(tenant, int(head[0]), bytes(head[1]), instant(now()))
    objects.put_new(PUBLIC_KEY, key.public_pem())
    written = objects.put_new(f"{FOLDER}/{tenant}/{made.sequence:012d}.json", made.to_json().encode())
    return made if written else None


def prove_retention(
    caller: Caller,
    connection: psycopg.Connection,
    objects: Objects,
    key: SigningKey,
    *,
    before: datetime.datetime,
) -> Checkpoint | None:
    """Sign that retention deletes the tenant's records from before a time. Call it before the deletion.

    None if there are no such records.
    """
    from claimwright.foundation.clock import now

    tenant = caller.tenant
    with tenancy(connection, caller):
        last = connection.execute(
            "select sequence, hash from platform.audit_log where tenant = %s and at < %s"
            " order by sequence desc limit 1",
            (tenant, before),
        ).fetchone()
    if last is None:
        return None
    made = key.sign(tenant, int(last[0]), bytes(last[1]), instant(now()), is_retention=True)
    objects.put_new(PUBLIC_KEY, key.public_pem())
    objects.put_new(f"{FOLDER}/{tenant}/{made.sequence:012d}-retention.json", made.to_json().encode())
    return made


def accept_beginning(
    caller: Caller, connection: psycopg.Connection, objects: Objects, key: SigningKey, *, reason: str
) -> Checkpoint | None:
    """Sign, once, that the present beginning of a log is valid: for logs that retention cut before it signed
    proofs.

    The person who does so vouches for records that can no longer be verified; the reason is recorded in the
    log. None if the log begins at 1, or its beginning is already proven.

    Raises:
        AuditError: the reason is unusable, or a checkpoint contradicts the record before the first one.
    """
    from claimwright.foundation.clock import now

    from .log import append, stated_reason

    reason, tenant = stated_reason(reason, "the log begins where it does"), caller.tenant
    with tenancy(connection, caller):
        first = connection.execute(
            "select sequence, previous from platform.audit_log where tenant = %s order by sequence limit 1",
            (tenant,),
        ).fetchone()
        if first is None or first[0] == 1:
            return None
        last, digest = int(first[0]) - 1, bytes(first[1])
        for each in checkpoints(objects, tenant=tenant):
            if each.sequence == last and each.hash != digest:
                raise AuditError(
                    f"a checkpoint proves a record {last} that differs from the one that the log follows."
                )
            if each.is_retention and (each.sequence, each.hash) == (last, digest):
                return None
        append(
            caller, connection, action="audit.beginning_accepted", subject=f"tenant:{tenant}",
            detail={"reason": reason, "sequence": last}, correlation_id="",
        )  # fmt: skip
        made = key.sign(tenant, last, digest, instant(now()), is_retention=True)
        objects.put_new(PUBLIC_KEY, key.public_pem())
        objects.put_new(f"{FOLDER}/{tenant}/{last:012d}-retention.json", made.to_json().encode())
    return made


def _last_checkpoint(objects: Objects, tenant: str) -> Checkpoint | None:
    # Sorted by name, which is the order of the record numbers.
    keys = list(objects.keys(f"{FOLDER}/{tenant}"))
    content = objects.get(keys[-1]) if keys else None
    return None if content is None else Checkpoint.from_json(content)


def _refuse_another_chain(last: Checkpoint, head: int, there: tuple[Any, ...] | None) -> None:
    """Raise AuditError if the chain does not continue from the last signed record.

    If that record is missing but the chain continues after it, retention may have deleted it.
    """
    if head < last.sequence:
        what = f"ends at record {head}, but record {last.sequence} was signed: records are missing"
    elif there is not None and bytes(there[0]) != last.hash:
        what = f"has a record {last.sequence} that differs from the signed one"
    else:
        return
    raise AuditError(
        f"the audit log of tenant {last.tenant} {what}. Was an older backup restored, or the log changed? "
        "See: claimwright audit verify. Nothing was signed. After a restore, move old checkpoints away."
    )


def checkpoints(objects: Objects, *, tenant: str) -> list[Checkpoint]:
    """The checkpoints of a tenant, oldest first."""
    found = [objects.get(key) for key in objects.keys(f"{FOLDER}/{tenant}")]
    return [Checkpoint.from_json(content) for content in found if content is not None]
