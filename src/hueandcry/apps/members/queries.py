"""Every query on members, cards and keys."""

from __future__ import annotations

from collections.abc import Iterable

from hueandcry.apps.members.models import Card, Key, Member, Revocation
from hueandcry.core.types import Micros


def myself() -> Member | None:
    return Member.objects.filter(is_self=True).first()


def member(id: int) -> Member | None:
    return Member.objects.filter(pk=id).first()


def some(ids: Iterable[int]) -> list[Member]:
    return list(Member.objects.filter(pk__in=set(ids)))


def with_cards() -> list[Member]:
    """Members whose card is held, ourselves first, then in the order in which they came."""
    return list(Member.objects.filter(serial__gt=0, hosted=False).order_by("-is_self", "id"))


def by_fingerprint(fingerprint: str) -> Member | None:
    return Member.objects.filter(fingerprint=bytes.fromhex(fingerprint)).first()


def of_fingerprints(fingerprints: Iterable[str]) -> list[Member]:
    wanted = {bytes.fromhex(each) for each in fingerprints}
    return list(Member.objects.filter(fingerprint__in=wanted))


def by_log_name(name: str) -> Member | None:
    """The member whose log is called so: by its address without the scheme, or its fingerprint."""
    if len(name) == 64 and not set(name) - set("0123456789abcdef"):
        return Member.objects.filter(fingerprint=bytes.fromhex(name), url="").first()
    # Of two that claim one address, the one that was known first.
    rows = Member.objects.filter(url__in=(f"https://{name}", f"http://{name}"))
    return rows.order_by("id").first()


def barred() -> set[str]:
    return {row.fingerprint.hex() for row in Member.objects.filter(barred=True)}


def set_barred(fingerprints: Iterable[str]) -> int:
    """Bars these members and lets every other back; gives rows changed."""
    wanted = [bytes.fromhex(each) for each in fingerprints]
    others = Member.objects.filter(is_self=False)
    fresh = others.filter(fingerprint__in=wanted, barred=False).update(barred=True)
    back = others.filter(barred=True).exclude(fingerprint__in=wanted).update(barred=False)
    return fresh + back


def newest_card(member: Member) -> Card | None:
    return Card.objects.filter(member=member).order_by("-serial").first()


def keys(member: Member, purpose: str) -> list[Key]:
    """Every key for one purpose, newest first, revoked ones too."""
    return list(Key.objects.filter(member=member, purpose=purpose).order_by("-valid_from", "-id"))


def keys_of(fingerprint: str, purpose: str) -> list[Key]:
    """The same of the member of this fingerprint; none where its card is not held."""
    row = by_fingerprint(fingerprint)
    return keys(row, purpose) if row else []


def key(fingerprint: str, purpose: str, key_id: str) -> Key | None:
    rows = Key.objects.select_related("member").filter(
        member__fingerprint=bytes.fromhex(fingerprint), purpose=purpose, key_id=key_id
    )
    return rows.first()


def revoke(member: Member, purpose: str, key_id: str, at: Micros, since: Micros) -> int:
    """Marks a key revoked; of several times the earliest stand. Gives rows changed."""
    rows = Key.objects.filter(member=member, purpose=purpose, key_id=key_id)
    fresh = rows.filter(revoked_at=None).update(revoked_at=at, compromised_since=since)
    sooner = rows.filter(compromised_since__gt=since).update(compromised_since=since)
    rows.filter(revoked_at__gt=at).update(revoked_at=at)
    return fresh + sooner


def own_key_ids(purpose: str) -> list[str]:
    """Our own keys for a purpose that are not revoked, the newest first."""
    rows = Key.objects.filter(member__is_self=True, purpose=purpose, revoked_at=None)
    return list(rows.order_by("-valid_from", "-id").values_list("key_id", flat=True))


def revocations(member: Member) -> list[Revocation]:
    return list(Revocation.objects.filter(member=member).order_by("id"))
