"""What is done with members: founding this node, taking in cards, revoking, issuing tokens."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hueandcry.apps.members import queries, rules
from hueandcry.apps.members.models import Card, Key, Member, Person, Revocation, Token
from hueandcry.core import jws
from hueandcry.core.errors import Conflict, Malformed, NotFound, Untrusted
from hueandcry.core.ids import uuid7
from hueandcry.core.times import time_text
from hueandcry.core.types import Audience, Fingerprint, Micros
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
    wrong = rules.unknown_roles(founding.roles)
    if wrong:
        known = ", ".join(rules.MEMBER_ROLES)
        raise Malformed("role", f"Unknown role {wrong[0]!r}", do=f"Use one of: {known}")
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


def _card_keys(keyring: Keyring, at: Micros) -> tuple[rules.CardKey, ...]:
    until = at + rules.KEY_LIFETIME
    start = at - LEEWAY
    return tuple(rules.CardKey(p, keyring.public(p), start, until) for p in rules.PURPOSES)


def sign_card(card: rules.Card, keyring: Keyring, at: Micros) -> bytes:
    """The card as a document under the root key."""
    root = keyring.root()
    return _sign_as_root("card", card.fingerprint, rules.card_body(card), root.root, at)


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


def take_card(raw: bytes, at: Micros, *, expected: Fingerprint | None = None) -> Member:
    """Takes in another member's card: a newer serial replaces, the same bytes change nothing.

    Raises Untrusted for an older serial, other bytes under the same serial, or a chain that does
    not extend the one we hold.
    """
    card = rules.open_card(raw, verify=ed25519.verify, expected=expected)
    member = queries.by_fingerprint(card.fingerprint)
    held = queries.newest_card(member) if member else None
    if member is None or held is None:
        return _keep(card, raw, at)
    if held.document == raw:
        return member
    if card.serial <= held.serial:
        raise Untrusted(
            "card_serial",
            f"A card of {card.name} has serial {card.serial}, and we hold {held.serial}",
            why="An older card, or a second one under the same serial, is never taken",
        )
    before = rules.open_card(held.document, verify=ed25519.verify, expected=card.fingerprint)
    if card.roots[: len(before.roots)] != before.roots:
        raise Untrusted("root_chain", "The new card's root chain does not extend the one we hold")
    return _keep(card, raw, at)


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
        Key.objects.get_or_create(
            member=member,
            purpose=key.purpose,
            key_id=key.key_id,
            defaults={
                "public": key.public,
                "valid_from": key.valid_from,
                "valid_to": key.valid_to,
            },
        )
    return member


def take_revocation(raw: bytes, at: Micros) -> Member:
    """Takes in a revocation signed by its member's root; the first one for a key stands."""
    issuer = jws.open_document(raw).iss
    member = queries.by_fingerprint(issuer)
    held = queries.newest_card(member) if member else None
    if member is None or held is None:
        raise NotFound("member", f"No card of {issuer} is held")
    card = rules.open_card(held.document, verify=ed25519.verify, expected=issuer)
    revoked = rules.open_revocation(raw, root=card.roots[-1].key, verify=ed25519.verify)
    digest = hashlib.sha256(raw).digest()
    if not Revocation.objects.filter(digest=digest).exists():
        row = Revocation(member=member, digest=digest, document=raw, received_at=at)
        ledger.append("revocation", row, digest=digest.hex())
        queries.revoke(
            member, revoked.purpose, revoked.key_id, revoked.revoked_at, revoked.compromised_since
        )
    return member


def renew_keys(
    keyring: Keyring, purposes: Sequence[str], at: Micros, *, url: str | None = None
) -> bytes:
    """Makes new operational keys, and a card of the next serial that names old and new."""
    me = queries.myself()
    held = queries.newest_card(me) if me else None
    if me is None or held is None:
        raise NotFound("node", "There is no node here", do="Run `hueandcry init`")
    card = rules.open_card(held.document, verify=ed25519.verify, expected=None)
    fresh = tuple(
        rules.CardKey(p, keyring.public(p, keyring.add(p, at)), at - LEEWAY, at + rules.KEY_LIFETIME)
        for p in purposes
    )
    renewed = rules.Card(
        fingerprint=card.fingerprint,
        roots=card.roots,
        name=card.name,
        country=card.country,
        roles=card.roles,
        url=url or card.url,
        serial=card.serial + 1,
        keys=card.keys + fresh,
    )
    raw = sign_card(renewed, keyring, at)
    _keep(renewed, raw, at)
    return raw


def revoke_key(
    keyring: Keyring, purpose: str, key_id: str, at: Micros, compromised_since: Micros
) -> bytes:
    """Revokes one of our own keys under the root, and gives the document to send to everybody."""
    me = queries.myself()
    if me is None:
        raise NotFound("node", "There is no node here", do="Run `hueandcry init`")
    fingerprint = me.fingerprint.hex()
    revoked = rules.RevokedKey(fingerprint, purpose, key_id, at, compromised_since)
    root = keyring.root()
    body = rules.revocation_body(revoked)
    raw = _sign_as_root("revocation", fingerprint, body, root.root, at)
    take_revocation(raw, at)
    return raw


def add_person(login: str, roles: Sequence[str], name: str = "") -> tuple[Person, str]:
    """A new person of ours with a random password, which is given back once."""
    password = secrets.token_urlsafe(18)
    person = Person.objects.create_user(login, password, name=name, roles=list(roles))
    return person, password


def new_token(audience: Audience, note: str, at: Micros) -> str:
    """A look-up token for one audience; only its digest is kept."""
    text = secrets.token_urlsafe(24)
    digest = hashlib.sha256(text.encode()).digest()
    Token.objects.create(digest=digest, audience=audience.value, note=note, created_at=at)
    return text


def revoke_token(number: int, at: Micros) -> None:
    """Ends a token at once; raises NotFound when there is no such live token."""
    if Token.objects.filter(pk=number, revoked_at=None).update(revoked_at=at) != 1:
        raise NotFound("token", f"There is no live token {number}", do="Run `hueandcry token list`")
