"""Values of the apps as the structs that are answered."""

from __future__ import annotations

from typing import Any

from hueandcry.apps.members import face as members
from hueandcry.apps.signals import face as signals
from hueandcry.client import answers, words
from hueandcry.core.stix import sco_id
from hueandcry.core.times import time_text
from hueandcry.core.types import Audience, Micros, Signal
from hueandcry.doors.api.endpoint import Asked


def time(at: Micros | None) -> str | None:
    """An instant as text; None for none."""
    return None if at is None else time_text(at)


def checked(answer: dict[str, Any]) -> answers.Checked:
    """An answer of the look-ups."""
    reasons = [
        answers.Reason(code=each["code"], params=each["params"]) for each in answer["reasons"]
    ]
    return answers.Checked(**{**answer, "reasons": reasons})


def signal(found: Signal) -> answers.SignalRef:
    """A signal with its STIX id."""
    return answers.SignalRef(kind=found.kind.value, value=found.value, id=sco_id(found))


def member(fingerprint: str, name: str) -> answers.MemberRef:
    """A member by fingerprint and name."""
    return answers.MemberRef(fingerprint=fingerprint, name=name)


def us() -> answers.MemberRef:
    """This node's member."""
    own = members.us()
    return member(own.fingerprint, own.name)


def claim(told: signals.Told, asked: Asked) -> answers.Claim:
    """One claim, with what bears on the asker."""
    return _claim(
        told.claim, asked, asked.audience in told.counts_for, _withdrawn(told, asked.audience)
    )


def _withdrawn(told: signals.Told, audience: Audience) -> str:
    """Why our own people took it back is for our own people."""
    return told.withdrawn if audience is Audience.OWN else ""


def listed(found: signals.Claimed, asked: Asked) -> answers.Claim:
    """One claim of a list."""
    live = found.state == "live" and asked.at >= found.valid_from
    return _claim(found, asked, live and signals.sees(found, asked.audience, asked.at), "")


def _claim(found: signals.Claimed, asked: Asked, counts: bool, withdrawn: str) -> answers.Claim:
    marking = found.marking
    embargo = marking.embargo
    return answers.Claim(
        claim=uuid_text(found.claim_id),
        signal=signal(found.signal),
        claimant=member(found.claimant, found.name),
        own=is_own(found, asked),
        source=found.source,
        verdict=found.verdict.value,
        lure=found.lure,
        method=found.method,
        confidence=found.confidence,
        tlp=marking.tlp.wire,  # type: ignore[arg-type]
        pap=marking.pap.name,  # type: ignore[arg-type]
        purposes=sorted(purpose.value for purpose in marking.purposes),
        embargo=words.Embargo(case=embargo.case, until=time_text(embargo.until))
        if embargo
        else None,
        valid_from=time_text(found.valid_from),
        valid_until=time_text(found.valid_until),
        created=time_text(found.created),
        modified=time_text(found.modified),
        state=found.state,  # type: ignore[arg-type]
        counts=counts,
        withdrawn=withdrawn,
    )


def is_own(found: signals.Claimed, asked: Asked) -> bool:
    """Whether the asker's member says it: a guest's claims are ours by name, its by source."""
    if not asked.is_guest:
        return found.ours
    seat = members.seat_of(asked.caller.fingerprint)
    return seat is not None and found.ours and found.source == seat.source


def uuid_text(raw: bytes) -> str:
    """The 16 bytes of a UUID as text."""
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
