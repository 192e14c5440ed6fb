"""Settings of mail, which reports and alerts are sent by."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator, model_validator

from .section import LOOPBACK, Section


class Mail(Section):
    """The mail server that reports and alerts are handed in to. Without `host`, no mail is sent."""

    host: str | None = Field(default=None, description="Name of the SMTP server.")
    # 587: message submission, RFC 6409. 465: submission over TLS, RFC 8314.
    port: int = Field(default=587, ge=1, le=65_535, description="Port: 587 for starttls, 465 for tls.")
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="Encryption. none is for a server of this machine only."
    )
    sender: str = Field(default="claimwright@localhost", description="Mail address that messages come from.")
    user: str | None = Field(default=None, description="Account at the server, if it wants one.")
    password: SecretStr | None = Field(default=None, description="Password of the account.")
    ca_file: Path | None = Field(
        default=None, description="PEM file of the authority that issued the server's certificate."
    )
    timeout_seconds: float = Field(default=30, gt=0, description="Maximum time of one delivery.")

    @field_validator("sender")
    @classmethod
    def _is_address(cls, sender: str) -> str:
        name, at, domain = sender.rpartition("@")
        if not (name and at and domain) or any(
            ord(each) <= 32 or ord(each) > 126 or each in ",;<>" for each in sender
        ):
            raise ValueError("write the sender as name@example.org")
        return sender

    @model_validator(mode="after")
    def _is_safe(self) -> Mail:
        if self.host is not None and self.security == "none" and self.host not in LOOPBACK - {""}:
            raise ValueError("mail off this machine is encrypted: use starttls or tls")
        if self.password is not None and self.user is None:
            raise ValueError("a password needs mail.user")
        return self
