"""Duty as people and programs see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hueandcry.core.types import Micros


@dataclass(frozen=True, slots=True)
class ShiftView:
    """Somebody's span on duty."""

    number: int
    login: str
    name: str
    begins: Micros
    ends: Micros
    second: bool
    stands: bool  #: the person may still be on duty: active, with the role


@dataclass(frozen=True, slots=True)
class NoticeView:
    """One notice of a call, and how it fared."""

    channel: str
    login: str  #: empty for the webhook
    step: int
    state: str
    attempts: int
    done_at: Micros | None
    outcome: str


@dataclass(frozen=True, slots=True)
class CallView:
    """Something that people are called for."""

    number: int
    request: int  #: the short number of the request
    type: str
    rule: str  #: of the clock that rang; empty: the request came in
    due: Micros | None
    overdue: bool
    escalates_to: str
    made_at: Micros
    step: int
    next_at: Micros | None
    notices: Sequence[NoticeView]


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A request that was open when a note was written."""

    number: int
    type: str
    state: str
    due: Micros | None


@dataclass(frozen=True, slots=True)
class NoteView:
    """What somebody left for the next; without words and requests once it is purged."""

    number: int
    login: str
    name: str
    at: Micros
    words: str
    open: Sequence[OpenRequest]
    taken_by: str  #: login; empty: nobody yet
    taken_at: Micros | None


@dataclass(frozen=True, slots=True)
class ChannelView:
    """How a channel fares."""

    channel: str
    waiting: int  #: notices that were tried and wait for another try
    failed: int  #: notices that were given up within a day
    outcome: str  #: what the newest of them came to
