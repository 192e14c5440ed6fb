"""Callers that no login has made: the account of the operating system under which the process runs."""

from __future__ import annotations

import os
import re

from claimwright.domain.caller import Caller, Origin, Purpose

_NO_ID = re.compile(r"[^\w.@+-]")


def account_caller(
    tenant: str, *, origin: Origin = Origin.TERMINAL, purpose: Purpose = Purpose.PAYMENT
) -> Caller:
    """The account of this process as a caller: `os:NAME`, or `os:uid-NUMBER` where it has no name.

    The operating system says who it is; variables such as USER, which anybody can set, do not.

    Raises:
        CallerError: the tenant is no id.
    """
    return Caller(tenant, f"os:{_account()}", purpose=purpose, origin=origin)


def _account() -> str:
    try:
        import pwd
    except ImportError:
        # Windows has no user numbers.
        name = os.getlogin()
    else:
        try:
            name = pwd.getpwuid(os.getuid()).pw_name
        except KeyError:
            # A container often runs under a number that has no entry.
            name = f"uid-{os.getuid()}"
    return _NO_ID.sub("_", name)[:64]
