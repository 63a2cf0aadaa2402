"""The asker itself, peers, the ledger, figures: how this node stands."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Final
from uuid import UUID

import msgspec

from hueandcry.apps.exchange import face as exchange
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers.face import AgreementView, PeerSummary, ReceiptView
from hueandcry.apps.signals import face as signals
from hueandcry.client import answers, records, requests
from hueandcry.core.errors import NotFound
from hueandcry.core.times import time_text
from hueandcry.core.types import SECOND, Audience, Micros
from hueandcry.doors.api import cursors, shown
from hueandcry.doors.api.endpoint import Asked
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.ledger import reading
from hueandcry.engine.store import feed

_VERSION: Final = version("hueandcry")


def me(asked: Asked) -> answers.Me:
    """What the token opens, and whose node this is."""
    caller = asked.caller
    return answers.Me(
        token=caller.token,
        name=caller.name,
        audience=caller.audience.value,
        scopes=sorted(caller.scopes),
        expires_at=shown.time(caller.expires_at),
        last_used_at=shown.time(caller.used_at),
        member=shown.member(caller.fingerprint, members.member(caller.member).name),
        node=shown.us(),
        version=_VERSION,
    )


# --- peers ---------------------------------------------------------------------------------------


def all_peers(asked: Asked) -> records.Peers:
    """Every peer."""
    return records.Peers(items=[_peer(each) for each in peers.overview(asked.at)])


def peer(asked: Asked) -> records.PeerView:
    """One peer with its agreements."""
    found = _named(asked)
    held = next((each for each in peers.held_of_us() if each.peer == found.id), None)
    return records.PeerView(
        peer=_peer(found),
        agreements=[_agreement(each) for each in peers.agreements_with(found.id)],
        holds_size=held.size if held else None,
        holds_root=held.root.hex() if held and held.root else None,
    )


def _named(asked: Asked) -> PeerSummary:
    fingerprint = asked.path["fingerprint"]
    for each in peers.overview(asked.at):
        if each.fingerprint == fingerprint:
            return each
    raise NotFound("peer", "There is no such peer")


def _peer(found: PeerSummary) -> records.Peer:
    return records.Peer(
        member=shown.member(found.fingerprint, found.name),
        country=found.country,
        roles=list(found.roles),
        url=found.url,
        state=found.state,  # type: ignore[arg-type]
        added_at=time_text(found.added_at),
        last_seen=shown.time(found.last_seen),
        failures=found.failures,
        last_error=found.last_error,
        waiting=found.waiting,
        clock_offset=found.clock_offset / SECOND,
    )


def _agreement(found: AgreementView) -> records.Agreement:
    difference = [
        answers.Reason(code=code, params=dict(params)) for code, params in found.difference
    ]
    return records.Agreement(
        digest=found.digest,
        serial=found.serial,
        state=found.state,
        terms=msgspec.json.decode(found.terms.terms_bytes()),
        signed_by_us=found.signed_by_us,
        signed_by_them=found.signed_by_them,
        difference=difference,
        changed_at=time_text(found.changed_at),
    )


def deliveries(asked: Asked) -> records.DeliveryPage:
    """Documents on their way to a peer, newest first."""
    found, query = _named(asked), asked.query
    rows, following = _page(asked, "deliveries", found.id, query, peers.documents)
    items = [
        records.Delivery(
            number=row.number,
            type=row.type,
            digest=row.digest,
            state=row.state,
            attempts=row.attempts,
            issued_at=time_text(row.issued_at),
            done_at=shown.time(row.done_at),
            outcome=row.outcome,
            log_index=row.log_index,
        )
        for row in rows
    ]
    return records.DeliveryPage(items=items, next=following)


def handovers(asked: Asked) -> records.HandoverPage:
    """Parts that were handed to a peer, newest first."""
    found = _named(asked)
    rows, following = _page(asked, "handovers", found.id, asked.query, exchange.handovers)
    items = [
        records.Handover(
            number=row.number,
            what=row.what,
            kind=row.kind.value if row.kind else None,
            tlp=row.tlp.wire if row.tlp is not None else None,
            accepted=row.accepted,
            refused=row.refused,
            refusals=dict(row.refusals),
            received_at=time_text(row.received_at),
            effective_at=shown.time(row.effective_at),
            receipt=row.receipt,
        )
        for row in rows
    ]
    return records.HandoverPage(items=items, next=following)


def reach(asked: Asked) -> records.Reach:
    """How far a claim has come at each peer, and why not further."""
    told = signals.claim_seen(UUID(asked.path["claim"]), asked.audience, asked.at)
    if told is None:
        raise NotFound("claim", "There is no such claim")
    return records.Reach(items=[_reached(row) for row in exchange.reached(told.claim, asked.at)])


def _reached(row: exchange.Reached) -> records.Reached:
    to = row.recipient
    kept = [] if to.allowed else to.reasons
    return records.Reached(
        peer=shown.member(to.fingerprint, to.name),
        state=row.state,  # type: ignore[arg-type]
        reasons=[answers.Reason(code=each.code, params=dict(each.params)) for each in kept],
        refusal=row.refusal,
        received_at=shown.time(row.received_at),
        effective_at=shown.time(row.effective_at),
        receipt=row.receipt or None,
    )


def receipts(asked: Asked) -> records.ReceiptPage:
    """Receipts between us and a peer, newest first."""
    found = _named(asked)
    rows, following = _page(asked, "receipts", found.id, asked.query, peers.receipts)
    return records.ReceiptPage(items=[_receipt(row) for row in rows], next=following)


def _page(
    asked: Asked, what: str, of: int, query: requests.PageQuery, read: Any
) -> tuple[list[Any], str | None]:
    """A page of numbered things, and the cursor of the next one, if there may be more."""
    name = f"{what}/{of}"
    before = cursors.read(name, asked.caller, query.cursor)
    rows = read(of, before=before, limit=query.limit)
    if len(rows) < query.limit:
        return rows, None
    return rows, cursors.seal(name, asked.caller, rows[-1].number)


def receipt(asked: Asked) -> records.ReceiptView:
    """One receipt with the signed document."""
    found = peers.receipt_of(asked.number())
    return records.ReceiptView(receipt=_receipt(found), document=found.document.decode())


def _receipt(row: ReceiptView) -> records.Receipt:
    return records.Receipt(
        number=row.number,
        ours=row.ours,
        kind=row.kind,  # type: ignore[arg-type]
        about=row.about.hex(),
        at=time_text(row.at),
        log_index=row.log_index,
        outcome=row.outcome,
        accepted=row.accepted,
        merged=row.merged,
        refused=row.refused,
        refusals=dict(row.refusals),
    )


# --- ledger --------------------------------------------------------------------------------------


def head(asked: Asked) -> records.Ledger:
    """The head of our ledger."""
    newest = next((each for each in reading.heads(limit=5) if each.note), None)
    return records.Ledger(
        epoch=ledger.epoch(),
        entries=ledger.head(),
        size=newest.size if newest else None,
        root=newest.root.hex() if newest else None,
        checkpoint=newest.note.decode() if newest and newest.note else None,
    )


def acts(asked: Asked) -> records.ActPage:
    """What this token did, newest first."""

    def read(token: int, *, before: int | None, limit: int) -> list[signals.ActView]:
        return signals.acts_of_token(token, before=before, limit=limit)

    rows, following = _page(asked, "acts", asked.caller.token, asked.query, read)
    items = [
        records.Act(
            number=row.number,
            kind=row.kind,
            at=time_text(row.at),
            count=row.count,
            log_index=row.log_index,
        )
        for row in rows
    ]
    return records.ActPage(items=items, next=following)


def proof(asked: Asked) -> records.Proof:
    """That an entry is in the ledger; what it says only to the token that did the act."""
    index = int(asked.path["index"])
    raw = reading.proof_file(index, peers.cosigned_covering(index))
    record = salt = None
    if signals.is_act_of(asked.caller.token, index):
        held = reading.opening_at(index)
        record, salt = held[0].decode(), held[1].hex()
    commitment = reading.commitment_at(index)
    return records.Proof(
        index=index, commitment=commitment.hex(), proof=raw.decode(), record=record, salt=salt
    )


# --- figures -------------------------------------------------------------------------------------

_MINUTE: Micros = 60 * SECOND
_counted: dict[Audience, tuple[Micros, answers.Statistics]] = {}


def forget() -> None:
    """Drops what was counted: for tests that swap databases."""
    _counted.clear()


def statistics(asked: Asked) -> answers.Statistics:
    """Figures, counted at most once a minute for each audience."""
    held = _counted.get(asked.audience)
    if held is not None and 0 <= asked.at - held[0] < _MINUTE:
        return held[1]
    found = signals.figures(asked.audience)
    fresh = answers.Statistics(
        at=time_text(asked.at),
        signals=found.signals,
        verdicts=found.verdicts,  # type: ignore[arg-type]
        acts=found.acts,
        feed=feed.position(feed.FEED) if asked.audience is Audience.OWN else None,
        ledger=ledger.signed_size(),
    )
    _counted[asked.audience] = (asked.at, fresh)
    return fresh
