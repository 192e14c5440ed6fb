"""Production claims delivered to another database: PostgreSQL or SQL Server, once a claim and version."""

from .delivering import Delivered, deliver
from .tables import TABLES, Column, Kind, Table
from .target import DeliveryProblem, Target, open_target

__all__ = [
    "TABLES",
    "Column",
    "Delivered",
    "DeliveryProblem",
    "Kind",
    "Table",
    "Target",
    "deliver",
    "open_target",
]
