"""Every query on collections: rows of versions by whole chunks, bytes by pack."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import zstandard
from django.db import connection

from hueandcry.apps.collections.models import Collection, Grant, Pack, Status, Version
from hueandcry.apps.collections.rules import Filters
from hueandcry.core import stix
from hueandcry.core.types import Micros
from hueandcry.engine.store import feed, interned
from hueandcry.engine.store.dialect import chunks, dialect
from hueandcry.engine.store.reading import reader

TYPES: Final = "stix-type"
CLIENTS: Final = "client"


class Row(NamedTuple):
    """A version as it is stored."""

    added: Micros
    collection: int
    object_id: bytes
    type: int
    version: Micros
    place: int
    tier: int
    revoked: bool
    client: int
    pack: int | None
    start: int
    size: int
    signal: bytes | None


_COLUMNS: Final = (
    "added",
    "collection_id",
    "object_id",
    "type",
    "version",
    "place",
    "tier",
    "revoked",
    "client",
    "pack_id",
    "start",
    "size",
    "signal",
)
_SELECT: Final = f"SELECT {', '.join(_COLUMNS)} FROM collections_version WHERE "


# --- collections and grants ----------------------------------------------------------------------


def collections() -> list[Collection]:
    return list(Collection.objects.filter(closed_at=None).order_by("id"))


def collection(name: str) -> Collection | None:
    """The open collection of this name or id."""
    key = stix.read_id(f"collection--{name}")
    which = {"name": name} if key is None else {"key": key}
    return Collection.objects.filter(closed_at=None, **which).first()


def granted(token: int) -> list[Grant]:
    """What a token may do, in open collections only."""
    rows = Grant.objects.filter(token_id=token, collection__closed_at=None)
    return list(rows.select_related("collection").order_by("collection_id"))


def grants() -> list[Grant]:
    """Every grant in an open collection."""
    rows = Grant.objects.filter(collection__closed_at=None).select_related("token")
    return list(rows.order_by("collection_id", "token_id"))


def counts() -> dict[int, int]:
    """Collection → objects in their last version."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT collection_id, COUNT(*) FROM collections_version WHERE (place & 2) <> 0 "
            "GROUP BY collection_id"
        )
        return dict(cursor.fetchall())


def hold(collection_id: int) -> None:
    """Lets nobody else write to a collection until this transaction ends: held before signals."""
    dialect().lock(Collection, collection_id)


# --- versions: writing ---------------------------------------------------------------------------


#: What names an object in a collection: its type's number and its UUID. Tools give one UUID to
#: things of several types that belong together.
Key = tuple[int, bytes]


def versions_of(collection_id: int, ids: Sequence[bytes]) -> dict[Key, list[Row]]:
    """Every version of the objects with these UUIDs, deleted ones too, the oldest first."""
    found: dict[Key, list[Row]] = {}
    sql = f"{_SELECT}collection_id = {int(collection_id)} AND object_id {{values}}"
    for values in dialect().select_in(sql, ids, "bytea"):
        row = _row(values)
        found.setdefault((row.type, row.object_id), []).append(row)
    for rows in found.values():
        rows.sort(key=lambda row: row.version)
    return found


def _row(values: Sequence[Any]) -> Row:
    row = Row._make(values)
    signal = None if row.signal is None else bytes(row.signal)
    return row._replace(object_id=bytes(row.object_id), revoked=bool(row.revoked), signal=signal)


def next_dates(at: Micros) -> Micros:
    """The first of the dates that nothing has; the lock of the feed head is held from here."""
    feed.hold(feed.FEED)
    with connection.cursor() as cursor:
        cursor.execute("SELECT MAX(added) FROM collections_version")
        (last,) = cursor.fetchone()
    return max(at, (last or 0) + 1)


def add_pack(collection_id: int, first: Micros, raws: Sequence[bytes], purge_after: Micros) -> int:
    """Keeps bytes as they are, joined; the first of them dated `first`."""
    made = Pack.objects.create(
        collection_id=collection_id,
        first=first,
        last=first + len(raws) - 1,
        payload=zstandard.ZstdCompressor(level=3).compress(b"".join(raws)),
        purge_after=purge_after,
    )
    return made.pk


def due_packs(at: Micros, limit: int) -> list[Pack]:
    """Packs past their time that nobody holds, without their bytes."""
    rows = Pack.objects.filter(purge_after__lte=at).exclude(held_until__gt=at)
    return list(rows.order_by("purge_after").defer("payload")[:limit])


def drop_pack(pack: Pack) -> dict[Key, list[Row]]:
    """Takes the bytes of a whole pack away; what is left of the objects that were in it."""
    held = Version.objects.filter(added__gte=pack.first, added__lte=pack.last, pack=pack)
    ids = [bytes(id) for id in held.values_list("object_id", flat=True)]
    held.update(place=0, signal=None, pack=None, size=0)
    pack.delete()
    return versions_of(pack.collection_id, ids)


def add_versions(rows: Sequence[Row]) -> None:
    if rows:
        dialect().insert(Version, _COLUMNS, rows, "")


def set_places(rows: Iterable[tuple[Micros, int, bytes | None]]) -> None:
    """(added, place, signal) of versions that are held."""
    dialect().update(Version, ("added", "place", "signal"), list(rows))


def supported(client: int, collection_id: int, signals: Sequence[bytes]) -> set[bytes]:
    """Those of the signals about which some version of this client still makes a claim here."""
    sql = (
        f"SELECT DISTINCT signal FROM collections_version WHERE client = {int(client)} "
        f"AND collection_id = {int(collection_id)} AND signal {{values}}"
    )
    return {bytes(row[0]) for row in dialect().select_in(sql, signals, "bytea")}


_ORPHAN = (
    "signal IS NOT NULL AND pack_id IS NOT NULL AND NOT EXISTS "
    "(SELECT 1 FROM signals_signal s WHERE s.key = collections_version.signal)"
)


def count_orphans() -> int:
    """How many versions make a claim about a signal that is here no more."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM collections_version WHERE {_ORPHAN}")
        return int(cursor.fetchone()[0])


def orphans(limit: int) -> list[Row]:
    """Some of these."""
    with connection.cursor() as cursor:
        columns = ", ".join(_COLUMNS)
        sql = f"SELECT {columns} FROM collections_version WHERE {_ORPHAN} LIMIT %s"
        cursor.execute(sql, [limit])
        return [Row._make(row) for row in cursor.fetchall()]


def erase(rows: Sequence[Row]) -> None:
    """Takes the bytes of versions away for good; that they were here is kept."""
    for pack in {row.pack for row in rows if row.pack is not None}:
        held = Pack.objects.get(pk=pack)
        opened = bytearray(zstandard.decompress(held.payload))
        for row in rows:
            if row.pack == pack:
                opened[row.start : row.start + row.size] = bytes(row.size)
        held.payload = zstandard.ZstdCompressor(level=3).compress(bytes(opened))
        held.save(update_fields=["payload"])
    gone = [(row.added, 0, None, None, 0) for row in rows]
    dialect().update(Version, ("added", "place", "signal", "pack_id", "size"), gone)


# --- versions: reading ---------------------------------------------------------------------------


def seen(collection_id: int, tier: int, filters: Filters, after: Micros, limit: int) -> list[Row]:
    """Versions that a tier may see, dated later than `after`, in order."""
    where, values = _conditions(filters)
    one = (
        f"SELECT * FROM ({_SELECT}collection_id = {int(collection_id)} AND tier = {{}} "
        f"AND added > {int(after)} AND pack_id IS NOT NULL{where} "
        f"ORDER BY added LIMIT {int(limit)}) AS part"
    )
    sql = " UNION ALL ".join(one.format(number) for number in range(tier + 1))
    rows = reader().rows(sql, values * (tier + 1))
    return sorted(_row(row) for row in rows)[:limit]


def _conditions(filters: Filters) -> tuple[str, list[Any]]:
    """SQL for what `match` asks for."""
    where, values = "", []
    if filters.types is not None:
        numbers = [interned.number(TYPES, each) for each in _known_types(filters.types)]
        where += f" AND type IN ({', '.join(map(str, numbers or [-1]))})"
    if filters.ids is not None:
        ids = _uuids(filters.ids)
        where += f" AND object_id IN ({', '.join('?' * len(ids))})" if ids else " AND 1 = 0"
        values += ids
    if "all" not in filters.places:
        listed = ", ".join(str(int(each)) for each in filters.versions) or "-1"
        where += f" AND ((place & {filters.bits}) <> 0 OR version IN ({listed}))"
    return where, values


def _known_types(types: Iterable[str]) -> list[str]:
    held = set(interned.numbers(TYPES).values())
    return [each for each in types if each in held]


def _uuids(ids: Iterable[str]) -> list[bytes]:
    return [id for each in ids if (id := stix.read_id(each)) is not None]


def packs(ids: Iterable[int]) -> dict[int, bytes]:
    """The bytes of packs, opened."""
    found: dict[int, bytes] = {}
    for part in chunks(list(ids)):
        sql = f"SELECT id, payload FROM collections_pack WHERE id IN ({', '.join(map(str, part))})"
        for id, payload in reader().rows(sql):
            found[id] = zstandard.decompress(bytes(payload))
    return found


def type_text(number: int) -> str:
    return interned.text(number)


def client_text(number: int) -> str:
    return interned.text(number)


# --- statuses ------------------------------------------------------------------------------------


def status(key: bytes, token: int) -> Status | None:
    return Status.objects.filter(key=key, token_id=token).first()


def owed(at: Micros) -> bool:
    """Whether a status or a pack is past its time."""
    return Status.objects.filter(purge_after__lte=at).exists() or bool(due_packs(at, 1))


def drop_statuses(at: Micros, limit: int = 1_000) -> int:
    """Forgets statuses past their time; how many."""
    keys = list(Status.objects.filter(purge_after__lte=at).values_list("pk", flat=True)[:limit])
    Status.objects.filter(pk__in=keys).delete()
    return len(keys)
