"""What is done with members: founding this node, taking in cards, revoking keys."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from hueandcry.apps.members import queries, rules
from hueandcry.apps.members.models import Card, Key, Member, Revocation
from hueandcry.core import jws
from hueandcry.core.errors import Conflict, HueError, Malformed, NotFound, Untrusted
from hueandcry.core.ids import uuid7
from hueandcry.core.times import time_text
from hueandcry.core.types import Fingerprint, Micros
from hueandcry.engine.keys import ed25519
from hueandcry.engine.keys.ed25519 import PrivateKey
from hueandcry.engine.keys.keyring import Keyring
from hueandcry.engine.ledger import face as ledger

#: A new key counts from a day ago: a peer whose clock is behind must find it already valid.
LEEWAY: Micros = 86_400 * 1_000_000


@dataclass(frozen=True, slots=True)
class Founding:
    """What a new node is told about itself."""

    name: str
    country: str
    roles: tuple[str, ...]
    url: str


def found(founding: Founding, keyring: Keyring, at: Micros) -> Member:
    """Makes this node's member from its fresh keys: signs the first card under the root."""
    if queries.myself() is not None:
        raise Conflict("already_founded", "This folder already holds a node", do="Use another one")
    check_founding(founding)
    root = keyring.root()
    statement = rules.RootStatement(root.root.public, hashlib.sha256(root.next.public).hexdigest())
    card = rules.Card(
        fingerprint=rules.fingerprint_of(statement),
        roots=(statement,),
        name=founding.name,
        country=founding.country.upper(),
        roles=founding.roles,
        url=founding.url.rstrip("/"),
        serial=1,
        keys=_card_keys(keyring, at),
    )
    return _keep(card, sign_card(card, keyring, at), at, is_self=True)


def check_founding(founding: Founding) -> None:
    """Raises Malformed for what no card could say; asked before any key is made."""
    wrong = rules.unknown_roles(founding.roles)
    if wrong or not founding.roles:
        known = ", ".join(rules.MEMBER_ROLES)
        what = f"Unknown role {wrong[0]!r}" if wrong else "No role is given"
        raise Malformed("role", what, do=f"Use one of: {known}")
    if not founding.name.strip() or len(founding.name) > 200 or len(founding.url) > 300:
        raise Malformed("name", "The name or the address is empty or too long", do="Shorten it")


def _card_keys(keyring: Keyring, at: Micros) -> tuple[rules.CardKey, ...]:
    until = at + rules.KEY_LIFETIME
    start = at - LEEWAY
    return tuple(rules.CardKey(p, keyring.public(p), start, until) for p in rules.PURPOSES)


def sign_card(card: rules.Card, keyring: Keyring, at: Micros) -> bytes:
    """The card as a document under the root key, which is the last of the card's chain."""
    root = _root_of(card, keyring)
    return _sign_as_root("card", card.fingerprint, rules.card_body(card), root, at)


def _root_of(card: rules.Card, keyring: Keyring) -> PrivateKey:
    root = keyring.root().root
    if root.public != card.roots[-1].key:
        raise Conflict(
            "root_behind",
            "The root key in the folder is not the one that the card names last",
            why="A rotation of the root was interrupted, or an old copy was brought back",
            do=f"{_OTHER_COPY}; after an interruption: {_FINISH}",
        )
    return root


_FINISH = "Run `hueandcry keys rotate-root --finish`"
_OTHER_COPY = "Bring back the newest copy of the root folder"


def _sign_as_root(
    doc_type: str, fingerprint: Fingerprint, body: dict[str, Any], root: PrivateKey, at: Micros
) -> bytes:
    payload = {
        "id": str(uuid7(at, secrets.token_bytes(10))),
        "iss": fingerprint,
        "aud": jws.EVERYBODY,
        "iat": time_text(at),
        "v": 1,
        "agreement": None,
        "re": [],
        "body": body,
    }
    return jws.sign_document(doc_type, payload, f"{fingerprint}/{root.key_id}", root.sign)


def sign_succession(body: dict[str, Any], keyring: Keyring, at: Micros) -> bytes:
    """A succession of our own log, under the root (PROTOCOL 5)."""
    card = _own_card()
    return _sign_as_root("succession", card.fingerprint, body, _root_of(card, keyring), at)


def believe_succession(raw: bytes) -> jws.Document:
    """The succession, when its member's newest root signed it; raises NotFound or Untrusted."""
    unverified = jws.open_document(raw)
    member = queries.by_fingerprint(unverified.iss)
    held = queries.newest_card(member) if member else None
    if held is None or unverified.type != "succession":
        raise NotFound("member", f"No card of {unverified.iss} is held")
    card = rules.open_card(held.document, verify=ed25519.verify, expected=unverified.iss)
    return jws.verify_document(unverified, key=card.roots[-1].key, verify=ed25519.verify)


def take_card(raw: bytes, at: Micros, *, expected: Fingerprint | None = None) -> Member:
    """Takes in another member's card: a newer serial replaces, the same bytes change nothing.

    Raises Untrusted for an older serial, other bytes under the same serial, or a chain that does
    not extend the one we hold.
    """
    card = rules.open_card(raw, verify=ed25519.verify, expected=expected)
    member = queries.by_fingerprint(card.fingerprint)
    held = queries.newest_card(member) if member else None
    if member is not None and held is not None:
        if held.document == raw:
            return member
        _check_successor(card, held)
    return _keep(card, raw, at)


def _check_successor(card: rules.Card, held: Card) -> None:
    if card.serial <= held.serial:
        raise Untrusted(
            "card_serial",
            f"A card of {card.name} has serial {card.serial}, and we hold {held.serial}",
            why="An older card, or a second one under the same serial, is never taken",
        )
    before = rules.open_card(held.document, verify=ed25519.verify, expected=card.fingerprint)
    if card.roots[: len(before.roots)] != before.roots:
        raise Untrusted("root_chain", "The new card's root chain does not extend the one we hold")


def key_in_newer_card(
    raw: bytes, fingerprint: Fingerprint, purpose: str, key_id: str, *, first: bool = False
) -> bytes | None:
    """The key that only a newer card of a member we hold names; None when `raw` is no such card.

    With `first` a member that we do not hold may introduce itself as well.
    """
    member = queries.by_fingerprint(fingerprint)
    held = queries.newest_card(member) if member else None
    if not raw or (held is None and not first):
        return None
    try:
        card = rules.open_card(raw, verify=ed25519.verify, expected=fingerprint)
        if held is not None:
            _check_successor(card, held)
    except HueError:
        return None
    named = (key for key in card.keys if (key.purpose, key.key_id) == (purpose, key_id))
    return next((key.public for key in named), None)


def _keep(card: rules.Card, raw: bytes, at: Micros, *, is_self: bool = False) -> Member:
    member, _ = Member.objects.update_or_create(
        fingerprint=bytes.fromhex(card.fingerprint),
        defaults={
            "name": card.name,
            "country": card.country,
            "roles": list(card.roles),
            "url": card.url,
            "serial": card.serial,
            **({"is_self": True} if is_self else {}),
        },
    )
    row = Card(member=member, serial=card.serial, document=raw, received_at=at)
    ledger.append("card", row, member=card.fingerprint, digest=hashlib.sha256(raw).hexdigest())
    for key in card.keys:
        Key.objects.update_or_create(
            member=member,
            purpose=key.purpose,
            key_id=key.key_id,
            defaults={
                "public": key.public,
                "valid_from": key.valid_from,
                "valid_to": key.valid_to,
            },
        )
    # A revocation may have come before the card that names its key.
    for known in queries.revocations(member):
        _apply(member, rules.read_revocation(jws.open_document(known.document).stated))
    return member


def _apply(member: Member, revoked: rules.RevokedKey) -> None:
    queries.revoke(
        member, revoked.purpose, revoked.key_id, revoked.revoked_at, revoked.compromised_since
    )


def take_revocation(raw: bytes, at: Micros) -> Member:
    """Takes in a revocation signed by its member's newest root; the same bytes change nothing.

    Of several for one key the earliest instants stand, since what is known only grows.
    """
    issuer = jws.open_document(raw).iss
    member = queries.by_fingerprint(issuer)
    held = queries.newest_card(member) if member else None
    if member is None or held is None:
        raise NotFound("member", f"No card of {issuer} is held")
    card = rules.open_card(held.document, verify=ed25519.verify, expected=issuer)
    revoked = rules.open_revocation(raw, root=card.roots[-1].key, verify=ed25519.verify)
    digest = hashlib.sha256(raw).digest()
    if ledger.known(Revocation.objects.filter(digest=digest).first) is None:
        row = Revocation(member=member, digest=digest, document=raw, received_at=at)
        ledger.append("revocation", row, digest=digest.hex())
        _apply(member, revoked)
    return member


def renew_keys(
    keyring: Keyring, purposes: Sequence[str], at: Micros, *, url: str | None = None
) -> bytes:
    """Makes new operational keys, and a card of the next serial that names old and new."""
    card = _own_card()
    _root_of(card, keyring)  # absent or behind: said before a key is made
    fresh = tuple(_fresh_key(keyring, purpose, at) for purpose in purposes)
    renewed = replace(
        card, url=url or card.url, serial=card.serial + 1, keys=_unexpired(card, at) + fresh
    )
    raw = sign_card(renewed, keyring, at)
    _keep(renewed, raw, at)
    return raw


def _own_card() -> rules.Card:
    me = queries.myself()
    held = queries.newest_card(me) if me else None
    if held is None:
        raise NotFound("node", "There is no node here", do="Run `hueandcry init`")
    return rules.open_card(held.document, verify=ed25519.verify, expected=None)


def _fresh_key(keyring: Keyring, purpose: str, at: Micros) -> rules.CardKey:
    public = keyring.public(purpose, keyring.add(purpose, at))
    return rules.CardKey(purpose, public, at - LEEWAY, at + rules.KEY_LIFETIME)


def _unexpired(card: rules.Card, at: Micros) -> tuple[rules.CardKey, ...]:
    return tuple(key for key in card.keys if key.valid_to > at)


def rotate_root(keyring: Keyring, at: Micros) -> bytes:
    """Hands this member over to the committed next root: a card of the next serial under it.

    The caller runs `keyring.advance_root()` once the card is committed; until then the folder
    holds the old root as well, so that nothing is lost when either step does not happen.
    """
    card = _own_card()
    _root_of(card, keyring)
    following = keyring.root().next
    after = keyring.prepare_root()
    statement = rules.RootStatement(following.public, hashlib.sha256(after.public).hexdigest())
    renewed = replace(card, roots=(*card.roots, statement), serial=card.serial + 1)
    body = rules.card_body(renewed)
    raw = _sign_as_root("card", card.fingerprint, body, following, at)
    rules.open_card(raw, verify=ed25519.verify, expected=card.fingerprint)
    _keep(renewed, raw, at)
    return raw


def finish_rotation(keyring: Keyring) -> bool:
    """Moves the root files on when a card already names the next root; False when all is well."""
    if keyring.root().root.public == _own_card().roots[-1].key:
        return False
    if keyring.root().next.public != _own_card().roots[-1].key:
        raise Conflict("root_behind", "Neither root nor next root is the card's", do=_OTHER_COPY)
    keyring.advance_root()
    return True


def revoke_key(
    keyring: Keyring, purpose: str, key_id: str, at: Micros, compromised_since: Micros
) -> bytes:
    """Revokes one of our own keys under the root, and gives the document to send to everybody."""
    me = queries.myself()
    if me is None:
        raise NotFound("node", "There is no node here", do="Run `hueandcry init`")
    fingerprint = me.fingerprint.hex()
    revoked = rules.RevokedKey(fingerprint, purpose, key_id, at, compromised_since)
    if compromised_since > at:
        raise Malformed("compromised_since", "That instant has not come yet", do="Give a past one")
    if queries.key(fingerprint, purpose, key_id) is None:
        raise NotFound("key", f"There is no {purpose} key {key_id}", do="See `hueandcry keys list`")
    body = rules.revocation_body(revoked)
    raw = _sign_as_root("revocation", fingerprint, body, keyring.root().root, at)
    take_revocation(raw, at)
    return raw
