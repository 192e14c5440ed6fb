"""Callers without a login: the operating system account that runs the process."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from claimwright.domain.caller import Caller, Origin, Purpose
from claimwright.foundation.errors import ConfigurationError

if TYPE_CHECKING:
    from claimwright.platform.access import Access
    from claimwright.platform.settings import Settings

_NO_ID = re.compile(r"[^\w.@+-]")


class TerminalRoleError(ConfigurationError):
    """`terminal.roles` or `terminal.account_roles` names a role that does not exist."""


def terminal_caller(settings: Settings, tenant: str) -> Caller:
    """The account of this process as a caller, with the roles that the settings give it.

    Raises:
        CallerError: the tenant is not an id.
    """
    return account_caller(tenant, roles_of=settings.terminal.roles_of)


def terminal_access(settings: Settings, caller: Caller, action: str) -> Access:
    """The policies, after they have allowed the caller's action.

    Raises:
        AccessDeniedError: they do not allow it.
        AccessPolicyError, TerminalRoleError: a policy file can't be used, or there is no such role.
    """
    from claimwright.platform.access import ROLES, Access

    if unknown := sorted(caller.roles - set(ROLES)):
        name = "roles" if unknown[0] in settings.terminal.roles else "account_roles"
        raise TerminalRoleError(f"terminal.{name}: there is no role {unknown[0]}.")
    access = Access(settings.api.policies)
    access.demand(caller, action)
    return access


def account_caller(
    tenant: str,
    *,
    origin: Origin = Origin.TERMINAL,
    purpose: Purpose = Purpose.PAYMENT,
    roles_of: Callable[[str], frozenset[str]] = lambda _: frozenset(),
) -> Caller:
    """The account of this process as a caller: `os:NAME`, or `os:uid-NUMBER` if it has no name.

    The name comes from the operating system, not from variables such as USER, which anybody can set.

    Raises:
        CallerError: the tenant is not an id.
    """
    account = _account()
    return Caller(tenant, f"os:{account}", roles_of(account), purpose=purpose, origin=origin)


def _account() -> str:
    try:
        import pwd
    except ImportError:
        # Windows has no user IDs.
        name = os.getlogin()
    else:
        try:
            name = pwd.getpwuid(os.getuid()).pw_name
        except KeyError:
            # A container often runs under a user ID without an account entry.
            name = f"uid-{os.getuid()}"
    return _NO_ID.sub("_", name)[:64]
