"""One published file, fetched into a folder: by HTTPS, within a limit of size, whole or not at all."""

from __future__ import annotations

import http.client
import re
import urllib.error
import urllib.request
from http.client import HTTPMessage
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit

from claimwright.foundation.errors import ClaimwrightError

from .outward_requests import LOOPBACK

# CMS's largest quarterly file, the zipped NCCI pairs, has some 30 MB.
MOST_BYTES = 1 << 30
TIMEOUT_SECONDS = 60
_PIECE = 1 << 20


class DownloadError(ClaimwrightError, OSError):
    """The file can't be fetched; says why and what to do."""


def is_address(text: str) -> bool:
    """Whether this is an address rather than a path."""
    return text.lower().startswith(("http://", "https://"))


def download(url: str, folder: Path, *, most_bytes: int = MOST_BYTES) -> Path:
    """Fetch a file into a folder, under the name that the server or the address gives it.

    Only HTTPS, also after a redirect; HTTP is for this machine. Certificates are checked. No password of the
    address is sent, and none is shown.

    Raises:
        DownloadError: it can't be fetched, or is larger than `most_bytes`; nothing is left in the folder.
    """
    shown = _checked(url)
    opener = urllib.request.build_opener(_Redirects)
    request = urllib.request.Request(url, headers={"User-Agent": "claimwright"})  # noqa: S310 - checked above
    try:
        with opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
            path = folder / _name(answer.headers, answer.url)
            try:
                with path.open("wb") as file:
                    _copy(answer, file, shown, most_bytes)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
            return path
    except urllib.error.HTTPError as problem:
        problem.close()
        raise DownloadError(f"{shown}: the server answers {problem.code}. Check the address.") from None
    except DownloadError:
        raise
    except (OSError, http.client.HTTPException, ValueError) as problem:
        reason = getattr(problem, "reason", None) or type(problem).__name__
        raise DownloadError(f"{shown}: can't be fetched: {reason}") from None


class _Redirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Follow a redirect only to where a first request might go."""
        _checked(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _checked(url: str) -> str:
    """The address as it may be shown, without user, password and query."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise DownloadError("this is no address. Give one such as https://host/folder/file.zip") from None
    shown = f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path}"
    if parts.username or parts.password:
        raise DownloadError(
            f"{shown}: an address with a user or a password is not used. Download it yourself."
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
        raise DownloadError(f"{shown}: only https is used.")
    return shown


def _name(headers: HTTPMessage, url: str) -> str:
    given = headers.get_filename() or unquote(urlsplit(url).path)
    name = re.sub(r"[^A-Za-z0-9._ ()-]", "_", given.replace("\\", "/").rpartition("/")[2]).lstrip(". ")
    return name[:200] or "download"


def _copy(answer: http.client.HTTPResponse, file: IO[bytes], shown: str, most_bytes: int) -> None:
    stated = answer.headers.get("Content-Length")
    size = 0
    while piece := answer.read(_PIECE):
        size += len(piece)
        if size > most_bytes:
            raise DownloadError(f"{shown}: is larger than {most_bytes >> 20:,} MB, and was not kept.")
        file.write(piece)
    if stated is not None and stated.isdigit() and int(stated) != size:
        raise DownloadError(f"{shown}: ended after {size:,} of {stated} bytes. Try again.")
