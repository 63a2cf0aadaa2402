"""What is shown of requests: lists with the next deadline, one with all that is known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from hueandcry.apps.cooperation import (
    authorities,
    checking,
    closing,
    extending,
    hops,
    keeping,
    outside,
    queries,
    results,
    rules,
    sealed,
    shielding,
    timing,
    tracing,
    translating,
)
from hueandcry.apps.cooperation.models import Alarm, Clock, Paper, Request, Transition
from hueandcry.apps.cooperation.views import ActView, AlarmView, ClockView, Listed, RequestView
from hueandcry.apps.cooperation.wire import Said
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.core.law import LAW, cited
from hueandcry.core.machine import HOLD, MONEY, REQUEST, Side
from hueandcry.core.types import Micros


def listed(
    side: str = "", *, ended: bool = False, before: int | None = None, limit: int = 100
) -> list[Listed]:
    """Requests, the newest first; of one side (`requesting`, `requested`) or of both."""
    return lines(queries.listed(side, ended, before, limit))


def from_report(number: int) -> list[Listed]:
    """Requests that were written from a report of ours, the newest first."""
    return lines(queries.of_report(number))


def lines(rows: Sequence[Request]) -> list[Listed]:
    """These requests as a list shows them, in their order."""
    names = authorities.called({row.peer.hex() for row in rows})
    clocks: dict[int, list[Clock]] = {row.pk: [] for row in rows}
    for clock in queries.clocks(rows):
        clocks[clock.request_id].append(clock)
    return [_listed(row, clocks[row.pk], names[row.peer.hex()]) for row in rows]


def _listed(row: Request, clocks: Sequence[Clock], name: str) -> Listed:
    running = [each for each in clocks if each.ended_at is None]
    return Listed(
        row.pk,
        UUID(bytes=row.uuid),
        row.type,
        row.side,
        row.peer.hex(),
        name,
        row.state,
        row.version,
        row.made_at,
        row.moved_at,
        min((each.due for each in running if each.due is not None), default=None),
        any(each.overdue for each in running),
        LAW.types[row.type].one_may_send or checking.urgent(sealed.opened(row.given)),
        len(row.signers),
    )


def shown(identifier: UUID, at: Micros) -> RequestView:
    """One request with its fields, clocks and acts; raises NotFound."""
    row = queries.request(identifier)
    clocks, rung = queries.clocks([row]), queries.rung(row)
    acts, papers = queries.transitions(row), queries.papers(row)
    refused = _refused(row, acts)
    peer = row.peer.hex()
    return RequestView(
        listed=_listed(row, clocks, authorities.called([peer])[peer]),
        instrument=row.instrument,
        basis=row.basis,
        given=sealed.opened(row.given),
        signers=row.signers,
        maker=row.maker_id,
        document=row.document.hex() if row.document else None,
        zone=row.zone,
        before=row.before,
        answer_by=row.answer_by,
        package=row.package,
        hold=row.hold,
        hold_until=row.hold_until,
        kept=keeping.view(row),
        closed=len(row.closed),
        least_until=timing.least_until(row, at) if row.hold else None,
        money=tracing.view(row, acts),
        open_to_us=(
            *REQUEST.open_to(row.state, Side(row.side)),
            *HOLD.open_to(row.hold, Side(row.side)),
            *MONEY.open_to(row.money, Side(row.side)),
        ),
        clocks=[_clock(each, rung) for each in clocks],
        acts=[_act(each, refused, papers.get(each.n)) for each in acts],
        doubts=_doubts(row, at),
        refused=refused.get(row.document or b"", ""),
        outside=row.outside,
        open_to_them=_open_to_them(row),
        translations=translating.listed(row),
        report=row.report,
    )


def _open_to_them(row: Request) -> Sequence[str]:
    """Acts of the other side that can be entered from a letter."""
    if not row.outside:
        return []
    ours = Side(row.side)
    theirs = next(side for side in Side if side is not ours)
    seen = [(REQUEST, row.state), (HOLD, row.hold), (MONEY, row.money), (MONEY, row.money_before)]
    found = [
        event
        for machine, state in seen
        for event in machine.open_to(state, theirs)
        if rules.side_of(ours, machine, event, state, theirs=True) is theirs
    ]
    return [event for event in dict.fromkeys(found) if rules.told_by_letter(event)]


def _doubts(row: Request, at: Micros) -> list[str]:
    if row.state in REQUEST.final:
        return []
    us, peer = members.us().fingerprint, row.peer.hex()
    asking, asked = (us, peer) if row.side == Side.REQUESTING else (peer, us)
    given = sealed.opened(row.given)
    found = checking.doubts(row.type, row.instrument, given, asking, asked, at)
    late = extending.doubt(row)
    more = results.doubts(row, queries.clocks([row]))
    if row.type == "TIP_REFERRAL" and closing.unset():
        more.append(
            "No age recipient of a protection desk is set: what this says of persons can be read by"
            " whoever runs this node (policy: referral)"
        )
    more += [*shielding.doubts(row), *hops.doubts(row)]
    return [*found, *([late] if late else []), *more, *_limit_unknown(row, at)]


def _limit_unknown(row: Request, at: Micros) -> list[str]:
    rule = timing.limit_rule(row)
    if rule is None or timing.legal_limit(row, at) is not None:
        return []
    return [
        "How long money may be held provisionally there is not known, since no lawyer of the"
        f" place has ticked it: say until when ({cited(LAW, rule.article)})"
    ]


def _refused(row: Request, acts: Sequence[Transition]) -> dict[bytes, str]:
    """Of our documents those that the other node refused, each with its words why."""
    peer = peers.find(row.peer.hex())
    told = [row.document, *(each.document for each in acts)]
    if peer is None:
        return {}
    return peers.refusals(peer.id, [digest for digest in told if digest is not None])


def _clock(row: Clock, rung: Sequence[Alarm]) -> ClockView:
    rule = timing.rule_of(row)
    return ClockView(
        row.rule,
        rule.says if rule else "",
        cited(LAW, rule.article) if rule else "",
        row.started,
        row.due,
        row.overdue,
        row.ended_at,
        [alarm_view(each) for each in rung if each.clock_id == row.pk],
        rule.what if rule else "",
    )


def alarm_view(row: Alarm) -> AlarmView:
    """One time that a clock rang."""
    return AlarmView(row.due, row.rang_at, row.overdue, row.escalates_to)


def _act(row: Transition, refused: Mapping[bytes, str], paper: Paper | None) -> ActView:
    return ActView(
        row.n,
        row.machine,
        row.event,
        row.source,
        row.target,
        row.side,
        row.person_id,
        row.at,
        Said.read(sealed.opened(row.said)),
        row.document.hex() if row.document else None,
        row.log_index,
        refused.get(row.document or b"", ""),
        None if paper is None else outside.told(paper),
    )
