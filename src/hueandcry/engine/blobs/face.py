"""Files of any size, each sealed under a key of its own that is a row.

First the bytes are in the store, durably; then a row knows them, in the transaction of whatever
they belong to. So a kill at any moment leaves either a blob or bytes that nobody can open, which
`tidy` removes. To shred a blob is to delete its row: the key is gone with it, wherever copies of
the bytes may lie.

Two blobs may hold the same content. They have their own keys, and one may go while the other
stays: `same` finds them by digest.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from django.db import transaction

from hueandcry.core.errors import Broken, HueError, NotFound, TooLarge
from hueandcry.core.types import DAY, Micros
from hueandcry.engine import clock
from hueandcry.engine.blobs import models
from hueandcry.engine.blobs.sealing import opened
from hueandcry.engine.blobs.store import Store, store
from hueandcry.engine.blobs.writing import MOST, Fresh, Writer
from hueandcry.engine.jobs.loops import Loop
from hueandcry.engine.keys.own import own
from hueandcry.engine.store.dialect import dialect

__all__ = [
    "LOOPS",
    "MOST",
    "Blob",
    "Fresh",
    "Writer",
    "check_store",
    "discard",
    "discard_unkept",
    "get",
    "keep",
    "missing",
    "put",
    "read",
    "same",
    "shred",
    "stream",
    "take",
    "tidy",
    "writer",
]

log = logging.getLogger("hueandcry.blobs")

_CONTEXT: Final = "blob-key"
_NAME: Final = re.compile("[0-9a-f]{32}")
_READ: Final = 1 << 20
#: Bytes without a row are left alone for so long: their transaction may still be on its way.
GRACE: Final[Micros] = DAY


@dataclass(frozen=True, slots=True)
class Blob:
    """A stored file: what it is called here, the digest of its content, its length in bytes."""

    id: str  #: 32 hexadecimal digits
    sha256: bytes
    size: int


# --- in -------------------------------------------------------------------------------------------


def writer(limit: int) -> Writer:
    """For bytes that are pushed: `write`, `write`, then `finish` or `abandon`."""
    return Writer(store(), limit)


def take(stream: BinaryIO | Iterable[bytes], limit: int) -> Fresh:
    """Stores all of a stream, read once; raises TooLarge beyond `limit` bytes, and keeps nothing.

    Do this before the transaction begins: bytes are slow, and a transaction has others waiting.
    """
    writing = writer(limit)
    try:
        for piece in _pieces(stream):
            writing.write(piece)
        return writing.finish()
    except BaseException:
        writing.abandon()
        raise


def _pieces(stream: BinaryIO | Iterable[bytes]) -> Iterable[bytes]:
    if isinstance(stream, Iterable) and not hasattr(stream, "read"):
        return stream
    return iter(lambda: stream.read(_READ), b"")


def keep(fresh: Fresh) -> Blob:
    """Makes stored bytes a blob, in the caller's transaction; without its commit they are none."""
    row = models.Blob.objects.create(
        name=fresh.name,
        sha256=fresh.sha256,
        size=fresh.size,
        key=own().seal(_CONTEXT, fresh.name + fresh.key),
        at=clock.now(),
    )
    return _shown(row)


def put(stream: BinaryIO | Iterable[bytes], limit: int) -> Blob:
    """`take` and `keep` in one: for short content, or outside a transaction."""
    return keep(take(stream, limit))


def discard(fresh: Fresh) -> None:
    """Removes stored bytes that are not to be kept after all."""
    _remove(store(), fresh.name)


def discard_unkept(fresh: Iterable[Fresh]) -> None:
    """Removes those of these bytes that no row has come to know."""
    found = {each.id: each for each in fresh}
    for id in found.keys() - _known(list(found)):
        discard(found[id])


# --- out ------------------------------------------------------------------------------------------


def get(blob: str) -> Blob:
    """What is known of a blob; raises NotFound."""
    return _shown(_row(blob))


def same(sha256: bytes) -> list[Blob]:
    """Every blob with this content, oldest first."""
    return [_shown(row) for row in models.Blob.objects.filter(sha256=sha256).order_by("id")]


def stream(blob: str) -> Iterator[bytes]:
    """The content in chunks, each verified before it is given.

    Raises NotFound where there is no such blob; Broken, Unreachable or NotFound on the way when
    the store does not give what was put there. Only what ended without an error is whole.
    """
    row = _row(blob)
    return _verified(row, _key(row))


def read(blob: str, most: int) -> bytes:
    """All of a blob of at most `most` bytes; raises TooLarge."""
    size = get(blob).size
    if size > most:
        raise TooLarge("file_too_large", f"The file has {size:,} bytes, and {most:,} are looked at")
    return b"".join(stream(blob))


def _verified(row: models.Blob, key: bytes) -> Iterator[bytes]:
    digest = hashlib.sha256()
    for chunk in opened(store().pieces(row.name.hex()), key):
        digest.update(chunk)
        yield chunk
    if digest.digest() != row.sha256:
        raise Broken("blob", "A stored file is not the one whose digest was noted")


def _key(row: models.Blob) -> bytes:
    plain = own().open_sealed(_CONTEXT, row.key)
    if plain[: len(row.name)] != row.name:
        raise Broken("blob", "The key of a stored file is that of another one")
    return plain[len(row.name) :]


def _row(blob: str) -> models.Blob:
    name = bytes.fromhex(blob) if _NAME.fullmatch(blob) else b""
    row = models.Blob.objects.filter(name=name).first() if name else None
    if row is None:
        raise _not_here()
    return row


def _not_here() -> NotFound:
    return NotFound("blob", "There is no such file here")


def _shown(row: models.Blob) -> Blob:
    return Blob(row.name.hex(), row.sha256, row.size)


# --- away -----------------------------------------------------------------------------------------


def shred(blob: str) -> None:
    """Deletes the key in the caller's transaction, and the bytes once that is committed.

    Raises NotFound where there is no such blob. The act itself is logged by whoever does it.
    """
    row = _row(blob)
    dialect().purging()
    deleted, _ = models.Blob.objects.filter(pk=row.pk).delete()
    if not deleted:
        raise _not_here()
    transaction.on_commit(lambda: _remove(store(), row.name))


def _remove(place: Store, name: bytes) -> None:
    try:
        place.remove(name.hex())
    except HueError as error:
        # They are noise by now; `tidy` comes again.
        log.warning("bytes without a key stay in the store: %s", error)


def tidy() -> bool:
    """Removes bytes that no row knows, and what killed uploads left; False: all was looked at."""
    place, before = store(), clock.now() - GRACE
    for part in place.listed():
        # Others may keep things in the same bucket: names of another form are theirs.
        old = [name for name, at in part if at < before and _NAME.fullmatch(name)]
        for name in set(old) - _known(old):
            place.remove(name)
    for path in place.remains(before):
        path.unlink(missing_ok=True)
    return False


def _known(names: Sequence[str]) -> set[str]:
    sql = "SELECT name FROM blobs_blob WHERE name {values}"
    rows = dialect().select_in(sql, [bytes.fromhex(name) for name in names], "bytea")
    return {bytes(row[0]).hex() for row in rows}


def missing() -> int:
    """How many blobs have no bytes in the store: what a restore without them would show."""
    held = {name for part in store().listed() for name, _ in part}
    names = models.Blob.objects.values_list("name", flat=True)
    return sum(1 for name in names.iterator(chunk_size=2_000) if name.hex() not in held)


def check_store() -> None:
    """Raises Unreachable or Broken unless the store takes, refuses twice, gives and removes."""
    place, fresh = store(), take([b"hueandcry"], 1_024)
    try:
        if b"".join(opened(place.pieces(fresh.name.hex()), fresh.key)) != b"hueandcry":
            raise Broken("blob_store", "The store gives other bytes than were put there")
        _refuses(place, fresh.name.hex())
    finally:
        discard(fresh)


def _refuses(place: Store, name: str) -> None:
    try:
        place.put(name, b"again")
    except HueError as refused:
        if refused.code == "blob_taken":
            return
        raise
    raise Broken(
        "blob_store",
        "The store writes over what is there",
        why="It does not know conditional writes (If-None-Match: *)",
        do="Use a store that does, or a folder of this machine",
    )


LOOPS: Final = (Loop("blobs", tidy, every=3_600.0, woken=False),)
