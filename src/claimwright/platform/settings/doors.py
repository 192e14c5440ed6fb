"""Settings of the API, and of how people sign in."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from .section import Lines, Section, Words, https_off_the_machine


class Api(Section):
    """The API and its access limits."""

    host: str = Field(
        default="127.0.0.1", description="Address to listen on. Addresses other than loopback require TLS."
    )
    port: int = Field(default=8443, ge=0, le=65_535, description="Port to listen on. 0: any free port.")
    certificate_file: Path | None = Field(default=None, description="TLS: PEM file of the certificate chain.")
    private_key_file: Path | None = Field(default=None, description="TLS: PEM file of the private key.")
    trusted_proxies: Words = Field(
        default=[],
        description="Addresses of proxies whose X-Forwarded-For header is trusted, separated by commas.",
    )
    policies: Path | None = Field(
        default=None,
        description="Folder of Cedar policies, added to the built-in ones. Reloaded on change.",
    )
    requests_per_minute: int = Field(
        default=600, ge=1, description="Maximum requests per identity per minute, in each API process."
    )
    sign_ins_per_minute: int = Field(
        default=20, ge=1, description="Maximum sign-in attempts per address per minute, in each API process."
    )
    upload_bytes: int = Field(
        default=2_000_000_000, ge=1, description="Maximum size of a claim upload, as sent."
    )
    body_bytes: int = Field(default=5_000_000, ge=1, description="Maximum body of any other request.")
    second_factor_roles: Words = Field(
        default=["administrator"],
        description="Roles that must sign in with a second factor, except to set it up; separated by commas.",
    )


class Oidc(Section):
    """Sign-in with an OpenID Connect provider. Off unless `issuer` is set."""

    issuer: str | None = Field(
        default=None, description="The provider, exactly as it names itself: https://login.example.org."
    )
    client_id: str | None = Field(default=None, description="Name of this installation at the provider.")
    client_secret: SecretStr | None = Field(
        default=None, description="Secret of this installation. Without it, a public client (PKCE only)."
    )
    redirect_url: str | None = Field(
        default=None,
        description="Public address of the page /sign-in/oidc, as registered at the provider.",
    )
    tenant: str = Field(
        default="default",
        pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$",
        description="Tenant whose accounts sign in with the provider.",
    )
    scopes: Words = Field(
        default=["openid", "profile", "email"], description="Scopes to request, separated by commas."
    )
    name_claim: str = Field(
        default="preferred_username", min_length=1, description="Claim that names a new account."
    )
    groups_claim: str = Field(
        default="groups", min_length=1, description="Claim that lists the person's groups."
    )
    group_roles: Lines = Field(
        default=[],
        description="Roles by group: GROUP=role, one per line or separated by semicolons. "
        "A person without a role cannot sign in.",
    )
    second_factor_values: Words = Field(
        default=["mfa"],
        description="Values of the claims amr or acr by which the provider states a second factor.",
    )
    inward_hosts: Words = Field(
        default=[],
        description="Hosts of the provider that may have internal addresses, separated by commas. "
        "Default: none, internal addresses are refused.",
    )

    @field_validator("issuer", "redirect_url")
    @classmethod
    def _encrypted(cls, url: str | None) -> str | None:
        return None if url is None else https_off_the_machine(url)

    @field_validator("group_roles")
    @classmethod
    def _pairs(cls, pairs: list[str]) -> list[str]:
        if not all(re.fullmatch(r".*[^=\s]\s*=\s*[a-z_]+", each) for each in pairs):
            raise ValueError("write roles of groups as GROUP=role")
        return pairs

    @model_validator(mode="after")
    def _complete(self) -> Oidc:
        if self.issuer is not None and (self.client_id is None or self.redirect_url is None):
            raise ValueError("an issuer also needs client_id and redirect_url")
        return self


class Passkeys(Section):
    """Sign-in with passkeys. Off unless `origin` is set."""

    origin: str | None = Field(
        default=None,
        description="Public address of this installation without a path: https://claims.example.org. "
        "Passkeys are bound to its host name.",
    )

    @field_validator("origin")
    @classmethod
    def _bare(cls, origin: str | None) -> str | None:
        if origin is None:
            return None
        parts = urlsplit(https_off_the_machine(origin))
        if parts.path not in {"", "/"} or parts.query or parts.fragment or "@" in parts.netloc:
            raise ValueError("write scheme, host and port only")
        return f"{parts.scheme}://{parts.netloc.lower()}"


class Identity(Section):
    """How people sign in."""

    oidc: Oidc = Oidc()
    passkeys: Passkeys = Passkeys()
