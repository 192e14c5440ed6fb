"""The web app: the built files of `web/`, and one page for every address that the browser routes itself.

The page loads nothing from other sites. Its styles need a nonce, which is new with each answer.
"""

from __future__ import annotations

import html
import mimetypes
import secrets
from collections.abc import Mapping
from functools import lru_cache, partial
from importlib import resources
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

_BUILT = Path(str(resources.files(__package__))) / "app"
# As web/index.html has them.
_NONCE, _NOTICE = "__NONCE__", "__NOTICE__"
_YEAR = "public, max-age=31536000, immutable"
# The smallest first. Browsers ask for Brotli only over TLS, or of their own machine.
_PACKED = (("br", ".br"), ("gzip", ".gz"))
# Addresses of pages: what web/src/router.tsx knows. Anything else is not found.
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
    page_of = partial(_page, notice)
    app.add_api_route("/", _begin, methods=["GET"], include_in_schema=False)
    app.add_api_route("/app/{name:path}", _file, methods=["GET"], include_in_schema=False)
    for page in PAGES:
        app.add_api_route(f"/{page}", page_of, methods=["GET"], include_in_schema=False)
        app.add_api_route(f"/{page}/{{rest:path}}", page_of, methods=["GET"], include_in_schema=False)


def _begin() -> RedirectResponse:
    return RedirectResponse("/overview", 307)


def _page(notice: str) -> HTMLResponse:
    page = _BUILT / "index.html"
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
    text = text.replace(_NOTICE, html.escape(notice))
    return HTMLResponse(text, headers={"Content-Security-Policy": policy})


@lru_cache(maxsize=1)
def _text(page: Path, _changed: int) -> str:
    return page.read_text(encoding="utf-8")


def _file(request: Request, name: str) -> Response:
    built = _files(_BUILT.stat().st_mtime_ns if _BUILT.is_dir() else 0)
    file = built.get(name)
    if file is None:
        return Response("not found\n", 404, media_type="text/plain")
    accepted = request.headers.get("accept-encoding", "")
    headers = {"Cache-Control": _YEAR, "Vary": "Accept-Encoding"}
    for encoding, suffix in _PACKED:
        packed = built.get(f"{name}{suffix}")
        if packed is not None and encoding in accepted:
            file, headers["Content-Encoding"] = packed, encoding
            break
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response(file.read_bytes(), media_type=kind, headers=headers)


@lru_cache(maxsize=1)
def _files(_changed: int) -> Mapping[str, Path]:
    """The built files by the names under which they are served: no name of a request becomes a path."""
    return {
        file.relative_to(_BUILT).as_posix(): file
        for file in _BUILT.rglob("*")
        if file.is_file() and file.suffix != ".html"
    }
