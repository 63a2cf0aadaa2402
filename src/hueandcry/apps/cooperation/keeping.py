"""Legal holds behind a preservation: the reports and exhibits that it names are kept while it runs.

An act upon the request only notes that they are wanted, or not any more. A loop makes the holds and
ends them, and locks as the rooms of these do: their rows first, the ledger last. Each preservation
has holds of its own, so what two of them name is kept until the last has ended.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from hueandcry.apps.cooperation import authorities, matching, queries, rules, sealed, timing
from hueandcry.apps.cooperation.matching import Found
from hueandcry.apps.cooperation.models import Kept, Preserved, Request
from hueandcry.apps.cooperation.settings import HOLD_AT_ONCE
from hueandcry.apps.cooperation.views import KeptView
from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.members import face as members
from hueandcry.apps.reports import face as reports
from hueandcry.core.errors import Conflict
from hueandcry.core.machine import HOLD, Side
from hueandcry.core.types import Actor, Micros
from hueandcry.engine import clock
from hueandcry.engine.jobs.rows import each_alone
from hueandcry.engine.policy import face as policy

#: Reports and exhibits that come under hold, or are freed, in one transaction.
_AT_ONCE: Final = 200
_TURNS: Final = 20  #: preservations that are looked at in one go


def note(row: Request) -> None:
    """Notes that what a preservation keeps here may have changed with this act upon it."""
    if row.side != Side.REQUESTED or not row.hold:
        return
    if not Preserved.objects.filter(request=row).update(wanted=row.version):
        Preserved.objects.create(request=row, wanted=row.version)


def keep_up() -> bool:
    """Puts under hold what is wanted, and frees what is not any more; True: there is more."""
    waiting = queries.unkept(_TURNS)
    each_alone(waiting, lambda each: _turn(each, clock.now()))
    return bool(waiting)


def _turn(each: Preserved, at: Micros) -> None:
    row = each.request
    held = queries.kept_for(row)
    found = Found() if each.matched else matching.find(sealed.opened(row.given))
    wanted = rules.keeps(row.hold, row.state, len(found) <= policy.number(HOLD_AT_ONCE.name))
    left = _keep(row, held, found, at) if wanted else _free(row, held, at)
    if left:
        return
    matched = each.matched or (wanted and row.hold != HOLD.start)
    same = Preserved.objects.filter(pk=each.pk, wanted=each.wanted)
    same.update(done=each.wanted, matched=matched)


def _keep(row: Request, held: list[Kept], found: Found, at: Micros) -> int:
    """How many are left to be kept; the review of all that is kept is the end of the hold."""
    actor, review = Actor(members.us().fingerprint), _review_at(row, at)
    authority, reason = _words(row)
    holds = [each.hold for each in held if each.hold is not None]
    more = sorted(found.reports - {each.report for each in held})
    things = sorted(found.exhibits - {UUID(bytes=each.exhibit) for each in held if each.exhibit})
    numbers, others = more[:_AT_ONCE], things[: max(0, _AT_ONCE - len(more))]
    _lock(numbers, others, holds)
    evidence.keep_until(actor, holds, reason, review, at)
    made = [
        Kept(request=row, report=number, at=at)
        for number in reports.keep(actor, numbers, f"{authority}: {reason}", at)
    ]
    for exhibit in others:
        hold = evidence.keep(actor, exhibit, authority, reason, review, at)
        if hold is not None:
            made.append(Kept(request=row, exhibit=exhibit.bytes, hold=hold, at=at))
    if made:
        _check_same(row, held)
        Kept.objects.bulk_create(made)
    return len(more) + len(things) - len(numbers) - len(others)


def _free(row: Request, held: list[Kept], at: Micros) -> int:
    """How many are left to be freed. Only what this request holds is, and no other's hold."""
    actor, some = Actor(members.us().fingerprint), held[:_AT_ONCE]
    authority, reason = _words(row)
    numbers = [each.report for each in some if each.report is not None]
    holds = [each.hold for each in some if each.hold is not None]
    _lock(numbers, [], holds)
    reports.let_go(actor, numbers, f"{authority}: {reason}", at)
    evidence.let_go(actor, holds, authority, reason, at)
    if some:
        _check_same(row, held)
        Kept.objects.filter(pk__in=[each.pk for each in some]).update(ended_at=at)
    return len(held) - len(some)


def _lock(numbers: list[int], exhibits: list[UUID], holds: list[int]) -> None:
    """Takes all rows that are changed, before the first entry has the ledger until the end."""
    reports.lock(numbers)
    evidence.lock(exhibits, holds)


def _check_same(row: Request, held: list[Kept]) -> None:
    """Raises Conflict where the request moved on, or another process did the same.

    The ledger is ours from the first entry on, and whoever changes either needs it.
    """
    before, now = ([each.pk for each in rows] for rows in (held, queries.kept_for(row)))
    if before != now or queries.other_version(row) is not None:
        raise Conflict("moved_on", "The request moved on while what it names was put under hold")


def _review_at(row: Request, at: Micros) -> Micros:
    """When people look at these holds again: at the end of the request's own, and after now."""
    end = row.hold_until or timing.least_until(row, row.made_at)
    return at + 1 if end is None else max(end, at + 1)


def _words(row: Request) -> tuple[str, str]:
    """Who asks for these holds, and why, as other rooms note it: no word of what it says."""
    asking = authorities.called([row.peer.hex()])[row.peer.hex()]
    return f"Request {UUID(bytes=row.uuid)} of {asking}", f"{row.type}: {row.hold}"


def view(row: Request) -> KeptView | None:
    """How much is kept for a request here, in numbers; None where nothing could be."""
    if row.side != Side.REQUESTED or not row.hold:
        return None
    held = queries.kept_for(row)
    number = sum(each.report is not None for each in held)
    waits = row.hold == HOLD.start
    found = matching.find(sealed.opened(row.given)) if waits else Found()
    return KeptView(
        number, len(held) - number, len(found.reports), len(found.exhibits), found.unread
    )


def matching_now(row: Request) -> int:
    """How many reports and exhibits a hold on a request would keep here."""
    return len(matching.find(sealed.opened(row.given)))
