"""What a notice says: type, short number, deadline and a link. Nothing of what a request is about.

A notice passes through the hands of others: mail servers, an SMS gateway, a telephone on a table.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from hueandcry.core.times import time_text
from hueandcry.core.types import SECOND, Micros


@dataclass(frozen=True, slots=True)
class About:
    """What a notice is about; `rule` is empty for a request that came in."""

    call: int
    request: int
    type: str
    rule: str
    due: Micros | None
    overdue: bool
    escalates_to: str
    step: int


@dataclass(frozen=True, slots=True)
class Wording:
    """One notice as each channel says it."""

    id: str  #: the same for every try
    subject: str
    text: str
    short: str
    body: bytes


def worded(id: str, about: About, console: str, at: Micros) -> Wording:
    """A notice about a call, with a link into the console at that address."""
    link = f"{console}/console/duty/"
    head = f"{about.type} #{about.request}: {_state(about)}"
    lines = [f"{head}.", ""]
    if about.escalates_to:
        lines += [f"The way on from here: {about.escalates_to}.", ""]
    lines += [
        f"Call {about.call}. Acknowledge it there, or the next on the roster are told:",
        link,
        "",
    ]
    return Wording(id, head, "\n".join(lines), f"{head}. {link}", _body(about, link, at))


def tried(id: str, at: Micros) -> Wording:
    """A notice that is about nothing: to see whether a channel works."""
    text = "This is a test of the notices of duty. Nothing is to be done."
    body = msgspec.json.encode({"type": "duty.test", "timestamp": time_text(at), "data": None})
    return Wording(id, "Test of the notices of duty", f"{text}\n", text, body)


def _state(about: About) -> str:
    until = "" if about.due is None else f" {_minute(about.due)}"
    if not about.rule:
        return f"new, due{until}" if until else "new"
    if about.overdue:
        return f"{about.rule} ran out{until}"
    return f"{about.rule} ends{until}"


def _minute(at: Micros) -> str:
    return datetime.fromtimestamp(at // SECOND, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _body(about: About, link: str, at: Micros) -> bytes:
    data: dict[str, Any] = {
        "call": about.call,
        "request": about.request,
        "request_type": about.type,
        "clock": about.rule or None,
        "due": None if about.due is None else time_text(about.due),
        "overdue": about.overdue,
        "escalates_to": about.escalates_to or None,
        "step": about.step,
        "url": link,
    }
    kind = "request.alarm" if about.rule else "request.arrived"
    return msgspec.json.encode({"type": kind, "timestamp": time_text(at), "data": data})
