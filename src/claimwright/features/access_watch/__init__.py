"""Unusual access to patient data: found in the audit log, told as alerts and events."""

from .detection import KINDS, PAST_DAYS, Unusual, unusual_accesses
from .watching import watch_accesses

__all__ = ["KINDS", "PAST_DAYS", "Unusual", "unusual_accesses", "watch_accesses"]
