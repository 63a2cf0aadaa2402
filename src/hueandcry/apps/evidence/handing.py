"""Exhibits between members: two events that agree, one in the custody of each side."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from hueandcry.apps.evidence import chain, queries, restricting, rules, sealed
from hueandcry.apps.evidence.chain import Step
from hueandcry.apps.evidence.models import CustodyEvent, EarlierLine, Exhibit
from hueandcry.apps.evidence.rules import Doing, State
from hueandcry.apps.evidence.service import kept_until
from hueandcry.apps.evidence.views import Added, Line, Received
from hueandcry.apps.members import face as members
from hueandcry.core import custody
from hueandcry.core.custody import Action, Counterpart, Event, Linked
from hueandcry.core.errors import Conflict, NotFound, Untrusted
from hueandcry.core.types import Actor, Fingerprint, Micros


def transfer(
    actor: Actor, exhibit: str, to: Fingerprint, package: UUID, reason: str, at: Micros
) -> Line:
    """Notes that a copy is handed to a member in a package; the line that says so.

    Raises NotPermitted where a restriction keeps it from that member, or quarantine does.
    """
    row = queries.find(exhibit)
    check_handing(actor, row, to, at)
    step = Step(
        Action.TRANSFERRED,
        reason,
        outputs=chain.content(row),
        counterpart=Counterpart(to, None, package),
    )
    chain.append(row, [step], actor, at)
    return chain.lines(row)[-1]


def check_handing(actor: Actor, row: Exhibit, to: Fingerprint, at: Micros) -> None:
    """Raises NotPermitted, NotFound or Conflict where `transfer` would; nothing is noted."""
    rules.check_may(actor.roles, Doing.HAND)
    rules.check_quarantine(row.quarantined, actor.roles)
    member = members.find(to)
    if member is None:
        raise NotFound("member", f"No card of {to} is held")
    if to == members.us().fingerprint:
        raise Conflict("to_us", "An exhibit is not handed to ourselves")
    rules.check_police_member(row.number, row.quarantined, member.roles)
    rules.check_onward(row.number, queries.restrictions(row, at), to, at)


def answered(exhibit: UUID, record: bytes, at: Micros) -> None:
    """Keeps the receiver's event beside our own, once the two agree; the same again is nothing new.

    Raises Untrusted (`custody_transfer`) where they do not, NotFound where we handed nothing over.
    The caller has verified who says so.
    """
    received = custody.read_record(record)
    ours = _handed_over(exhibit, received)
    if ours is None or ours.log_record is None:
        raise NotFound("handover", "That answers nothing that we handed over")
    custody.check_next(Linked.read(ours.log_record), Linked(received, record))
    fresh = CustodyEvent.objects.filter(pk=ours.pk, answer=None)
    if fresh.update(answer=record) != 1 and ours.answer != record:
        raise Conflict("handover", "That hand-over was answered already, by another event")


def _handed_over(exhibit: UUID, received: Event) -> CustodyEvent | None:
    by = received.counterpart
    if by is None or by.event is None or received.exhibit != exhibit:
        return None
    ours = CustodyEvent.objects.filter(exhibit__uuid=exhibit.bytes, event=by.event.bytes)
    return ours.filter(action=Action.TRANSFERRED).first()


def receive(actor: Actor, given: Received, at: Micros) -> Added:
    """Takes over what another member handed to us: evidence from the first moment.

    Proofs and signatures of the lines are the caller's; here the chain must hold, end with the
    hand-over to us in that package, and speak of the very bytes that came. Raises Untrusted, or
    Conflict for an exhibit that is or was here.
    """
    if actor.person is not None:  # else it came by the peer door, whose agreement lets it in
        rules.check_may(actor.roles, Doing.HAND)
    linked = [Linked.read(line.record) for line in given.lines]
    custody.check_chain(linked)
    _check_handed_to_us(linked, given)
    sent = linked[-1].event
    if queries.is_held(sent.exhibit):
        raise Conflict("exhibit_here", f"Exhibit {sent.number} is here already, or was")
    row = _received(given, linked, at)
    step = Step(
        Action.RECEIVED,
        f"Handed over in package {given.package}",
        outputs=chain.content(row),
        counterpart=Counterpart(given.sender, sent.event, given.package),
        not_before=given.not_before,
    )
    [event] = chain.append(row, [step], actor, at)
    for terms in given.restrictions:
        restricting.impose(row, terms, given.sender, actor, at)
    assert event.log_index is not None  # the ledger gave it
    return Added(queries.view(row), event.log_index)


def _check_handed_to_us(linked: Sequence[Linked], given: Received) -> None:
    sent, fresh = linked[-1].event, given.taken.fresh
    handed = Counterpart(members.us().fingerprint, None, given.package)
    if (sent.action, sent.actor.org, sent.counterpart) != (
        Action.TRANSFERRED,
        given.sender,
        handed,
    ):
        raise Untrusted("custody_transfer", f"Exhibit {sent.number} was not handed to us so")
    if sent.outputs != (custody.Content(fresh.sha256.hex(), fresh.size),):
        raise Untrusted("custody_content", f"Other bytes came than those of exhibit {sent.number}")


def _received(given: Received, linked: Sequence[Linked], at: Micros) -> Exhibit:
    first, last = linked[0], linked[-1]
    blob = given.taken.kept()
    parent = first.event.parent
    row = Exhibit.objects.create(
        uuid=first.event.exhibit.bytes,
        number=first.event.number,
        origin=bytes.fromhex(first.event.actor.org),
        state=State.TAKEN,
        events=len(linked),
        link=bytes.fromhex(custody.link(last.record)),
        # The sender's clock is not ours: the chain allows ours to be so far behind.
        linked_at=last.event.at - custody.SKEW,
        added_at=at,
        sha256=blob.sha256,
        size=blob.size,
        media_type=given.taken.media_type,
        blob=blob.id,
        name=sealed.seal(given.taken.name),
        source=sealed.seal(given.source),
        quarantined=given.quarantined,
        parent=Exhibit.objects.filter(uuid=parent.bytes).first() if parent else None,
        purge_after=kept_until(at),
    )
    EarlierLine.objects.bulk_create(_earlier(row, n, each) for n, each in enumerate(given.lines))
    return row


def _earlier(row: Exhibit, n: int, line: Line) -> EarlierLine:
    return EarlierLine(
        exhibit=row,
        n=n,
        record=line.record,
        salt=line.salt,
        origin=line.origin,
        index=line.index,
        kid=line.kid,
        signature=line.signature,
        proof=line.proof,
    )
