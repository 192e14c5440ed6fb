"""Amazon Bedrock's ConverseStream, signed with Signature Version 4, with one tool that the model has to use.

Source: Amazon Bedrock API reference, ConverseStream; AWS General Reference, Signature Version 4;
`application/vnd.amazon.eventstream`. Signing, the chain of credentials and the frames of the event stream
with their checksums are botocore's (the extra `aws`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from pydantic import SecretStr

from claimwright.platform.outward_requests import OpenAnswer

from .asking import Ask, OnText, Reply, WireRequest, compact, one_object, whole_number
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

SERVICE = "bedrock"
_DECLINED = ("content_filtered", "guardrail_intervened")


@dataclass
class BedrockWire:
    """Speaks to Bedrock in one region. Without a key of its own it uses the standard chain of credentials."""

    model: str
    region: str
    endpoint: str | None = None
    access_key_id: SecretStr | None = None
    secret_access_key: SecretStr | None = None
    session_token: SecretStr | None = None
    temperature: float = 0.0
    name: str = field(default="bedrock", init=False)
    _chain: Any = field(default=None, init=False, repr=False)

    @property
    def url(self) -> str:
        """The address of the region, or the one that was set."""
        return self.endpoint or f"https://bedrock-runtime.{self.region}.amazonaws.com"

    def request(self, ask: Ask) -> WireRequest:
        """POST /model/MODEL/converse-stream, signed."""
        try:
            from botocore.auth import SigV4Auth
            from botocore.awsrequest import AWSRequest
        except ModuleNotFoundError:
            raise ModelRefusedError("Bedrock needs pip install 'claimwright[aws]'") from None
        body = {
            "system": [{"text": ask.system}],
            "messages": [{"role": "user", "content": [{"text": ask.user}]}],
            "inferenceConfig": {"maxTokens": ask.max_tokens, "temperature": self.temperature},
            "toolConfig": {
                "tools": [
                    {
                        "toolSpec": {
                            "name": ask.name, "description": "Gives the answer.",
                            "inputSchema": {"json": ask.schema},
                        }
                    }
                ],
                "toolChoice": {"tool": {"name": ask.name}},
            },
        }  # fmt: skip
        url = f"{self.url.rstrip('/')}/model/{quote(self.model, safe='')}/converse-stream"
        headers = {"content-type": "application/json", "accept": "application/vnd.amazon.eventstream"}
        made = AWSRequest(method="POST", url=url, data=compact(body), headers=headers)
        SigV4Auth(self._credentials(), SERVICE, self.region).add_auth(made)
        return WireRequest(url, dict(made.headers.items()), compact(body))

    def _credentials(self) -> Any:
        from botocore.credentials import Credentials
        from botocore.exceptions import BotoCoreError
        from botocore.session import Session

        if self.access_key_id is not None and self.secret_access_key is not None:
            token = self.session_token.get_secret_value() if self.session_token else None
            return Credentials(
                self.access_key_id.get_secret_value(), self.secret_access_key.get_secret_value(), token
            )
        try:
            if self._chain is None:
                self._chain = Session().get_credentials()
            if self._chain is not None:
                return self._chain.get_frozen_credentials()
        except BotoCoreError as problem:
            raise ModelRefusedError(f"no AWS credentials: {type(problem).__name__}") from None
        raise ModelRefusedError("no AWS credentials")

    def read(self, answer: OpenAnswer, on_text: OnText) -> Reply:
        """The input of the one tool, from its deltas. `metadata` with the usage comes after `messageStop`."""
        text, index, stop, usage = "", None, None, None
        for kind, event in _events(answer.chunks):
            if kind == "contentBlockStart" and "toolUse" in _mapping(event, "start"):
                if index is not None:
                    raise ModelMalformedError("it uses the tool twice")
                index = event.get("contentBlockIndex")
            elif kind == "contentBlockDelta":
                used = _mapping(event, "delta").get("toolUse")
                if isinstance(used, dict) and event.get("contentBlockIndex") == index:
                    part = used.get("input")
                    if not isinstance(part, str):
                        raise ModelMalformedError("a part of it is no text")
                    text += part
                    on_text(text)
            elif kind == "messageStop":
                stop = event.get("stopReason")
            elif kind == "metadata":
                usage = _mapping(event, "usage")
        if stop is None or usage is None:
            raise ModelCutOffError
        if stop == "max_tokens":
            raise ModelTruncatedError
        if stop in _DECLINED:
            raise ModelDeclinedError
        if index is None:
            raise ModelMalformedError("it is prose, where a form was asked for")
        return Reply(
            one_object(text), text, whole_number(usage.get("inputTokens")),
            whole_number(usage.get("outputTokens")),
        )  # fmt: skip


def _events(chunks: Iterator[bytes]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The events of a stream: kind and content.

    Raises:
        ModelMalformedError: a frame's length or checksum is wrong.
        LanguageModelError: the stream has an exception.
    """
    from botocore.eventstream import EventStreamBuffer, ParserError

    buffer = EventStreamBuffer()
    for chunk in chunks:
        buffer.add_data(chunk)
        try:
            frames = [(dict(each.headers), each.payload) for each in buffer]
        except (ParserError, ValueError, KeyError):
            raise ModelMalformedError("a frame of the stream is damaged") from None
        for headers, payload in frames:
            if headers.get(":message-type") != "event":
                raise stream_error(headers.get(":exception-type") or headers.get(":error-code"))
            try:
                yield str(headers.get(":event-type")), one_object(payload.decode())
            except UnicodeDecodeError:
                raise ModelMalformedError("it is not UTF-8") from None


def stream_error(kind: object) -> LanguageModelError:
    """What an exception in the stream, or in the header `x-amzn-errortype`, means."""
    word = str(kind or "").partition(":")[0].lower()
    if word in ("throttlingexception", "servicequotaexceededexception", "toomanyrequestsexception"):
        return ModelRateLimitedError("by its word for it")
    if word in ("validationexception", "accessdeniedexception", "resourcenotfoundexception"):
        return ModelRefusedError(word)
    return ModelServerError("by its word for it")


def _mapping(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = of.get(name)
    if not isinstance(found, dict):
        raise ModelMalformedError(f"an event lacks {name}")
    return found
