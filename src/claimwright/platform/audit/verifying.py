"""Verifies a chain: from an export and the public key alone, without a database, a network or our word."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .chain import START, Fault, Record
from .checkpoints import Checkpoint

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found."""

    tenant: str
    first: int
    last: int
    records: int
    checkpoints: int
    proven_to: int
    faults: tuple[Fault, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing was changed, taken out, moved or cut off, as far as the checkpoints reach."""
        return not self.faults


def verify(
    parts: Iterable[Record | Checkpoint],
    key: Ed25519PublicKey | None,
    *,
    tenant: str,
    checkpoints: Iterable[Checkpoint] = (),
) -> Verdict:
    """Every fault of a chain.

    Args:
        parts: its records in order, and checkpoints among or after them.
        key: what checkpoints must be signed with; without it they are not looked at, and a cut end of the
            chain, or a chain written anew, is not found.
        tenant: whose chain it must be.
        checkpoints: more of them, from object storage: an export's own could be cut off with its end.

    Only what changed is reported: after a fault the next record is judged by what the faulty one says.
    """
    faults: list[Fault] = []
    hashes: dict[int, bytes] = {}
    signed: list[Checkpoint] = list(checkpoints)
    previous: Record | None = None
    first = 0
    for part in parts:
        if isinstance(part, Checkpoint):
            signed.append(part)
            continue
        faults += _faults_of(part, previous, tenant)
        if previous is None:
            first = part.sequence
        hashes[part.sequence] = part.hash
        previous = part
    last = previous.sequence if previous else 0
    proven = 0
    if key is not None:
        for each in {(one.sequence, one.signature): one for one in signed}.values():
            found = _checkpoint_fault(each, key, tenant, hashes, first, last)
            faults += found
            if not found:
                proven = max(proven, each.sequence)
    faults.sort(key=lambda fault: fault.sequence)
    return Verdict(tenant, first, last, len(hashes), len(signed), proven, tuple(faults))


def _faults_of(record: Record, previous: Record | None, tenant: str) -> list[Fault]:
    number = record.sequence
    faults: list[Fault] = []
    if record.computed() != record.hash:
        faults.append(Fault(number, "changed: its hash is not that of what it says."))
    if _tenant_of(record) != tenant:
        faults.append(Fault(number, "belongs to another tenant."))
    if previous is None:
        # A chain may begin later than at 1 where older records have passed their retention.
        if number == 1 and record.previous != START:
            faults.append(Fault(number, "is not the first: it follows a record that is not there."))
        return faults
    if number != previous.sequence + 1:
        missing = number - previous.sequence - 1
        said = f"{missing} missing before it" if missing > 0 else "out of order, or there twice"
        faults.append(Fault(number, f"stands after record {previous.sequence}: {said}."))
    elif record.previous != previous.hash:
        faults.append(Fault(number, f"does not follow from record {previous.sequence}: one was replaced."))
    if record.at < previous.at:
        faults.append(Fault(number, "is older than the record before it."))
    return faults


def _tenant_of(record: Record) -> str | None:
    try:
        said = json.loads(record.body)
    except ValueError:
        return None
    return said.get("tenant") if isinstance(said, dict) else None


def _checkpoint_fault(
    each: Checkpoint, key: Ed25519PublicKey, tenant: str, hashes: dict[int, bytes], first: int, last: int
) -> list[Fault]:
    number = each.sequence
    if each.tenant != tenant:
        return [Fault(number, "a checkpoint of another tenant.")]
    if not each.is_signed_by(key):
        return [Fault(number, "a checkpoint whose signature does not hold.")]
    if number > last:
        return [Fault(number, f"cut off: a checkpoint proves record {number}, and the last here is {last}.")]
    if number < first:
        return []
    if number not in hashes:
        return [Fault(number, "missing: a checkpoint proves that there was such a record.")]
    if hashes[number] != each.hash:
        return [Fault(number, "rewritten: a checkpoint proves another hash.")]
    return []
