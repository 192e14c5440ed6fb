"""Three providers, spoken to over HTTP: a stand-in on this machine, and a gateway with a clock by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr
from tests.database_server import Store, new_store
from tests.hand_clock import HandClock

from claimwright.assembly.stores import open_sealer
from claimwright.domain.caller import Caller
from claimwright.platform.database import Database, EmbeddedServer
from claimwright.platform.language_models import (
    Answered,
    AnthropicWire,
    Ask,
    BedrockWire,
    Gateway,
    ModelCall,
    ModelLimits,
    ModelSchemaError,
    OpenAiWire,
    Price,
    Provider,
    Purpose,
    Wire,
    model_calls,
)
from claimwright.platform.phi import Sealer
from claimwright.platform.settings import load_settings
from claimwright_lab.model_standin import KEY, REGION, SECRET, ModelStandin, standing_in

CALLER = Caller("default", "user:1")
PURPOSE = Purpose("appeal:12", "drafting", "appeal-draft@1")
SCHEMA = {
    "type": "object", "properties": {"words": {"type": "array", "items": {"type": "string"}}},
    "required": ["words"], "additionalProperties": False,
}  # fmt: skip
ASK = Ask("You write words.", "Write two words.", SCHEMA, "words", 500, "words")
GOOD = {"words": ["one", "two"]}
# 3 dollars for a million tokens sent, 15 for a million answered: 1,200 and 340 tokens are $0.0087.
PRICE = Price(Decimal(3), Decimal(15))
COST = Decimal("0.008700")


def check(value: Mapping[str, Any]) -> list[str]:
    """The words, as the schema has them."""
    words = value.get("words")
    if (
        set(value) != {"words"}
        or not isinstance(words, list)
        or not all(isinstance(each, str) for each in words)
    ):
        raise ModelSchemaError(["words is not a list of words"])
    return list(words or [])


def wires(standin: ModelStandin) -> dict[str, Wire]:
    """How each provider is spoken to."""
    return {
        "anthropic": AnthropicWire("claude-x", standin.address("anthropic"), SecretStr(KEY)),
        "openai": OpenAiWire("gpt-x", standin.address("openai"), SecretStr(KEY)),
        "bedrock": BedrockWire(
            "us.anthropic.claude-x-v1:0", REGION, standin.address("bedrock"), SecretStr(KEY),
            SecretStr(SECRET),
        ),
    }  # fmt: skip


@dataclass
class Desk:
    """A gateway, what it talks to, and what its clock slept."""

    standin: ModelStandin
    database: Database
    sealer: Sealer
    clock: HandClock = field(default_factory=HandClock)
    slept: list[float] = field(default_factory=list)

    def gateway(self, *names: str, limits: ModelLimits | None = None, concurrent: int = 4) -> Gateway:
        """A gateway that asks these providers in this order."""
        spoken = wires(self.standin)
        return Gateway(
            [Provider(spoken[name], PRICE, concurrent) for name in names], limits or limited(), self.database,
            self.sealer, now=self.clock, sleep=self._sleep, jitter=lambda: 0.5,
        )  # fmt: skip

    def ask(self, gateway: Gateway, ask: Ask = ASK, **options: Any) -> Answered[list[str]]:
        """What the gateway answers."""
        return gateway.ask(CALLER, ask, PURPOSE, check, **options)

    def calls(self) -> list[ModelCall]:
        """The calls that were kept, oldest first."""
        with self.database.transaction(CALLER) as connection:
            return model_calls(connection)[::-1]

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.move(seconds)


def limited(**changes: Any) -> ModelLimits:
    """Limits of a test: two seconds of silence, and this machine may be asked."""
    known: dict[str, Any] = {
        "timeout_seconds": 5, "quiet_seconds": 2, "inward_hosts": frozenset({"127.0.0.1"}), "cache_days": 0,
    }  # fmt: skip
    return ModelLimits(**(known | changes))


@pytest.fixture(scope="module")
def wires_store(server: EmbeddedServer, template: str) -> Iterator[Store]:
    """A store for the tests of a module, since each leaves nothing but calls and breakers."""
    with new_store(server, template) as made:
        yield made


@pytest.fixture(scope="module")
def opened(
    wires_store: Store, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Database, Sealer, ModelStandin]]:
    """The store, its keys, and the providers."""
    home = tmp_path_factory.mktemp("models")
    settings = load_settings(folder=home, variables={"CLAIMWRIGHT_HOME": str(home / "home")})
    with wires_store.open() as database, standing_in() as standin:
        yield database, open_sealer(settings, database), standin


@pytest.fixture
def desk(wires_store: Store, opened: tuple[Database, Sealer, ModelStandin]) -> Desk:
    """A gateway's parts, as if nothing had been asked yet."""
    with psycopg.connect(wires_store.superuser) as connection:
        connection.execute("delete from platform.model_calls")
        connection.execute("delete from platform.breakers")
    database, sealer, standin = opened
    standin.steps, standin.always, standin.asked, standin.most_at_once = [], None, [], 0
    standin.answer = lambda _: GOOD
    return Desk(standin, database, sealer)
