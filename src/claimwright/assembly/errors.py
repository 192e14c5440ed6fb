"""Errors of assembling and running, in addition to the errors of the assembled parts.

ClaimwrightError
ConfigurationError
OwnerRequiredError      `database.owner_url` names no owner of the tables
TolerancesUnreadableError  a tolerance of the settings can't be read
WaiversUnreadableError  a waiver file can't be read or used
StoreError
StoreUnavailableError   the database refused or went away; its message could show a row and is left out
WorkerLostError         a worker process was lost repeatedly
"""

from __future__ import annotations

from claimwright.foundation.errors import ConfigurationError, StoreError


class OwnerRequiredError(ConfigurationError):
    """The database role does not own the tables."""


class TolerancesUnreadableError(ConfigurationError):
    """A tolerance of the settings can't be read."""


class WaiversUnreadableError(ConfigurationError):
    """A waiver file can't be read or used."""


class StoreUnavailableError(StoreError):
    """The database refused or went away."""


class WorkerLostError(StoreError):
    """A worker process was lost repeatedly, with no chunk completed in between."""
