"""The Messages API of Anthropic, streamed, with one tool that the model has to use: its input is the answer.

Source: Anthropic API reference, Messages (version 2023-06-01), Streaming, Tool use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from claimwright.platform.outward_requests import OpenAnswer

from .asking import Ask, OnText, Reply, WireRequest, compact, one_object, server_events, whole_number
from .errors import (
    LanguageModelError,
    ModelCutOffError,
    ModelDeclinedError,
    ModelMalformedError,
    ModelRateLimitedError,
    ModelRefusedError,
    ModelServerError,
    ModelTruncatedError,
)

VERSION = "2023-06-01"


@dataclass
class AnthropicWire:
    """Speaks to Anthropic, or to what speaks like it."""

    model: str
    url: str
    key: SecretStr | None
    temperature: float = 0.0
    name: str = field(default="anthropic", init=False)

    def request(self, ask: Ask) -> WireRequest:
        """POST /v1/messages."""
        if self.key is None:
            raise ModelRefusedError("language_models.anthropic.key is not set")
        body = {
            "model": self.model, "max_tokens": ask.max_tokens, "temperature": self.temperature,
            "stream": True,
            "system": ask.system, "messages": [{"role": "user", "content": ask.user}],
            "tools": [
                {"name": ask.name, "description": "Gives the answer.", "input_schema": ask.schema}
            ],
            "tool_choice": {"type": "tool", "name": ask.name, "disable_parallel_tool_use": True},
        }  # fmt: skip
        headers = {
            "content-type": "application/json", "accept": "text/event-stream",
            "anthropic-version": VERSION, "x-api-key": self.key.get_secret_value(),
        }  # fmt: skip
        return WireRequest(f"{self.url.rstrip('/')}/v1/messages", headers, compact(body))

    def read(self, answer: OpenAnswer, on_text: OnText) -> Reply:
        """The input of the one tool, from its deltas."""
        said = _Said()
        for event in server_events(answer.chunks):
            if event is None:
                raise ModelMalformedError("it ends like another provider's")
            if said.take(event, on_text):
                return said.reply()
        raise ModelCutOffError


@dataclass
class _Said:
    """What came so far."""

    text: str = ""
    tool_index: int | None = None
    stop: str | None = None
    tokens_in: int = 0
    tokens_out: int = 0

    def take(self, event: Mapping[str, Any], on_text: OnText) -> bool:
        """Whether this is the last event."""
        kind = event.get("type")
        if kind == "error":
            raise stream_error(_mapping(event, "error").get("type"))
        if kind == "message_start":
            usage = _mapping(_mapping(event, "message"), "usage")
            # What was read from or written to the provider's own cache was sent as well.
            self.tokens_in = sum(
                whole_number(usage.get(each))
                for each in ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
            )
        elif kind == "content_block_start":
            if _mapping(event, "content_block").get("type") == "tool_use":
                if self.tool_index is not None:
                    raise ModelMalformedError("it uses the tool twice")
                self.tool_index = event.get("index")
        elif kind == "content_block_delta":
            delta = _mapping(event, "delta")
            if delta.get("type") == "input_json_delta" and event.get("index") == self.tool_index:
                part = delta.get("partial_json")
                if not isinstance(part, str):
                    raise ModelMalformedError("a part of it is no text")
                self.text += part
                on_text(self.text)
        elif kind == "message_delta":
            self.stop = _mapping(event, "delta").get("stop_reason") or self.stop
            counted = event.get("usage")
            if isinstance(counted, dict):
                self.tokens_out = whole_number(counted.get("output_tokens")) or self.tokens_out
        return kind == "message_stop"

    def reply(self) -> Reply:
        """The answer."""
        if self.stop == "max_tokens":
            raise ModelTruncatedError
        if self.stop == "refusal":
            raise ModelDeclinedError
        if self.tool_index is None:
            raise ModelMalformedError("it is prose, where a form was asked for")
        return Reply(one_object(self.text), self.text, self.tokens_in, self.tokens_out)


def stream_error(kind: object) -> LanguageModelError:
    """What an `error` event in the stream means."""
    if kind == "rate_limit_error":
        return ModelRateLimitedError("in the middle of the answer")
    if kind in ("invalid_request_error", "authentication_error", "permission_error", "not_found_error"):
        return ModelRefusedError("in the middle of the answer")
    return ModelServerError("in the middle of the answer")


def _mapping(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = of.get(name)
    if not isinstance(found, dict):
        raise ModelMalformedError(f"an event lacks {name}")
    return found
