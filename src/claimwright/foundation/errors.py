"""The error tree. Every error that Claimwright raises for others to catch is in it and ends in `Error`.

    ClaimwrightError        the message says what, where and what to do
      InputError            the input cannot be used: a claim file, a remittance, a response, a record
      ConfigurationError    settings, rules, contracts or policies cannot be used
      CatalogError          code lists, fee schedules and guides: missing, damaged or of another version
      StoreError            the database, its address and schema, object storage, leases, delivery
      ProtectionError       keys, sealed records or the audit log cannot be used or trusted
      ModelError            a model cannot be read, trained, compared or promoted
      NotFoundError         there is nothing with that name or key
      InterruptionError     work was stopped on purpose; committed work stays

A message never contains a value of a claim. Programming errors raise Python's own classes (`ValueError`,
`KeyError`, `TypeError`) and should not be caught. Classes that also derive from `ValueError` are raised where
a library or a caller expects a `ValueError`.
"""

from __future__ import annotations


class ClaimwrightError(Exception):
    """Base class of all Claimwright errors."""


class InputError(ClaimwrightError):
    """The input cannot be used: a claim file, a remittance, a response, a record."""


class ConfigurationError(ClaimwrightError):
    """Settings, rules, contracts or policies cannot be used as written."""


class CatalogError(ClaimwrightError):
    """Code lists, fee schedules or guides are missing, damaged or of another version."""


class StoreError(ClaimwrightError):
    """The database, the object storage or a delivery target cannot be used, or refused a request."""


class ProtectionError(ClaimwrightError):
    """A key, a sealed record or the audit log cannot be used or trusted."""


class ModelError(ClaimwrightError):
    """A prediction model cannot be read, trained, compared or promoted."""


class NotFoundError(ClaimwrightError):
    """There is nothing with that name or key."""


class InterruptionError(ClaimwrightError):
    """Work was stopped on purpose. Committed work stays."""
