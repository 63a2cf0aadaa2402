"""Requests as people and programs see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hueandcry.apps.cooperation.outside import Told
from hueandcry.apps.cooperation.translating import TranslationView
from hueandcry.apps.cooperation.wire import Said
from hueandcry.core.types import Fingerprint, Micros


@dataclass(frozen=True, slots=True)
class AlarmView:
    """One time that a clock rang."""

    due: Micros
    rang_at: Micros
    overdue: bool
    escalates_to: str  #: what its rule names as the way on; empty for none


@dataclass(frozen=True, slots=True)
class ClockView:
    """One deadline of a request."""

    rule: str
    says: str
    article: str
    started: Micros
    due: Micros | None  #: none while it stands still
    overdue: bool
    ended_at: Micros | None
    alarms: Sequence[AlarmView]  #: that rang, in order


@dataclass(frozen=True, slots=True)
class ActView:
    """One act upon a request, by either side."""

    n: int
    machine: str  #: whose states these are: request or hold
    event: str
    source: str
    target: str
    side: str
    person: int | None  #: one of ours
    at: Micros
    said: Said
    document: str | None  #: digest of what told of it
    log_index: int | None
    refused: str  #: why the other node did not take it in; empty where it did, or has not yet
    paper: Told | None = None  #: the letter that tells of it, whose digest is `document`


@dataclass(frozen=True, slots=True)
class Listed:
    """A request in a list, with the deadline that comes next."""

    number: int
    id: UUID
    type: str
    side: str
    peer: Fingerprint
    peer_name: str
    state: str
    version: int
    moved_at: Micros
    due: Micros | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class RequestView:
    """One request with all that is known of it here."""

    listed: Listed
    instrument: str
    basis: Mapping[str, Any]  #: of ours: on which day, articles, why, whose form
    given: Mapping[str, Any]
    signers: Sequence[str]
    document: str | None
    zone: str
    before: str
    answer_by: Micros | None
    hold: str  #: state of the hold; empty where it has none
    hold_until: Micros | None
    open_to_us: Sequence[str]  #: acts that this side may try now
    clocks: Sequence[ClockView]
    acts: Sequence[ActView]
    doubts: Sequence[str]  #: what should be looked at, each with its article
    refused: str  #: why the other node did not take it in
    outside: bool  #: it goes on paper
    open_to_them: Sequence[str]  #: acts of the other side that can be entered from a letter
    translations: Sequence[TranslationView]  #: the newest of each language
