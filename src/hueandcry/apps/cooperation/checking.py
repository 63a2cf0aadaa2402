"""What the law says of one request between two members, on each side before it is believed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from hueandcry.apps.cooperation import registry, rules
from hueandcry.apps.cooperation.authorities import party
from hueandcry.apps.cooperation.letter import Ground
from hueandcry.apps.cooperation.models import Request
from hueandcry.apps.cooperation.wire import Asked
from hueandcry.apps.members import face as members
from hueandcry.core import law
from hueandcry.core.errors import Malformed, NotFound, NotPermitted
from hueandcry.core.law import LAW, Draft, Offer, Party, RequestType
from hueandcry.core.law.registry import in_force, unread
from hueandcry.core.types import SECOND, Fingerprint, Micros


def type_of(code: str) -> RequestType:
    """The type of this code; raises NotFound."""
    if code not in LAW.types:
        raise NotFound(
            "type", f"There is no type {ascii(code)[:60]}", do="Run `hueandcry request types`"
        )
    return LAW.types[code]


def may_go(
    type: str, to: Fingerprint, instrument: str, given: Mapping[str, Any], at: Micros
) -> dict[str, Any]:
    """On what a request that we may send stands: `{on, articles, why, form}`, kept with it.

    Raises what forbids it, with its article.
    """
    us, them = party(members.us().fingerprint), party(to)
    kind = type_of(type)
    law.require_route(LAW, type, us, them, urgent=urgent(given))
    basis = _basis(type, us, them, instrument, at)
    law.require_form(LAW, type, given, instrument)
    made = Draft(kind, instrument, given, at)
    law.require_lawful(made)
    law.require_recipient(made, them)
    return basis


def may_be_written(
    type: str, to: Fingerprint, instrument: str, given: Mapping[str, Any], at: Micros
) -> dict[str, Any]:
    """As `may_go`, of one that is still written: what it lacks is asked for when it is signed.

    Of a referral nothing is kept before all of it is there, the consent with it.
    """
    if type in rules.hidden_from(()):
        return may_go(type, to, instrument, given, at)
    us, them = party(members.us().fingerprint), party(to)
    law.require_route(LAW, type_of(type).code, us, them, urgent=True)
    basis = _basis(type, us, them, instrument, at)
    well_formed(type, instrument, given)
    return basis


def may_stay(row: Request, given: Mapping[str, Any], at: Micros) -> None:
    """Raises where a draft, corrected like this, would not be kept as a new one."""
    if not given:
        raise Malformed("empty", "Nothing would be left of the request", do="Withdraw it")
    if row.type in rules.hidden_from(()):
        may_go(row.type, row.peer.hex(), row.instrument, given, at)


def _basis(type: str, us: Party, them: Party, instrument: str, at: Micros) -> dict[str, Any]:
    found = offer(type, us, them, at)
    basis = law.require(found, instrument)
    return {
        "on": found.on.isoformat(),
        "articles": list(basis.articles),
        "why": basis.why,
        "form": basis.form or None,
    }


def ground(
    type: str, instrument: str, asking: Fingerprint, asked: Fingerprint, at: Micros
) -> Ground:
    """How the basis that the other side names stands, by our own registry on that day."""
    found = offer(type, party(asking), party(asked), at)
    day = found.on.isoformat()
    for basis in found.bases:
        if basis.instrument == instrument:
            return Ground(instrument, day, basis.why, basis.articles, claimed=True)
    why = next((each.why for each in found.without if each.instrument == instrument), "")
    return Ground(instrument, day, why, claimed=True)


def may_come(asked: Asked, sender: Fingerprint) -> None:
    """Raises on a request that no desk needs to see: its form, way, basis or signers are wrong.

    What is missing or doubtful in it is for people: they return, consult or refuse.
    """
    may_stand(asked, sender)
    if len(asked.signers) < 2 and not LAW.types[asked.type].one_may_send:
        raise NotPermitted(
            "checker_is_not_maker", f"{asked.type} is signed by one person and sent by another"
        )


def may_stand(asked: Asked, sender: Fingerprint) -> None:
    """Raises for a request, however it came, whose type, way, basis or form is wrong."""
    type = type_of(asked.type).code
    us, them = party(members.us().fingerprint), party(sender)
    law.require_route(LAW, type, them, us, urgent=urgent(asked.given))
    if asked.instrument not in {each.code for each in LAW.bases(type)}:
        raise NotPermitted("basis", f"{asked.instrument} does not serve {type}")
    well_formed(type, asked.instrument, asked.given)


def well_formed(type: str, instrument: str, given: Mapping[str, Any]) -> None:
    """Raises Malformed for fields that are unknown or of another form; some may be missing.

    A field that is there and says nothing is of another form: whoever reads it would not look.
    """
    if hollow := [name for name, value in given.items() if law.absent(value)]:
        says, do = f"{hollow[0]} is there and says nothing", "Leave it out, or say it"
        raise Malformed("malformed", says, do=do)
    wrong = [f for f in law.faults(LAW, type, given, instrument) if f.code != "missing"]
    if wrong:
        raise Malformed(wrong[0].code, "; ".join(each.says for each in wrong))


def missing(type: str, instrument: str, given: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields that are needed and not there."""
    return tuple(fault.field for fault in law.missing(LAW, type, given, instrument))


def named(type: str, fields: Collection[str]) -> None:
    """Raises Malformed where one of these is no field of the type."""
    known = {*LAW.mandatory(type), *LAW.optional(type)}
    if unknown := sorted(set(fields) - known):
        raise Malformed("unknown", f"{type} has no field {', '.join(unknown)}")


def doubts(
    type: str,
    instrument: str,
    given: Mapping[str, Any],
    asking: Fingerprint,
    asked: Fingerprint,
    at: Micros,
) -> list[str]:
    """What whoever decides about a request should see: each with its article."""
    lacking = [each.says for each in law.missing(LAW, type, given, instrument)]
    judged = [
        f"{each.says} ({each.article})"
        for each in law.judge(Draft(LAW.types[type], instrument, given, at))
    ]
    one, other = party(asking), party(asked)
    found = offer(type, one, other, at)
    basis = [f"{each.title}: {each.why}" for each in found.without if each.instrument == instrument]
    rows = unread(registry.current(), (one.country, other.country), found.on)
    hearsay = [
        f"{each.instrument} for {each.party}: nobody read this in the source ({each.source})"
        for each in rows
        if each.instrument == instrument
    ]
    return [*lacking, *judged, *basis, *hearsay]


def offer(type: str, asking: Party, asked: Party, at: Micros) -> Offer:
    """On which bases a type can be asked between two on the day of `at`, and on which not."""
    day = datetime.fromtimestamp(at // SECOND, UTC).date()
    known = in_force(registry.current(), (asking.country, asked.country), day)
    return law.offer(LAW, type, asking, asked, day, known)


def urgent(given: Mapping[str, Any]) -> bool:
    """Whether a request says that it cannot wait."""
    return given.get("urgency") in ("urgent", "emergency")
