"""The application: routes over services, with the layers around them.

uvicorn.run(create_app(settings))
"""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from anyio import CapacityLimiter
from fastapi import FastAPI, Request
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import JSONResponse, PlainTextResponse

from claimwright.assembly.metrics import time_statements
from claimwright.assembly.store_metrics import StoreMetrics
from claimwright.platform.observability import health_of

from .answers import handle_errors
from .around import Around
from .direct_reads import DirectReads
from .documentation import add_documentation
from .few_at_once import allow_few
from .live import Hub
from .routes import (
    administration,
    alerts,
    analytics,
    appeal_drafting,
    appeal_letters,
    appeals,
    attachments,
    claims,
    denials,
    deposits,
    documents,
    events,
    feedback,
    files,
    knowledge,
    language_models,
    ledger,
    models,
    operations,
    overview,
    passkeys,
    payment_statements,
    queue,
    remittances,
    repairs,
    replays,
    reports,
    saved_views,
    second_payers,
    session,
    sign_in,
    tenants,
    underpayments,
    usage,
    waivers,
    work,
)
from .services import Services, opened_services
from .uploads import SMALL_AT_ONCE
from .web_app import add_web_app
from .web_files import WebFiles

if TYPE_CHECKING:
    from claimwright.platform.settings import Settings

RESOURCES = (
    session.routes, sign_in.routes, passkeys.routes, saved_views.routes, overview.routes, claims.routes,
    files.routes, work.routes, queue.routes, attachments.routes, remittances.routes,
    payment_statements.routes, deposits.routes, second_payers.routes, ledger.routes, denials.routes,
    knowledge.routes, waivers.routes, repairs.routes, models.routes, administration.routes, usage.routes,
    events.routes, underpayments.routes, analytics.routes, alerts.routes,
    reports.routes, operations.routes,
    appeal_drafting.routes, appeals.routes, appeal_letters.routes, documents.routes, language_models.routes,
    feedback.routes, replays.routes, tenants.routes,
)  # fmt: skip
_LOOPBACK = ("127.0.0.1", "::1", "testclient")


def create_app(settings: Settings, services: Services | None = None) -> FastAPI:
    """The application over the store of the settings, which is opened at startup.

    `services` are given if the caller has already opened the store.
    """

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        with ExitStack() as stack:
            app.state.services = services or stack.enter_context(opened_services(settings))
            app.state.small_uploads = CapacityLimiter(SMALL_AT_ONCE)
            allow_few(app)
            app.state.scans = CapacityLimiter(settings.scanner.concurrent)
            app.state.hub = Hub(app.state.services.database)
            app.state.store_metrics = StoreMetrics(settings, app.state.services.database)
            time_statements(settings)
            app.state.hub.start()
            try:
                yield
            finally:
                app.state.hub.stop()

    app = FastAPI(
        title="Claimwright", version=version("claimwright"), lifespan=life, docs_url=None, redoc_url=None,
        # FastAPI would tell messages of exceptions, which may hold a value; figures we have of our own.
        telemetry={"metrics": False, "logs": False},
        description="Makes a US healthcare claim right before it leaves, and gets it paid.",
        openapi_tags=[{"name": str(each.tags[0]), "description": each.does} for each in RESOURCES],
    )  # fmt: skip
    handle_errors(app)
    app.add_middleware(GZipMiddleware, minimum_size=1_000)
    app.add_middleware(WebFiles)
    app.add_middleware(Around, body_bytes=settings.api.body_bytes, upload_bytes=settings.api.upload_bytes)
    for resource in RESOURCES:
        app.include_router(resource)
    # What is included is not among the application's own routes.
    app.state.addresses = tuple(route for resource in RESOURCES for route in resource.routes)
    reading = (route for resource in RESOURCES for route in resource.routes)
    app.router.middleware_stack = DirectReads(app.router.middleware_stack, app, reading)
    add_documentation(app)
    add_web_app(app, notice=settings.api.notice)
    _add_health(app, settings)
    return app


def _add_health(app: FastAPI, settings: Settings) -> None:
    """Health probes: the process is alive, it is ready; metrics for this machine, or with a token."""

    @app.get("/health/live", include_in_schema=False)
    def live() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/health/ready", include_in_schema=False)
    def ready() -> JSONResponse:
        from claimwright.assembly.health import health_checks

        found = health_of(health_checks(settings))
        status = "ok" if found.is_ready else "failing"
        return JSONResponse({"status": status, "checks": dict(found.checks)}, 200 if found.is_ready else 503)

    @app.get("/metrics", include_in_schema=False)
    def metrics(request: Request) -> Any:
        refusal = _refused_scrape(request, settings)
        if refusal is not None:
            return refusal
        known = request.app.state.store_metrics
        return PlainTextResponse(known.text().decode(), media_type="text/plain; version=0.0.4")


def _refused_scrape(request: Request, settings: Settings) -> PlainTextResponse | None:
    """Why metrics are not shown; None if they are: with the token of the settings, or on this machine only.

    What a proxy on this machine passes on is not of this machine.
    """
    token = settings.telemetry.metrics_token
    if token is not None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        is_right = hmac.compare_digest(given.strip().encode(), token.get_secret_value().encode())
        if scheme.lower() == "bearer" and is_right:
            return None
        return PlainTextResponse(
            "send telemetry.metrics_token as Authorization: Bearer\n", 401, {"WWW-Authenticate": "Bearer"}
        )
    is_passed_on = any(name in request.headers for name in ("x-forwarded-for", "forwarded", "x-real-ip"))
    if request.client is None or request.client.host not in _LOOPBACK or is_passed_on:
        return PlainTextResponse("only available on this machine; see telemetry.metrics_token\n", 403)
    return None
