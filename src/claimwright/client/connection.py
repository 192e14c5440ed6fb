"""The connection of the client: credentials, requests, errors, pages, events. Standard library only."""

from __future__ import annotations

import http.client
import json
import ssl
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from claimwright.foundation.errors import ClaimwrightError

_MOST_BYTES = 64_000_000
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
# An access token is renewed before it ends, so that no request is sent with one that has.
_BEFORE_END_SECONDS = 60


class UnreachableError(ClaimwrightError):
    """The API did not answer, or something else did."""


class RequestRefusedError(ClaimwrightError):
    """The API refused a request. The message states the problem, its place and the fix.

    Attributes:
        status: the HTTP status.
        code: of the list of codes, such as `not_permitted`.
        details: the places that are wrong, each with its message.
        request_id: what the API's log and the audit log have.
        retry_seconds: how long to wait before another try, if that helps.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        details: list[dict[str, Any]],
        request_id: str,
        retry_seconds: int | None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.status, self.code, self.details = status, code, details
        self.request_id, self.retry_seconds = request_id, retry_seconds


class Connection:
    """Sends requests to the API of one installation. Threads may share it."""

    def __init__(
        self,
        address: str,
        *,
        token: str | None = None,
        secret: str | None = None,
        certificate: tuple[str, str] | None = None,
        authority: str | None = None,
        timeout_seconds: float = 60,
    ) -> None:
        """Nothing is sent yet.

        Args:
            address: of the installation, without a path: https://claims.example.org.
            token: a personal token.
            secret: of a service's credentials; access tokens are fetched and renewed with it.
            certificate: files of a service's client certificate and its private key (mTLS).
            authority: PEM file of the authority that signed the server's certificate, if it is your own.
            timeout_seconds: for each answer to begin, and for each piece of it.

        Raises:
            ValueError: the address is not https, nor http on this machine; or more than one kind of
                credentials was given.
        """
        parts = urllib.parse.urlsplit(address)
        is_here = parts.scheme == "http" and parts.hostname in _LOOPBACK
        if not is_here and (parts.scheme != "https" or not parts.netloc):
            raise ValueError("the address begins with https://, or http:// on this machine")
        if sum(each is not None for each in (token, secret, certificate)) > 1:
            raise ValueError("give a token, a secret or a certificate")
        self._root = f"{parts.scheme}://{parts.netloc}"
        self._token, self._secret, self._timeout = token, secret, timeout_seconds
        self._ends = 0.0
        self._renewing = threading.Lock()
        context = ssl.create_default_context(cafile=authority)
        if certificate is not None:
            context.load_cert_chain(*certificate)
        # No redirects: a token must not follow one.
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=context), _NoRedirects()
        )

    @staticmethod
    def quoted(value: object) -> str:
        """A value as one step of a path."""
        return urllib.parse.quote(str(value), safe="")

    def send(self, method: str, path: str, **more: Any) -> Any:
        """Send a request; returns the answer's JSON, or None if it has no content.

        Raises:
            RequestRefusedError: it was refused.
            UnreachableError: there was no answer of the API.
        """
        content = self.fetch(method, path, **more)
        if not content:
            return None
        try:
            return json.loads(content)
        except ValueError:
            raise UnreachableError(f"{method} {path}: the answer is not of the API.") from None

    def fetch(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str | None] | None = None,
        json_body: object = None,
        form: Mapping[str, Any] | None = None,
        content: bytes | Iterable[bytes] | None = None,
        content_type: str = "application/json",
    ) -> bytes:
        """Send a request; returns the answer's content. Raises as `send` does."""
        body: bytes | Iterable[bytes] | None = content
        if json_body is not None:
            body = json.dumps(json_body).encode()
        elif form is not None:
            body, content_type = urllib.parse.urlencode(form).encode(), "application/x-www-form-urlencoded"
        told = {name: value for name, value in (headers or {}).items() if value is not None}
        if body is not None:
            told["Content-Type"] = content_type
        if form is None and (authorization := self._authorization()):
            told["Authorization"] = authorization
        request = urllib.request.Request(  # noqa: S310 - http and https only, checked when made
            self._root + path + _query(query), data=body, headers=told, method=method
        )
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                found: bytes = answer.read(_MOST_BYTES + 1)
                # With a size, `read` does not raise where the connection ends before the content does.
                is_cut = bool(answer.length)
        except urllib.error.HTTPError as refused:
            raise _error(refused) from None
        except (OSError, http.client.HTTPException) as problem:
            raise UnreachableError(f"{method} {path}: {type(problem).__name__}.") from None
        if len(found) > _MOST_BYTES:
            raise UnreachableError(f"{method} {path}: the answer has more than {_MOST_BYTES:,} bytes.")
        if is_cut:
            raise UnreachableError(f"{method} {path}: the answer was cut off.")
        return found

    def every(self, method: Callable[..., Any], *words: Any, **query: Any) -> Iterator[Any]:
        """All items of a list, page by page: `client.every(client.list_claims, place="review")`."""
        cursor = None
        while True:
            page = method(*words, cursor=cursor, **query)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def events(self, after: str | None = None) -> Iterator[dict[str, Any]]:
        """Events as they happen, after one by its id; ends when the server ends the stream.

        Begin again with the id of the last event. Raises as `send` does.
        """
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": after} if after else {})
        if authorization := self._authorization():
            headers["Authorization"] = authorization
        address = f"{self._root}/api/v1/events/stream"
        request = urllib.request.Request(address, headers=headers)  # noqa: S310 - as above
        try:
            with self._opener.open(request, timeout=self._timeout) as stream:
                for line in stream:
                    if line.startswith(b"data:"):
                        yield json.loads(line[5:])
        except urllib.error.HTTPError as refused:
            raise _error(refused) from None
        except (OSError, http.client.HTTPException) as problem:
            raise UnreachableError(f"events: {type(problem).__name__}.") from None

    def _authorization(self) -> str | None:
        if self._secret is not None:
            with self._renewing:
                if time.monotonic() >= self._ends:
                    form = {"grant_type": "client_credentials", "client_secret": self._secret}
                    answer = self.send("POST", "/api/v1/oauth/token", form=form)
                    self._token = answer["access_token"]
                    self._ends = time.monotonic() + answer["expires_in"] - _BEFORE_END_SECONDS
        return f"Bearer {self._token}" if self._token else None


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow none: the answer is an error then."""
        return


def _query(query: Mapping[str, Any] | None) -> str:
    pairs = [
        (name, str(value).lower() if isinstance(value, bool) else value)
        for name, given in (query or {}).items()
        for value in (given if isinstance(given, list) else [given])
        if value is not None
    ]
    return f"?{urllib.parse.urlencode(pairs)}" if pairs else ""


def _error(refused: urllib.error.HTTPError) -> RequestRefusedError | UnreachableError:
    """The error of an answer; one that is not in the API's shape came from somebody else."""
    try:
        told = json.loads(refused.read(1_000_000))["error"]
        wait = refused.headers.get("Retry-After")
        return RequestRefusedError(
            refused.code, told["code"], told["message"], told["details"], told["request_id"],
            int(wait) if wait and wait.isdecimal() else None,
        )  # fmt: skip
    except (ValueError, KeyError, TypeError):
        return UnreachableError(f"status {refused.code}, not of the API.")
