"""Indicators as received, ours or others': read strictly, with the bytes kept as the record.

Unknown properties are nothing to this reader and nothing to be lost: whoever passes an object on
passes on `raw`. What is known and wrongly typed is refused; what is merely unusual is noted.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from hueandcry.core.errors import Malformed, Unreadable, Untrusted
from hueandcry.core.jcs import parse_compact
from hueandcry.core.stix.extensions import CLAIM_EXTENSION
from hueandcry.core.stix.markings import read_tlp
from hueandcry.core.stix.names import claim_id, identity_id
from hueandcry.core.stix.patterns import read_pattern
from hueandcry.core.times import read_rfc3339
from hueandcry.core.types import (
    Claim,
    Embargo,
    Fingerprint,
    Kind,
    Marking,
    Micros,
    Pap,
    Purpose,
    Signal,
    Tlp,
    Verdict,
)

MAX_OBJECT_BYTES: Final = 65_536


class Received(msgspec.Struct, frozen=True):
    """An indicator's own words. `kind` and `text` become a Signal in `core.normal` only."""

    raw: bytes  #: exactly what was received
    id: str
    created_by_ref: str  #: empty when the object names no creator
    ours: bool  #: it carries our claim extension
    kind: Kind
    text: str  #: raw value; canonical when written by this software
    verdict: Verdict
    created: Micros
    modified: Micros
    valid_from: Micros
    valid_until: Micros | None
    marking: Marking
    source: str = ""
    n: int = 0
    lure: str = ""
    method: str = ""
    confidence: int | None = None
    revoked: bool = False
    problems: tuple[str, ...] = ()  #: codes of what was unusual: see PROBLEMS

    @property
    def uuid(self) -> UUID:
        return UUID(self.id.removeprefix("indicator--"))

    def claim(
        self, claimant: Fingerprint, signal: Signal | None = None, *, until: Micros | None = None
    ) -> Claim:
        """The claim that `claimant` makes by this object.

        `signal` is what the caller's normalisation made of `kind` and `text`; without it the text
        must be canonical already. `until` stands in for an end that is not stated. Raises
        Untrusted when the object names another creator, Malformed when its id or text is not the
        one that its words give.
        """
        if self.created_by_ref != identity_id(claimant):
            raise Untrusted("created_by", "The object names another creator than its signer")
        found = signal or Signal(self.kind, self.text)
        id = self.uuid
        if self.ours:
            self._check_own_words(id, claimant, found)
        end = self.valid_until if self.valid_until is not None else until
        if end is None or end <= self.valid_from:
            raise Malformed("valid_until", "The claim has no end after its beginning")
        return Claim(
            id=id,
            claimant=claimant,
            signal=found,
            verdict=self.verdict,
            valid_from=self.valid_from,
            valid_until=end,
            created=self.created,
            modified=self.modified,
            marking=self.marking,
            source=self.source,
            n=self.n,
            lure=self.lure,
            method=self.method,
            confidence=self.confidence,
        )

    def _check_own_words(self, id: UUID, claimant: Fingerprint, signal: Signal) -> None:
        if signal != Signal(self.kind, self.text):
            raise Malformed(
                "not_canonical",
                f"The value {self.text[:64]!a} is not in canonical form",
                why=f"it reads as the {signal.kind} {signal.value[:64]!a}",
            )
        expected = claim_id(claimant, self.source, signal.kind, signal.value, self.n)
        if id != expected:
            raise Malformed("claim_id", f"The id is not {expected}, which its words give")


#: Code → meaning of `Received.problems`.
PROBLEMS: Final[dict[str, str]] = {
    "marking_missing": "No marking: read as TLP:AMBER+STRICT.",
    "marking_unknown": "A marking that is not known here: read as TLP:AMBER+STRICT or stricter.",
    "marking_granular": "Parts are marked apart: read as TLP:AMBER+STRICT or stricter.",
    "verdict_unstated": "The indicator's type says nothing of scam or benign: read as suspicious.",
    "until_unstated": "No end of validity is given.",
    "revoked": "Its creator has revoked it.",
}


def read_indicator(raw: bytes) -> Received:
    """One indicator from its bytes: at most 64 KiB, duplicate members refused.

    Raises TooLarge or Malformed for bytes that are no indicator, Unreadable for a pattern that is
    not one signal.
    """
    return take_indicator(raw, parse_compact(raw, max_bytes=MAX_OBJECT_BYTES, floats=True))


def take_indicator(raw: bytes, value: Any) -> Received:
    """The same of bytes that were parsed already, strictly."""
    try:
        wire = msgspec.convert(value, _Indicator, strict=True)
    except msgspec.ValidationError as error:
        raise _refused("indicator_shape", str(error)) from error
    words = wire.extensions.claim
    return _foreign(raw, wire) if words is UNSET else _own(raw, wire, words)


_Text = Annotated[str, msgspec.Meta(max_length=256)]
_Code = Annotated[str, msgspec.Meta(max_length=64)]
_Time = Annotated[str, msgspec.Meta(max_length=64)]
_Number = Annotated[int, msgspec.Meta(ge=0)]
_Ref = Annotated[str, msgspec.Meta(max_length=256)]
_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


class _Embargo(msgspec.Struct):
    case: _Text
    until: _Time


class _Claim(msgspec.Struct):
    extension_type: Literal["property-extension"]
    kind: Kind
    verdict: Verdict
    reissue: _Number  # STIX property names have three letters or more
    lure: _Code = ""
    method: _Code = ""
    source: _Text = ""
    permitted_action: Literal["CLEAR", "GREEN", "AMBER", "RED"] = "GREEN"
    purposes: Annotated[list[Purpose], msgspec.Meta(min_length=1)] | UnsetType = UNSET
    embargo: _Embargo | UnsetType = UNSET


class _Extensions(msgspec.Struct, frozen=True):
    claim: _Claim | UnsetType = msgspec.field(default=UNSET, name=CLAIM_EXTENSION)


class _Indicator(msgspec.Struct):
    type: Literal["indicator"]
    spec_version: Literal["2.1"]
    id: Annotated[str, msgspec.Meta(pattern=rf"^indicator--{_UUID}\Z")]
    created: _Time
    modified: _Time
    pattern: str
    pattern_type: str
    valid_from: _Time
    valid_until: _Time | None = None
    created_by_ref: Annotated[str, msgspec.Meta(pattern=rf"^identity--{_UUID}\Z")] | None = None
    indicator_types: list[str] = []
    confidence: Annotated[int, msgspec.Meta(ge=0, le=100)] | None = None
    revoked: bool = False
    object_marking_refs: list[_Ref] = []
    granular_markings: list[dict[str, Any]] = []
    extensions: _Extensions = _Extensions()


_time = lru_cache(maxsize=16_384)(read_rfc3339)


def _own(raw: bytes, wire: _Indicator, words: _Claim) -> Received:
    if wire.created_by_ref is None or wire.valid_until is None:
        raise _refused("indicator_shape", "a claim needs created_by_ref and valid_until")
    read = read_pattern(_stix_pattern(wire))
    if read.kind is not words.kind or not read.ours:
        raise _refused("indicator_pattern", "the pattern is not the one for its kind")
    tlp, problems = read_tlp(wire.object_marking_refs, bool(wire.granular_markings))
    return _received(
        raw,
        wire,
        ours=True,
        kind=read.kind,
        text=read.text,
        verdict=words.verdict,
        marking=_marking(tlp, words),
        source=words.source,
        n=words.reissue,
        lure=words.lure,
        method=words.method,
        problems=problems,
    )


def _foreign(raw: bytes, wire: _Indicator) -> Received:
    read = read_pattern(_stix_pattern(wire))
    tlp, problems = read_tlp(wire.object_marking_refs, bool(wire.granular_markings))
    verdict = next((_VERDICTS[each] for each in wire.indicator_types if each in _VERDICTS), None)
    return _received(
        raw,
        wire,
        ours=False,
        kind=read.kind,
        text=read.text,
        verdict=verdict or Verdict.SUSPICIOUS,
        marking=Marking(tlp),
        problems=problems + (() if verdict else ("verdict_unstated",)),
    )


#: Others' indicator types. The first that says anything counts.
_VERDICTS: Final[dict[str, Verdict]] = {
    "malicious-activity": Verdict.SCAM,
    "anomalous-activity": Verdict.SUSPICIOUS,
    "compromised": Verdict.SUSPICIOUS,
    "benign": Verdict.BENIGN,
}


def _received(raw: bytes, wire: _Indicator, *, problems: tuple[str, ...], **words: Any) -> Received:
    created, modified = _time(wire.created), _time(wire.modified)
    valid_from = _time(wire.valid_from)
    valid_until = None if wire.valid_until is None else _time(wire.valid_until)
    if modified < created or (valid_until is not None and valid_until <= valid_from):
        raise _refused("indicator_times", "modified before created, or valid_until too early")
    notes = (("until_unstated", valid_until is None), ("revoked", wire.revoked))
    return Received(
        raw=raw,
        id=wire.id,
        created_by_ref=wire.created_by_ref or "",
        created=created,
        modified=modified,
        valid_from=valid_from,
        valid_until=valid_until,
        confidence=wire.confidence,
        revoked=wire.revoked,
        problems=problems + tuple(code for code, noted in notes if noted),
        **words,
    )


def _marking(tlp: Tlp, words: _Claim) -> Marking:
    embargo, purposes = words.embargo, words.purposes
    return Marking(
        tlp=tlp,
        pap=Pap[words.permitted_action],
        purposes=_EVERY_PURPOSE if purposes is UNSET else frozenset(purposes),
        embargo=None if embargo is UNSET else Embargo(embargo.case, _time(embargo.until)),
    )


_EVERY_PURPOSE: Final[frozenset[Purpose]] = frozenset()


def _stix_pattern(wire: _Indicator) -> str:
    if wire.pattern_type != "stix":
        raise Unreadable(
            "pattern_type",
            f"Patterns of type {wire.pattern_type[:32]!a} are not read here",
            do="send STIX patterns",
        )
    return wire.pattern


def _refused(code: str, why: str) -> Malformed:
    return Malformed(code, "This is not an indicator that can be taken", why=why)
