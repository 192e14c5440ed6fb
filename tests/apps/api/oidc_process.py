"""A real OpenID Connect provider as a process, which can be told to attack whoever signs in with it.

It prints its address. `PUT /attack/NAME` chooses how the provider misbehaves from then on. What it says stays
signed by the provider itself where the attack allows, so that only the check under test can notice.
"""

from __future__ import annotations

import base64
import inspect
import io
import json
import os
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlencode

import oidc_provider_mock
from joserfc import jwk, jwt
from werkzeug.serving import make_server

Environ = dict[str, Any]


class Attacked:
    """The provider, with requests or answers changed on the way."""

    def __init__(self, app: Any) -> None:
        self.app, self.attack = app, "none"

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path.startswith("/attack/"):
            self.attack = path.rpartition("/")[2]
            start_response("204 No Content", [])
            return []
        if path == "/logout-token":
            claims = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
            key = jwk.RSAKey.generate_key(2048) if claims.pop("forged", None) else _SIGNER["key"]
            kind = claims.pop("typ", "logout+jwt")
            head = {"alg": "RS256", "typ": kind, "kid": _SIGNER["key"].kid}
            return self._json("200 OK", {"logout_token": jwt.encode(head, claims, key)}, start_response)
        if self.attack == "nonce" and path == "/oauth2/authorize":
            query = {**dict(parse_qsl(environ["QUERY_STRING"])), "nonce": "of-somebody-else"}
            environ["QUERY_STRING"] = urlencode(query)
        if self.attack == "audience" and path == "/oauth2/authorize":
            environ["QUERY_STRING"] = environ["QUERY_STRING"].replace("client_id=us", "client_id=another")
        if self.attack == "audience" and path == "/oauth2/token":
            environ["HTTP_AUTHORIZATION"] = "Basic " + base64.b64encode(b"another:secret").decode()
        if self.attack == "issuer" and path == "/oauth2/token":
            environ["HTTP_HOST"] = "login.example.org"
        if self.attack == "other-discovery" and path == "/.well-known/openid-configuration":
            environ["HTTP_HOST"] = "login.example.org"
        if path == "/oauth2/token" and self.attack in FORGERIES:
            return self._forged(environ, start_response)
        if path == "/.well-known/openid-configuration" and self.attack in ENDPOINTS:
            return self._elsewhere(environ, start_response)
        return self.app(environ, start_response)

    def _answer(self, environ: Environ) -> tuple[str, dict[str, Any]]:
        status: list[str] = []

        def start(text: str, *_: object) -> Any:
            status.append(text)
            return lambda _: None

        body = b"".join(self.app(environ, start))
        return status[0], json.loads(body)

    def _forged(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        status, said = self._answer(environ)
        if "id_token" in said:
            keys = {**environ, "PATH_INFO": "/jwks", "REQUEST_METHOD": "GET", "wsgi.input": io.BytesIO()}
            _, published = self._answer(keys)
            said["id_token"] = FORGERIES[self.attack](said["id_token"], published["keys"][0])
        return self._json(status, said, start_response)

    def _elsewhere(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        status, said = self._answer(environ)
        return self._json(status, said | ENDPOINTS[self.attack], start_response)

    def _json(self, status: str, said: object, start_response: Any) -> Iterable[bytes]:
        body = json.dumps(said).encode()
        start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]


def _packed(each: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=")


def _parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    head, body, _ = token.split(".")
    decoded = [json.loads(base64.urlsafe_b64decode(each + "=" * (-len(each) % 4))) for each in (head, body)]
    return decoded[0], decoded[1]


def _unsigned(token: str, _: dict[str, Any]) -> str:
    head, body = _parts(token)
    return f"{_packed({**head, 'alg': 'none'})}.{_packed(body)}."


def _confused(token: str, public: dict[str, Any]) -> str:
    head, body = _parts(token)
    key = jwk.OctKey.import_key(json.dumps(public))
    return jwt.encode({**head, "alg": "HS256"}, body, key, algorithms=["HS256"])


def _other_key(token: str, _: dict[str, Any]) -> str:
    head, body = _parts(token)
    return jwt.encode(head, body, jwk.RSAKey.generate_key(2048, {"kid": head.get("kid", "x")}))


def _changed(token: str, _key: dict[str, Any]) -> str:
    head, _, signature = token.split(".")
    return f"{head}.{_packed({**_parts(token)[1], 'sub': 'somebody-else'})}.{signature}"


def _with_session(token: str, _: dict[str, Any]) -> str:
    head, body = _parts(token)
    return jwt.encode(head, {**body, "sid": "s-of-" + body["sub"]}, _SIGNER["key"])


# How the provider itself signs; known once it is made.
_SIGNER: dict[str, Any] = {}
FORGERIES = {
    "alg-none": _unsigned,
    "confusion": _confused,
    "other-key": _other_key,
    "changed": _changed,
    "sid": _with_session,
}
ENDPOINTS = {
    "inward-keys": {"jwks_uri": "https://169.254.169.254/keys"},
    "inward-token": {"token_endpoint": "https://10.0.0.1/token"},
    "plain-token": {"token_endpoint": "http://login.example.org/token"},
    "requires-iss": {"authorization_response_iss_parameter_supported": True},
    "no-pkce": {"code_challenge_methods_supported": ["plain"]},
}


def main() -> None:
    """Serve until the process is ended."""
    # An attack answers in the name of another host, which is not this machine.
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
    app = oidc_provider_mock.app()
    [begin] = app.before_request_funcs[None]
    storage = inspect.getclosurevars(begin).nonlocals["storage"]
    _SIGNER["key"] = jwk.RSAKey.import_key(storage.jwk.as_dict(is_private=True))
    server = make_server("127.0.0.1", 0, Attacked(app), threaded=True)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)  # noqa: T201 - how the test learns the port
    server.serve_forever()


if __name__ == "__main__":
    main()
