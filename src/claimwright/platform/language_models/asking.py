"""What is asked of a language model, and what comes back: a JSON object of a stated form, never free text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from claimwright.platform.outward_requests import OpenAnswer

from .errors import ModelMalformedError

# Called with the answer so far, while it comes.
OnText = Callable[[str], None]


@dataclass(frozen=True)
class Ask:
    """A question. `schema` is the JSON Schema of the answer, `name` its name, `max_tokens` its limit.

    `counted` is a key that each part of the answer has once, such as `facts`: progress is counted by it.
    """

    system: str
    user: str
    schema: Mapping[str, Any]
    name: str
    max_tokens: int
    counted: str = ""

    def again(self, problems: str, before: str) -> Ask:
        """The question once more, with what was wrong with the answer before."""
        said = (
            f"{self.user}\n\nYour last answer could not be used: {problems}\n"
            f"It was: {before}\nGive the whole answer again, in the form that was asked for."
        )
        return Ask(self.system, said, self.schema, self.name, self.max_tokens, self.counted)


@dataclass(frozen=True)
class WireRequest:
    """One HTTP request, ready to be sent."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """What a model answered: the JSON object, its text, and the tokens that were counted."""

    value: Mapping[str, Any]
    text: str
    tokens_in: int
    tokens_out: int


class Wire(Protocol):
    """How a provider is spoken to."""

    @property
    def name(self) -> str:
        """Such as `bedrock`."""

    @property
    def model(self) -> str:
        """The model that is asked."""

    @property
    def url(self) -> str:
        """The base URL."""

    def request(self, ask: Ask) -> WireRequest:
        """The request for a question.

        Raises:
            ModelRefusedError: it can't be made, such as without a key.
        """

    def read(self, answer: OpenAnswer, on_text: OnText) -> Reply:
        """What a stream with status 200 says.

        Raises:
            LanguageModelError: it has no answer.
            OutwardRequestError: the connection failed.
        """


def compact(value: object) -> bytes:
    """JSON as it is sent."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def one_object(text: str) -> Mapping[str, Any]:
    """The JSON object that a text is.

    Raises:
        ModelMalformedError: it is none.
    """
    try:
        found = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise ModelMalformedError("it is no JSON") from None
    if not isinstance(found, dict):
        raise ModelMalformedError("it is no JSON object")
    return found


def whole_number(value: object) -> int:
    """A count of tokens; 0 where there is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


def server_events(chunks: Iterator[bytes]) -> Iterator[Mapping[str, Any] | None]:
    """The JSON objects of a stream of server-sent events; None for `[DONE]`.

    Source: HTML Living Standard, section 9.2.6. A last event without its empty line is no event.

    Raises:
        ModelMalformedError: an event's data are no JSON object.
    """
    data: list[bytes] = []
    for line in _lines(chunks):
        if not line:
            if data:
                joined = b"\n".join(data)
                data = []
                yield None if joined.strip() == b"[DONE]" else _event(joined)
        elif line.startswith(b"data:"):
            data.append(line[5:].removeprefix(b" "))


def _event(data: bytes) -> Mapping[str, Any]:
    try:
        return one_object(data.decode())
    except UnicodeDecodeError:
        raise ModelMalformedError("it is not UTF-8") from None


def _lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        rest += chunk
        # A carriage return at the end may be half of a line break.
        *lines, rest = rest.replace(b"\r\n", b"\n").split(b"\n")
        yield from lines


def _no_constant(_: str) -> None:
    raise ValueError("NaN and Infinity are no JSON")
