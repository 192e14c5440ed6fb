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
    processes: int = Field(
        default=1,
        ge=1,
        le=64,
        description="Processes that serve the API, on one port. One uses about one processor when many "
        "people submit at once. Each has database.pool_size connections to the database, and a few more.",
    )
    certificate_file: Path | None = Field(default=None, description="TLS: PEM file of the certificate chain.")
    private_key_file: Path | None = Field(default=None, description="TLS: PEM file of the private key.")
    client_ca_file: Path | None = Field(
        default=None,
        description="TLS: PEM file of the authority whose client certificates services may show.",
    )
    trusted_proxies: Words = Field(
        default=[],
        description="Addresses of proxies whose X-Forwarded-For header is trusted, separated by commas.",
    )
    policies: Path | None = Field(
        default=None,
        description="Folder of Cedar policies, added to the built-in ones. Reloaded on change.",
    )
    requests_per_minute: int = Field(
        default=600, ge=1, description="Maximum requests per identity per minute, over all API processes."
    )
    sign_ins_per_minute: int = Field(
        default=20,
        ge=1,
        description="Maximum sign-in attempts per address per minute, over all API processes.",
    )
    upload_bytes: int = Field(
        default=2_000_000_000, ge=1, description="Maximum size of a claim upload, as sent."
    )
    body_bytes: int = Field(default=5_000_000, ge=1, description="Maximum body of any other request.")
    connections: int = Field(
        default=2_000,
        ge=10,
        description="Maximum open connections of an API process, websockets aside. Where all are taken, the "
        "one that has waited longest without a request is closed.",
    )
    connections_per_address: int = Field(
        default=500,
        ge=1,
        description="Maximum open connections of an API process from one address, except those of "
        "trusted_proxies.",
    )
    notice: str = Field(
        default="",
        max_length=200,
        description="Text at the foot of every page of the web app, such as: Training system.",
    )
    second_factor_roles: Words = Field(
        default=["administrator"],
        description="Roles that must sign in with a second factor, except to set it up; separated by commas.",
    )


class Terminal(Section):
    """What the accounts of this machine may do and see with the commands, by the same policies as the API.

    Whoever can read the key file can read everything, whatever is set here: the roles keep honest people to
    their work. The audit log has the account, and `terminal` as the origin.
    """

    roles: Words = Field(
        default=["administrator"],
        description="Roles of every account of this machine; separated by commas. "
        "The policy `terminal-administrator` lets an administrator do more here than over the API.",
    )
    account_roles: Lines = Field(
        default=[],
        description="Roles of single accounts instead: ACCOUNT=role, on lines or separated by semicolons.",
    )

    @field_validator("account_roles")
    @classmethod
    def _of_accounts(cls, pairs: list[str]) -> list[str]:
        if not all(re.fullmatch(r"[^=\s]+\s*=\s*[a-z_]+", each) for each in pairs):
            raise ValueError("write roles of accounts as ACCOUNT=role")
        return pairs

    def roles_of(self, account: str) -> frozenset[str]:
        """The roles of an account of this machine."""
        own = [pair.partition("=") for pair in self.account_roles]
        found = {role.strip() for name, _, role in own if name.strip() == account}
        return frozenset(found or self.roles)


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
    group_facilities: Lines = Field(
        default=[],
        description="Facilities by group: GROUP=FACILITY, or GROUP=* for every one; on lines or separated by "
        "semicolons. Without any, new accounts see none until an administrator changes that.",
    )
    token_days: int = Field(
        default=7,
        ge=1,
        le=365,
        description="Days after its last sign-in with the provider for which the tokens of an account work, "
        "if the provider decides its roles.",
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

    @field_validator("group_facilities")
    @classmethod
    def _facilities(cls, pairs: list[str]) -> list[str]:
        if not all(re.fullmatch(r".*[^=\s]\s*=\s*(\*|[\w.-]{1,64})", each) for each in pairs):
            raise ValueError("write facilities of groups as GROUP=FACILITY or GROUP=*")
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
    breached_passwords_file: Path | None = Field(
        default=None,
        description="Sorted file of SHA-1 hashes of passwords that became known in breaches, one a line, "
        "such as that of Have I Been Pwned. A new password that is in it is refused.",
    )
