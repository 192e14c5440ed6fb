"""`claimwright serve`: the API, the job workers, the pipeline and the event relay under one supervisor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from claimwright.foundation.extras import require

from .session import Environment, Tenant, caller_of, explained, settings_of, store_of
from .terminal import Exit, err, fail

if TYPE_CHECKING:
    from claimwright.apps.api.services import Services
    from claimwright.platform.settings import Settings

_PARTS = ("api", "worker", "letters", "pipeline", "relay")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("serve")(serve)


def serve(
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only", metavar="PART", help="api, worker, letters, pipeline or relay; can be repeated."
        ),
    ] = None,
    host: Annotated[
        str | None, typer.Option("--host", help="Address to listen on. Default: the setting.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option("--port", min=0, max=65_535, help="Port; 0: any free port. Default: the setting."),
    ] = None,
    client_ca: Annotated[
        Path | None,
        typer.Option(
            "--tls-client-ca",
            metavar="FILE",
            help="PEM file of the authority of client certificates (mTLS). Default: the setting.",
        ),
    ] = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Serve the API, and process predictions, letters, pipeline runs and webhook events.

    Each part is a process. A process that crashes is restarted, with increasing delays. An interrupt lets
    current requests and chunks finish. If there are no accounts yet, a link that creates the first
    administrator is printed; it is valid once, for one day. There is no default password.

    Exit status: 0 stopped on request, 2 it cannot start or continue.
    """
    require("platform")
    require("api")
    parts = tuple(only or _PARTS)
    if unknown := [part for part in parts if part not in _PARTS]:
        fail(f"--only {unknown[0]}: one of {', '.join(_PARTS)}.")
    settings = settings_of(environment)
    if client_ca is not None:
        if settings.api.certificate_file is None or settings.api.private_key_file is None:
            fail("--tls-client-ca: TLS needs api.certificate_file and api.private_key_file.")
        if not client_ca.is_file():
            fail(f"--tls-client-ca: {client_ca}: no such file.")
        api_settings = settings.api.model_copy(update={"client_ca_file": client_ca})
        settings = settings.model_copy(update={"api": api_settings})
    if parts == ("api",):
        _serve_api(settings, host, port, tenant)
        return
    from claimwright.assembly.serving import Part, supervise
    from claimwright.platform.observability import MultiprocessMetrics

    words = ["--environment", environment] if environment else []
    api = ["serve", "--only", "api", *words]
    api += ["--host", host] if host else []
    api += ["--port", str(port)] if port is not None else []
    api += ["--tenant", tenant] if tenant else []
    api += ["--tls-client-ca", str(client_ca)] if client_ca else []
    commands = {
        "api": api,
        "worker": ["predictions", "work", "--watch", *words],
        # Beside the worker: a language model may take minutes for a letter.
        "letters": ["appeals", "work", "--watch", *words],
        "pipeline": ["run", "--watch", "--quiet", *words, *(["--tenant", tenant] if tenant else [])],
        "relay": ["events", "relay", "--watch", "--all-tenants", *words],
    }
    if "relay" in parts and settings.events.webhook_url is None:
        if only:
            fail("relay: set events.webhook_url and events.webhook_secret.")
        parts = tuple(part for part in parts if part != "relay")
    # Started before the child processes, which then use it.
    with store_of(settings):
        pass
    # The API reports what all parts count.
    with MultiprocessMetrics():
        lost = supervise(
            [Part(name, commands[name]) for name in parts], notify=lambda text: err.print(text, markup=False)
        )
    if lost is not None:
        fail(f"{lost} crashed repeatedly. See its messages above.")
    raise typer.Exit(Exit.CLEAN)


def _serve_api(settings: Settings, host: str | None, port: int | None, tenant: str | None) -> None:
    import uvicorn

    from claimwright.apps.api import create_app
    from claimwright.apps.api.services import Services
    from claimwright.apps.api.serving import listening, server_config
    from claimwright.platform.observability import configure_logs

    wanted = settings.api
    listen, number = host or wanted.host, wanted.port if port is None else port
    has_tls = wanted.certificate_file is not None and wanted.private_key_file is not None
    if listen not in {"127.0.0.1", "::1", "localhost"} and not has_tls and not wanted.trusted_proxies:
        fail(
            f"--host {listen}: addresses other than loopback require TLS. Set api.certificate_file and "
            "api.private_key_file, or api.trusted_proxies if a proxy terminates TLS."
        )
    try:
        bound = listening(listen, number)
    except OSError as problem:
        fail(f"--port {number}: {problem.strerror}.")
    configure_logs(settings)
    with bound, explained(), store_of(settings) as database:
        services = Services.over(settings, database)
        address = f"{'https' if has_tls else 'http'}://{listen}:{bound.getsockname()[1]}"
        err.print(f"{address}/docs", soft_wrap=True, markup=False)
        _print_setup_link(settings, services, address, tenant)
        config = server_config(create_app(settings, services), settings)
        uvicorn.Server(config).run(sockets=[bound])


def _print_setup_link(settings: Settings, services: Services, address: str, tenant: str | None) -> None:
    from claimwright.platform.identity import has_accounts, setup_link

    caller = caller_of(settings, tenant)
    with services.database.transaction(caller) as connection:
        if has_accounts(connection):
            return
        link = setup_link(caller, connection)
    err.print(
        f"There are no accounts yet. This link creates the first administrator; it works once, for one day:\n"
        f"{address}/setup#{link}",
        soft_wrap=True, markup=False,
    )  # fmt: skip
