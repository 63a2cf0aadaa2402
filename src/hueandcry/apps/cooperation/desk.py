"""What waits at the desk: requests by their clocks, and alarms that rang. Nothing here decides."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

from hueandcry.apps.cooperation import overview, queries, rules, timing
from hueandcry.apps.cooperation.models import Alarm, Request
from hueandcry.apps.cooperation.views import AlarmView, Desk, Filters, Lines, Listed, Rung
from hueandcry.core.machine import Side

_UNOPENED: Final = "DELIVERED"
#: Most of each part of the desk; what is not there is in the list of requests.
_SHOWN: Final = 30
#: Alarms among which the newest of each clock is found; a clock has a handful.
_LOOKED_AT: Final = 5 * _SHOWN


def by_clock(where: Filters, after: str, limit: int) -> Lines:
    """A page of requests; `after` is `next` of the page before, and nonsense begins anew."""
    rows = Request.objects.all() if where.ended else queries.standing()
    chosen = {"side": where.side, "state": where.state, "type": where.type}
    rows = rows.filter(**{name: value for name, value in chosen.items() if value})
    rows = rows.exclude(type__in=where.hidden)
    if where.peer:
        rows = rows.filter(peer=bytes.fromhex(where.peer))
    if where.overdue:
        rows = queries.overdue(rows)
    found = overview.lines(queries.by_clock(rows, _cursor(after), limit + 1))
    return Lines(found[:limit], _after(found[limit - 1]) if len(found) > limit else "")


def waiting(most: int, hidden: Collection[str] = ()) -> int:
    """How many requests wait for an act of our side, up to `most`, but for types `hidden`."""
    return len(queries.waiting(rules.TURNS, most, hidden))


def desk(hidden: Collection[str] = ()) -> Desk:
    """What somebody who answers at any hour looks at first, but for types that are `hidden`."""
    standing = queries.standing().exclude(type__in=hidden)
    incoming = standing.filter(side=Side.REQUESTED, state=_UNOPENED)
    due = standing.exclude(side=Side.REQUESTED, state=_UNOPENED)
    rung = [_rung(each) for each in _last(queries.newest_alarms(_LOOKED_AT))]
    return Desk(
        overview.lines(queries.by_clock(incoming, None, _SHOWN)),
        [each for each in overview.lines(queries.by_clock(due, None, _SHOWN)) if each.due],
        [each for each in rung if each.type not in hidden][:_SHOWN],
    )


def _last(rung: list[Alarm]) -> list[Alarm]:
    """Of the alarms of one clock the newest: the others said the same, earlier."""
    seen = {each.clock_id: each for each in reversed(rung)}
    return sorted(seen.values(), key=lambda each: -each.pk)


def _rung(row: Alarm) -> Rung:
    rule, request = timing.rule_of(row.clock), row.clock.request
    return Rung(
        row.pk,
        UUID(bytes=request.uuid),
        request.type,
        rule.says if rule else "",
        AlarmView(row.due, row.rang_at, row.overdue, row.escalates_to),
    )


def _after(last: Listed) -> str:
    return f"{'' if last.due is None else last.due}.{last.number}"


def _cursor(text: str) -> tuple[int | None, int] | None:
    due, _, number = text.partition(".")
    if not _is_number(number) or not (due == "" or _is_number(due)):
        return None
    return (int(due) if due else None), int(number)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
