"""`claimwright serve`: the API, the job workers, the pipeline and the event relay under one supervisor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from claimwright.foundation.extras import require

from .session import Environment, Tenant, caller_of, explained, settings_of, store_of
from .terminal import Exit, err, fail

if TYPE_CHECKING:
    import socket

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
    api_processes: Annotated[
        int | None,
        typer.Option(
            "--api-processes", min=1, max=64,
            help="Processes that serve the API, on one port. Default: the setting.",
        ),
    ] = None,
    inherits: Annotated[
        int | None, typer.Option("--inherits", hidden=True, help="Serve on this open socket (internal).")
    ] = None,
    announces: Annotated[
        bool, typer.Option("--announce/--no-announce", hidden=True, help="Print the address (internal).")
    ] = True,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:  # fmt: skip
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
    processes = api_processes or settings.api.processes
    if parts == ("api",) and (processes == 1 or inherits is not None):
        with _socket(settings, host, port, inherits) as own:
            _serve_api(settings, own, host or settings.api.host, tenant, announces=announces)
        return
    from claimwright.assembly.serving import Part, supervise
    from claimwright.platform.observability import MultiprocessMetrics

    words = ["--environment", environment] if environment else []
    of_tenant = ["--tenant", tenant] if tenant else []
    commands = {
        "worker": ["predictions", "work", "--watch", *words],
        # Beside the worker: a language model may take minutes for a letter.
        "letters": ["appeals", "work", "--watch", *words],
        "pipeline": ["run", "--watch", "--quiet", *words, *of_tenant],
        "relay": ["events", "relay", "--watch", "--all-tenants", *words],
    }
    if "relay" in parts and settings.events.webhook_url is None:
        if only:
            fail("relay: set events.webhook_url and events.webhook_secret.")
        parts = tuple(part for part in parts if part != "relay")
    # Opened here, so that all processes of the API accept from the same queue, and none is lost with one of
    # them.
    bound = _socket(settings, host, port, None) if "api" in parts else None
    supervised = [Part(name, commands[name]) for name in parts if name != "api"]
    if bound is not None:
        api = ["serve", "--only", "api", "--inherits", str(bound.fileno()), *words, *of_tenant]
        api += ["--host", host] if host else []
        api += ["--tls-client-ca", str(client_ca)] if client_ca else []
        for number in range(processes):
            name = f"api {number + 1}" if processes > 1 else "api"
            more = ["--no-announce"] if number else []
            supervised.insert(number, Part(name, [*api, *more], inherits=[bound.fileno()]))
    # Started before the child processes, which then use it.
    with store_of(settings):
        pass
    # The API reports what all parts count.
    with MultiprocessMetrics():
        lost = supervise(
            supervised,
            notify=lambda text: err.print(text, markup=False),
            stopping=None if bound is None else bound.close,
        )
    if lost is not None:
        fail(f"{lost} crashed repeatedly. See its messages above.")
    raise typer.Exit(Exit.CLEAN)


def _socket(settings: Settings, host: str | None, port: int | None, inherits: int | None) -> socket.socket:
    """The socket to serve on: a new one that listens, or one of the supervisor."""
    from claimwright.apps.api.serving import inherited, listening

    if inherits is not None:
        try:
            return inherited(inherits)
        except OSError as problem:
            fail(f"--inherits {inherits}: {problem.strerror}.")
    wanted = settings.api
    listen, number = host or wanted.host, wanted.port if port is None else port
    if (
        listen not in {"127.0.0.1", "::1", "localhost"}
        and not _has_tls(settings)
        and not wanted.trusted_proxies
    ):
        fail(
            f"--host {listen}: addresses other than loopback require TLS. Set api.certificate_file and "
            "api.private_key_file, or api.trusted_proxies if a proxy terminates TLS."
        )
    try:
        return listening(listen, number)
    except OSError as problem:
        fail(f"--port {number}: {problem.strerror}.")


def _has_tls(settings: Settings) -> bool:
    return settings.api.certificate_file is not None and settings.api.private_key_file is not None


def _serve_api(
    settings: Settings, bound: socket.socket, host: str, tenant: str | None, *, announces: bool
) -> None:
    from claimwright.apps.api import create_app
    from claimwright.apps.api.services import Services
    from claimwright.apps.api.serving import Server, server_config
    from claimwright.platform.observability import configure_logs

    configure_logs(settings)
    with explained(), store_of(settings) as database:
        services = Services.over(settings, database)
        if announces:
            address = f"{'https' if _has_tls(settings) else 'http'}://{host}:{bound.getsockname()[1]}"
            err.print(f"{address}/docs", soft_wrap=True, markup=False)
            _print_setup_link(settings, services, address, tenant)
        config = server_config(create_app(settings, services), settings)
        Server(config).run(sockets=[bound])


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
