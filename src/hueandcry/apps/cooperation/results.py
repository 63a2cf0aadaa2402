"""What came as the result of a request of ours: that it is here, and what may be done with it.

The result is a package of evidence, and is called by the SHA-256 of the opened package, or of its
list, which both sides know. What it brings is bound to the request by the digests of its exhibits:
it goes to nobody else, and serves no other purpose, before the giver consents for exactly these.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from hueandcry.apps.cooperation import queries, rules, sealed
from hueandcry.apps.cooperation.models import Clock, Request, Result
from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.evidence.face import Limit, Terms
from hueandcry.apps.members import face as members
from hueandcry.core.errors import Conflict
from hueandcry.core.law import LAW, POLICY, cited
from hueandcry.core.types import Actor, Fingerprint, Micros, Purpose
from hueandcry.engine import clock
from hueandcry.engine.jobs.rows import each_alone

_CONSENT: Final = "USE_CONSENT"
_FINGERPRINT: Final = re.compile("[0-9a-f]{64}")


def check_here(row: Request, package: str) -> None:
    """Raises Conflict where a result that must be a package of evidence was not taken in here."""
    if row.type not in rules.PACKAGED or package != row.package:
        return  # of another than was sent the machine says it better
    if evidence.result(row.peer.hex(), package) is not None:
        return
    raise Conflict(
        "result_not_here",
        f"No package {package[:16]}… of that member was taken in",
        why="A result is accepted once its package is here and every check of it has passed",
        do="Look at the packages that came, or reject the result and say why",
    )


# --- what may be done with it ---------------------------------------------------------------------


def note(row: Request, package: str) -> None:
    """Notes what the other side named as result: a part counts as much as the whole."""
    Result.objects.get_or_create(request=row, package=package)


def bind_all() -> bool:
    """Binds the exhibits of results that have come to their requests; False: no more at once."""
    waiting = queries.unbound()
    here = evidence.results_here([each.package for each in waiting])
    came = [each for each in waiting if (each.request.peer.hex(), each.package) in here]
    each_alone(came, lambda each: _bind(each, clock.now()))
    return False


def bind(row: Request, at: Micros) -> None:
    """Restricts what every result of a request brought so far, in the caller's transaction."""
    for each in queries.unbound(row):
        _bind(each, at)


def _bind(result: Result, at: Micros) -> None:
    row = result.request
    came = evidence.result(row.peer.hex(), result.package)
    if came is None or not queries.note_bound(result, at):
        return
    for terms in _terms(row):
        evidence.bind(Actor(members.us().fingerprint), came.exhibits, terms, row.peer.hex(), at)


def _terms(row: Request) -> list[Terms]:
    """What binds a result: it stays with us, and where the law says so serves its purpose alone."""
    words = (
        f"Given on request {UUID(bytes=row.uuid)} ({row.type}): for its purpose, on the conditions"
        " that were accepted with it, and for nobody else without the giver's consent"
    )
    onward = Terms(Limit.ONWARD, words, _authority(row))
    purposes = rules.PURPOSES.get(LAW.types[row.type].group, ())
    return [onward, *([Terms(Limit.USE, words, _authority(row), (), purposes)] if purposes else [])]


def _authority(row: Request) -> str:
    """The article on use and onward transfer, of the basis of a request or else of policy."""
    for code in (row.instrument, POLICY):
        if articles := LAW.instruments[code].serves.get(_CONSENT):
            return cited(LAW, articles[0])
    return f"Request {UUID(bytes=row.uuid)}"


# --- consent --------------------------------------------------------------------------------------


def consented(row: Request, at: Micros) -> None:
    """Lifts what a granted consent is about: these digests, for that recipient or purpose alone."""
    given = sealed.opened(row.given)
    to, purpose = _asked_for(given.get("new_purpose", ""))
    if row.type != _CONSENT or not (to or purpose):
        return
    digests = [bytes.fromhex(each) for each in given["item_digests"]]
    by, authority = row.peer.hex(), f"Consent {UUID(bytes=row.uuid)}"
    actor = Actor(members.us().fingerprint)
    evidence.consent(actor, digests, by, authority, at, to=to, purpose=purpose)


def _asked_for(text: str) -> tuple[Fingerprint, Purpose | None]:
    """The member or the purpose that consent is asked for, if the words name one."""
    wanted = text.strip().lower()
    if wanted in set(Purpose):
        return "", Purpose(wanted)
    found = members.find(wanted) if _FINGERPRINT.fullmatch(wanted) else None
    return "" if found is None else found.fingerprint, None


def doubts(row: Request, clocks: Sequence[Clock]) -> list[str]:
    """Of a consent: that silence is a denial, and that no machine knows what it would lift."""
    if row.type != _CONSENT:
        return []
    found = []
    if row.state not in rules.GRANTED and any(each.overdue for each in clocks):
        found.append(
            "Nobody answered in time: silence is a denial, and what was given stays restricted"
            f" ({_authority(row)})"
        )
    if not any(_asked_for(sealed.opened(row.given).get("new_purpose", ""))):
        found.append(
            "The new purpose is none of the four, nor the fingerprint of a member: if it is granted"
            " nothing is lifted by that alone"
        )
    return found
