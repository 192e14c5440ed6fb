"""Production claims delivered to another database: PostgreSQL or SQL Server, once a claim and version."""

from .delivering import TRANSIENT, Delivered, Patience, deliver, deliver_patiently, undelivered
from .opening import open_target
from .tables import TABLES, Column, Kind, Table
from .target import DeliveryError, Target, TargetUnavailableError
from .with_breaker import GuardedTarget

__all__ = [
    "TABLES",
    "TRANSIENT",
    "Column",
    "Delivered",
    "DeliveryError",
    "GuardedTarget",
    "Kind",
    "Patience",
    "Table",
    "Target",
    "TargetUnavailableError",
    "deliver",
    "deliver_patiently",
    "open_target",
    "undelivered",
]
