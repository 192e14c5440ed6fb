"""PostgreSQL, embedded or named by a URL: its schema, its roles, bulk rows."""

from claimwright.platform.tenancy import tenancy

from .address import checked_address
from .arrays import bigints, byteas
from .backup import backup, has_tables, restored_beside, switch, walls_missing
from .copying import (
    copy_in,
    copy_in_records,
    copy_out,
    copy_out_records,
    csv_of,
    drain,
    fill,
    insert_frame,
    partition,
    partition_of,
    partitions,
)
from .database import Connection, Database, Limits, Place, place
from .embedded import EmbeddedServer, ServerStatus, Traces
from .errors import AddressError, DatabaseError, MigrationError, ServerError
from .migrating import Migrations, current
from .roles import APPLICATION, DATABASE, OWNER, SUPERUSER, ensure_database

__all__ = [
    "APPLICATION",
    "DATABASE",
    "OWNER",
    "SUPERUSER",
    "AddressError",
    "Connection",
    "Database",
    "DatabaseError",
    "EmbeddedServer",
    "Limits",
    "MigrationError",
    "Migrations",
    "Place",
    "ServerError",
    "ServerStatus",
    "Traces",
    "backup",
    "bigints",
    "byteas",
    "checked_address",
    "copy_in",
    "copy_in_records",
    "copy_out",
    "copy_out_records",
    "csv_of",
    "current",
    "drain",
    "ensure_database",
    "fill",
    "has_tables",
    "insert_frame",
    "partition",
    "partition_of",
    "partitions",
    "place",
    "restored_beside",
    "switch",
    "tenancy",
    "walls_missing",
]
