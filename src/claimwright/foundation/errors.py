"""The error tree. Every error that Claimwright raises for others to catch is in it and ends in `Error`.

    ClaimwrightError        the message says what, where and what to do
      InputError            what somebody gave cannot be used: a claim file, a remittance, an answer, a record
      ConfigurationError    what an administrator or an author wrote: settings, rules, contracts, policies
      CatalogError          code lists, fee schedules and guides: missing, damaged or of another version
      StoreError            the database, its address and schema, object storage, leases, delivery
      ProtectionError       keys, sealed records and the audit log
      ModelError            a model that cannot be read, trained, compared or promoted
      NotFoundError         there is nothing of that name or key
      InterruptionError     work was stopped on purpose; what was committed stays

A message never holds a value of a claim. Programming errors stay Python's own (`ValueError`, `KeyError`,
`TypeError`), and nobody should catch them. A class that is also a `ValueError` is raised where a library or a
caller expects one.
"""

from __future__ import annotations


class ClaimwrightError(Exception):
    """Any error of Claimwright's own."""


class InputError(ClaimwrightError):
    """What somebody gave cannot be used."""


class ConfigurationError(ClaimwrightError):
    """What an administrator or the author of a rule wrote cannot be used."""


class CatalogError(ClaimwrightError):
    """Code lists, fee schedules or guides are missing, damaged or of another version."""


class StoreError(ClaimwrightError):
    """The database, the object storage or the target of a delivery cannot be used, or has refused."""


class ProtectionError(ClaimwrightError):
    """A key, a sealed record or the audit log cannot be used or trusted."""


class ModelError(ClaimwrightError):
    """A model of prediction cannot be read, trained, compared or promoted."""


class NotFoundError(ClaimwrightError):
    """There is nothing of that name or key."""


class InterruptionError(ClaimwrightError):
    """Work was stopped on purpose; what was committed stays."""
