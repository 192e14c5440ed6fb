"""The audit log: append-only, hash-chained per tenant, proven by signed checkpoints."""

from .accesses import BROKE_GLASS, PhiAccess, accesses
from .chain import AuditError, Fault, Record, canonical
from .checkpoints import (
    PUBLIC_KEY,
    Checkpoint,
    SigningKey,
    accept_beginning,
    checkpoint,
    checkpoints,
    prove_retention,
    public_key,
)
from .exporting import export, export_lines, read_export
from .log import append, head, record_phi_access, records, search, stated_reason
from .verifying import Verdict, verify

__all__ = [
    "BROKE_GLASS",
    "PUBLIC_KEY",
    "AuditError",
    "Checkpoint",
    "Fault",
    "PhiAccess",
    "Record",
    "SigningKey",
    "Verdict",
    "accept_beginning",
    "accesses",
    "append",
    "canonical",
    "checkpoint",
    "checkpoints",
    "export",
    "export_lines",
    "head",
    "prove_retention",
    "public_key",
    "read_export",
    "record_phi_access",
    "records",
    "search",
    "stated_reason",
    "verify",
]
