"""What an assessor takes and what it gives back: one shape for messages, links, pictures, adverts.

Nothing here knows Django: `hueandcry scan` and every loop that reads text start without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeVar

from hueandcry.core.extract import Amount, Found, OpenAccount

Item = TypeVar("Item", contravariant=True)
Span = tuple[int, int]  #: first code point, and the one after the last, of the text as it was given


class Sort(StrEnum):
    """What was looked at."""

    MESSAGE = "message"
    URL = "url"
    JOB_ADVERT = "job-advert"
    PICTURE = "picture"
    EMAIL = "email"


class Finding(StrEnum):
    """What it looks like. `unknown`: the assessor abstains, which is an answer too."""

    SCAM = "scam"
    SUSPICIOUS = "suspicious"
    ORDINARY = "ordinary"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, as a stable code with parameters; doors say it in the reader's language."""

    code: str
    params: Mapping[str, str | int | float] = field(default_factory=dict)
    spans: tuple[Span, ...] = ()  #: the words that it speaks of


@dataclass(frozen=True, slots=True)
class Indicator:
    """One of the sixteen indicators of trafficking in a job advert, met or not."""

    code: str
    met: bool
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Assessment:
    """What one thing looks like, how sure that is, and why."""

    sort: Sort
    finding: Finding
    likelihood: float  #: 0 to 1: of scams among things that look like this
    language: str = "und"  #: ISO 639-1, `fil`, or `und`
    language_confidence: float = 0.0
    language_rivals: tuple[str, ...] = ()  #: what it may be as well, as `ms` beside `id`
    lure: str = ""  #: code of core.taxonomy; empty where none stands out
    method: str = ""
    reasons: tuple[Reason, ...] = ()
    signals: tuple[Found, ...] = ()
    amounts: tuple[Amount, ...] = ()
    accounts: tuple[OpenAccount, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    text: str = ""  #: what was read, where it was not given as text (a picture, an e-mail)
    model: str = ""  #: name and version of what scored it; empty where rules alone did


class Assessor(Protocol[Item]):
    """One way to look at one sort of thing. Pure: no network, no database, no clock."""

    def assess(self, item: Item) -> Assessment:
        """What `item` looks like; never raises for what it holds, however hostile."""
        ...
