"""The log: one JSON object a line on stderr, without personal data.

What an exception says may hold a value that somebody asked for, and a database's complaint a whole
row: only its kind, its code and where it happened are kept.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final

from hueandcry.core.errors import HueError

LEVELS: Final = ("error", "warning", "info")

#: Set by `hueandcry serve --log`.
LEVEL: Final = "HUEANDCRY_LOG_LEVEL"

#: What our own lines may carry beside the message (doors/desk/metering.py).
_FIELDS: Final = ("door", "request", "method", "status", "ms", "loop", "peer")
_PLAIN: Final = (str, int, float)  #: Django's own lines have a whole request under such a name


class JsonLines(logging.Formatter):
    """A record as {at, level, logger, message, …}; an exception as {kind, code?, at: [file:line]}.

    The message is the text as it stands in the code: its arguments are given only for our own
    loggers, whose calls name loops, peers and numbers.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
        }
        line |= {n: value for n in _FIELDS if isinstance(value := record.__dict__.get(n), _PLAIN)}
        if record.exc_info and record.exc_info[1] is not None:
            line["exception"] = _exception(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def _message(record: logging.LogRecord) -> str:
    ours = record.name.split(".", 1)[0] == "hueandcry"
    return record.getMessage() if ours else str(record.msg)


def _exception(error: BaseException) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": type(error).__name__, "at": _places(error.__traceback__)}
    if isinstance(error, HueError):
        found["code"] = error.code
    if error.__cause__ is not None:
        found["cause"] = _exception(error.__cause__)
    return found


def _places(trace: TracebackType | None) -> list[str]:
    """`module:line` from the outermost call inwards."""
    places = []
    while trace is not None:
        module = trace.tb_frame.f_globals.get("__name__", "?")
        places.append(f"{module}:{trace.tb_lineno}")
        trace = trace.tb_next
    return places[-20:]


def begin(level: str = "warning") -> None:
    """Sends every logger's lines to stderr in this form, from `level` upward."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
