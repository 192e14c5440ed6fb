"""The built files of the web app, answered before routes and threads: a page loads a dozen at once.

They are kept in memory as they are sent, packed where the browser takes that. What has another name is for
the routes, which say that it is not found.
"""

from __future__ import annotations

import json
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

BUILT = Path(str(resources.files(__package__))) / "app"
PREFIX = "/app/"
_YEAR = "public, max-age=31536000, immutable"
# The smallest first. Browsers ask for Brotli only over TLS, or of their own machine.
_PACKED = (("br", ".br"), ("gzip", ".gz"))
# For the server, as web/first_files.ts writes it.
_PAGES = "pages.json"
_NAME = re.compile(r"\$\w+")


@dataclass(frozen=True)
class _Named:
    """The route of a file, as far as a line of the log says it."""

    path: str = PREFIX + "{name:path}"


class WebFiles:
    """A layer that answers requests for files of the built app, and passes all others on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a file, or pass the request on."""
        is_file = scope["type"] == "http" and scope["method"] == "GET" and scope["path"].startswith(PREFIX)
        answer = _answer(scope) if is_file else None
        if answer is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = _Named()
        await answer(scope, receive, send)


def _answer(scope: Scope) -> Response | None:
    name = scope["path"].removeprefix(PREFIX)
    changed = _changed_at()
    known = _names(BUILT, changed)
    if name not in known:
        return None
    accepted = Headers(scope=scope).get("accept-encoding", "")
    headers = {"Cache-Control": _YEAR, "Vary": "Accept-Encoding"}
    sent = name
    for encoding, suffix in _PACKED:
        if encoding in accepted and name + suffix in known:
            sent, headers["Content-Encoding"] = name + suffix, encoding
            break
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response(_content(known[sent], changed), media_type=kind, headers=headers)


def _changed_at() -> int:
    """When the app was built, in nanoseconds; 0 where it is not."""
    return BUILT.stat().st_mtime_ns if BUILT.is_dir() else 0


@lru_cache(maxsize=1)
def _names(built: Path, _changed: int) -> Mapping[str, Path]:
    """The built files by the names under which they are served: no name of a request becomes a path."""
    return {
        file.relative_to(built).as_posix(): file
        for file in built.rglob("*")
        if file.is_file() and file.suffix != ".html" and file.name != _PAGES
    }


# Those of a page's first load many times over, and fewer bytes than a batch of claims.
@lru_cache(maxsize=256)
def _content(file: Path, _changed: int) -> bytes:
    return file.read_bytes()


def files_of_page(path: str) -> tuple[str, ...]:
    """The addresses of the scripts that the page at a path needs beside those of every page."""
    for pattern, files in _pages(BUILT, _changed_at()):
        if pattern.fullmatch(path):
            return files
    return ()


@lru_cache(maxsize=1)
def _pages(built: Path, _changed: int) -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    pages = built / _PAGES
    if not pages.is_file():
        return ()
    found: dict[str, list[str]] = json.loads(pages.read_text(encoding="utf-8"))
    # Addresses that are written out before those with a name in them.
    return tuple(
        (re.compile(_NAME.sub("[^/]+", path)), tuple(PREFIX + each for each in found[path]))
        for path in sorted(found, key=lambda path: ("$" in path, path))
    )
