"""Every query on members, cards, keys, people and tokens."""

from __future__ import annotations

from hueandcry.apps.members.models import Card, Key, Member, Person, Token
from hueandcry.core.types import Micros
from hueandcry.engine.store.reading import reader


def myself() -> Member | None:
    return Member.objects.filter(is_self=True).first()


def by_fingerprint(fingerprint: str) -> Member | None:
    return Member.objects.filter(fingerprint=bytes.fromhex(fingerprint)).first()


def newest_card(member: Member) -> Card | None:
    return Card.objects.filter(member=member).order_by("-serial").first()


def keys(member: Member, purpose: str) -> list[Key]:
    """Every key for one purpose, newest first, revoked ones too."""
    return list(Key.objects.filter(member=member, purpose=purpose).order_by("-valid_from", "-id"))


def key(fingerprint: str, purpose: str, key_id: str) -> Key | None:
    rows = Key.objects.select_related("member").filter(
        member__fingerprint=bytes.fromhex(fingerprint), purpose=purpose, key_id=key_id
    )
    return rows.first()


def revoke(member: Member, purpose: str, key_id: str, at: Micros, since: Micros) -> int:
    """Marks a key revoked once; the earliest `compromised_since` stands. Gives rows changed."""
    rows = Key.objects.filter(member=member, purpose=purpose, key_id=key_id, revoked_at=None)
    return rows.update(revoked_at=at, compromised_since=since)


def person(login: str) -> Person | None:
    return Person.objects.filter(login=login, is_active=True).first()


def tokens() -> list[Token]:
    return list(Token.objects.order_by("id"))


def token_audience(digest: bytes) -> str | None:
    """The audience of a token that is not revoked, read on the fast path; its digest is unique."""
    sql = "SELECT audience FROM members_token WHERE digest = ? AND revoked_at IS NULL"
    rows = reader().rows(sql, [digest])
    return rows[0][0] if rows else None
