"""Chat completions as OpenAI and many local servers speak them, streamed, with a JSON schema as the format.

Source: OpenAI API reference, Create chat completion, Structured outputs. vLLM, llama.cpp's server, Ollama and
others answer the same path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from claimwright.platform.outward_requests import OpenAnswer

from .asking import Ask, OnText, Reply, WireRequest, compact, one_object, server_events, whole_number
from .errors import (
    ModelCutOffError,
    ModelDeclinedError,
    ModelMalformedError,
    ModelServerError,
    ModelTruncatedError,
)


@dataclass
class OpenAiWire:
    """Speaks to OpenAI, or to a server that speaks like it. A local server may need no key."""

    model: str
    url: str
    key: SecretStr | None
    limit_field: str = "max_completion_tokens"
    temperature: float = 0.0
    name: str = field(default="openai", init=False)

    def request(self, ask: Ask) -> WireRequest:
        """POST /chat/completions below the base URL, which ends in /v1 with OpenAI."""
        body = {
            "model": self.model, self.limit_field: ask.max_tokens, "temperature": self.temperature,
            "stream": True, "stream_options": {"include_usage": True},
            "messages": [{"role": "system", "content": ask.system}, {"role": "user", "content": ask.user}],
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": ask.name, "strict": True, "schema": ask.schema},
            },
        }  # fmt: skip
        headers = {"content-type": "application/json", "accept": "text/event-stream"}
        if self.key is not None:
            headers["authorization"] = f"Bearer {self.key.get_secret_value()}"
        return WireRequest(f"{self.url.rstrip('/')}/chat/completions", headers, compact(body))

    def read(self, answer: OpenAnswer, on_text: OnText) -> Reply:
        """The content of the first choice, from its deltas."""
        text, stop, usage, declined = "", None, {}, False
        for event in server_events(answer.chunks):
            if event is None:
                break
            if "error" in event:
                raise ModelServerError("in the middle of the answer")
            if isinstance(event.get("usage"), dict):
                usage = event["usage"]
            choice = _first_choice(event)
            if choice is None:
                continue
            delta = choice.get("delta")
            delta = delta if isinstance(delta, dict) else {}
            declined |= bool(delta.get("refusal"))
            part = delta.get("content") or ""
            if not isinstance(part, str):
                raise ModelMalformedError("a part of it is no text")
            if part:
                text += part
                on_text(text)
            stop = choice.get("finish_reason") or stop
        if stop is None:
            raise ModelCutOffError
        if stop == "length":
            raise ModelTruncatedError
        if declined or stop == "content_filter":
            raise ModelDeclinedError
        return Reply(
            one_object(text), text, whole_number(usage.get("prompt_tokens")),
            whole_number(usage.get("completion_tokens")),
        )  # fmt: skip


def _first_choice(event: Mapping[str, Any]) -> Mapping[str, Any] | None:
    choices = event.get("choices")
    if not isinstance(choices, list):
        raise ModelMalformedError("an event lacks choices")
    for each in choices:
        if isinstance(each, dict) and each.get("index", 0) == 0:
            return each
    return None
