"""What the public may be told about a value that names somebody: only what a person released."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from hueandcry.apps.reports import rules, sealed
from hueandcry.apps.reports.models import Release
from hueandcry.apps.reports.settings import RELEASE_DAYS
from hueandcry.apps.signals import face as signals
from hueandcry.core.errors import Conflict, Malformed, NotFound
from hueandcry.core.times import time_text
from hueandcry.core.types import DAY, Actor, Audience, Kind, Micros, Signal, Verdict
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.policy import face as policy
from hueandcry.engine.purge import face as purge

#: The reason of a public answer about a value that was released.
CODE: Final = "released"


@dataclass(frozen=True, slots=True)
class ReleaseView:
    """One decision to tell the public."""

    number: int
    at: Micros
    until: Micros
    reason: str
    person: int | None


def release(actor: Actor, signal: Signal, reason: str, at: Micros) -> int:
    """Lets the public check answer for a value of ours, for as long as the policy says.

    Raises Malformed for a kind that needs no release, Conflict unless our own people claim that it
    is a scam: a number that was only displayed is never released, nor one that is shielded.
    """
    if not rules.names_somebody(signal.kind):
        raise Malformed("release", f"A {signal.kind} names nobody: the public is told by its label")
    if not reason.strip() or len(reason) > 200 or not reason.isprintable():
        raise Malformed("reason", "A release says why, in 1 to 200 letters")
    if signals.held_by_us([signal], at).get(signal.key) is not Verdict.SCAM:
        raise Conflict("not_claimed", "Our own people do not claim that this is a scam")
    if signals.shielded([signal]):
        raise Conflict(
            "shielded",
            "Who has this value may be coerced: the public is not told of it",
            why="A person who was made to do it is not marked for it (non-punishment)",
            do="Lift the shield on its page first, with a reason",
        )
    key = sealed.key_of(signal)
    Release.objects.filter(key=key, ended_at=None).update(ended_at=at)
    until = at + policy.number(RELEASE_DAYS.name) * DAY
    row = Release(key=key, at=at, until=until, reason=reason, person_id=actor.person)
    ledger.append(
        "report.release", row, about=key.hex(), at=at, until=until, reason=reason, by=actor.person
    )
    return row.pk


def end_release(actor: Actor, signal: Signal, at: Micros) -> None:
    """Stops telling the public about a value at once; raises NotFound where nothing is told."""
    key = sealed.key_of(signal)
    if Release.objects.filter(key=key, ended_at=None).update(ended_at=at) != 1:
        raise NotFound("release", "The public is not told about this value")
    end = Release(key=key, at=at, until=at, ended_at=at, person_id=actor.person)
    ledger.append("report.release-end", end, about=key.hex(), at=at, by=actor.person)


def released(signal: Signal, at: Micros) -> ReleaseView | None:
    """The release of a value in force."""
    row = Release.objects.filter(key=sealed.key_of(signal), ended_at=None, until__gt=at).first()
    return ReleaseView(row.pk, row.at, row.until, row.reason, row.person_id) if row else None


def public_check(
    values: Sequence[str], at: Micros, *, kind: Kind | None = None
) -> list[dict[str, Any]]:
    """Answers for the public, in the shape of `signals.check`, one for each value in order.

    About what names nobody: what is CLEAR. About a phone, account, address or name: what was
    released for this, and else exactly what is said of a value that nobody ever spoke of.
    """
    answers = signals.check(values, at, audience=Audience.CLEAR, kind=kind)
    return [_told(answer, at) for answer in answers]


def _told(answer: dict[str, Any], at: Micros) -> dict[str, Any]:
    signal = signals.signal_of(answer)
    if signal is None or not rules.names_somebody(signal.kind):
        return answer
    let = None if signals.shielded([signal]) else released(signal, at)
    said = signals.held_by_us([signal], at).get(signal.key) if let else None
    if let is None or said is not Verdict.SCAM:
        nothing = [{"code": signals.Code.NO_CLAIMS.text, "params": {}}]
        return {**answer, "verdict": Verdict.UNKNOWN.value, "reasons": nothing, "until": None}
    until = time_text(let.until)
    why = [{"code": CODE, "params": {"since": time_text(let.at)}}]
    return {**answer, "verdict": said.value, "reasons": why, "until": until}


def count_over(at: Micros) -> int:
    """How many releases are over."""
    return Release.objects.filter(until__lte=at).count()


def purge_over(at: Micros, limit: int) -> int:
    """Deletes releases that are over, in the caller's transaction."""
    ids = list(Release.objects.filter(until__lte=at).order_by("pk").values_list("pk")[:limit])
    return Release.objects.filter(pk__in=[id for (id,) in ids]).delete()[0]


purge.register(purge.Sort("releases", count_over, purge_over, ("reports_release",)))
