"""Access control: actions, roles, labels, and decisions by Cedar policies."""

from .actions import ACTIONS, FIELD_KINDS, LABELS, ROLES, SCOPES, Action
from .decisions import Access, AccessDeniedError, AccessPolicyError, Answer, Context, Policy

__all__ = [
    "ACTIONS",
    "FIELD_KINDS",
    "LABELS",
    "ROLES",
    "SCOPES",
    "Access",
    "AccessDeniedError",
    "AccessPolicyError",
    "Action",
    "Answer",
    "Context",
    "Policy",
]
