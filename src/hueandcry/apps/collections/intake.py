"""What clients post: read, decided object by object, claimed and kept in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from hueandcry.apps.collections import queries, rules
from hueandcry.apps.collections.models import Collection
from hueandcry.apps.collections.queries import Key, Row
from hueandcry.apps.collections.rules import FIRST, LAST, Item
from hueandcry.apps.peers import face as peers
from hueandcry.apps.signals import face as signals
from hueandcry.core import stix
from hueandcry.core.errors import Conflict, HueError, NotPermitted
from hueandcry.core.types import DAY, Actor, Lane, Micros, Tlp
from hueandcry.engine.policy import face as policy
from hueandcry.engine.store import interned

DAYS: Final = policy.declare(
    policy.Setting(
        "collections.days",
        int,
        730,
        "days for which objects in collections are kept, or longer while a claim from them stands",
        low=400,  # longer than any claim stands that names no end
        high=36_500,
    )
)

#: Up to so many claims go into the lane that overtakes bulk.
LIVE_CLAIMS = 100
_NEVER: Final[Micros] = 1 << 62
_RETRACTED = "kept; our claim about this value was withdrawn, and only a person raises it again"


@dataclass(frozen=True, slots=True)
class Poster:
    """Whose objects these are: a client by name, and whether it may replace others' objects."""

    actor: Actor
    token: int | None
    client: str
    manages: bool = False


@dataclass(slots=True)
class _Version:
    """One version of an object, held (with its date) or about to be."""

    version: Micros | None  #: None: an observable, which has one version only
    type: int
    client: int
    tier: int
    revoked: bool
    place: int = 0
    signal: bytes | None = None
    added: Micros = 0
    deleted: bool = False
    item: Item | None = None


def read_items(body: bytes, floor: Tlp, at: Micros) -> list[Item]:
    """The objects of an envelope, before anything is locked; raises for the envelope as a whole."""
    return [rules.read_item(posted, floor, at) for posted in stix.read_envelope(body)]


@dataclass(slots=True)
class Taking:
    """Objects on their way into one collection, in the caller's transaction: call `run`."""

    collection: Collection
    poster: Poster
    at: Micros
    constants: bool = False  #: what is a constant here is kept too: for our own definitions
    new: list[_Version] = field(default_factory=list)
    digest: bytes = b""  #: SHA-256 of the bytes that are kept, joined
    _objects: dict[Key, list[_Version]] = field(default_factory=dict)
    _touched: dict[Key, None] = field(default_factory=dict)

    def run(self, items: Sequence[Item]) -> None:
        """Every item ends with a refusal, or with what its poster is told, if anything."""
        good = [item for item in items if item.head is not None and item.refusal is None]
        queries.hold(self.collection.pk)
        self._read([item.head.uuid for item in good if item.head])
        client = interned.number(queries.CLIENTS, self.poster.client)
        for item in good:
            try:
                self._decide(item, client)
            except HueError as error:
                item.refusal = error
        self._claim(self._settle())
        self._store()

    def _read(self, ids: Sequence[bytes]) -> None:
        for key, rows in queries.versions_of(self.collection.pk, ids).items():
            self._objects[key] = [_held(row) for row in rows]

    def _decide(self, item: Item, client: int) -> None:
        head = item.head
        assert head is not None
        if not self.constants and stix.is_constant(head.id):
            item.note = "this definition is a constant here; what was sent is not kept"
            return
        kind = interned.number(queries.TYPES, head.type)
        known = self._objects.setdefault((kind, head.uuid), [])
        if known:
            self._check(known, head, client)
            same = next((v for v in known if head.version in (None, v.version)), None)
            if same is not None:
                _check_same(same)
                item.note = "held already"
                return
            if head.version is not None and head.version < (known[-1].version or 0):
                item.note = "kept as an older version of what is held"
            client = known[0].client
        made = _Version(head.version, kind, client, item.tier, head.revoked, item=item)
        known.append(made)
        known.sort(key=lambda each: each.version or 0)
        self.new.append(made)
        self._touched[kind, head.uuid] = None

    def _check(self, known: Sequence[_Version], head: stix.StixObject, client: int) -> None:
        """Raises when the object is not this client's to version, or has no versions any more."""
        if known[0].client != client and not self.poster.manages:
            raise NotPermitted(
                "not_yours",
                "Another client posted this object, and only that one gives new versions of it",
                do="Post an opinion, a note, or an object of your own that is derived from it",
            )
        last = known[-1]
        if last.revoked and head.version is not None and head.version > (last.version or 0):
            raise Conflict("revoked", "This object was revoked, which is its last version")

    # --- places and claims ------------------------------------------------------------------------

    def _settle(self) -> dict[int, set[bytes]]:
        """First and last version of what is touched; client → signals it claims no longer."""
        dropped: dict[int, set[bytes]] = {}
        changed = []
        for key in self._touched:
            for each, place in _places(self._objects[key]):
                signal = self._signal(each, place)
                if each.signal is not None and signal is None:
                    dropped.setdefault(each.client, set()).add(each.signal)
                if each.item is None and (place, signal) != (each.place, each.signal):
                    changed.append((each.added, place, signal))
                each.place, each.signal = place, signal
        queries.set_places(changed)
        return dropped

    def _signal(self, each: _Version, place: int) -> bytes | None:
        """The signal that a version makes a claim about: only the last one does."""
        if not place & LAST or not self.collection.makes_claims:
            return None
        if each.item is None:
            return each.signal
        return each.item.claim.signal.key if each.item.claim is not None else None

    def _claim(self, dropped: dict[int, set[bytes]]) -> None:
        """Raises and withdraws our claims, for each client under the name of its feed."""
        said: dict[int, list[_Version]] = {}
        for each in self.new:
            if each.signal is not None:
                said.setdefault(each.client, []).append(each)
        for client in {**said, **dropped}:
            self._feed(client, said.get(client, []), dropped.get(client, set()))

    def _feed(self, client: int, said: Sequence[_Version], dropped: set[bytes]) -> None:
        claims = [each.item.claim for each in said if each.item and each.item.claim]
        gone = dropped - {each.signal for each in said}
        if gone:
            gone -= queries.supported(client, self.collection.pk, list(gone))
        fed = signals.feed_claims(
            self.poster.actor,
            feed_name(self.collection, interned.text(client)),
            claims,
            sorted(gone),
            "source",
            peers.stamp(self.at),
            Lane.LIVE if len(claims) + len(gone) <= LIVE_CLAIMS else Lane.BULK,
        )
        for each in said:
            if each.item is not None and fed.outcomes.get(each.signal or b"") == "retracted":
                each.signal, each.item.note = None, _RETRACTED

    # --- rows -------------------------------------------------------------------------------------

    def _store(self) -> None:
        kept = [each for each in self.new if each.item is not None]
        if not kept:
            return
        raws = [each.item.raw for each in kept if each.item is not None]
        self.digest = hashlib.sha256(b"".join(raws)).digest()
        added, start = queries.next_dates(self.at), 0
        pack = queries.add_pack(self.collection.pk, added, raws, self._purge_after(kept))
        rows = []
        for number, (each, raw) in enumerate(zip(kept, raws, strict=True)):
            each.added = added + number
            if each.item is not None:
                each.item.added = each.added
            rows.append(self._row(each, pack, start, len(raw)))
            start += len(raw)
        queries.add_versions(rows)

    def _purge_after(self, kept: Sequence[_Version]) -> Micros:
        """Bytes stay for as long as the policy says, and while a claim from them may stand."""
        if self.constants:
            return _NEVER
        claims = (each.item.claim for each in kept if each.item is not None and each.signal)
        ends = (claim.valid_until or 0 for claim in claims if claim is not None)
        return max(self.at + policy.number(DAYS.name) * DAY, *ends, 0)

    def _row(self, each: _Version, pack: int, start: int, size: int) -> Row:
        assert each.item is not None and each.item.head is not None
        return Row(
            each.added,
            self.collection.pk,
            each.item.head.uuid,
            each.type,
            each.added if each.version is None else each.version,
            each.place,
            each.tier,
            each.revoked,
            each.client,
            pack,
            start,
            size,
            each.signal,
        )


def _held(row: Row) -> _Version:
    return _Version(
        row.version,
        row.type,
        row.client,
        row.tier,
        row.revoked,
        row.place,
        row.signal,
        row.added,
        row.pack is None,
    )


def _check_same(same: _Version) -> None:
    if same.deleted:
        raise Conflict(
            "deleted",
            "This version was here and was deleted",
            do="Give it a newer `modified`, if it is to come back",
        )


def _places(versions: Sequence[_Version]) -> list[tuple[_Version, int]]:
    """Every version with its place among those that are not deleted."""
    alive = [each for each in versions if not each.deleted]
    return [
        (each, (FIRST if each is alive[0] else 0) | (LAST if each is alive[-1] else 0))
        for each in alive
    ]


def places_of(rows: Sequence[Row]) -> list[tuple[Micros, int, bytes | None]]:
    """(date, place, signal) of what is left of an object, the oldest version first."""
    return [(each.added, place, each.signal) for each, place in _places([_held(r) for r in rows])]


def feed_name(collection: Collection, client: str) -> str:
    """The upstream feed under which our claims from a client's objects run."""
    return f"{collection.name}/{client}"
