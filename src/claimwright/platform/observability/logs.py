"""Logs: one JSON object a line, on standard error, with the ids of the scope.

Keys that may be logged are listed in `disclosure`. A key that is not on the list is removed from the line and
named in `withheld`: logging must never make the work fail, and never disclose what it should not. An
exception is logged by its class and place; its message could contain a value and is left out.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

from claimwright.platform.disclosure import ALLOWED, LONGEST_TEXT, looks_like_phi

from .scope import current

if TYPE_CHECKING:
    from claimwright.platform.settings import Settings

_OWN_KEYS = {"event", "level", "logger", "timestamp", "withheld", "exception_class", "place"}
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
WITHHELD = "(withheld)"
# structlog reserves the name `logger`.
_NAME = "logger_name"


class Logger:
    """The type that `get_logger` returns: logs an event in a few plain words, with keys from the list."""

    def __init__(self, name: str) -> None:
        self._name = name

    def debug(self, event: str, **keys: Any) -> None:
        """Details for debugging."""
        self._tell("debug", event, keys)

    def info(self, event: str, **keys: Any) -> None:
        """Something was done."""
        self._tell("info", event, keys)

    def warning(self, event: str, **keys: Any) -> None:
        """A problem that a person should look at, not urgently."""
        self._tell("warning", event, keys)

    def error(self, event: str, **keys: Any) -> None:
        """A failure that a person must look at."""
        self._tell("error", event, keys)

    def _tell(self, level: str, event: str, keys: dict[str, Any]) -> None:
        if is_logging():
            getattr(_bound(self._name), level)(event, **keys)


def get_logger(name: str) -> Logger:
    """A logger with a name, such as `pipeline.worker`. Silent until `configure_logs` is called."""
    return Logger(name)


# By name, of the present configuration: to make one takes as long as to write a line.
_BOUND: dict[str, Any] = {}


def _bound(name: str) -> Any:
    known = _BOUND.get(name)
    if known is None:
        import structlog

        known = _BOUND[name] = structlog.get_logger(**{_NAME: name}).bind()
    return known


def is_logging() -> bool:
    """Whether log lines are written. Programs turn logging on; a library is silent by default.

    The logging library is loaded only then, because loading it takes longer than many commands.
    """
    library = sys.modules.get("structlog")
    return library is not None and bool(library.is_configured())


def configure_logs(settings: Settings | None = None, *, stream: TextIO | None = None) -> None:
    """Write log lines from now on, as the settings say.

    Of log records of libraries, only logger and level are written: their messages could contain patient data.
    """
    import structlog

    level = _LEVELS[settings.telemetry.log_level if settings else "info"]
    shape: Any = structlog.processors.JSONRenderer(sort_keys=True)
    if settings and settings.telemetry.log_format == "text":
        shape = structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            _with_scope,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _with_exception,
            disclosed,
            shape,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _Lines(stream),
        cache_logger_on_first_use=False,
    )
    _BOUND.clear()
    root = logging.getLogger()
    root.handlers = [_OthersHandler(level=max(level, logging.WARNING))]


def disclosed(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The line with the allowed keys only; removed keys are named in `withheld`."""
    withheld = []
    for name in list(line):
        value = line[name]
        if name in _OWN_KEYS:
            if isinstance(value, str) and looks_like_phi(value):
                line[name] = WITHHELD
        elif name not in ALLOWED or not _is_plain(value):
            del line[name]
            withheld.append(name)
    if withheld:
        line["withheld"] = sorted(withheld)
    return line


def _is_plain(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_plain(each) for each in value)
    if isinstance(value, str):
        return len(value) <= LONGEST_TEXT and not looks_like_phi(value)
    return value is None or isinstance(value, int | float)


def _with_scope(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    line["logger"] = line.pop(_NAME, "")
    for name, value in current().items():
        line.setdefault(name, value)
    return line


def _with_exception(
    _logger: object, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    given = line.pop("exc_info", None)
    if given:
        problem = given if isinstance(given, BaseException) else sys.exc_info()[1]
        if problem is not None:
            line["exception_class"] = type(problem).__name__
            line["place"] = _place_of(problem.__traceback__)
    return line


def _place_of(trace: TracebackType | None) -> str:
    """The module and line where an exception came from."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    return f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"


class _Lines:
    """Writes lines to a stream, or to the present standard error."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    def msg(self, line: str) -> None:
        """Write one line with one call, because several threads write."""
        target = self._stream or sys.stderr
        target.write(line + "\n")
        target.flush()

    debug = info = warning = error = msg


class _OthersHandler(logging.Handler):
    """Logs libraries' log records without their messages."""

    def emit(self, record: logging.LogRecord) -> None:
        tell = get_logger(record.name)
        (tell.error if record.levelno >= logging.ERROR else tell.warning)(
            "a library logged something", place=f"{record.module}:{record.lineno}"
        )
