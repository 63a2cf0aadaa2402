"""What a change in the feed means to one receiver. Pure: values in, events out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple
from urllib.parse import urlencode

import msgspec

from hueandcry.apps.signals.face import SeenChange
from hueandcry.client.answers import MemberRef, SignalRef
from hueandcry.client.records import Event, EventData
from hueandcry.client.words import Verdict
from hueandcry.core.stix import sco_id
from hueandcry.core.times import time_text
from hueandcry.core.types import PERSONAL, Fingerprint, Kind, Micros, Signal

VERDICT_CHANGED: Final = "signal.verdict_changed"
RECEIVED: Final = "claim.received"
RETRACTED: Final = "claim.retracted"
TEST: Final = "webhook.test"
EVENTS: Final = (VERDICT_CHANGED, RECEIVED, RETRACTED)

#: Tries in a row that may fail before a receiver is paused, and tries of one answered notice.
PAUSED_AFTER: Final = 16
GIVEN_UP_AFTER: Final = 8


class Wanted(NamedTuple):
    """What one receiver wants to be told."""

    events: frozenset[str]
    kinds: frozenset[Kind]  #: empty: every kind

    def takes(self, kind: Kind) -> bool:
        return not self.kinds or kind in self.kinds


class Notice(NamedTuple):
    """One event, and its body as it is sent."""

    type: str
    body: bytes


class Planned(NamedTuple):
    """The notices of a page of changes, and the verdicts that are told by them."""

    notices: list[Notice]
    told: dict[bytes, str]


def plan(
    changes: Iterable[SeenChange],
    wanted: Wanted,
    verdicts: Mapping[Signal, Verdict],
    told: Mapping[bytes, str],
    node: tuple[Fingerprint, str],
    at: Micros,
) -> Planned:
    """What a receiver is told about a page of changes: verdicts of now, against those told before.

    What came with lists is left out: half a million notices would help nobody.
    """
    notices: list[Notice] = []
    fresh: dict[bytes, str] = {}
    for change in changes:
        if change.bulk or not wanted.takes(change.signal.kind):
            continue
        about = _about(change, node[0])
        if about and about in wanted.events:
            notices.append(_notice(about, change, None, None, node[1], at))
        if VERDICT_CHANGED not in wanted.events:
            continue
        key, now = change.signal.key, verdicts[change.signal]
        before: Verdict = fresh.get(key, told.get(key, "unknown"))  # type: ignore[assignment]
        if now != before:
            fresh[key] = now
            notices.append(_notice(VERDICT_CHANGED, change, now, before, node[1], at))
    return Planned(notices, fresh)


def _about(change: SeenChange, us: Fingerprint) -> str:
    """What happened to the claim, if it is one that is told."""
    claim = change.claim
    if claim is None:
        return ""
    if claim.state == "retracted":
        return RETRACTED
    return RECEIVED if claim.claimant != us else ""


def _notice(
    kind: str,
    change: SeenChange,
    verdict: Verdict | None,
    before: Verdict | None,
    url: str,
    at: Micros,
) -> Notice:
    """Small, with a link: a value that names a person is left out, and is behind the link."""
    signal, claim = change.signal, change.claim
    personal = signal.kind in PERSONAL
    shown = SignalRef(kind=signal.kind.value, value=signal.value, id=sco_id(signal))
    claim_id = str(_uuid(claim.claim_id)) if claim else None
    data = EventData(
        kind=signal.kind.value,
        signal=None if personal else shown,
        verdict=verdict,
        before=before,
        claim=claim_id,
        claimant=MemberRef(fingerprint=claim.claimant, name=claim.name) if claim else None,
        url=url + _link(signal, claim_id, personal),
    )
    return Notice(kind, encode(kind, data, at))


def encode(kind: str, data: EventData | None, at: Micros) -> bytes:
    """The body of a notice."""
    return msgspec.json.encode(Event(type=kind, timestamp=time_text(at), data=data))


def _link(signal: Signal, claim: str | None, personal: bool) -> str:
    if claim is not None:
        return f"/api/v1/claims/{claim}"
    if personal:
        return "/api/v1/changes"
    return "/api/v1/signal?" + urlencode({"kind": signal.kind.value, "value": signal.value})


def _uuid(raw: bytes) -> str:
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
