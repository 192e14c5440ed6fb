"""On whose behalf something is done.

The first argument of every function that reads or changes a tenant's data. Row-level security compares the
tenant, the audit log names the actor, and access decisions take all five. A caller is ids only, so that logs,
jobs and audit records may name it.

    CallerError (ValueError)   a tenant, actor, role or purpose that is no id; never shows the value
    UnknownTenantError         a tenant that was never made
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from claimwright.foundation.errors import ConfigurationError, NotFoundError

_TENANT = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
# What the actor is, and its id: an account or a client has ids, and never a person's name.
_ACTOR = re.compile(r"(?:os|user|client|system):[\w.@+-]{1,64}")
_ROLE = re.compile(r"[a-z][a-z0-9_-]{0,62}")


class CallerError(ConfigurationError, ValueError):
    """A tenant, actor or role that is no id."""


class UnknownTenantError(NotFoundError):
    """The store has no such tenant."""

    def __init__(self, tenant: str) -> None:
        super().__init__(
            f"there is no tenant {tenant}. `claimwright tenant list` shows those there are; "
            f"a new one is made by: claimwright tenant create {tenant}."
        )


def is_tenant(text: str) -> bool:
    """Whether a text has the form of a tenant's id."""
    return _TENANT.fullmatch(text) is not None


class Purpose(StrEnum):
    """What data is used for, as 45 CFR 164.506 divides it."""

    TREATMENT = "treatment"
    PAYMENT = "payment"
    OPERATIONS = "operations"


class Origin(StrEnum):
    """The way in by which the caller came."""

    TERMINAL = "terminal"
    LIBRARY = "library"
    API = "api"
    JOB = "job"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, for which tenant, with which roles, for what, and from where.

    Attributes:
        tenant: whose data.
        actor: who, as kind and id: `os:NAME` an operating-system account, `user:ID` an account of the
            platform, `client:ID` a service, `system:NAME` what no account began.
        roles: ids of the roles in force; those of an account of the machine are in the settings. Empty for
            what no policy decides on, such as jobs.
        purpose: what the data is used for.
        origin: the way in.

    Raises:
        CallerError: the tenant, the actor or a role is no id.
    """

    tenant: str
    actor: str
    roles: frozenset[str] = frozenset()
    purpose: Purpose = Purpose.PAYMENT
    origin: Origin = Origin.LIBRARY

    def __post_init__(self) -> None:
        if not is_tenant(self.tenant):
            raise CallerError("a tenant's id is 1 to 63 lower-case letters, digits, - and _.")
        if not _ACTOR.fullmatch(self.actor):
            raise CallerError("an actor is `os:`, `user:`, `client:` or `system:` and an id, such as user:7.")
        if not all(_ROLE.fullmatch(role) for role in self.roles):
            raise CallerError("a role's id is lower-case letters, digits, - and _, and begins with a letter.")

    @property
    def is_person(self) -> bool:
        """Whether the actor is an account that a person signs in to: no service, and not the system."""
        return self.actor.startswith(("os:", "user:"))

    def of_tenant(self, tenant: str) -> Caller:
        """The same caller at work on another tenant's data."""
        return self if tenant == self.tenant else replace(self, tenant=tenant)

    def as_job(self) -> Caller:
        """The caller of a job that this one begins. Roles are looked up again when the job runs."""
        return replace(self, roles=frozenset(), origin=Origin.JOB)
