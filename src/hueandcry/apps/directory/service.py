"""The directory at work: proposing, signing, taking in, passing on. Callers own the transaction.

What holds is worked out afresh from every signature held, by `rules.fold`, whenever one comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from hueandcry.apps.directory import forms, queries, rules
from hueandcry.apps.directory.forms import Act, Charter
from hueandcry.apps.directory.models import Act as ActRow
from hueandcry.apps.directory.models import Change, Partnership, Signature, Standing
from hueandcry.apps.directory.rules import Signed, State, Status, Vote
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers.face import Accepted, PeerView
from hueandcry.core import jcs, jws
from hueandcry.core.errors import Conflict, HueError, NotFound, NotPermitted
from hueandcry.core.types import Fingerprint, Micros
from hueandcry.engine.ledger import face as ledger

#: Bounds on what others can make us keep.
MAX_CHARTERS = 8  #: of one peer that our people have not signed
MAX_SIGNATURES = 4_000  #: of one issuer in one partnership
_MAX = 1 << 20

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Held:
    """A partnership with everything that is held of it, read."""

    row: Partnership
    charter: Charter
    acts: dict[str, Act]
    signatures: list[Signature]
    votes: list[Vote]  #: those whose keys could give them
    state: State

    def signers(self, about: str) -> list[Signature]:
        """The signatures under the charter or an act, in the order they came."""
        return [each for each in self.signatures if each.about.hex() == about]

    def counts(self, about: str, issuer: Fingerprint) -> bool:
        """Whether a member's signature under the charter or an act counts now."""
        if about == self.charter.digest:
            return any((vote.about, vote.issuer) == (about, issuer) for vote in self.votes)
        return issuer in self.state.counted.get(about, ())


def load(row: Partnership) -> Held:
    """The partnership and its state, worked out from what is stored."""
    charter = forms.read_charter({"act": jcs.parse(row.act, max_bytes=_MAX)})
    acts = {each.digest.hex(): _read(each) for each in queries.acts(row)}
    signatures = queries.signatures(row)
    votes = rules.standing_votes([_signed(each) for each in signatures])
    return Held(row, charter, acts, signatures, votes, rules.fold(charter, acts.values(), votes))


def _read(row: ActRow) -> Act:
    body = {"act": jcs.parse(row.act, max_bytes=_MAX), "standing": "0" * 64}
    return forms.read_act(row.kind, body)[0]


def _signed(row: Signature) -> Signed:
    standing = row.standing.hex() if row.standing else ""
    key = members.acting_key(row.kid)
    return Signed(
        Vote(row.issuer.hex(), row.about.hex(), standing),
        row.document.digest.hex(),
        frozenset(row.answers),
        row.iat,
        row.logged_at,
        key.valid_from,
        key.valid_to,
        key.compromised_since,
    )


# --- what our own people do ----------------------------------------------------------------------


def propose_charter(
    name: str, founders: Sequence[Fingerprint], k: int, scope: str, at: Micros
) -> Charter:
    """A new charter, signed for us and put on its way to the other founders."""
    us = members.us().fingerprint
    for founder in founders:
        if members.find(founder) is None:
            raise NotFound("member", f"No card of {founder} is held", do=_ADD)
    charter = Charter(name, tuple(sorted({us, *founders})), k, scope)
    forms.check_charter(charter)
    row = _partnership(charter, at, None)
    _sign_charter(row, charter, at)
    return charter


_ADD = "Add it first with `hueandcry peer add`"


def _partnership(charter: Charter, at: Micros, from_peer: int | None) -> Partnership:
    row, _ = Partnership.objects.get_or_create(
        digest=bytes.fromhex(charter.digest),
        defaults={
            "act": jcs.canonical(charter.value()),
            "received_at": at,
            "from_peer_id": from_peer,
        },
    )
    return row


def _sign_charter(row: Partnership, charter: Charter, at: Micros) -> None:
    """Our signature under a charter: as a founder, or as one that was admitted and accedes."""
    ours = queries.adopted()
    if ours is not None and ours.pk != row.pk:
        raise Conflict(
            "other_partnership",
            "This node belongs to another partnership already",
            do="Run a second node for the second one",
        )
    if ours is None:
        queries.adopt(row, at)
    held = load(row)
    _issue(held, forms.CHARTER, forms.act_body(charter), charter.digest, None, at)
    settle(row, at)


def propose(kind: str, member: Fingerprint, reason: str, at: Micros) -> Act:
    """An act about a member, signed for us and put on its way to the others."""
    held = ours()
    if kind == forms.ADMISSION and members.find(member) is None:
        raise NotFound("member", f"No card of {member} is held", do=_ADD)
    act = rules.draft(held.state, kind, member, reason)
    _not_yet(held, act.digest)
    _sign_act(held, act, at)
    return act


def sign(digest: str, at: Micros) -> str:
    """Signs the charter or the open act of this digest (or its beginning); gives the digest."""
    charter = _charter_of(digest)
    if charter is not None:
        row, said = charter
        _not_yet(load(row), said.digest)
        _sign_charter(row, said, at)
        return said.digest
    held = ours()
    act = _one([act for each, act in held.acts.items() if each.startswith(digest)], digest)
    _not_yet(held, act.digest)
    if act.digest in held.state.in_force:
        raise Conflict("in_force", "That act is in force already")
    _sign_act(held, act, at)
    return act.digest


def _charter_of(digest: str) -> tuple[Partnership, Charter] | None:
    rows = [row for row in queries.partnerships() if row.digest.hex().startswith(digest)]
    if not rows:
        return None
    row = _one(rows, digest)
    return row, load(row).charter


def _one(found: Sequence[_T], digest: str) -> _T:
    if len(found) != 1 or len(digest) < 8:
        raise NotFound(
            "act",
            f"{digest!r} names {len(found)} acts or charters",
            do="Give at least the first eight digits, from `hueandcry directory list`",
        )
    return found[0]


def _not_yet(held: Held, about: str) -> None:
    """Raises Conflict when our signature counts already; one that was struck may be given anew."""
    if held.counts(about, members.us().fingerprint):
        raise Conflict("already_signed", "We have signed this already", do=_SHOW)


_SHOW = "See `hueandcry directory show`"


def _sign_act(held: Held, act: Act, at: Micros) -> None:
    rules.check_act(held.state, act)
    standing = rules.check_signer(held.state, act, members.us().fingerprint)
    _keep_act(held.row, act, at)
    _issue(held, act.kind, forms.act_body(act, standing), act.digest, standing, at)
    settle(held.row, at)


def _keep_act(row: Partnership, act: Act, at: Micros) -> None:
    ActRow.objects.get_or_create(
        partnership=row,
        digest=bytes.fromhex(act.digest),
        defaults={"kind": act.kind, "act": jcs.canonical(act.value()), "received_at": at},
    )


def _issue(
    held: Held, kind: str, body: dict[str, Any], about: str, standing: str | None, at: Micros
) -> None:
    """Our document, which names those of the others that we had seen."""
    seen = [each.document.digest.hex() for each in held.signers(about)]
    raw = peers.issue(kind, body, at, re=sorted(seen))
    kept = peers.send(raw, [], at)
    _keep_signature(held.row, jws.open_document(raw).stated, kept.pk, about, standing, at)


def _keep_signature(
    row: Partnership,
    document: jws.Document,
    document_id: int,
    about: str,
    standing: str | None,
    at: Micros,
) -> None:
    Signature.objects.get_or_create(
        document_id=document_id,
        defaults={
            "partnership": row,
            "about": bytes.fromhex(about),
            "issuer": bytes.fromhex(document.iss),
            "kid": document.kid,
            "standing": bytes.fromhex(standing) if standing else None,
            "answers": list(document.re),
            "iat": document.iat,
            "logged_at": at,
        },
    )


def ours() -> Held:
    """The partnership that this node belongs to; raises NotFound without one."""
    row = queries.adopted()
    if row is None:
        raise NotFound(
            "partnership",
            "This node belongs to no partnership: it has bilateral peers only",
            do="Sign a charter: `hueandcry directory charter`, or `directory sign`",
        )
    return load(row)


# --- what arrives --------------------------------------------------------------------------------


def take(accepted: Accepted, sender: PeerView, at: Micros) -> dict[str, Any]:
    """Takes in a member's signature, whoever hands it on; gives the receipt's facts."""
    document = accepted.document
    try:
        row, about, standing = _place(document, sender, at)
    except NotPermitted as refused:
        return {"outcome": "refused", "class": refused.code}
    if accepted.row is None:
        return {"outcome": "accepted"}
    if queries.signed_by(row, bytes.fromhex(document.iss)) >= MAX_SIGNATURES:
        return {"outcome": "refused", "class": "too_many_signatures"}
    _keep_signature(row, document, accepted.row.pk, about, standing, at)
    if row.adopted:
        settle(row, at)
    return {"outcome": "accepted"}


def _place(
    document: jws.Document, sender: PeerView, at: Micros
) -> tuple[Partnership, str, str | None]:
    """Where a signature belongs: (partnership, what it is about, the standing it rests on)."""
    if document.type == forms.CHARTER:
        charter = forms.read_charter(document.body)
        known = queries.partnership(bytes.fromhex(charter.digest))
        if known is None and queries.unadopted_from(sender.id) >= MAX_CHARTERS:
            raise NotPermitted("too_many_charters", "Too many charters that nobody signed here")
        return known or _partnership(charter, at, sender.id), charter.digest, None
    act, standing = forms.read_act(document.type, document.body)
    row = queries.partnership(bytes.fromhex(act.partnership))
    if row is None:
        raise NotPermitted("unknown_charter", "The act belongs to a charter that is not held")
    _keep_act(row, act, at)
    return row, act.digest, standing


# --- what follows --------------------------------------------------------------------------------


def settle(row: Partnership, at: Micros) -> None:
    """Brings the stored standings to what the documents say, and passes the documents on."""
    held = load(row)
    changed, lost = _differences(held)
    for fingerprint, place in changed:
        _change(row, fingerprint, place, at)
    queries.drop_standings(row, lost)
    if row.adopted:
        members.set_barred(_barred(held))
    for peer, due in _outstanding(held):
        peers.hand_on(peer.id, _cards(held, due, peer.fingerprint), due, at)


def settled(row: Partnership) -> bool:
    """Whether `settle` would change nothing: asked first by what runs by the clock."""
    held = load(row)
    known = {each for each in _barred(held) if members.find(each)}
    kept = _differences(held) == ([], []) and members.barred() == known
    return kept and not _outstanding(held)


def _barred(held: Held) -> set[Fingerprint]:
    """Members that are suspended or expelled: nothing passes between them and us."""
    us = members.us().fingerprint
    places = held.state.places.items()
    return {one for one, place in places if place.status is not Status.ACTIVE and one != us}


def _differences(held: Held) -> tuple[list[tuple[Fingerprint, rules.Place]], list[Fingerprint]]:
    """(places that are stored otherwise, or not at all; stored ones that nothing carries now)."""
    stored = queries.standings(held.row)
    changed = [
        (fingerprint, place)
        for fingerprint, place in sorted(held.state.places.items())
        if not _is_stored(stored.get(fingerprint), place)
    ]
    return changed, sorted(stored.keys() - held.state.places.keys())


def _is_stored(row: Standing | None, place: rules.Place) -> bool:
    return row is not None and (row.status, row.act.hex()) == (place.status, place.act)


def _change(row: Partnership, fingerprint: Fingerprint, place: rules.Place, at: Micros) -> None:
    now: dict[str, Any] = {
        "status": place.status.value,
        "serial": place.serial,
        "act": bytes.fromhex(place.act),
    }
    of: dict[str, Any] = {"partnership": row, "fingerprint": bytes.fromhex(fingerprint)}
    Standing.objects.update_or_create(**of, defaults={**now, "since": at})
    ledger.append(
        "directory.standing",
        Change(**of, **now, at=at),
        partnership=row.digest.hex(),
        member=fingerprint,
        status=place.status.value,
        serial=place.serial,
        act=place.act,
    )


def _outstanding(held: Held) -> list[tuple[PeerView, list[int]]]:
    """For each peer the documents that it may have and was not yet sent."""
    found = []
    for peer in peers.peers() if held.row.adopted else ():
        due = peers.unsent(peer.id, _due(held, peer.fingerprint))
        if due:
            found.append((peer, due))
    return found


def _due(held: Held, reader: Fingerprint) -> list[int]:
    """The documents that a reader may have, its own left out, in the order they came.

    Members see everything but what is proposed about themselves. One that was expelled learns by
    which act. Nobody else learns that there is a partnership.
    """
    us = bytes.fromhex(reader)
    others = [each for each in held.signatures if each.issuer != us]
    if not held.state.founded:
        return [each.document_id for each in others] if reader in held.charter.founders else []
    place = held.state.places.get(reader)
    if place is None:
        return []
    if place.status is Status.EXPELLED:
        return [each.document_id for each in others if each.about.hex() == place.act]
    return [each.document_id for each in others if not _about_oneself(held, each, reader)]


def _about_oneself(held: Held, signature: Signature, reader: Fingerprint) -> bool:
    about = signature.about.hex()
    act = held.acts.get(about)
    return act is not None and act.member == reader and about not in held.state.in_force


def _cards(held: Held, due: Sequence[int], reader: Fingerprint) -> list[bytes]:
    """The cards without which a reader could not check these documents."""
    wanted = set(due)
    issuers = {each.issuer.hex() for each in held.signatures if each.document_id in wanted}
    found = []
    for fingerprint in sorted(issuers - {reader}):
        try:
            found.append(members.card_of(fingerprint))
        except HueError:
            continue
    return found
