"""What a client may open, and what it reads there: one form for claims and for foreign objects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from hueandcry.apps.collections import queries
from hueandcry.apps.collections.intake import Poster
from hueandcry.apps.collections.models import Collection, Grant
from hueandcry.apps.collections.rules import TIER_NUMBER, TIERS, Filters
from hueandcry.apps.exchange import face as exchange
from hueandcry.apps.members import face as members
from hueandcry.core import stix
from hueandcry.core.errors import NotFound
from hueandcry.core.ids import uuid5_fast
from hueandcry.core.times import read_rfc3339, time_text
from hueandcry.core.types import NAMESPACE, Audience, Micros

#: The alias of the widest collection of claims that a client may read.
CLAIMS: Final = "claims"
READ, WRITE = "taxii:read", "taxii:write"


class Found(NamedTuple):
    """One version of an object: its date, and its bytes as they came."""

    added: Micros
    body: bytes


@dataclass(slots=True)
class Page:
    """What a client gets next; it goes on after `upto`."""

    upto: Micros
    objects: list[Found] = field(default_factory=list)
    more: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """A collection as one client may use it: claims of an audience, or foreign objects."""

    id: UUID
    alias: str
    title: str
    description: str
    can_read: bool
    can_write: bool
    tier: int
    poster: Poster
    collection: Collection | None = None  #: None: claims

    @property
    def audience(self) -> Audience:
        return TIERS[self.tier]


# --- names ---------------------------------------------------------------------------------------


class _Head(msgspec.Struct):
    id: str
    created: str = ""
    modified: str = ""


_head = msgspec.json.Decoder(_Head).decode


class Name(NamedTuple):
    """What a manifest says of a version: its id, and its version as the object spells it."""

    id: str
    version: str

    @property
    def micros(self) -> Micros:
        return read_rfc3339(self.version)


def name_of(found: Found) -> Name:
    """Id and version of an object; one without times has its date as its version."""
    head = _head(found.body)
    return Name(head.id, head.modified or head.created or time_text(found.added))


# --- what may be opened --------------------------------------------------------------------------


def tier_of(caller: members.Caller) -> int:
    """The tier that a client reads. Nobody but ourselves is our own audience."""
    own = caller.member == members.us().id
    audience = caller.audience
    return TIER_NUMBER[audience if own or audience is not Audience.OWN else Audience.GREEN]


def listed(caller: members.Caller) -> list[Opened]:
    """Every collection that this client may use, claims first."""
    return _claims(caller) + _granted_all(caller)


def opened(caller: members.Caller, name: str) -> Opened:
    """The collection of this id or alias; raises NotFound alike for one unknown and one closed."""
    for found in (_claims, _granted_all):
        for each in found(caller):
            if name in (each.alias, str(each.id)):
                return each
    raise NotFound("collection", "There is no such collection here, or not for this client")


def claims_id(audience: Audience) -> UUID:
    """The id of an audience's collection of claims at this node: the same as long as it lives."""
    name = f"taxii:claims:{audience.value}:{members.us().fingerprint}"
    known = _ids.get(name)
    if known is None:
        known = _ids[name] = uuid5_fast(NAMESPACE, name.encode())
    return known


_ids: dict[str, UUID] = {}


def _claims(caller: members.Caller) -> list[Opened]:
    if READ not in caller.scopes:
        return []
    widest = tier_of(caller)
    return [_claims_of(caller, tier, widest) for tier in range(widest, -1, -1)]


_WORDS: Final = {
    Audience.CLEAR: "Claims for everybody",
    Audience.GREEN: "Claims for the community",
    Audience.OWN: "Claims for our own use",
}


def _claims_of(caller: members.Caller, tier: int, widest: int) -> Opened:
    audience = TIERS[tier]
    return Opened(
        claims_id(audience),
        CLAIMS if tier == widest else f"{CLAIMS}-{audience.value}",
        f"{_WORDS[audience]}: {members.us().name}",
        "Members' claims about domains, links, accounts and other signals of scams, as indicators "
        "in their current version; what was withdrawn is revoked.",
        True,
        False,
        tier,
        _poster(caller, manages=False),
    )


def _granted_all(caller: members.Caller) -> list[Opened]:
    return [_granted(caller, grant) for grant in queries.granted(caller.token)]


def _granted(caller: members.Caller, grant: Grant) -> Opened:
    made = grant.collection
    return Opened(
        UUID(bytes=made.key),
        made.name,
        made.title,
        made.description,
        grant.can_read and READ in caller.scopes,
        grant.can_write and WRITE in caller.scopes,
        tier_of(caller),
        _poster(caller, manages=grant.can_manage),
        made,
    )


def _poster(caller: members.Caller, *, manages: bool) -> Poster:
    client = caller.name or f"token-{caller.token}"
    return Poster(caller.actor(), caller.token, client, manages)


# --- what is read --------------------------------------------------------------------------------


def page(place: Opened, filters: Filters, after: Micros, limit: int, at: Micros) -> Page:
    """At most `limit` of the objects that are asked for and dated later than `after`, in order."""
    if filters.nothing:
        return Page(after)
    if place.collection is not None:
        return _stored(place.collection, place.tier, filters, after, limit)
    if filters.ids is not None:
        ids = [id for each in filters.ids if (id := stix.read_id(each)) is not None]
        objects = [each for each in exchange.by_id(place.audience, ids, at) if each.added > after]
        return _limited(_matching(_found(objects), filters), after, limit)
    return _shown(place.audience, filters, after, limit, at)


def holds(place: Opened, id: str, at: Micros) -> bool:
    """Whether the client sees any version of an object here."""
    return bool(page(place, Filters().of(id, every=True), 0, 1, at).objects)


def _shown(audience: Audience, filters: Filters, after: Micros, limit: int, at: Micros) -> Page:
    claims = filters.types is None or "indicator" in filters.types
    shown = exchange.page(audience, after, limit, at, claims=claims)
    if _takes_all(filters):
        return Page(shown.upto, _found(shown.objects), shown.more)
    return Page(shown.upto, _matching(_found(shown.objects), filters), shown.more)


def _found(objects: Iterable[exchange.ShownObject]) -> list[Found]:
    return [Found(added, body) for added, body in objects]


def _takes_all(filters: Filters) -> bool:
    return filters.types is None and filters.ids is None and bool(filters.places)


def _matching(objects: Iterable[Found], filters: Filters) -> list[Found]:
    """Those that `match` asks for, of objects that are held in one version only."""
    return [each for each in objects if _matches(name_of(each), filters)]


def _matches(name: Name, filters: Filters) -> bool:
    return (
        (filters.types is None or name.id.partition("--")[0] in filters.types)
        and (filters.ids is None or name.id in filters.ids)
        and filters.takes_version(name.micros)
    )


def _limited(objects: Sequence[Found], after: Micros, limit: int) -> Page:
    kept = list(objects[:limit])
    return Page(kept[-1].added if kept else after, kept, len(objects) > limit)


def _stored(collection: Collection, tier: int, filters: Filters, after: Micros, limit: int) -> Page:
    rows = queries.seen(collection.pk, tier, filters, after, limit + 1)
    packs = queries.packs({row.pack for row in rows if row.pack is not None})
    found = [
        Found(row.added, packs[row.pack][row.start : row.start + row.size])
        for row in rows
        if row.pack in packs
    ]
    if filters.ids is not None:  # by their UUIDs until here
        found = [each for each in found if name_of(each).id in filters.ids]
    return _limited(found, after, limit)
