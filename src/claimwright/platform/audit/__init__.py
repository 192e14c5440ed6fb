"""The audit log: append-only, hash-chained per tenant, proven by signed checkpoints."""

from .chain import AuditProblem, Fault, Record, canonical
from .checkpoints import Checkpoint, SigningKey, checkpoint, checkpoints, public_key
from .exporting import export
from .log import append, record_phi_access, search
from .verifying import Verdict, verify

__all__ = [
    "AuditProblem",
    "Checkpoint",
    "Fault",
    "Record",
    "SigningKey",
    "Verdict",
    "append",
    "canonical",
    "checkpoint",
    "checkpoints",
    "export",
    "public_key",
    "record_phi_access",
    "search",
    "verify",
]
