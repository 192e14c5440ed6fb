"""The pages of the API: `/docs`, generated from its own description, and `/setup`, which sets a password.

They load nothing from other sites.
"""

from __future__ import annotations

from functools import partial
from importlib import resources

from fastapi import FastAPI
from fastapi.responses import Response

_TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
_PAGES = {
    "/docs": "docs.html",
    "/docs/docs.css": "docs.css",
    "/docs/docs.js": "docs.js",
    "/setup": "setup.html",
    "/docs/setup.js": "setup.js",
    "/sign-in/oidc": "oidc.html",
    "/docs/oidc.js": "oidc.js",
}


def add_documentation(app: FastAPI) -> None:
    """Serve the pages, their style and their scripts."""
    for path, name in _PAGES.items():
        app.add_api_route(path, partial(_served, name), methods=["GET"], include_in_schema=False)


def _served(name: str) -> Response:
    content = resources.files(__package__).joinpath("static", name).read_bytes()
    media_type = f"{_TYPES[name.rpartition('.')[2]]}; charset=utf-8"
    return Response(content, media_type=media_type, headers={"Content-Security-Policy": _POLICY})
