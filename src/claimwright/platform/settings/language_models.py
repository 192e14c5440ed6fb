"""Settings of the gateway to language models: who is asked in which order, with which limits and prices."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic.functional_validators import model_validator

from .section import Section, Words, https_off_the_machine

PROVIDERS = ("bedrock", "anthropic", "openai")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


class _Priced(Section):
    """What every provider has. Prices change and contracts differ, so none is built in."""

    price_in: Decimal | None = Field(
        default=None, ge=0, le=1_000, description="Dollars for a million tokens that are sent."
    )
    price_out: Decimal | None = Field(
        default=None, ge=0, le=1_000, description="Dollars for a million tokens of the answer."
    )
    concurrent: int = Field(
        default=4, ge=1, le=100, description="Most calls under way at once, for a tenant and for a process."
    )

    @model_validator(mode="after")
    def _both_prices(self) -> _Priced:
        if (self.price_in is None) != (self.price_out is None):
            raise ValueError("price_in and price_out are set together, or neither")
        return self


class Bedrock(_Priced):
    """Amazon Bedrock. It needs the extra `aws`."""

    model: str = Field(
        default="us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        min_length=1,
        max_length=2_048,
        description="Model ID, inference profile or its ARN.",
    )
    region: str = Field(default="us-east-1", description="AWS region.")
    endpoint: str | None = Field(
        default=None, description="Endpoint, if not the AWS default; such as a VPC's."
    )
    access_key_id: SecretStr | None = Field(
        default=None, description="Access key ID. Without it, the standard AWS credential chain is used."
    )
    secret_access_key: SecretStr | None = Field(default=None, description="Secret access key.")
    session_token: SecretStr | None = Field(default=None, description="Session token of temporary keys.")

    @field_validator("endpoint")
    @classmethod
    def _https(cls, url: str | None) -> str | None:
        return None if url is None else https_off_the_machine(url)

    @field_validator("region")
    @classmethod
    def _is_region(cls, name: str) -> str:
        # It becomes part of a host name.
        if not _REGION.fullmatch(name):
            raise ValueError("write an AWS region, such as us-east-1")
        return name


class Anthropic(_Priced):
    """Anthropic's Messages API."""

    model: str = Field(default="claude-sonnet-4-5", min_length=1, max_length=200, description="Model name.")
    url: str = Field(default="https://api.anthropic.com", description="Base URL, without /v1.")
    key: SecretStr | None = Field(default=None, description="API key.")

    @field_validator("url")
    @classmethod
    def _https(cls, url: str) -> str:
        return https_off_the_machine(url)


class OpenAi(_Priced):
    """Chat completions of OpenAI, or of a server that speaks like it, such as a local one."""

    model: str = Field(default="", max_length=200, description="Model name, as the server knows it.")
    url: str = Field(default="https://api.openai.com/v1", description="Base URL; with OpenAI it ends in /v1.")
    key: SecretStr | None = Field(default=None, description="API key. A local server may need none.")
    limit_field: Literal["max_completion_tokens", "max_tokens"] = Field(
        default="max_completion_tokens",
        description="How the server calls the limit of output tokens; older servers say max_tokens.",
    )

    @field_validator("url")
    @classmethod
    def _https(cls, url: str) -> str:
        return https_off_the_machine(url)


class LanguageModels(Section):
    """Language models that may draft letters and propose repairs. Without a provider, letters are made from
    templates alone.
    """

    providers: Words = Field(
        default=[],
        description="Who is asked, in this order: bedrock, anthropic, openai. Default: nobody.",
    )
    propose_repairs: bool = Field(
        default=False,
        description="Whether a model may be asked for repairs of a claim's findings, when a person asks.",
    )
    inward_hosts: Words = Field(
        default=[],
        description="Hosts of providers that may have internal addresses, separated by commas; http only "
        "for this machine. Default: none, internal addresses are refused.",
    )
    max_output_tokens: int = Field(
        default=8_000,
        ge=256,
        le=64_000,
        description="Limit of output tokens; a prompt may say a lower one.",
    )
    timeout_seconds: float = Field(default=120, gt=0, le=900, description="Longest time of one call.")
    quiet_seconds: float = Field(
        default=30, gt=0, le=300, description="Longest silence in a call, and wait for a free place."
    )
    patience_seconds: float = Field(
        default=240, gt=0, le=3_600, description="Longest time of all tries for one letter together."
    )
    attempts: int = Field(default=3, ge=1, le=10, description="Tries with one provider, where it failed.")
    retry_first_seconds: float = Field(
        default=1, gt=0, description="Wait before the second try, then doubled; half of it is random."
    )
    retry_longest_seconds: float = Field(
        default=20,
        gt=0,
        description="Longest wait between two tries. A provider that wants a longer one is left.",
    )
    breaker_failures: int = Field(
        default=5, ge=1, description="Failures in a row that open a provider's circuit breaker."
    )
    breaker_seconds: float = Field(default=60, gt=0, description="How long it stays open.")
    cache_days: int = Field(
        default=7,
        ge=0,
        le=365,
        description="Days in which the answer to the same question is used again.",
    )
    monthly_dollars: Decimal | None = Field(
        default=None,
        ge=0,
        description="What a tenant may spend in a month (UTC); then letters are written without a model. "
        "Needs prices. Default: no limit.",
    )
    bedrock: Bedrock = Bedrock()
    anthropic: Anthropic = Anthropic()
    openai: OpenAi = OpenAi()

    @field_validator("providers")
    @classmethod
    def _known(cls, names: list[str]) -> list[str]:
        if unknown := [each for each in names if each not in PROVIDERS]:
            raise ValueError(f"there is no provider {unknown[0]}: write {', '.join(PROVIDERS)}")
        if len(set(names)) != len(names):
            raise ValueError("a provider occurs twice")
        return names

    @model_validator(mode="after")
    def _complete(self) -> LanguageModels:
        if "openai" in self.providers and not self.openai.model:
            raise ValueError("openai.model names no model")
        if self.monthly_dollars is not None:
            unpriced = [each for each in self.providers if getattr(self, each).price_in is None]
            if unpriced:
                raise ValueError(f"monthly_dollars needs {unpriced[0]}.price_in and {unpriced[0]}.price_out")
        return self
