"""The address of a database, and whether a connection to it is safe."""

from __future__ import annotations

import ipaddress
import os
from typing import Any

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from .errors import AddressError

# Variables from which libpq takes the host if the URL names none (libpq, "Environment Variables").
_HOSTS = frozenset({"PGHOST", "PGHOSTADDR", "PGSERVICE"})
# The libpq modes that never connect without encryption (libpq, "SSL Mode Descriptions").
_ENCRYPTED = ("require", "verify-ca", "verify-full")


def checked_address(url: str) -> str:
    """The connection string of a URL. TLS is required unless the server is on this machine.

    A URL without `sslmode` gets `require`; `verify-full` with `sslrootcert` is better if the server's
    certificate can be verified.

    Raises:
        AddressError: it is not a PostgreSQL URL, or it allows an unencrypted connection to another machine.
    """
    try:
        given = conninfo_to_dict(url)
    except ProgrammingError:
        # The driver's message may repeat the URL with its password.
        raise AddressError(
            "The database URL can't be read. Write postgresql://USER:PASSWORD@HOST:PORT/DATABASE."
        ) from None
    parts: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if "service" in parts:
        raise AddressError(
            "The database URL names a service, whose file can name any host. Name the host in the URL."
        )
    if not parts.get("dbname"):
        raise AddressError("The database URL names no database. Add /DATABASE at its end.")
    if not (parts.get("hostaddr") or parts.get("host")) and (named := _HOSTS & os.environ.keys()):
        raise AddressError(
            f"The database URL names no host, and {', '.join(sorted(named))} would set one silently. "
            "Name the host in the URL."
        )
    if _is_local(str(parts.get("hostaddr") or parts.get("host") or "")):
        return make_conninfo("", **parts)
    mode = str(parts.get("sslmode") or "require")
    if mode not in _ENCRYPTED:
        raise AddressError(
            f"The database URL has sslmode={mode}, but the server is on another machine. "
            "Write sslmode=require, or better verify-full."
        )
    return make_conninfo("", **{**parts, "sslmode": mode})


def _is_local(host: str) -> bool:
    """Whether every host of the list is this machine: a socket folder or a loopback address."""

    def local(name: str) -> bool:
        if not name or name.startswith(("/", "@")) or name == "localhost":
            return True
        try:
            return ipaddress.ip_address(name).is_loopback
        except ValueError:
            return False

    return all(local(name.strip()) for name in host.split(","))
