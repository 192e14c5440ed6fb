"""Access control: actions, roles, labels, and decisions by Cedar policies."""

from .actions import ACTIONS, FIELD_KINDS, LABELS, ROLES, SCOPES, Action
from .alerts import Alert, AlertNotFoundError, alerts_after, raise_alert, review_alert
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
    "Alert",
    "AlertNotFoundError",
    "Answer",
    "Context",
    "Policy",
    "alerts_after",
    "raise_alert",
    "review_alert",
]
