"""Builds the gateway to language models from settings: one for a process and store."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from claimwright.platform.database import Database
    from claimwright.platform.language_models import Gateway, ModelLimits, Price, Provider, Wire
    from claimwright.platform.phi import Sealer
    from claimwright.platform.settings import Settings
    from claimwright.platform.settings.language_models import Anthropic, Bedrock, OpenAi

# Breakers and places are the state of a process, so that every request of the API finds the same gateway.
_GATEWAYS: weakref.WeakKeyDictionary[Database, tuple[Settings, Gateway]] = weakref.WeakKeyDictionary()
_LOCK = threading.Lock()


def language_gateway(settings: Settings, database: Database, sealer: Sealer) -> Gateway | None:
    """The gateway to the providers of the settings; None where none is set.

    Opens no connection: a provider that is away shows when it is asked.
    """
    from claimwright.platform.language_models import Gateway

    if not settings.language_models.providers:
        return None
    with _LOCK:
        found = _GATEWAYS.get(database)
        if found is None or found[0] is not settings:
            made = Gateway(_providers(settings), _limits(settings), database, sealer)
            found = _GATEWAYS[database] = (settings, made)
        return found[1]


def _limits(settings: Settings) -> ModelLimits:
    from claimwright.platform.language_models import ModelLimits

    said = settings.language_models
    return ModelLimits(
        attempts=said.attempts, retry_first_seconds=said.retry_first_seconds,
        retry_longest_seconds=said.retry_longest_seconds, timeout_seconds=said.timeout_seconds,
        quiet_seconds=said.quiet_seconds, patience_seconds=said.patience_seconds,
        breaker_failures=said.breaker_failures, breaker_seconds=said.breaker_seconds,
        cache_days=said.cache_days, monthly_dollars=said.monthly_dollars,
        inward_hosts=frozenset(each.lower() for each in said.inward_hosts),
    )  # fmt: skip


def _providers(settings: Settings) -> list[Provider]:
    from claimwright.platform.language_models import AnthropicWire, BedrockWire, OpenAiWire, Provider

    said = settings.language_models
    wires: dict[str, Callable[[], Wire]] = {
        "bedrock": lambda: BedrockWire(
            said.bedrock.model, said.bedrock.region, said.bedrock.endpoint, said.bedrock.access_key_id,
            said.bedrock.secret_access_key, said.bedrock.session_token,
        ),
        "anthropic": lambda: AnthropicWire(said.anthropic.model, said.anthropic.url, said.anthropic.key),
        "openai": lambda: OpenAiWire(
            said.openai.model, said.openai.url, said.openai.key, said.openai.limit_field
        ),
    }  # fmt: skip
    made = []
    for name in said.providers:
        one: Bedrock | Anthropic | OpenAi = getattr(said, name)
        made.append(Provider(wires[name](), _price(one), one.concurrent))
    return made


def _price(one: Bedrock | Anthropic | OpenAi) -> Price | None:
    from claimwright.platform.language_models import Price

    if one.price_in is None or one.price_out is None:
        return None
    return Price(one.price_in, one.price_out)
