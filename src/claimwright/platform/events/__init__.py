"""Events: what happened, told in the transaction in which it happened, and carried out at least once."""

from .catalogue import EventError, EventType, event_types
from .outbox import CHANNEL, Event, Notice, expire, listen, publish
from .relay import Backoff, Relayed, Target, relay, retry_abandoned
from .webhook import WebhookTarget, signature, verify_signature

__all__ = [
    "CHANNEL",
    "Backoff",
    "Event",
    "EventError",
    "EventType",
    "Notice",
    "Relayed",
    "Target",
    "WebhookTarget",
    "event_types",
    "expire",
    "listen",
    "publish",
    "relay",
    "retry_abandoned",
    "signature",
    "verify_signature",
]
