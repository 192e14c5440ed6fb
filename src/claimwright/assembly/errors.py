"""What assembling and running can come to, beside the errors of what is assembled.

ClaimwrightError
ConfigurationError
OwnerRequiredError      `database.owner_url` names no owner of the tables
WaiversUnreadableError  a file of waivers that can't be read or used
StoreError
StoreUnavailableError   the database refused or went away; its own words may show a row, and are left out
WorkerLostError         a worker process is lost again and again
"""

from __future__ import annotations

from claimwright.foundation.errors import ConfigurationError, StoreError


class OwnerRequiredError(ConfigurationError):
    """The database role does not own the tables."""


class WaiversUnreadableError(ConfigurationError):
    """A file of waivers can't be read, or not be used."""


class StoreUnavailableError(StoreError):
    """The database refused or went away."""


class WorkerLostError(StoreError):
    """A worker process was lost again and again, with no chunk done in between."""
