"""Production claims delivered to another database: PostgreSQL or SQL Server, once a claim and version."""

from .delivering import TRANSIENT, Delivered, Patience, deliver, deliver_patiently
from .opening import open_target
from .tables import TABLES, Column, Kind, Table
from .target import DeliveryProblem, Target

__all__ = [
    "TABLES",
    "TRANSIENT",
    "Column",
    "Delivered",
    "DeliveryProblem",
    "Kind",
    "Patience",
    "Table",
    "Target",
    "deliver",
    "deliver_patiently",
    "open_target",
]
