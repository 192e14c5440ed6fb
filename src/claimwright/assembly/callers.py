"""Callers without a login: the operating system account that runs the process."""

from __future__ import annotations

import os
import re

from claimwright.domain.caller import Caller, Origin, Purpose

_NO_ID = re.compile(r"[^\w.@+-]")


def account_caller(
    tenant: str, *, origin: Origin = Origin.TERMINAL, purpose: Purpose = Purpose.PAYMENT
) -> Caller:
    """The account of this process as a caller: `os:NAME`, or `os:uid-NUMBER` if it has no name.

    The name comes from the operating system, not from variables such as USER, which anybody can set.

    Raises:
        CallerError: the tenant is not an id.
    """
    return Caller(tenant, f"os:{_account()}", purpose=purpose, origin=origin)


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
