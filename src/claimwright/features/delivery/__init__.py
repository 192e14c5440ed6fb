"""Production claims delivered to another database: PostgreSQL or SQL Server, once a claim and version."""

from .delivering import TRANSIENT, Delivered, Patience, deliver, deliver_patiently, undelivered
from .opening import open_target
from .tables import TABLES, Column, Kind, Table
from .target import DeliveryProblem, Target, TargetRests
from .with_breaker import GuardedTarget

__all__ = [
    "TABLES",
    "TRANSIENT",
    "Column",
    "Delivered",
    "DeliveryProblem",
    "GuardedTarget",
    "Kind",
    "Patience",
    "Table",
    "Target",
    "TargetRests",
    "deliver",
    "deliver_patiently",
    "open_target",
    "undelivered",
]
