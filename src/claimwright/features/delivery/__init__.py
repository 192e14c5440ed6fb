"""Delivery of production claims to PostgreSQL or SQL Server, once per claim and version."""

from .delivering import TRANSIENT, Delivered, Patience, deliver, deliver_patiently, undelivered
from .opening import open_target
from .tables import TABLES, Table
from .target import DeliveryError, Put, Target, TargetUnavailableError
from .with_breaker import TargetWithBreaker

__all__ = [
    "TABLES",
    "TRANSIENT",
    "Delivered",
    "DeliveryError",
    "Patience",
    "Put",
    "Table",
    "Target",
    "TargetUnavailableError",
    "TargetWithBreaker",
    "deliver",
    "deliver_patiently",
    "open_target",
    "undelivered",
]
