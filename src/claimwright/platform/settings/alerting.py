"""Settings of alerts on figures: when they are evaluated, and how they are delivered. Mail has its own."""

from __future__ import annotations

from pydantic import Field, field_validator

from .section import Section, Words, https_off_the_machine


class Alerts(Section):
    """Alerts on figures: how often they are evaluated, and how they are sent."""

    evaluate_minutes: float = Field(
        default=15,
        ge=0,
        description="Minutes between evaluations by `predictions work --watch`, which is part of `serve`; "
        "0: none.",
    )
    app_url: str | None = Field(
        default=None,
        description="Public address of the web app, for links in messages: https://claims.example.org.",
    )
    inward_hosts: Words = Field(
        default=[],
        description="Hosts of webhooks that may have internal addresses, separated by commas. "
        "Default: none, internal addresses are refused.",
    )
    timeout_seconds: float = Field(
        default=10, gt=0, le=120, description="Maximum time of a delivery to a webhook."
    )
    attempts: int = Field(default=8, ge=1, le=50, description="Attempts before a message is given up.")
    retry_first_seconds: float = Field(
        default=30, gt=0, description="Wait before the second attempt; then doubled."
    )
    retry_longest_seconds: float = Field(
        default=3_600, gt=0, description="The longest wait between two attempts."
    )

    @field_validator("app_url")
    @classmethod
    def _encrypted(cls, url: str | None) -> str | None:
        return None if url is None else https_off_the_machine(url.rstrip("/"))
