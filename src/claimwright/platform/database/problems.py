"""What goes wrong between us and the database.

    DatabaseProblem          a message for a person: what, where, what to do
      ServerProblem          the embedded server cannot be set up, started or stopped
      AddressProblem         the URL of a database can't be used as it stands
      MigrationProblem       the schema can't be brought where it should be

What the driver raises for one statement stays the driver's (`psycopg.Error`): whoever retries decides by its
class.
"""

from __future__ import annotations


class DatabaseProblem(Exception):
    """Something that a person can mend; the message is one line and says how."""


class ServerProblem(DatabaseProblem):
    """The embedded server cannot be set up, started or stopped."""


class AddressProblem(DatabaseProblem):
    """The URL of a database can't be used as it stands."""


class MigrationProblem(DatabaseProblem):
    """The schema can't be brought where it should be."""
