"""An OpenID Connect provider: authorization code flow with PKCE (OpenID Connect Core 1.0, 3.1; RFC 7636).

`OidcProvider` builds the address to which the browser is sent, exchanges the code that comes back, and
verifies the ID token, and the token with which the provider says that somebody has signed out there. The
provider's statements are used only after all checks: state (by the caller), issuer of the answer (RFC 9207),
signature by a key of the provider, issuer, audience, nonce, times.

The provider's description and keys are fetched on first use, and again after ten minutes or when a token
names an unknown key. After a failure, the next seconds fail at once.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from claimwright.foundation import clock
from claimwright.platform.outward_requests import (
    LOOPBACK,
    Answer,
    OutwardRequestError,
    checked_address,
    send,
)

from .bearer import Bearer
from .errors import ProviderAnswerError, ProviderUnavailableError

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

# Signatures by a private key only: with HS256 the secret of a client would sign, and `none` does not.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_KEPT_SECONDS = 600
# A token with an unknown key fetches the keys again, but not more often than this.
_REFETCH_SECONDS = 30
# A provider that is away is not asked again at once by everybody who wants to sign in: each would wait.
_AWAY_SECONDS = 5
_LEEWAY_SECONDS = 60
# OpenID Connect Core 1.0, section 2: a subject has at most 255 ASCII characters.
_LONGEST_SUBJECT = 255
_LONGEST_TOKEN = 64_000
# OpenID Connect Back-Channel Logout 1.0, 2.4.
_SIGNED_OUT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass(frozen=True)
class OidcClient:
    """How this installation is registered at the provider.

    Attributes:
        issuer: the provider, exactly as it names itself.
        client_id: the name of this installation at the provider.
        client_secret: None for a public client, which PKCE alone protects.
        redirect_url: where the provider sends the browser back to.
        scopes: what is requested; `openid` always is.
        name_claim: the claim that names a new account.
        groups_claim: the claim that lists the groups of a person.
        second_factor_values: values of `amr` or `acr` that state a second factor.
        inward_hosts: hosts of the provider that may have internal addresses.
    """

    issuer: str
    client_id: str
    client_secret: str | None = field(repr=False)
    redirect_url: str
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    name_claim: str = "preferred_username"
    groups_claim: str = "groups"
    second_factor_values: frozenset[str] = frozenset({"mfa"})
    inward_hosts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Vouched:
    """What the provider states about the person who signed in, verified."""

    issuer: str
    subject: str
    name: str
    groups: frozenset[str]
    has_second_factor: bool
    session: str | None = None


@dataclass(frozen=True)
class SignedOut:
    """Who has signed out at the provider, verified: a session of theirs, or all of them.

    Attributes:
        issuer: the provider.
        subject: the person; None where only the session is named.
        session: the provider's session (`sid`); None where all of the person's have ended.
        at: when the provider said so.
    """

    issuer: str
    subject: str | None
    session: str | None
    at: datetime.datetime


class OidcProvider:
    """The provider that the settings name. Safe to share between threads."""

    def __init__(self, client: OidcClient) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._described: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None
        self._away: tuple[float, str] | None = None

    def authorization_address(self, flow: Bearer) -> str:
        """Where the browser goes to sign in, for a flow that was begun.

        Raises:
            ProviderUnavailableError: the provider cannot be reached, or describes another issuer.
        """
        said = self._description()
        methods = said.get("code_challenge_methods_supported")
        if isinstance(methods, list) and "S256" not in methods:
            raise ProviderUnavailableError("the sign-in provider does not support PKCE with S256.")
        challenge = hashlib.sha256(flow.proof("pkce").encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": self._client.redirect_url,
            "scope": " ".join(dict.fromkeys(("openid", *self._client.scopes))),
            "state": flow.proof("state"),
            "nonce": flow.proof("nonce"),
            "code_challenge": base64.urlsafe_b64encode(challenge).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        endpoint = self._endpoint(said, "authorization_endpoint")
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(query)}"

    def vouched(self, flow: Bearer, code: str, issuer: str | None) -> Vouched:
        """Who signed in, by the code that the browser brought back.

        Args:
            flow: begun in this browser, its state compared with the answer's.
            code: from the provider.
            issuer: `iss` of the provider's answer (RFC 9207), None if it had none.

        Raises:
            ProviderAnswerError: the answer is from another provider, or a check of the ID token failed.
            ProviderUnavailableError: the provider cannot be reached.
        """
        said = self._description()
        required = said.get("authorization_response_iss_parameter_supported") is True
        if (issuer is not None or required) and issuer != self._client.issuer:
            raise ProviderAnswerError("answer_issuer")
        tokens = self._exchange(said, flow, code)
        claims = self._verified(said, str(tokens.get("id_token", "")), flow.proof("nonce"))
        more = claims
        if self._client.groups_claim not in claims and "userinfo_endpoint" in said:
            more = {**self._user_info(said, tokens, claims), **claims}
        groups = more.get(self._client.groups_claim, [])
        methods = claims.get("amr", [])
        stated = {str(claims.get("acr", ""))} | {str(each) for each in methods if isinstance(methods, list)}
        return Vouched(
            self._client.issuer,
            str(claims["sub"]),
            str(more.get(self._client.name_claim) or ""),
            frozenset(str(each) for each in groups) if isinstance(groups, list) else frozenset({str(groups)}),
            bool(stated & self._client.second_factor_values),
            _name_of_session(claims),
        )

    def signed_out(self, token: str) -> SignedOut:
        """Who has signed out, by a logout token (OpenID Connect Back-Channel Logout 1.0, 2.6).

        Raises:
            ProviderAnswerError: it is no logout token of the provider for this installation.
            ProviderUnavailableError: the keys of the provider can't be fetched.
        """
        claims = self._decoded(self._description(), token, "logout+jwt")
        _check_signed_out(claims, self._client.issuer, self._client.client_id)
        subject = claims.get("sub")
        at = datetime.datetime.fromtimestamp(_moment(claims["iat"]), datetime.UTC)
        return SignedOut(
            self._client.issuer, None if subject is None else str(subject), _name_of_session(claims), at
        )

    # --- what the provider publishes -----------------------------------------------------------------

    def _description(self) -> dict[str, Any]:
        with self._lock:
            known = self._described
        if known is not None and clock.seconds() - known[0] < _KEPT_SECONDS:
            return known[1]
        address = self._client.issuer.rstrip("/") + "/.well-known/openid-configuration"
        said = _object(self._published(address))
        # OpenID Connect Discovery 1.0, 4.3; without it one provider could pass for another.
        if said.get("issuer") != self._client.issuer:
            raise ProviderUnavailableError("the sign-in provider names itself another issuer.")
        with self._lock:
            self._described = (clock.seconds(), said)
        return said

    def _key_set(self, said: Mapping[str, Any], *, anew: bool = False) -> KeySet:
        from joserfc import errors
        from joserfc.jwk import KeySet

        with self._lock:
            known = self._keys
        age = _REFETCH_SECONDS if anew else _KEPT_SECONDS
        if known is not None and clock.seconds() - known[0] < age:
            return known[1]
        found = _object(self._published(self._endpoint(said, "jwks_uri"))).get("keys")
        usable = [
            each
            for each in (found if isinstance(found, list) else [])
            if isinstance(each, dict)
            and each.get("kty") in {"RSA", "EC", "OKP"}
            and each.get("use", "sig") == "sig"
        ]
        try:
            keys = KeySet.import_key_set({"keys": usable})
        except (errors.JoseError, ValueError, TypeError, KeyError):
            raise ProviderUnavailableError("the keys of the sign-in provider cannot be read.") from None
        with self._lock:
            self._keys = (clock.seconds(), keys)
        return keys

    def _published(self, address: str) -> Answer:
        with self._lock:
            away = self._away
        if away is not None and clock.seconds() - away[0] < _AWAY_SECONDS:
            raise ProviderUnavailableError(away[1])
        try:
            return self._send("GET", address)
        except ProviderUnavailableError as problem:
            with self._lock:
                self._away = (clock.seconds(), str(problem))
            raise

    def _endpoint(self, said: Mapping[str, Any], name: str) -> str:
        address = said.get(name)
        if not isinstance(address, str):
            raise ProviderUnavailableError(f"the sign-in provider names no {name}.")
        try:
            checked_address(address, self._client.inward_hosts & LOOPBACK)
        except OutwardRequestError as problem:
            raise ProviderUnavailableError(f"{name} of the sign-in provider: {problem}") from None
        return address

    # --- the code, the token ---------------------------------------------------------------------------

    def _exchange(self, said: Mapping[str, Any], flow: Bearer, code: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._client.redirect_url,
            "code_verifier": flow.proof("pkce"),
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        secret, methods = self._client.client_secret, said.get("token_endpoint_auth_methods_supported")
        if secret is None:
            form["client_id"] = self._client.client_id
        elif isinstance(methods, list) and "client_secret_basic" not in methods:
            form |= {"client_id": self._client.client_id, "client_secret": secret}
        else:
            # RFC 6749, 2.3.1: both are form-encoded before they are joined.
            joined = f"{quote(self._client.client_id, safe='')}:{quote(secret, safe='')}"
            headers["Authorization"] = "Basic " + base64.b64encode(joined.encode()).decode()
        address = self._endpoint(said, "token_endpoint")
        answer = self._send("POST", address, headers, urlencode(form).encode(), refused="code")
        return _object(answer)

    def _user_info(
        self, said: Mapping[str, Any], tokens: Mapping[str, Any], claims: Mapping[str, Any]
    ) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {tokens.get('access_token', '')}"}
        if not str(tokens.get("access_token", "")).isascii() or "\n" in headers["Authorization"]:
            raise ProviderAnswerError("access_token")
        info = _object(self._send("GET", self._endpoint(said, "userinfo_endpoint"), headers))
        # OpenID Connect Core 1.0, 5.3.2: otherwise it may be about somebody else.
        if info.get("sub") != claims["sub"]:
            raise ProviderAnswerError("userinfo_subject")
        return info

    def _verified(self, said: Mapping[str, Any], text: str, nonce: str) -> dict[str, Any]:
        claims = self._decoded(said, text, "jwt")
        _check(claims, self._client.issuer, self._client.client_id, nonce)
        return claims

    def _decoded(self, said: Mapping[str, Any], text: str, kind: str) -> dict[str, Any]:
        """What a token of the provider says, its signature verified. `kind` is what its header may call it,
        if not just a JWT (RFC 8725, 3.11).
        """
        from joserfc import errors, jwt
        from joserfc.jws import JWSRegistry

        if not text or len(text) > _LONGEST_TOKEN:
            raise ProviderAnswerError("id_token")
        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        registry.max_header_length = 8_192
        try:
            try:
                token = jwt.decode(text, self._key_set(said), registry=registry)
            except errors.InvalidKeyIdError:
                token = jwt.decode(text, self._key_set(said, anew=True), registry=registry)
        except (errors.JoseError, ValueError, KeyError, TypeError):
            raise ProviderAnswerError("signature") from None
        named = str(token.header.get("typ") or "jwt").lower().removeprefix("application/")
        if named not in {"jwt", kind}:
            raise ProviderAnswerError("type")
        claims: dict[str, Any] = token.claims
        return claims

    def _send(
        self,
        method: str,
        address: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        *,
        refused: str | None = None,
    ) -> Answer:
        try:
            answer = send(
                method,
                address,
                inward_hosts=self._client.inward_hosts,
                headers={"Accept": "application/json", **(headers or {})},
                body=body,
            )
        except OutwardRequestError as problem:
            raise ProviderUnavailableError(f"the sign-in provider: {problem}") from None
        if refused is not None and 400 <= answer.status < 500:
            raise ProviderAnswerError(refused)
        if answer.status != 200:
            raise ProviderUnavailableError(f"the sign-in provider answers {answer.status}.")
        return answer


def _check(claims: Mapping[str, Any], issuer: str, client_id: str, nonce: str) -> None:
    """The checks of OpenID Connect Core 1.0, 3.1.3.7, after the signature's.

    Raises:
        ProviderAnswerError: with the name of the check that failed.
    """
    now = int(clock.now().timestamp())
    audience = claims.get("aud")
    audiences: Collection[object] = audience if isinstance(audience, list) else [audience]
    subject = claims.get("sub")
    checks = {
        "issuer": claims.get("iss") == issuer,
        "audience": client_id in audiences,
        "authorized_party": claims.get("azp", client_id) == client_id
        and (len(audiences) == 1 or "azp" in claims),
        "expired": _moment(claims.get("exp")) > now - _LEEWAY_SECONDS,
        "issued_later": 0 < _moment(claims.get("iat")) < now + _LEEWAY_SECONDS,
        "not_before": _moment(claims.get("nbf", 0)) < now + _LEEWAY_SECONDS,
        "nonce": claims.get("nonce") == nonce,
        "subject": isinstance(subject, str)
        and 0 < len(subject) <= _LONGEST_SUBJECT
        and subject.isascii()
        and subject.isprintable(),
    }
    for name, is_good in checks.items():
        if not is_good:
            raise ProviderAnswerError(name)


def _check_signed_out(claims: Mapping[str, Any], issuer: str, client_id: str) -> None:
    """The checks of OpenID Connect Back-Channel Logout 1.0, 2.6, after the signature's.

    An ID token is none: it has no such event, and may have a nonce.

    Raises:
        ProviderAnswerError: with the name of the check that failed.
    """
    now = int(clock.now().timestamp())
    audience, events = claims.get("aud"), claims.get("events")
    audiences: Collection[object] = audience if isinstance(audience, list) else [audience]
    issued, ends = _moment(claims.get("iat")), _moment(claims.get("exp", now))
    subject = claims.get("sub")
    checks = {
        "issuer": claims.get("iss") == issuer,
        "audience": client_id in audiences,
        "expired": ends > now - _LEEWAY_SECONDS and issued > now - _KEPT_SECONDS,
        "issued_later": issued < now + _LEEWAY_SECONDS,
        "event": isinstance(events, dict) and isinstance(events.get(_SIGNED_OUT), dict),
        "nonce": "nonce" not in claims,
        "subject": (isinstance(subject, str) and 0 < len(subject) <= _LONGEST_SUBJECT)
        or (subject is None and _name_of_session(claims) is not None),
    }
    for name, is_good in checks.items():
        if not is_good:
            raise ProviderAnswerError(name)


def _name_of_session(claims: Mapping[str, Any]) -> str | None:
    found = claims.get("sid")
    return found if isinstance(found, str) and 0 < len(found) <= _LONGEST_SUBJECT else None


def _moment(value: object) -> float:
    """Seconds since 1970; what is no number is long ago."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else -1


def _object(answer: Answer) -> dict[str, Any]:
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise ProviderUnavailableError("the sign-in provider answers something that is no JSON object.")
    return said
