"""Database errors.

    DatabaseError          a message for a person: what, where, what to do
      ServerError          the embedded server cannot be set up, started or stopped
      AddressError         the URL of a database can't be used
      MigrationError       the schema can't be migrated

Errors of a single statement stay the driver's (`psycopg.Error`), so that retries can be decided by class.
"""

from __future__ import annotations

from claimwright.foundation.errors import StoreError


class DatabaseError(StoreError):
    """A problem that a person can correct. The message is one line and says how."""


class ServerError(DatabaseError):
    """The embedded server cannot be set up, started or stopped."""


class AddressError(DatabaseError):
    """The URL of a database can't be used."""


class MigrationError(DatabaseError):
    """The schema can't be migrated."""
