"""What operators and clients do with collections. The door owns the transaction."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import msgspec
import zstandard

from hueandcry.apps.collections import intake, queries
from hueandcry.apps.collections.intake import Poster, Taking
from hueandcry.apps.collections.models import Act, Collection, Grant, Status
from hueandcry.apps.collections.queries import Row
from hueandcry.apps.collections.reading import Opened
from hueandcry.apps.collections.rules import Filters, Item, read_item
from hueandcry.apps.exchange import face as exchange
from hueandcry.apps.peers import face as peers
from hueandcry.apps.signals import face as signals
from hueandcry.core import stix
from hueandcry.core.errors import Conflict, Malformed, NotFound, NotPermitted
from hueandcry.core.ids import uuid7
from hueandcry.core.stix import Posted
from hueandcry.core.times import time_text
from hueandcry.core.types import DAY, Actor, Lane, Micros, Tlp
from hueandcry.engine.ledger import face as ledger

#: How long a poster may ask what became of its objects.
STATUS_KEPT: Final[Micros] = 30 * DAY

_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
#: Names that lead to the collections of claims.
RESERVED: Final = ("claims", "claims-clear", "claims-green", "claims-own")


@dataclass(frozen=True, slots=True)
class GrantView:
    """What one client may do in a collection."""

    token: int
    name: str
    read: bool
    write: bool
    manage: bool


@dataclass(frozen=True, slots=True)
class CollectionView:
    """An open collection as its operator sees it."""

    name: str
    id: str
    title: str
    tlp: str
    makes_claims: bool
    created_at: Micros
    objects: int
    grants: tuple[GrantView, ...]


def every() -> list[CollectionView]:
    """Every open collection, with who may use it."""
    granted: dict[int, list[GrantView]] = {}
    for row in queries.grants():
        rights = (row.can_read, row.can_write, row.can_manage)
        view = GrantView(row.token_id, row.token.name, *rights)
        granted.setdefault(row.collection_id, []).append(view)
    counts = queries.counts()
    return [
        CollectionView(
            made.name,
            str(UUID(bytes=made.key)),
            made.title,
            Tlp(made.tlp).wire,
            made.makes_claims,
            made.created_at,
            counts.get(made.pk, 0),
            tuple(granted.get(made.pk, ())),
        )
        for made in queries.collections()
    ]


# --- as the operator -----------------------------------------------------------------------------


def new_collection(
    name: str,
    actor: Actor,
    at: Micros,
    *,
    title: str = "",
    description: str = "",
    tlp: Tlp = Tlp.CLEAR,
    makes_claims: bool = True,
) -> Collection:
    """Makes a collection that nobody may use yet; our definitions are its first objects.

    Raises Malformed for a name that is no alias, Conflict for one that is taken.
    """
    if not _NAME.fullmatch(name) or name in RESERVED:
        raise Malformed(
            "collection_name",
            f"{name[:64]!r} is no name of a collection",
            do="Use up to 64 small letters, digits and hyphens; `claims…` is taken",
        )
    if tlp is Tlp.RED:
        raise Malformed("collection_tlp", "No program is handed TLP:RED", do="Use AMBER+STRICT")
    if Collection.objects.filter(name=name).exists():
        raise Conflict("collection_name", f"There is, or was, a collection {name!r}")
    made = Collection.objects.create(
        key=uuid7(at, secrets.token_bytes(10)).bytes,
        name=name,
        title=title or name,
        description=description,
        tlp=int(tlp),
        makes_claims=makes_claims,
        created_at=at,
    )
    ship(made, actor, at)
    _log("new", made, actor, at, 0, name=name, tlp=tlp.wire)
    return made


def close_collection(name: str, actor: Actor, at: Micros) -> None:
    """Takes a collection out of use; what it holds, and the claims from it, stay."""
    made = must_be(name)
    if Collection.objects.filter(pk=made.pk, closed_at=None).update(closed_at=at) != 1:
        raise Conflict("collection_closed", f"{name} is closed")
    _log("close", made, actor, at, 0, name=name)


def grant(
    name: str,
    token: int,
    actor: Actor,
    at: Micros,
    *,
    read: bool,
    write: bool,
    manage: bool = False,
) -> Grant:
    """Says what a token may do in a collection, in place of what was said before."""
    made = must_be(name)
    rights = {"can_read": read, "can_write": write, "can_manage": manage}
    row, _ = Grant.objects.update_or_create(collection=made, token_id=token, defaults=rights)
    _log("grant", made, actor, at, 1, client=token, **rights)
    return row


def must_be(name: str) -> Collection:
    """The open collection of this name; raises NotFound."""
    found = queries.collection(name)
    if found is None:
        raise NotFound(
            "collection", f"There is no collection {name!r}", do="Run `hueandcry collection list`"
        )
    return found


def _log(
    kind: str, collection: Collection, actor: Actor, at: Micros, count: int, **facts: Any
) -> None:
    act = Act(
        kind=kind,
        collection=collection,
        token_id=actor.token,
        person_id=actor.person,
        at=at,
        count=count,
    )
    key = collection.key.hex()
    ledger.append(f"collections.{kind}", act, at=time_text(at), collection=key, **facts)


def ship(collection: Collection, actor: Actor, at: Micros) -> int:
    """Puts our definitions into a collection, where they are not yet there; how many were new."""
    items = [_definition(line, at) for _, line in exchange.definitions()]
    poster = Poster(actor, None, "", manages=True)
    taking = Taking(collection, poster, at, constants=True)
    taking.run(items)
    return len(taking.new)


def _definition(line: bytes, at: Micros) -> Item:
    return read_item(Posted(line, msgspec.json.decode(line)), Tlp.CLEAR, at)


# --- as a client ---------------------------------------------------------------------------------


def read_items(place: Opened, body: bytes, at: Micros) -> list[Item]:
    """The objects of an envelope, before anything is locked; raises for the envelope as a whole."""
    return intake.read_items(body, Tlp(_written(place).tlp), at)


def _written(place: Opened) -> Collection:
    if not place.can_write or place.collection is None:
        raise NotPermitted("not_writable", "This client may not write here")
    return place.collection


def post(place: Opened, items: Sequence[Item], at: Micros) -> bytes:
    """Takes in what was read, and says what became of each object: a TAXII status."""
    collection, poster = _written(place), place.poster
    taking = Taking(collection, poster, at)
    taking.run(items)
    key = uuid7(at, secrets.token_bytes(10))
    body = msgspec.json.encode(_status(key, items, at))
    assert poster.token is not None  # only clients post
    row = Status(
        key=key.bytes,
        collection=collection,
        token_id=poster.token,
        at=at,
        body=zstandard.ZstdCompressor(level=3).compress(body),
        purge_after=at + STATUS_KEPT,
    )
    if taking.new:
        facts = {"token": poster.token, "count": len(taking.new), "objects": taking.digest.hex()}
        place = collection.key.hex()
        ledger.append("collections.post", row, at=time_text(at), collection=place, **facts)
    else:
        row.save(force_insert=True)
    return body


def _status(key: UUID, items: Sequence[Item], at: Micros) -> dict[str, Any]:
    said = [_said(number, item, at) for number, item in enumerate(items, 1)]
    failed = [each for each, item in zip(said, items, strict=True) if item.refusal is not None]
    taken = [each for each, item in zip(said, items, strict=True) if item.refusal is None]
    return {
        "id": str(key),
        "status": "complete",
        "request_timestamp": time_text(at),
        "total_count": len(items),
        "success_count": len(taken),
        "successes": taken,
        "failure_count": len(failed),
        "failures": failed,
        "pending_count": 0,
        "pendings": [],
    }


def _said(number: int, item: Item, at: Micros) -> dict[str, str]:
    version = item.head.version_text if item.head is not None else ""
    said = {"id": item.id or f"object {number}", "version": version or time_text(item.added or at)}
    if item.refusal is not None:
        said["message"] = f"{item.refusal.code}: {item.refusal}"
    elif item.note:
        said["message"] = item.note
    return said


def status(key: bytes, token: int) -> bytes:
    """What became of a posting, as its poster was told; to anybody else there is none."""
    row = queries.status(key, token)
    if row is None:
        raise NotFound("status", "There is no such status, or it is no longer kept")
    return zstandard.decompress(row.body)


def delete(place: Opened, id: str, filters: Filters, at: Micros) -> int:
    """Takes an object's bytes away, or those of some versions; the claim that came from it ends.

    Raises NotFound where the client sees none, NotPermitted for another client's object.
    """
    collection, poster, uuid = _written(place), place.poster, stix.read_id(id)
    queries.hold(collection.pk)
    held = queries.versions_of(collection.pk, [uuid]) if uuid is not None else {}
    kind = id.partition("--")[0]
    rows = [row for rows in held.values() for row in rows if row.pack is not None]
    alive = [row for row in rows if queries.type_text(row.type) == kind]
    seen = [row for row in alive if row.tier <= place.tier]
    gone = [row for row in seen if _is_meant(row, filters)]
    if not gone:
        raise NotFound("object", "There is no such object in this collection")
    client = queries.client_text(gone[0].client)
    if client != poster.client and not poster.manages:
        raise NotPermitted("not_yours", "Another client posted this object")
    _erase(collection, poster, alive, gone, at)
    return len(gone)


def purge(at: Micros) -> bool:
    """Takes away the bytes of some packs that are past their time; True when there may be more."""
    due = queries.due_packs(at, 20)
    for pack in due:
        queries.hold(pack.collection_id)
        for rows in queries.drop_pack(pack).values():
            queries.set_places(intake.places_of(rows))
    return bool(due)


def _is_meant(row: Row, filters: Filters) -> bool:
    by_place = "all" in filters.places or bool(row.place & filters.bits)
    return by_place or row.version in filters.versions


def _erase(
    collection: Collection, poster: Poster, alive: Sequence[Row], gone: Sequence[Row], at: Micros
) -> None:
    ended = {row.signal for row in gone if row.signal is not None}
    queries.erase(gone)
    rest = [row for row in alive if row not in gone]
    queries.set_places(intake.places_of(rest))
    if ended:
        client = gone[0].client
        ended -= queries.supported(client, collection.pk, list(ended))
        name = intake.feed_name(collection, queries.client_text(client))
        stamp = peers.stamp(at)
        signals.feed_claims(poster.actor, name, [], sorted(ended), "source", stamp, Lane.LIVE)
    _log("delete", collection, poster.actor, at, len(gone), client=poster.token)
