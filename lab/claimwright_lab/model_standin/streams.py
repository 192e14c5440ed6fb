"""The streams of three providers, made of an answer's text: server-sent events, AWS event-stream frames."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from typing import Any

# What an answer "costs": a provider's tokenizer is not at hand, and tests need a number that they know.
TOKENS_IN = 1_200
TOKENS_OUT = 340


def pieces(text: str, size: int = 40) -> Iterator[str]:
    """The text in parts, as a model gives it."""
    for at in range(0, max(1, len(text)), size):
        yield text[at : at + size]


def anthropic_events(text: str, *, tool: str | None, stop: str, model: str) -> Iterator[bytes]:
    """The events of Anthropic's Messages; `tool` None: prose."""
    usage = {"input_tokens": TOKENS_IN, "output_tokens": 1}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": model, "content": []}
    yield _event("message_start", message=message | {"stop_reason": None, "usage": usage})
    block = {"type": "text", "text": ""} if tool is None else {
        "type": "tool_use", "id": "toolu_1", "name": tool, "input": {}}  # fmt: skip
    yield _event("content_block_start", index=0, content_block=block)
    yield _event("ping")
    for each in pieces(text):
        delta = {"type": "text_delta", "text": each} if tool is None else {
            "type": "input_json_delta", "partial_json": each}  # fmt: skip
        yield _event("content_block_delta", index=0, delta=delta)
    yield _event("content_block_stop", index=0)
    yield _event("message_delta", delta={"stop_reason": stop, "stop_sequence": None},
                 usage={"output_tokens": TOKENS_OUT})  # fmt: skip
    yield _event("message_stop")


def openai_events(text: str, *, stop: str, model: str) -> Iterator[bytes]:
    """The chunks of chat completions, with the usage last."""

    def chunk(**rest: Any) -> bytes:
        body = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": model, **rest}
        return b"data: " + json.dumps(body).encode() + b"\n\n"

    yield chunk(choices=[{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}])
    for each in pieces(text):
        yield chunk(choices=[{"index": 0, "delta": {"content": each}, "finish_reason": None}])
    yield chunk(choices=[{"index": 0, "delta": {}, "finish_reason": stop}])
    yield chunk(choices=[], usage={"prompt_tokens": TOKENS_IN, "completion_tokens": TOKENS_OUT,
                                   "total_tokens": TOKENS_IN + TOKENS_OUT})  # fmt: skip
    yield b"data: [DONE]\n\n"


def bedrock_frames(text: str, *, tool: str | None, stop: str) -> Iterator[bytes]:
    """The frames of ConverseStream; `tool` None: prose."""
    yield frame("messageStart", {"role": "assistant"})
    if tool is not None:
        start = {"toolUse": {"toolUseId": "t1", "name": tool}}
        yield frame("contentBlockStart", {"contentBlockIndex": 0, "start": start})
    for each in pieces(text):
        delta = {"text": each} if tool is None else {"toolUse": {"input": each}}
        yield frame("contentBlockDelta", {"contentBlockIndex": 0, "delta": delta})
    yield frame("contentBlockStop", {"contentBlockIndex": 0})
    yield frame("messageStop", {"stopReason": stop})
    yield frame("metadata", {
        "usage": {"inputTokens": TOKENS_IN, "outputTokens": TOKENS_OUT,
                  "totalTokens": TOKENS_IN + TOKENS_OUT},
        "metrics": {"latencyMs": 1},
    })  # fmt: skip


def frame(kind: str, body: dict[str, Any], *, exception: bool = False) -> bytes:
    """One frame of `application/vnd.amazon.eventstream`: lengths and checksums, headers, content."""
    names = (
        {":message-type": "exception", ":exception-type": kind}
        if exception
        else {":message-type": "event", ":event-type": kind}
    )
    headers = b"".join(
        bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()
        for name, value in ({**names, ":content-type": "application/json"}).items()
    )
    payload = json.dumps(body).encode()
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    rest = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + payload
    return rest + struct.pack(">I", zlib.crc32(rest))


def _event(kind: str, **rest: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **rest})}\n\n".encode()
