"""An HTTP server on a port of this machine that answers as Anthropic, OpenAI and Bedrock do, faults included.

What it answers comes from steps, taken one after another, and then from `answer`, a function of the question.
What it was asked is kept. A request without the right key, or with a wrong signature, is refused as the real
ones refuse it.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from . import streams
from .signatures import signature_problem

KEY, SECRET, REGION = "AKIDEXAMPLE", "a-secret-of-the-stand-in", "us-east-1"
_STOPS = {
    "anthropic": ("tool_use", "end_turn", "max_tokens", "refusal"),
    "openai": ("stop", "stop", "length", "content_filter"),
    "bedrock": ("tool_use", "end_turn", "max_tokens", "content_filtered"),
}
_ERRORS = {429: "ThrottlingException", 500: "InternalServerException", 503: "ServiceUnavailableException",
           400: "ValidationException", 403: "AccessDeniedException"}  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One answer. `value` is the object that is answered; `text` is answered as it is instead of it.

    `status` other than 200 is an error with `headers`. `wait` seconds pass first, `drip` between two parts.
    The connection is closed after the share `cut` of the stream. `damage` breaks the stream in its middle,
    `prose` answers in free text, `stop` is 2 where the limit of tokens was reached and 3 where the model
    declines, `error` ends the stream with the provider's error event.
    """

    value: Mapping[str, Any] | None = None
    text: str | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: float = 0.0
    drip: float = 0.0
    cut: float | None = None
    damage: bool = False
    prose: bool = False
    stop: int = 0
    error: bool = False


@dataclass(frozen=True)
class Asked:
    """A request that came in, with the question in it. `problem`: why it was refused."""

    provider: str
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    system: str
    user: str
    tool: str
    problem: str | None


Answers = Callable[[Asked], Mapping[str, Any]]


def nothing(_: Asked) -> Mapping[str, Any]:
    """An empty object."""
    return {}


@dataclass
class ModelStandin:
    """The server's address, what it answers, and what it was asked."""

    url: str
    answer: Answers = nothing
    steps: list[Step] = field(default_factory=list)
    always: Step | None = None
    asked: list[Asked] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    most_at_once: int = 0
    at_once: int = 0

    def address(self, provider: str) -> str:
        """The base URL of a provider."""
        return f"{self.url}/{provider}" + ("/v1" if provider == "openai" else "")

    def next_step(self, asked: Asked) -> Step:
        """What is answered to a request, which is kept."""
        with self.lock:
            self.asked.append(asked)
            if self.steps:
                return self.steps.pop(0)
        return self.always or Step()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    standin: ModelStandin

    def handle_error(self, *_: object) -> None:
        """Connections that are cut off are what this is for."""


@contextmanager
def standing_in(answer: Answers = nothing) -> Iterator[ModelStandin]:
    """The server, until the block ends."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        made = server.standin = ModelStandin(f"http://127.0.0.1:{server.server_port}", answer)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        assert isinstance(self.server, _Server)
        standin = self.server.standin
        headers = {name.lower(): value for name, value in self.headers.items()}
        content = self.rfile.read(int(headers.get("content-length", "0")))
        provider = self.path.split("/")[1]
        asked = _question(provider, self.path, headers, content)
        if asked.problem is not None:
            standin.asked.append(asked)
            self._refuse(403 if provider == "bedrock" else 401, {})
            return
        step = standin.next_step(asked)
        with standin.lock:
            standin.at_once += 1
            standin.most_at_once = max(standin.most_at_once, standin.at_once)
        time.sleep(step.wait)
        # Before it answers: who has the answer may ask again before this line would run.
        with standin.lock:
            standin.at_once -= 1
        try:
            if step.status != 200:
                self._refuse(step.status, step.headers)
                return
            self._stream(provider, asked, step, standin)
        except OSError:
            self.close_connection = True

    def _refuse(self, status: int, headers: Mapping[str, str]) -> None:
        body = json.dumps({"error": {"type": "stand_in", "message": "a fault of the stand-in"}}).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if self.path.startswith("/bedrock"):
            self.send_header("x-amzn-errortype", _ERRORS.get(status, "InternalServerException"))
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, provider: str, asked: Asked, step: Step, standin: ModelStandin) -> None:
        said = step.text
        if said is None:
            said = json.dumps(dict(step.value if step.value is not None else standin.answer(asked)))
        stop = _STOPS[provider][1 if step.prose else step.stop]
        tool = None if step.prose else asked.tool
        if provider == "anthropic":
            parts = list(streams.anthropic_events(said, tool=tool, stop=stop, model=str(asked.body["model"])))
            fault = b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error"}}\n\n'
        elif provider == "openai":
            parts = list(streams.openai_events(said, stop=stop, model=str(asked.body["model"])))
            fault = b'data: {"error":{"message":"overloaded"}}\n\n'
        else:
            parts = list(streams.bedrock_frames(said, tool=tool, stop=stop))
            fault = streams.frame("modelStreamErrorException", {"message": "x"}, exception=True)
        kept = len(parts) if step.cut is None else int(len(parts) * step.cut)
        kind = "application/vnd.amazon.eventstream" if provider == "bedrock" else "text/event-stream"
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for at, part in enumerate(parts[:kept]):
            if step.error and at == len(parts) // 2:
                part = fault
            if step.damage and at == len(parts) // 2:
                part = b"data: {\n\n" if provider != "bedrock" else part[:-6] + b"oops!!"
            time.sleep(step.drip)
            self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            self.wfile.flush()
        if step.cut is not None:
            self.close_connection = True
            return
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_: object) -> None:
        return


def _question(provider: str, path: str, headers: Mapping[str, str], content: bytes) -> Asked:
    body = json.loads(content)
    problem: str | None = None
    if provider == "anthropic":
        system, user, tool = body["system"], body["messages"][0]["content"], body["tools"][0]["name"]
        if headers.get("x-api-key") != KEY or headers.get("anthropic-version") != "2023-06-01":
            problem = "no key or version"
        elif body["tool_choice"]["name"] != tool or path != "/anthropic/v1/messages":
            problem = "another path or tool"
    elif provider == "openai":
        system, user = (each["content"] for each in body["messages"])
        form = body["response_format"]
        tool = form["json_schema"]["name"]
        if headers.get("authorization") != f"Bearer {KEY}":
            problem = "no key"
        elif not form["json_schema"]["strict"] or path != "/openai/v1/chat/completions":
            problem = "another path, or no strict schema"
    else:
        system, user = body["system"][0]["text"], body["messages"][0]["content"][0]["text"]
        tool = body["toolConfig"]["tools"][0]["toolSpec"]["name"]
        problem = signature_problem(
            "POST", path, headers, content, key=KEY, secret=SECRET, region=REGION, service="bedrock"
        )
        if not unquote(path).endswith("/converse-stream"):
            problem = "another path"
    return Asked(provider, path, headers, body, system, user, tool, problem)
