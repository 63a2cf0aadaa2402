"""The other side of a request: a member with a node, or an authority that has none."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Sequence
from typing import Final

from hueandcry.apps.cooperation import queries, rules
from hueandcry.apps.cooperation.letter import Correspondent
from hueandcry.apps.cooperation.models import Authority
from hueandcry.apps.cooperation.rules import Doing
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.core.errors import Conflict, Malformed
from hueandcry.core.law import ROLES, Party
from hueandcry.core.times import time_text
from hueandcry.core.types import Actor, Fingerprint, Micros
from hueandcry.engine.ledger import face as ledger

_COUNTRY: Final = re.compile("[A-Z]{2}")
_NAME: Final = 200  #: characters
_KEY: Final = 32


def add(
    actor: Actor, name: str, country: str, roles: Sequence[str], address: str, at: Micros
) -> Fingerprint:
    """Notes an authority without a node, in the caller's transaction; the key that stands for it.

    Raises Malformed for a wrong name, country or role, Conflict where the name is taken.
    """
    person = rules.check_may(actor, Doing.REGISTER)
    name = name.strip()
    if not 0 < len(name) <= _NAME or not _COUNTRY.fullmatch(country):
        raise Malformed(
            "authority", "An authority has a name and a country, as ISO 3166 writes it, such as LA"
        )
    if not roles or (unknown := sorted(set(roles) - set(ROLES))):
        said = ", ".join(unknown) if roles else "none"
        raise Malformed("role", f"No roles of an authority: {said}", do=f"Use {', '.join(ROLES)}")
    if queries.authority(name) is not None:
        raise Conflict("authority_known", f"{name} is known already")
    key = secrets.token_bytes(_KEY)
    made = Authority(
        key=key,
        name=name,
        country=country,
        roles=sorted(set(roles)),
        address=address,
        person_id=person,
        at=at,
    )
    ledger.append(
        "request.authority",
        made,
        at=time_text(at),
        country=country,
        key=key.hex(),
        name=name,
        person=person,
        roles=made.roles,
    )
    return key.hex()


def listed() -> list[tuple[Fingerprint, Correspondent]]:
    """(key, what is known) of every authority without a node, by name."""
    return [(row.key.hex(), _shown(row)) for row in queries.every_authority()]


def named(name: str) -> Fingerprint:
    """The party of this name or fingerprint: an authority without a node, else a peer."""
    row = queries.authority(name)
    return row.key.hex() if row is not None else peers.named(name).fingerprint


def must_be(key: Fingerprint) -> None:
    """Raises NotPermitted for anybody who is neither a peer nor an authority that was noted."""
    if not has_no_node(key):
        peers.must_be(key)


def has_no_node(key: Fingerprint) -> bool:
    """Whether only a letter reaches this party."""
    return bool(queries.authorities([key]))


def party(key: Fingerprint) -> Party:
    """A party as the law looks at it; raises NotFound."""
    row = queries.authorities([key]).get(key)
    if row is not None:
        return Party(row.country, frozenset(row.roles))
    member = members.member(members.member_id(key))
    return Party(member.country, frozenset(member.roles))


def called(keys: Collection[Fingerprint]) -> dict[Fingerprint, str]:
    """The name of each party."""
    outside = queries.authorities(keys)
    known = members.called(keys)
    return {key: outside[key].name if key in outside else known[key] for key in keys}


def correspondent(key: Fingerprint) -> Correspondent:
    """A party as a letter names it; raises NotFound."""
    row = queries.authorities([key]).get(key)
    if row is not None:
        return _shown(row)
    member = members.member(members.member_id(key))
    return Correspondent(member.name, member.country, member.fingerprint)


def _shown(row: Authority) -> Correspondent:
    return Correspondent(row.name, row.country, "", row.address)
