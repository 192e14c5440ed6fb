"""Events: written in the transaction of the change that they report, and delivered at least once."""

from .catalogue import PLATFORM_EVENTS, Catalogue, EventError, EventType
from .outbox import (
    CHANNEL,
    Bookmark,
    Event,
    Notice,
    bookmark_after,
    events_after,
    events_since,
    expire,
    listen,
    publish,
)
from .relay import Backoff, Relayed, Target, relay, retry_abandoned
from .webhook import WebhookTarget, signature, verify_signature

__all__ = [
    "CHANNEL",
    "PLATFORM_EVENTS",
    "Backoff",
    "Bookmark",
    "Catalogue",
    "Event",
    "EventError",
    "EventType",
    "Notice",
    "Relayed",
    "Target",
    "WebhookTarget",
    "bookmark_after",
    "events_after",
    "events_since",
    "expire",
    "listen",
    "publish",
    "relay",
    "retry_abandoned",
    "signature",
    "verify_signature",
]
