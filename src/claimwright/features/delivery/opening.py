"""The target of a URL."""

from __future__ import annotations

from urllib.parse import urlsplit

from .postgresql import PostgresTarget
from .sqlserver import SqlServerTarget
from .target import DeliveryError, Target


def open_target(url: str) -> Target:
    """The target of a URL; does not connect yet.

    Raises:
        DeliveryError: the kind of the URL is not known.
    """
    scheme = urlsplit(url).scheme
    # A connection string in libpq's other form, `host=... dbname=...`, has no scheme.
    if scheme in {"postgresql", "postgres"} or "://" not in url:
        return PostgresTarget(url)
    if scheme == "mssql":
        return SqlServerTarget(url)
    raise DeliveryError("pipeline.target_url: write postgresql://... or mssql://...")
