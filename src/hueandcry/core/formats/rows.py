"""What every reader gives and every writer takes: rows of a list, and entries of one of ours."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from hueandcry.core.taxonomy import is_code
from hueandcry.core.types import Kind, Marking, Micros, Signal, Tlp, Verdict


@dataclass(frozen=True, slots=True)
class Said:
    """What a format states about one value beside the value itself; None or empty: nothing."""

    verdict: Verdict | None = None
    marking: Marking | None = None
    confidence: int | None = None
    valid_from: Micros | None = None
    valid_until: Micros | None = None
    lure: str = ""
    method: str = ""
    id: str = ""  #: the upstream's own name of it


class Row(NamedTuple):
    """One value of a list: its place, for messages, and the text as it was written.

    `kind` is what the format says that it is. A row with a `fault` (a code of FAULTS) is no claim,
    and is counted as rejected for that reason.
    """

    n: int
    text: str
    kind: Kind | None = None
    said: Said | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Options:
    """How a list is to be read."""

    column: str | None = None  #: of CSV and NDJSON: the only one that is read
    #: Whether STIX observables that stand alone are values: None means only in a bundle that
    #: holds no indicator, since beside indicators they are context.
    observables: bool | None = None
    #: Whether MISP attributes that are not meant for detection are values too.
    without_ids: bool = False


@dataclass(slots=True)
class Account:
    """What a reader met that is no row: scaffolding of its format, by its type."""

    skipped: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of a list that this node gives out, with what it answers about it."""

    signal: Signal
    verdict: Verdict
    tlp: Tlp
    since: Micros
    until: Micros
    modified: Micros
    lure: str = ""
    method: str = ""
    confidence: int | None = None
    reason: str = ""  #: the reason code of the verdict


@dataclass(frozen=True, slots=True)
class Heading:
    """What a list says about itself."""

    name: str
    audience: str
    tlp: Tlp
    member: str  #: name of the member whose list it is
    fingerprint: str
    country: str
    url: str
    at: Micros
    serial: int = 1  #: grows with every change (RFC 1982)
    passes: tuple[tuple[str, bool], ...] = ()  #: hosts never blocked; True: with all below them


#: Why a row is no claim: code → meaning. Codes of `core.normal` come on top of these.
FAULTS: Final[dict[str, str]] = {
    "not_text": "The line is not UTF-8 text, or is longer than 1 MiB.",
    "not_a_record": "The line is no record of its format, or lacks the wanted column.",
    "object_shape": "The object is not formed as its standard says.",
    "no_signal": "Its type is no kind of signal.",
    "observable": "An observable beside indicators is context, and nobody says it is bad.",
    "revoked": "Its creator has revoked or deleted it.",
    "not_for_detection": "It is not marked for detection (MISP to_ids).",
    "warning_list": "Its own platform warns that it is a well-known legitimate value.",
    "victim": "It names a victim, a target or who was impersonated.",
    "payment_card": "Numbers of payment cards are never taken.",
    "resolved_address": "An address that a name pointed to: others may live there too.",
    "network": "A network is no single value.",
    "address_trigger": "RPZ rules on addresses or name servers are no signals.",
    "not_a_block": "The rule of the zone lets pass, redirects or limits, and blocks nothing.",
    "integrity": "The event of a feed is not what its manifest says.",
    "file": "The event that a manifest names is missing.",
    "misp_shape": "It is no MISP event.",
    "wildcard": "The rule of the zone blocks what is below a name, and not the name.",
    "pattern": "The STIX pattern is more than one equality on a known property.",
    "pattern_type": "The indicator has a pattern that is not STIX.",
    "indicator_shape": "The indicator is not formed as STIX 2.1 says.",
    "indicator_pattern": "The pattern is not the one that its claim extension gives.",
    "indicator_times": "The indicator ends before it begins, or changed before it was made.",
    "time": "A time in it is none.",
    "duplicate_member": "A member stands twice in one JSON object.",
    "too_large": "It has more than 64 KiB.",
    "expired": "What it states has ended already.",
    "not_yet": "What it states begins more than two years from now.",
    "verdict_unknown": "Its creator says that it does not know.",
    "other_kind": "It is not of the kind that was asked for.",
}


def code_or_none(text: object) -> str:
    """A code of the taxonomy's form, or empty."""
    return text if isinstance(text, str) and text and is_code(text) else ""


#: How our codes travel as labels of STIX and tags of MISP: `hueandcry:lure="investment"`.
_LABEL: Final = 'hueandcry:{}="{}"'


def labels_of(entry: Entry) -> list[str]:
    """Lure and method as labels."""
    said = (("lure", entry.lure), ("method", entry.method))
    return [_LABEL.format(name, code) for name, code in said if code]


def code_in(labels: list[str], name: str) -> str:
    """The code that the labels give under `name`, or empty."""
    start = _LABEL.format(name, "")[:-1]
    found = (label[len(start) : -1] for label in labels if label.startswith(start))
    return code_or_none(next(found, ""))
