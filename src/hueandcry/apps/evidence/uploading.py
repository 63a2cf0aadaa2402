"""Files that come piece by piece, so that a broken line costs one piece and never the whole.

Each piece is stored and known before it is acknowledged. Once all are here, a loop makes one blob
of them, hashed in that pass; it becomes an exhibit as any other file does.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import F

from hueandcry.apps.evidence import rules, sealed, taking
from hueandcry.apps.evidence.models import Piece, Upload
from hueandcry.apps.evidence.rules import Doing
from hueandcry.apps.evidence.views import Taken
from hueandcry.core.errors import Conflict, HueError, Malformed, NotFound, TooLarge, TooMany
from hueandcry.core.ids import uuid7
from hueandcry.core.types import DAY, Actor, Micros
from hueandcry.engine import clock
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.blobs.face import Fresh
from hueandcry.engine.store.work import unit_of_work

log = logging.getLogger("hueandcry.evidence")

#: Bytes of a piece at most: what a broken line costs.
PIECE: Final = 16 << 20
#: How long what nobody goes on with is kept.
KEPT: Final[Micros] = 3 * DAY
#: Files that one person has on their way at once.
AT_ONCE: Final = 10


@dataclass(frozen=True, slots=True)
class UploadView:
    """A file on its way in, and how much of it is here. `whole`: it can become an exhibit."""

    id: UUID
    name: str
    size: int
    modified: int
    offset: int
    whole: bool
    until: Micros  #: it is dropped then, unless somebody goes on with it


def begin(actor: Actor, name: str, size: int, modified: int, at: Micros) -> UploadView:
    """Begins a file of `size` bytes; one that this person has begun already goes on.

    `modified` is when the file was last changed, as its sender says; with name and size it tells
    which file it is. Raises TooLarge, TooMany or Malformed.
    """
    rules.check_may(actor.roles, Doing.ADD)
    if size <= 0 or modified < 0 or not name:
        raise Malformed("upload", "An upload names its file, and how many bytes it has")
    if size > blobs.MOST:
        raise TooLarge("file_too_large", f"A file has at most {blobs.MOST:,} bytes")
    mine = Upload.objects.filter(person_id=_person(actor))
    for row in mine.filter(size=size, modified=modified).order_by("id"):
        if sealed.opened(row.name) == name:
            return _view(row)
    if mine.count() >= AT_ONCE:
        raise TooMany(
            "uploads",
            f"You have {AT_ONCE} files on their way already",
            do="End one of them, or drop it",
        )
    row = Upload.objects.create(
        uuid=uuid7(at, secrets.token_bytes(10)).bytes,
        person_id=_person(actor),
        name=sealed.seal(name),
        size=size,
        modified=modified,
        purge_after=at + KEPT,
    )
    return _view(row)


def upload(actor: Actor, identifier: UUID) -> UploadView:
    """One that this person has begun; raises NotFound."""
    return _view(_row(actor, identifier))


def uploads(actor: Actor) -> list[UploadView]:
    """Those that this person has not made exhibits yet, the oldest first."""
    rows = Upload.objects.filter(person_id=_person(actor)).order_by("id")
    return [_view(row) for row in rows]


def take_piece(actor: Actor, identifier: UUID, offset: int, piece: Fresh, at: Micros) -> UploadView:
    """Takes stored bytes as the next piece; raises Conflict unless the file is here up to it.

    Of two that bring the same piece one is taken, and the other learns where the file stands.
    """
    row = _row(actor, identifier)
    end = offset + piece.size
    if not piece.size or end > row.size:
        raise Malformed("upload_piece", f"The file has {row.size:,} bytes, and {offset:,} are here")
    here = Upload.objects.filter(pk=row.pk, offset=offset)
    if here.update(offset=end, purge_after=at + KEPT) != 1:
        raise Conflict(
            "upload_offset", f"{row.offset:,} bytes of the file are here", do="Go on from there"
        )
    Piece.objects.create(upload=row, offset=offset, blob=blobs.keep(piece).id)
    row.refresh_from_db()
    return _view(row)


def uploaded(actor: Actor, identifier: UUID) -> Taken:
    """The whole file, to become an exhibit in the caller's transaction; it is on its way no more.

    Raises Conflict until it is whole.
    """
    row = _row(actor, identifier)
    if not row.blob:
        raise Conflict("upload_open", "The file is not whole yet", do="Wait a moment")
    taken = Taken(blobs.get(row.blob), sealed.opened(row.name), row.media_type)
    deleted, _ = Upload.objects.filter(pk=row.pk).delete()
    if not deleted:
        raise _unknown()
    return taken


def drop(actor: Actor, identifier: UUID) -> None:
    """Forgets a file on its way, with all that is here of it; raises NotFound."""
    _drop(_row(actor, identifier))


def _drop(row: Upload) -> None:
    _shred_pieces(row)
    if row.blob:
        blobs.shred(row.blob)
    row.delete()


def _shred_pieces(row: Upload) -> None:
    for blob in row.pieces.values_list("blob", flat=True):
        blobs.shred(blob)
    row.pieces.all().delete()


def _person(actor: Actor) -> int:
    if actor.person is None:
        raise Malformed("upload", "A file comes in pieces from a person")
    return actor.person


def _row(actor: Actor, identifier: UUID) -> Upload:
    row = Upload.objects.filter(uuid=identifier.bytes, person_id=_person(actor)).first()
    if row is None:
        raise _unknown()
    return row


def _unknown() -> NotFound:
    return NotFound("upload", "No such file is on its way", do="Choose the file again")


def _view(row: Upload) -> UploadView:
    return UploadView(
        id=UUID(bytes=row.uuid),
        name=sealed.opened(row.name),
        size=row.size,
        modified=row.modified,
        offset=row.offset,
        whole=bool(row.blob),
        until=row.purge_after,
    )


# --- the loop -------------------------------------------------------------------------------------


def join() -> bool:
    """Makes one blob of each file whose pieces are all here, and drops what nobody goes on with."""
    _expire(clock.now())
    for row in Upload.objects.filter(blob="", offset=F("size")).order_by("id"):
        try:
            _join(row)
        except HueError as error:
            log.warning("a file that came in pieces could not be joined: %s", error)
    return False


def _join(row: Upload) -> None:
    taken = taking.take_bytes(_bytes_of(row), sealed.opened(row.name))
    try:
        with unit_of_work():
            _joined(row, taken)
    finally:
        taking.drop_unkept([taken])


def _joined(row: Upload, taken: Taken) -> None:
    blob = taken.kept()
    rows = Upload.objects.filter(pk=row.pk, blob="")
    if rows.update(blob=blob.id, media_type=taken.media_type) != 1:
        raise Conflict("upload", "The file was dropped, or joined by another process")
    _shred_pieces(row)


def _bytes_of(row: Upload) -> Iterator[bytes]:
    for blob in row.pieces.order_by("offset").values_list("blob", flat=True):
        yield from blobs.stream(blob)


def _expire(at: Micros) -> None:
    for row in Upload.objects.filter(purge_after__lte=at).order_by("id")[:10]:
        with unit_of_work():
            _drop(row)
