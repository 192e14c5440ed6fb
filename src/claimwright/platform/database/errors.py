"""What goes wrong between us and the database.

    DatabaseError          a message for a person: what, where, what to do
      ServerError          the embedded server cannot be set up, started or stopped
      AddressError         the URL of a database can't be used as it stands
      MigrationError       the schema can't be brought where it should be

What the driver raises for one statement stays the driver's (`psycopg.Error`): whoever retries decides by its
class.
"""

from __future__ import annotations

from claimwright.foundation.errors import StoreError


class DatabaseError(StoreError):
    """Something that a person can correct; the message is one line and says how."""


class ServerError(DatabaseError):
    """The embedded server cannot be set up, started or stopped."""


class AddressError(DatabaseError):
    """The URL of a database can't be used as it stands."""


class MigrationError(DatabaseError):
    """The schema can't be brought where it should be."""
