"""How two nodes come to terms: one proposes, the other signs only what its own terms allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import queries, rules, seats, service
from hueandcry.apps.peers.models import Agreement, Expected, Peer
from hueandcry.core import jws
from hueandcry.core.errors import Conflict, Malformed, NotPermitted
from hueandcry.core.sharing import (
    Terms,
    personal_terms,
    read_terms,
    standard_terms,
    successor,
    suspension,
)
from hueandcry.core.types import DAY, Fingerprint, Micros

TEMPLATES = {"standard": standard_terms, "personal": personal_terms}

#: Terms begin an hour back, so that a peer whose clock is a little behind finds them in force.
HEAD_START: Micros = 3_600 * 1_000_000

#: Terms that end sooner than this are signed anew when the peer is added again.
RENEWAL: Micros = 60 * DAY


def wanted_terms(spec: str, theirs: Fingerprint, at: Micros) -> Terms:
    """Our own terms for a peer: a template by name, or the bytes of a terms file; Malformed."""
    us = members.us().fingerprint
    template = TEMPLATES.get(spec)
    if template is not None:
        return template(us, theirs, at - HEAD_START)
    terms = read_terms(spec.encode())
    if set(terms.parties) != {us, theirs}:
        raise Malformed("parties", "The terms are between other members than us and this peer")
    return terms


def add(
    card: bytes,
    url: str | None,
    spec: str,
    at: Micros,
    *,
    expected: Fingerprint,
    by_file: bool = False,
) -> Peer:
    """Confirms a member as a peer; the lower fingerprint proposes our terms at once.

    Its address is `url`, or the one in its card.
    Raises Conflict when neither of the two can be called and no files are to be carried.
    """
    member = members.take_card(card, at, expected=expected)
    us = members.us()
    if expected == us.fingerprint:
        raise Conflict("own_node", "This is the card of this very node")
    terms = wanted_terms(spec, expected, at)
    url = (member.url if url is None else url).rstrip("/")
    way = rules.way_to(url, us.url, by_file=by_file)
    peer, made = Peer.objects.get_or_create(
        member=member,
        defaults={"url": url, "way": way, "wanted": terms.terms_bytes(), "added_at": at},
    )
    if way == Peer.Way.FILE or not us.url:
        # Our first word to whoever cannot ask us for our card: without it nothing else is believed.
        service.send(members.card_of(us.fingerprint), [peer.pk], at)
    if made:
        seats.announce_to(peer, at)
    else:
        rows = Peer.objects.filter(pk=peer.pk)
        rows.update(url=url, way=way, wanted=terms.terms_bytes(), retry_at=0)
        peer.refresh_from_db()
    Expected.objects.filter(fingerprint=member.fingerprint).delete()
    _come_to_terms(peer, terms, at)
    return peer


def expect(fingerprint: Fingerprint, spec: str, at: Micros) -> Peer | None:
    """Confirms a member whose node cannot be asked for its card: its own first call will add it.

    The peer, when its card is here already.
    """
    if not members.us().url:
        raise rules.no_line()
    wanted_terms(spec, fingerprint, at)
    if members.find(fingerprint) is not None:
        return add(members.card_of(fingerprint), None, spec, at, expected=fingerprint)
    rows = {"spec": spec, "at": at}
    Expected.objects.update_or_create(fingerprint=bytes.fromhex(fingerprint), defaults=rows)
    return None


def welcome(card: bytes, fingerprint: Fingerprint, at: Micros) -> Peer | None:
    """Adds a member that one of our own people expects, by the card in its verified call.

    A third member may have handed on its card meanwhile: then any call of its own will do.
    """
    row = queries.expected(fingerprint)
    if row is None:
        return None
    held = members.find(fingerprint)
    known = card if held is None else members.card_of(fingerprint)
    return add(known, None, row.spec, at, expected=fingerprint)


def _come_to_terms(peer: Peer, terms: Terms, at: Micros) -> None:
    us, them = members.us().fingerprint, peer.member.fingerprint.hex()
    row = queries.in_force(peer.pk)
    current = read_terms(row.terms) if row else None
    if current is not None:
        terms = _renewed(terms, current)
    if current is None or _differs(terms, current) or current.valid_until < at + RENEWAL:
        if us < them:
            propose(peer, terms, at)
        else:
            _sign_refused(peer, at)


def _renewed(terms: Terms, current: Terms) -> Terms:
    return replace(terms, serial=current.serial + 1, supersedes=current.digest)


def _differs(new: Terms, current: Terms) -> bool:
    """Whether the scope differs; dates alone are no reason to sign anew."""
    same = replace(
        new,
        serial=current.serial,
        supersedes=current.supersedes,
        valid_from=current.valid_from,
        valid_until=current.valid_until,
    )
    return same != current


def propose(peer: Peer, terms: Terms, at: Micros) -> Agreement:
    """Signs `terms` for our side and sends them."""
    row = _known(peer, terms.terms_bytes(), terms.serial, at)
    _sign(peer, row, at)
    return row


def _known(peer: Peer, raw: bytes, serial: int, at: Micros) -> Agreement:
    """The row of these terms with this peer, made when new."""
    row, _ = Agreement.objects.get_or_create(
        peer=peer,
        digest=rules.digest_of(raw),
        defaults={
            "terms": raw,
            "serial": serial,
            "state": Agreement.State.PROPOSED,
            "changed_at": at,
        },
    )
    return row


def _sign(peer: Peer, row: Agreement, at: Micros) -> None:
    document = service.issue(
        "agreement",
        rules.agreement_body(row.terms),
        at,
        aud=peer.member.fingerprint.hex(),
        agreement=row.digest.hex(),
    )
    service.send(document, [peer.pk], at)
    Agreement.objects.filter(pk=row.pk).update(ours=rules.digest_of(document))


def _sign_refused(peer: Peer, at: Micros) -> None:
    """Looks again at a proposal that our former terms refused."""
    row = queries.newest_agreement(peer.pk)
    if row is not None and row.state == Agreement.State.REFUSED:
        _decide(peer, row, read_terms(row.terms), at)


def narrow(peer: Peer, at: Micros, *, terms: Terms | None = None) -> Agreement:
    """Narrows the agreement by our signature alone, or suspends it when no terms are given."""
    row = queries.in_force(peer.pk)
    if row is None:
        raise Conflict("no_agreement", f"There is no agreement with {peer.member.name}")
    current = read_terms(row.terms)
    new = suspension(current) if terms is None else successor_of(terms, current)
    narrowed = propose(peer, new, at)
    # Either side alone narrows at once (PROTOCOL 3): we need not wait for theirs.
    queries.put_in_force(narrowed, at)
    return narrowed


def successor_of(terms: Terms, current: Terms) -> Terms:
    """`terms` as the next serial after `current`."""
    changed = {f: getattr(terms, f) for f in Terms.__dataclass_fields__}
    for fixed in ("serial", "supersedes"):
        changed.pop(fixed)
    return successor(current, **changed)


def take(document: jws.Document, peer: Peer, at: Micros) -> dict[str, object]:
    """Takes in a peer's signature under terms; gives the receipt's outcome and difference."""
    if document.iss != peer.member.fingerprint.hex():
        raise NotPermitted("not_party", "Only a party signs an agreement")
    raw, terms = rules.read_agreement_body(document.body)
    if document.agreement != rules.digest_of(raw).hex():
        raise Malformed("agreement_digest", "The document names other terms than it carries")
    row = _known(peer, raw, terms.serial, at)
    theirs = bytes.fromhex(document.digest)
    Agreement.objects.filter(pk=row.pk).update(theirs=theirs)
    return _decide(peer, row, terms, at)


def _decide(peer: Peer, row: Agreement, terms: Terms, at: Micros) -> dict[str, object]:
    current = queries.in_force(peer.pk)
    if row.state in (Agreement.State.IN_FORCE, Agreement.State.SUPERSEDED):
        return {"outcome": "accepted"}
    answer = rules.answer_proposal(
        terms,
        wanted=read_terms(peer.wanted),
        in_force=read_terms(current.terms) if current else None,
        signed_by_us=row.ours is not None,
    )
    if answer.proposal is rules.Proposal.REFUSE:
        difference = [[reason.code, dict(reason.params)] for reason in answer.reasons]
        Agreement.objects.filter(pk=row.pk).update(
            state=Agreement.State.REFUSED, difference=difference, changed_at=at
        )
        return {"outcome": "refused", "class": "terms", "difference": difference}
    if answer.proposal is rules.Proposal.COUNTERSIGN:
        _sign(peer, row, at)
    queries.put_in_force(row, at)
    return {"outcome": "accepted"}


# --- what a restored node lost ------------------------------------------------------------------


def documents(peer: Peer) -> list[str]:
    """The signatures of both sides under the terms in force, as they were exchanged."""
    row = queries.in_force(peer.pk)
    digests = (row.ours, row.theirs) if row else ()
    rows = [queries.document(digest) for digest in digests if digest is not None]
    return [each.document.decode() for each in rows if each is not None]


def recover(peer: Peer, raws: Sequence[str], at: Micros) -> bool:
    """Takes up terms that our own signature and the peer's prove; older ones change nothing."""
    signed: dict[Fingerprint, bytes] = {}
    held: dict[bytes, Terms] = {}
    for text in raws:
        document = service.believe_signed(text.encode())
        raw, terms = rules.read_agreement_body(document.body)
        if document.type == "agreement" and set(terms.parties) == _parties(peer):
            signed[document.iss] = text.encode()
            held[raw] = terms
    if signed.keys() != _parties(peer) or len(held) != 1:
        return False
    ((raw, terms),) = held.items()
    current = queries.in_force(peer.pk)
    if current is not None and read_terms(current.terms).serial >= terms.serial:
        return False
    row = _known(peer, raw, terms.serial, at)
    ours, theirs = (
        signed[who] for who in (members.us().fingerprint, peer.member.fingerprint.hex())
    )
    rows = [service.keep_document(each, at).digest for each in (ours, theirs)]
    Agreement.objects.filter(pk=row.pk).update(ours=rows[0], theirs=rows[1])
    queries.put_in_force(row, at)
    return True


def _parties(peer: Peer) -> set[Fingerprint]:
    return {members.us().fingerprint, peer.member.fingerprint.hex()}


def trusted_member_ids(at: Micros) -> frozenset[int]:
    """Members whose own claims count as trusted: peers under an agreement in force at `at`."""
    found = set()
    for row in queries.all_carrying():
        held = read_terms(row.terms)
        if held.valid_from <= at < held.valid_until and held.kinds and held.purposes:
            found.add(row.peer.member_id)
    return frozenset(found)
