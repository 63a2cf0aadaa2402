"""What arrives from peers: believed, gated, stored, logged and receipted, in numbered steps.

One bad object never loses the good ones of its batch; a batch that is not its claimant's is
refused whole. The caller owns the transaction, one for each part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from hueandcry.apps.exchange import labels, publishing, queries, rules, showing
from hueandcry.apps.exchange.budget import Budget
from hueandcry.apps.exchange.models import Batch, Retraction
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers.face import PeerView
from hueandcry.apps.signals import face as signals
from hueandcry.core import jws, normal, sharing, stix, tlog
from hueandcry.core.envelopes import Part
from hueandcry.core.errors import HueError, NotPermitted, Untrusted
from hueandcry.core.sharing import Label, Terms
from hueandcry.core.types import Claim, Direction, Lane, Micros, Signal, Tlp
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.purge import face as purge
from hueandcry.engine.timeline import face as timeline

#: Outcome of one object: (digest, outcome, class of refusal or None).
Outcome = tuple[str, str, str | None]

ACCEPTED, MERGED, REFUSED = "accepted", "merged", "refused"

#: Markings that may ever be passed on to third members (PROTOCOL 3).
_ONWARD = (Tlp.CLEAR, Tlp.GREEN)

_budget = Budget()


@dataclass(slots=True)
class _Object:
    """One line of a part on its way through the steps."""

    ordinal: int
    line: bytes
    leaf: bytes
    outcome: str = ACCEPTED
    refusal: str | None = None
    claim: Claim | None = None
    label: int | None = None

    def refuse(self, code: str) -> None:
        self.outcome, self.refusal = REFUSED, code


def take_part(part: Part, sender: PeerView, at: Micros, *, paced: bool = True) -> bytes:
    """Takes in one part and gives our receipt for it; the same part again gives the same bytes.

    `paced` counts it against the rate of the agreement, which a file that people carry has not.
    Raises Untrusted or Malformed for a document that is not its issuer's, NotPermitted without
    an agreement. What concerns single objects is in the receipt.
    """
    known = peers.stored_receipt(sender, part.digest)
    if known is not None:
        return known
    terms = _terms(sender, at)
    if paced:
        _budget.take(sender.id, max(1, len(part.lines)), terms.rate, at)
    # (1) Whose document is this? An unknown issuer's card proves itself.
    document = _believe(part, at)
    if part.retraction:
        return _take_retraction(part, document, sender, at)
    # (2) The lines are those that the claimant signed.
    body = rules.read_batch_body(document.body)
    found = _objects(part)
    rules.check_inclusion(part, body, [each.leaf for each in found])
    # (3) Each line is a claim of the issuer, in our forms, and (4) the gate lets it in.
    us = members.us().fingerprint
    if document.iss == us:
        for each in found:
            each.refuse("own_origin")
    else:
        _read_all(found, document.iss, at)
        _gate_all(found, sender, terms, body.lane, at)
        _drop_erased(found)
    # (5) Stored with their bytes, put into the feed, logged.
    batch = _store(part, found, document, body.count, sender, at)
    _note(found, body.lane, at)
    return _receipt(part, document, found, batch, sender, at)


def _terms(sender: PeerView, at: Micros) -> Terms:
    terms = peers.terms(sender.id)
    if terms is None or not terms.valid_from <= at < terms.valid_until:
        raise NotPermitted(
            "no_agreement",
            "There is no agreement in force between us",
            do="Both sides run `hueandcry peer add`",
        )
    return terms


def _believe(part: Part, at: Micros) -> jws.Document:
    unverified = jws.open_document(part.document)
    if part.card is not None and not members.knows(unverified.kid):
        members.take_card(part.card, at, expected=unverified.iss)
    document = peers.believe(part.document, at)
    wanted = "retraction" if part.retraction else "batch"
    if document.type != wanted:
        raise Untrusted("document_type", f"A {document.type} is not handed over as a {wanted}")
    return document


def _objects(part: Part) -> list[_Object]:
    ordinals = part.ordinals if part.ordinals is not None else range(len(part.lines))
    return [
        _Object(ordinal, line, tlog.leaf_hash(line))
        for ordinal, line in zip(ordinals, part.lines, strict=True)
    ]


def _read_all(found: Sequence[_Object], issuer: str, at: Micros) -> None:
    latest = at + peers.AHEAD
    for each in found:
        try:
            each.claim = read_claim(each.line, issuer)
        except HueError as error:
            each.refuse(error.code)
            continue
        if each.claim.modified > latest:
            each.refuse("future")


def read_claim(line: bytes, issuer: str) -> Claim:
    """The claim that one line states under its issuer's name; raises HueError with a code."""
    received = stix.read_indicator(line)
    signal = normal.normalise(received.kind, received.text)
    if received.ours and signal.value != received.text:
        raise Untrusted("not_canonical", "The value is not in its canonical form")
    return received.claim(issuer, Signal(received.kind, signal.value))


def _gate_all(
    found: Sequence[_Object], sender: PeerView, terms: Terms, lane: Lane, at: Micros
) -> None:
    """Runs the gate once per label; a batch of two labels would tell a reader its counts."""
    first: Label | None = None
    number: int | None = None
    for each in found:
        if each.claim is None or each.outcome == REFUSED:
            continue
        label = sharing.label_of(
            each.claim,
            onward=each.claim.marking.tlp in terms.onward,
            basis=terms.basis_of(each.claim.signal.kind),
            lane=lane,
        )
        if first is None:
            first = label
            decision = labels.decide(sender.fingerprint, label, terms, Direction.RECEIVE, at)
            number = signals.label_number(label) if decision.allowed else None
        if label != first:
            each.refuse("mixed_labels")
        elif number is None:
            each.refuse("not_permitted")
        else:
            each.label = number


def _drop_erased(found: Sequence[_Object]) -> None:
    """What we purged stays away: that version of a claim or an older one, a retracted one ever."""
    fresh = [each for each in found if each.claim is not None and each.outcome == ACCEPTED]
    marks = purge.erased("claim", [each.claim.id.bytes for each in fresh if each.claim])
    for each in fresh if marks else ():
        mark = marks.get(each.claim.id.bytes) if each.claim else None
        if mark is not None and mark.terminal:
            each.refuse("retracted")
        elif mark is not None and each.claim and each.claim.modified <= mark.modified:
            each.outcome, each.claim = MERGED, None


def _store(
    part: Part,
    found: Sequence[_Object],
    document: jws.Document,
    count: int,
    sender: PeerView,
    at: Micros,
) -> Batch | None:
    """Keeps the accepted lines only: what the gate refused leaves no bytes behind."""
    kept = [each for each in found if each.outcome == ACCEPTED]
    if not kept or kept[0].label is None:
        return None
    stored = _narrowed(part, found, kept)
    held = queries.batch_of_part(stored.digest)
    batch = held or publishing.keep_batch(
        stored,
        document_label=kept[0].label,
        issuer=members.member_id(document.iss),
        count=count,
        at=at,
        about=part.digest,
        from_peer=sender.id,
    )
    _claims(kept, batch, at)
    if held is None:
        label = signals.label(batch.label)
        if label.onward and label.marking.tlp in _ONWARD:
            queries.add_entry(batch.label, batch=batch)
        showing.show_batch(batch)
        publishing.log_batch(batch)
    return batch


def _narrowed(part: Part, found: Sequence[_Object], kept: Sequence[_Object]) -> Part:
    """The part with only the lines that we keep, and the paths that prove them."""
    if len(kept) == len(found):
        return replace(part, card=None)
    wanted = [each.ordinal for each in kept]
    if part.paths is None:
        tree = tlog.MerkleTree([each.leaf for each in found])
        paths = {each.ordinal: tuple(tree.inclusion(each.ordinal)) for each in kept}
    else:
        paths = dict(zip(part.ordinals or (), part.paths, strict=True))
    return Part(
        document=part.document,
        lines=tuple(each.line for each in kept),
        ordinals=tuple(wanted),
        paths=tuple(paths[n] for n in wanted),
    )


def _claims(kept: Sequence[_Object], batch: Batch, at: Micros) -> None:
    rows = [
        signals.ReceivedClaim(each.claim, each.label or batch.label, batch.pk, each.ordinal)
        for each in kept
        if each.claim is not None
    ]
    received = signals.receive(rows, at)
    for each, outcome in zip(kept, received.outcomes, strict=True):
        _settle(each, outcome.text)


def _settle(each: _Object, outcome: str) -> None:
    """An older version and a known one are merged; a retracted or foreign id is refused."""
    if outcome in ("merged", "stale"):
        each.outcome = MERGED
    elif outcome != ACCEPTED:
        each.refuse(outcome)


def _note(found: Sequence[_Object], lane: Lane, at: Micros) -> None:
    if lane is Lane.LIVE:
        ids = [each.claim.id.bytes for each in found if each.claim and each.outcome == ACCEPTED]
        us = members.us().fingerprint
        timeline.note(ids, "received", us, at, timeline.Source.OWN)


def _receipt(
    part: Part,
    document: jws.Document,
    found: Sequence[_Object],
    batch: Batch | None,
    sender: PeerView,
    at: Micros,
) -> bytes:
    objects = [
        [each.leaf.hex(), each.outcome]
        if each.refusal is None
        else [each.leaf.hex(), each.outcome, each.refusal]
        for each in found
    ]
    body: dict[str, Any] = {
        "objects": objects,
        "log_index": batch.log_index if batch else None,
    }
    return peers.envelope_receipt(sender, part.digest, [document.digest], body, at)


def _take_retraction(part: Part, document: jws.Document, sender: PeerView, at: Micros) -> bytes:
    """A retraction counts only under its claimant's own signature, which `_believe` checked."""
    if document.iss == members.us().fingerprint:
        raise NotPermitted("own_origin", "This is our own retraction")
    reason, claims = rules.read_retraction_body(document.body)
    if any(version > at + peers.AHEAD for _, version in claims):
        raise Untrusted("future", "A retracted version is more than five minutes ahead of us")
    digest = bytes.fromhex(document.digest)
    row = ledger.known(lambda: queries.retraction(digest))
    if row is None:
        label = signals.label_of_claims([id for id, _ in claims])
        received = signals.receive_retraction(document.iss, claims, at)
        row = Retraction.objects.create(
            digest=digest,
            part=part.digest,
            issuer_id=members.member_id(document.iss),
            document=part.document,
            label=label,
            at=at,
            from_peer_id=sender.id,
        )
        _pass_on(row)
        ended = zip(claims, received.outcomes, strict=True)
        showing.show_withdrawn([id for (id, _), said in ended if said.text == ACCEPTED])
        ledger.append("retraction", row, digest=digest.hex())
        us = members.us().fingerprint
        timeline.note([id for id, _ in claims], "retracted", us, at, timeline.Source.OWN)
        outcomes = [_word(outcome.text) for outcome in received.outcomes]
    else:
        outcomes = [MERGED for _ in claims]
    objects = [[id.hex(), outcome] for (id, _), outcome in zip(claims, outcomes, strict=True)]
    body = {"objects": objects, "log_index": row.log_index, "reason": reason}
    return peers.envelope_receipt(sender, part.digest, [document.digest], body, at)


def _word(outcome: str) -> str:
    return outcome if outcome in (ACCEPTED, MERGED) else REFUSED


def _pass_on(row: Retraction) -> None:
    if row.label is None:
        return
    label = signals.label(row.label)
    if label.onward and label.marking.tlp in _ONWARD:
        live = signals.label_number(replace(label, lane=Lane.LIVE))
        queries.add_entry(live, retraction=row)
