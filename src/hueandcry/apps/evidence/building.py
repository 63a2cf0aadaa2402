"""One sealed copy of a package: its tar streamed through age, and the note that goes with it.

However large the exhibits are, no more than a chunk of one is in memory; a killed build leaves a
file under another name, and nothing under the one that was asked for.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast
from uuid import UUID

from hueandcry.apps.evidence import chain, packaging, provenance, queries
from hueandcry.apps.evidence.facts import PackageFacts, Packed
from hueandcry.apps.evidence.models import Incoming, Package
from hueandcry.apps.evidence.provenance import Entry
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.core import packages
from hueandcry.core.errors import Conflict, HueError, Unreachable
from hueandcry.core.packages import Consistency, File, ShippingNote
from hueandcry.engine import clock
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.keys import agefile, files
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.stamps import face as stamps
from hueandcry.engine.store.work import unit_of_work


@dataclass(frozen=True, slots=True)
class Built:
    """A sealed copy on disk."""

    path: Path
    note: bytes  #: the shipping note over it
    ciphertext: File
    tar: File


def build(identifier: UUID, path: Path) -> Built:
    """Writes a signed package, sealed to its recipient, to `path`, durably; the note is not stored.

    Raises Conflict where something is there already, TooMany until the ledger is published (and
    cosigned) far enough, Broken when the package is not the one that was signed any more.
    """
    row = packaging.by_id(identifier)
    facts, bag = packaging.facts_of(row), packaging.bag_of(row)
    pieces = bag.tar(_provenance(row, facts), _content)
    key = members.age_key(facts.recipient.fingerprint, clock.now())
    if path.exists():
        raise Conflict("output", f"{path} is there already", do="Choose another name")
    temporary = path.with_name(f".{path.name}.{os.urandom(6).hex()}.part")
    try:
        tar, ciphertext = _seal(pieces, temporary, key)
        os.replace(temporary, path)
    except OSError as wrong:
        raise Unreachable(
            "output", f"{path} cannot be written", why=wrong.strerror or str(wrong)
        ) from None
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    files.sync_folder(path.parent)
    note = ShippingNote(facts.package, path.name, ciphertext, tar)
    at, to = clock.now(), facts.recipient.fingerprint
    raw = peers.issue(packages.SHIPPING_NOTE, note.body(), at, aud=to)
    return Built(path, raw, ciphertext, tar)


def _seal(pieces: Iterable[bytes], path: Path, key: bytes) -> tuple[File, File]:
    """The tar and the sealed file, as they passed; the latter is on the disk."""
    source = _Source(pieces)
    with path.open("xb") as file:
        target = _Target(file)
        try:
            agefile.seal(cast(BinaryIO, source), cast(BinaryIO, target), key)
        except Exception as wrong:
            # What stopped the pieces is what went wrong, whatever became of it on its way.
            raise source.failed or wrong from None
        file.flush()
        os.fsync(file.fileno())
    return source.seen(), target.seen()


class _Source:
    """Pieces as a file that is read once, and what passed."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = b""
        self.failed: HueError | None = None
        self._digest = hashlib.sha256()
        self._size = 0

    def read(self, size: int = -1) -> bytes:
        while not self._rest:
            piece = self._next()
            if piece is None:
                return b""
            self._digest.update(piece)
            self._size += len(piece)
            self._rest = piece
        given = self._rest if size < 0 else self._rest[:size]
        self._rest = self._rest[len(given) :]
        return given

    def _next(self) -> bytes | None:
        try:
            return next(self._pieces, None)
        except HueError as wrong:
            self.failed = wrong
            raise

    def seen(self) -> File:
        return File(self._digest.hexdigest(), self._size)


class _Target:
    """A file that is written once, and what passed."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._size = 0

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        self._size += len(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()

    def seen(self) -> File:
        return File(self._digest.hexdigest(), self._size)


def _content(exhibit: Packed) -> Iterator[bytes]:
    return blobs.stream(queries.by_id(exhibit.id).blob)


# --- provenance -----------------------------------------------------------------------------------


def prepare(identifier: UUID) -> bool:
    """Settles under which head a package is proved, and wants that stamped; whether all is here.

    Raises TooMany until the ledger is published, and cosigned by enough witnesses, so far.
    """
    row = packaging.by_id(identifier)
    note = _last(row).note
    digest = hashlib.sha256(note).digest()
    with unit_of_work():
        Package.objects.filter(pk=row.pk, checkpoint=None).update(checkpoint=note)
        stamps.stamp(digest, packages.PACKAGE, str(identifier), clock.now(), content=note)
    return len(stamps.held(digest)) == len(stamps.authorities())


def _last(row: Package) -> ledger.SignedHead:
    """The head over the package, with those cosignatures under which it was stamped."""
    _, _, position = ledger.opening(row)
    head = provenance.covering(position)
    return head if row.checkpoint is None else provenance.same(head, row.checkpoint)


def _provenance(row: Package, facts: PackageFacts) -> dict[str, bytes]:
    assert row.statement is not None  # `bag_of` has looked
    last = _last(row)
    proofs = provenance.files(ledger.opening(row), last, _entries(facts), _earlier(facts))
    return {packages.STATEMENT: row.statement, **proofs, **provenance.stamped(last.note)}


def _entries(facts: PackageFacts) -> list[Entry]:
    entries = []
    for exhibit in facts.exhibits:
        lines = chain.lines(queries.by_id(exhibit.id))[: exhibit.last + 1]
        entries += [Entry(line, n == exhibit.last) for n, line in enumerate(lines)]
    return entries


def _earlier(facts: PackageFacts) -> list[Consistency]:
    """What ties the heads of earlier holders together: it came with the exhibits."""
    wanted = {str(exhibit.id) for exhibit in facts.exhibits}
    rows = Incoming.objects.filter(state=Incoming.State.ACCEPTED).exclude(consistency=None)
    return [
        proof
        for row in rows.iterator()
        if wanted & set(row.exhibits) and row.consistency is not None
        for proof in packages.read_consistency(row.consistency)
    ]
