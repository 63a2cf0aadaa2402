"""Cards, root chains and revocations: bytes in, trusted values or an error out. No I/O.

A member *is* its offline root key (PROTOCOL 1). The chain of root statements starts with the one
whose SHA-256 is the fingerprint; each later statement's key was committed to by the one before.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from hueandcry.core import jcs, jws
from hueandcry.core.errors import Malformed, NotPermitted, Untrusted
from hueandcry.core.times import read_time, time_text
from hueandcry.core.types import Fingerprint, Micros

PURPOSES = ("act", "transport", "log", "witness", "age")
MEMBER_ROLES = (
    *("asc", "lea", "ca", "p24", "fiu", "bank", "vasp", "telco", "platform", "registrar"),
    *("regulator", "support", "protection", "consular", "auditor", "io"),
)
PERSON_ROLES = (
    *("administrator", "analyst", "duty", "legal", "checker", "auditor", "police", "guest"),
)

#: What a token may be allowed to do: its scopes, and what each one opens.
SCOPES = {
    "lookup": "ask for verdicts on the look-up door",
    "lists:read": "fetch block lists",
    "taxii:read": "read TAXII collections",
    "taxii:write": "add to and delete from TAXII collections",
    "signals:read": "read signals, claims and the change feed by the JSON API",
    "claims:write": "raise and retract claims by the JSON API",
    "reports:write": "bring reports by the JSON API",
    "reports:read": "read what became of the reports that the token brought",
    "peers:read": "read peers, agreements, deliveries and receipts",
    "ledger:read": "read the ledger's heads, entries and proofs",
    "sources:write": "run and change saved sources",
    "webhooks:write": "subscribe to webhooks",
    "metrics:read": "read /metrics",
}

_SHA256 = re.compile(r"[0-9a-f]{64}")

#: How long an operational key is good for; a new card renews it.
KEY_LIFETIME: Micros = 730 * 86_400 * 1_000_000


@dataclass(frozen=True, slots=True)
class RootStatement:
    """One link of the root chain: a root key, and the SHA-256 of the key that may follow it."""

    key: bytes
    next: str

    def value(self) -> dict[str, Any]:
        return {"v": 1, "type": "root", "key": _text(self.key), "next": self.next}


@dataclass(frozen=True, slots=True)
class CardKey:
    """One operational public key with its purpose and its validity."""

    purpose: str
    public: bytes
    valid_from: Micros
    valid_to: Micros

    @property
    def key_id(self) -> str:
        return jws.key_id(self.public)


@dataclass(frozen=True, slots=True)
class Card:
    """What a member says of itself, under its root key."""

    fingerprint: Fingerprint
    roots: tuple[RootStatement, ...]
    name: str
    country: str
    roles: tuple[str, ...]
    url: str
    serial: int
    keys: tuple[CardKey, ...]


@dataclass(frozen=True, slots=True)
class RevokedKey:
    """What a revocation says: nothing signed after `compromised_since` stands by itself."""

    fingerprint: Fingerprint
    purpose: str
    key_id: str
    revoked_at: Micros
    compromised_since: Micros


def fingerprint_of(first: RootStatement) -> Fingerprint:
    """SHA-256 of the JCS bytes of the first root statement, lower-case hex."""
    return hashlib.sha256(jcs.canonical(first.value())).hexdigest()


def log_name(url: str, fingerprint: Fingerprint) -> str:
    """What a member's log is called: its address without the scheme (C2SP tlog-checkpoint).

    A member without an inbound port has no address: its fingerprint stands for it.
    """
    return url.partition("://")[2] or fingerprint


def card_body(card: Card) -> dict[str, Any]:
    """The body of a card document."""
    return {
        "roots": [statement.value() for statement in card.roots],
        "name": card.name,
        "country": card.country,
        "roles": list(card.roles),
        "url": card.url,
        "serial": card.serial,
        "keys": [
            {
                "purpose": key.purpose,
                "key": _text(key.public),
                "valid_from": time_text(key.valid_from),
                "valid_to": time_text(key.valid_to),
            }
            for key in card.keys
        ],
    }


def open_card(
    raw: bytes, *, verify: Callable[[bytes, bytes, bytes], bool], expected: Fingerprint | None
) -> Card:
    """Trusts a card in five steps, or raises Malformed or Untrusted."""
    # (1) The envelope is a card document for everybody.
    unverified = jws.open_document(raw)
    document = unverified.stated
    _check_form(document, "card")
    # (2) It is the member that we asked for.
    if expected is not None and document.iss != expected:
        raise Untrusted(
            "fingerprint",
            f"The card is of {document.iss}, not of {expected}",
            why="The address answers for another member, or somebody stands in between",
            do="Compare the fingerprint with the member by telephone before you go on",
        )
    card = _read_card(document.iss, document.body)
    # (3) The chain begins with the fingerprint, and each root was committed to by the one before.
    _check_chain(card)
    # (4) The newest root signed it.
    root = card.roots[-1].key
    jws.verify_document(unverified, key=root, verify=verify)
    # (5) One purpose a key, none of small order.
    _check_keys(card)
    return card


def _check_form(document: jws.Document, wanted: str) -> None:
    """Raises unless it is of this type and version 1, for everybody, and no exercise."""
    if document.type != wanted or document.aud != jws.EVERYBODY:
        raise Malformed(wanted, f"This is not a member's {wanted}")
    if document.v != 1:
        raise Malformed("unknown_version", f"The {wanted} has version {document.v}, and we know 1")
    if document.exercise:
        raise NotPermitted("exercise", "An exercise is refused by a node in production")


def _check_chain(card: Card) -> None:
    if fingerprint_of(card.roots[0]) != card.fingerprint:
        raise Untrusted("root_chain", "The first root statement is not the one of this fingerprint")
    for before, after in zip(card.roots, card.roots[1:], strict=False):
        if hashlib.sha256(after.key).hexdigest() != before.next:
            raise Untrusted("root_chain", "A root follows that the one before did not commit to")


def _check_keys(card: Card) -> None:
    seen = {statement.key: "root" for statement in card.roots}
    for key in card.keys:
        if key.purpose not in PURPOSES:
            raise Malformed("key_purpose", f"The card names a key for {key.purpose!r}")
        if key.purpose != "age" and jws.is_small_order(key.public):
            raise Untrusted("small_order_key", f"The {key.purpose} key is of small order")
        if seen.setdefault(key.public, key.purpose) != key.purpose:
            raise Untrusted("key_reused", "One key stands for two purposes")
        if key.valid_from >= key.valid_to:
            raise Malformed("key_validity", f"The {key.purpose} key ends before it begins")


def _read_card(issuer: Fingerprint, body: Mapping[str, Any]) -> Card:
    try:
        card = Card(
            fingerprint=issuer,
            roots=tuple(_read_root(item) for item in _list(body["roots"])),
            name=_bounded(body["name"], 200),
            country=_bounded(body["country"], 2),
            roles=tuple(_bounded(role, 20) for role in _list(body["roles"])),
            url=_bounded(body["url"], 300),
            serial=_whole(body["serial"]),
            keys=tuple(_read_key(item) for item in _list(body["keys"])),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Malformed("card", "The card lacks a member or holds one of the wrong type") from error
    if not card.roots or card.serial < 1 or unknown_roles(card.roles):
        raise Malformed("card", "The card has no root, no serial, or a role nobody knows")
    return card


def unknown_roles(roles: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `roles` that are not in the table of member roles."""
    return tuple(role for role in roles if role not in MEMBER_ROLES)


def _read_root(item: Mapping[str, Any]) -> RootStatement:
    if item.get("v") != 1 or item.get("type") != "root" or len(item) != 4:
        raise ValueError("root statement")
    if not isinstance(item["next"], str) or not _SHA256.fullmatch(item["next"]):
        raise ValueError("next root")
    return RootStatement(_bytes32(item["key"]), item["next"])


def _read_key(item: Mapping[str, Any]) -> CardKey:
    return CardKey(
        purpose=_bounded(item["purpose"], 12),
        public=_bytes32(item["key"]),
        valid_from=read_time(item["valid_from"]),
        valid_to=read_time(item["valid_to"]),
    )


def revocation_body(revoked: RevokedKey) -> dict[str, Any]:
    """The body of a revocation document, which the root key signs."""
    return {
        "purpose": revoked.purpose,
        "key_id": revoked.key_id,
        "revoked_at": time_text(revoked.revoked_at),
        "compromised_since": time_text(revoked.compromised_since),
    }


def open_revocation(
    raw: bytes, *, root: bytes, verify: Callable[[bytes, bytes, bytes], bool]
) -> RevokedKey:
    """Trusts a revocation under the member's newest root key, or raises."""
    unverified = jws.open_document(raw)
    _check_form(unverified.stated, "revocation")
    return read_revocation(jws.verify_document(unverified, key=root, verify=verify))


def read_revocation(document: jws.Document) -> RevokedKey:
    """What a revocation that is already believed says; raises Malformed."""
    try:
        revoked = RevokedKey(
            fingerprint=document.iss,
            purpose=_bounded(document.body["purpose"], 12),
            key_id=_bounded(document.body["key_id"], 16),
            revoked_at=read_time(document.body["revoked_at"]),
            compromised_since=read_time(document.body["compromised_since"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Malformed("revocation", "The revocation lacks a member") from error
    if revoked.compromised_since > revoked.revoked_at:
        raise Malformed("revocation", "The key is said to fail only after it was revoked")
    return revoked


def stands(
    *, valid_from: Micros, valid_to: Micros, compromised_since: Micros | None, at: Micros
) -> bool:
    """Whether a signature by a key stands when it was logged or received at `at` (PROTOCOL 1)."""
    return valid_from <= at < valid_to and (compromised_since is None or at < compromised_since)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes32(text: Any) -> bytes:
    if not isinstance(text, str):
        raise TypeError("key")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if len(data) != 32 or _text(data) != text:
        raise ValueError("key")
    return data


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("list")
    return value


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise TypeError("number")
    return value


def _bounded(text: Any, limit: int) -> str:
    if not isinstance(text, str) or len(text) > limit:
        raise TypeError("text")
    return text


def check_roles(roles: Collection[str]) -> None:
    """Raises Malformed for a role that does not exist, NotPermitted for two hats on one head.

    Who makes accounts could make the second pair of eyes: an administrator is never a checker.
    """
    unknown = sorted(set(roles) - set(PERSON_ROLES))
    if unknown:
        raise Malformed(
            "role", f"{unknown[0]!r} is no role", do=f"Roles: {', '.join(PERSON_ROLES)}"
        )
    if {"administrator", "checker"} <= set(roles):
        raise NotPermitted(
            "two_hats",
            "An administrator of accounts cannot be a checker",
            why="Who can make accounts could make the second pair of eyes as well",
            do="Give the role of checker to somebody else",
        )


def check_guest(roles: Collection[str]) -> None:
    """Raises NotPermitted for a role over this node's own things: a guest is not of our people."""
    if not set(roles) <= {"guest"}:
        raise NotPermitted(
            "guest_roles",
            "Somebody who belongs to a guest has the role guest, and no other",
            why="Every other role is over this node and what it holds",
        )


def check_scopes(scopes: Collection[str]) -> None:
    """Raises Malformed for a scope that does not exist, or for none at all."""
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        what = f"{unknown[0]!r} is no scope" if unknown else "A token without a scope opens nothing"
        raise Malformed("scope", what, do=f"Scopes: {', '.join(SCOPES)}")
