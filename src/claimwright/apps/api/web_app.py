"""The web app: one page for every address that the browser routes itself.

The page loads nothing from other sites. Its styles need a nonce, which is new with each answer.
"""

from __future__ import annotations

import html
import secrets
from functools import lru_cache
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from . import web_files
from .answers import answer

# As web/index.html has them.
_NONCE, _NOTICE, _HEAD_ENDS = "__NONCE__", "__NOTICE__", "</head>"
# Addresses of pages: what web/src/router.tsx knows. Anything else is not found, as the page tells a browser.
PAGES = (
    "overview", "queue", "claims", "files", "remittances", "payments", "denials", "appeals",
    "underpayments", "analytics", "alerts", "rules", "models", "operations", "audit", "settings", "help",
)  # fmt: skip
_MISSING = (
    "<!doctype html><html lang=en><title>Claimwright</title><p>The web app is not built. Build it: "
    "<code>make web</code>. The API is described at <a href=/docs>/docs</a>.</p></html>"
)


def add_web_app(app: FastAPI, *, notice: str = "") -> None:
    """Serve the pages and their files; the notice stands at the foot of every page."""

    def page_of(request: Request) -> HTMLResponse:
        return _page(notice, request)

    app.add_api_route("/", _begin, methods=["GET"], include_in_schema=False)
    # Files that there are were answered before (web_files.py).
    app.add_api_route(f"{web_files.PREFIX}{{name:path}}", _no_file, methods=["GET"], include_in_schema=False)
    for page in PAGES:
        app.add_api_route(f"/{page}", page_of, methods=["GET"], include_in_schema=False)
        app.add_api_route(f"/{page}/{{rest:path}}", page_of, methods=["GET"], include_in_schema=False)

    def not_found(request: Request, problem: Exception) -> Response:
        return _page(notice, request, status=404) if _is_browser(request) else answer(request, problem)

    # What no route has. What a route does not find has its own error.
    app.add_exception_handler(404, not_found)


def _begin() -> RedirectResponse:
    return RedirectResponse("/overview", 307)


def _no_file(name: str) -> Response:  # noqa: ARG001 - of the route
    return Response("not found\n", 404, media_type="text/plain")


def _is_browser(request: Request) -> bool:
    """Whether a person opened an address that is none of the API: the answer is a page, no JSON."""
    return (
        request.method == "GET"
        and not request.url.path.startswith("/api/")
        and "text/html" in request.headers.get("accept", "")
    )


def _page(notice: str, request: Request, status: int = 200) -> HTMLResponse:
    page = web_files.BUILT / "index.html"
    if not page.is_file():
        return HTMLResponse(_MISSING, 503)
    nonce = secrets.token_urlsafe(16)
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; connect-src 'self'; "
        "img-src 'self' data:; font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    # A policy for attributes of its own: scrolling lists set positions as style attributes.
    policy += "; style-src-attr 'unsafe-inline'"
    text = _text(page, page.stat().st_mtime_ns).replace(_NONCE, nonce)
    text = text.replace(_NOTICE, html.escape(notice)).replace(_HEAD_ENDS, _preloads(request) + _HEAD_ENDS)
    return HTMLResponse(text, status, headers={"Content-Security-Policy": policy})


def _preloads(request: Request) -> str:
    """The page's own scripts, fetched with those of every page and not after them."""
    return "".join(
        f'<link rel="modulepreload" crossorigin href="{each}">'
        for each in web_files.files_of_page(request.url.path)
    )


@lru_cache(maxsize=1)
def _text(page: Path, _changed: int) -> str:
    return page.read_text(encoding="utf-8")
