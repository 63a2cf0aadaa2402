"""Packages of other members: verified as a whole, and taken in or set aside.

Nothing of a package is taken in before all ten checks were made and every one that is required
passed. The sealed file is opened once, into a file of ours that is gone afterwards.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from hueandcry.apps.evidence import handing, restrictions_file, taking, trusting
from hueandcry.apps.evidence.announcing import (
    BY_HAND,
    IncomingView,
    announce,
    check_room,
    note_of,
    view,
)
from hueandcry.apps.evidence.answering import Answered, Check, ReceivedEvent
from hueandcry.apps.evidence.models import CustodyEvent, Incoming
from hueandcry.apps.evidence.restrictions_file import Limits
from hueandcry.apps.evidence.sending import RECEIPT, folder
from hueandcry.apps.evidence.views import Added, Line, Received, Taken
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.core import custody, jws, notes, packages
from hueandcry.core.custody import NotBefore
from hueandcry.core.errors import (
    Broken,
    Conflict,
    HueError,
    Malformed,
    TooMany,
    Unreachable,
    Untrusted,
)
from hueandcry.core.packages import File, ShippingNote
from hueandcry.core.types import Actor
from hueandcry.engine import clock
from hueandcry.engine.keys import agefile
from hueandcry.engine.keys.keyring import KeyPurpose
from hueandcry.engine.keys.own import own
from hueandcry.engine.store.work import unit_of_work
from hueandcry.verifier.contents import Contents, index_tar
from hueandcry.verifier.examining import examine
from hueandcry.verifier.results import Report
from hueandcry.verifier.statement import Stated

#: What says nothing about a package: a store that is away, a disk that is full, a restored node.
PASSING: Final = (Unreachable, TooMany, Broken)

_COPY: Final = 1 << 20


def settle(number: int, path: Path) -> IncomingView:
    """Verifies the fetched file of an announced package and takes it in, or sets it aside.

    In transactions of its own; what became of it goes to the sender as a signed receipt. Raises one
    of `PASSING` where the fault is ours and not the package's: then it waits.
    """
    row = Incoming.objects.get(pk=number)
    if row.state == Incoming.State.ANNOUNCED:
        try:
            _take_in(row, path)
        except PASSING:
            raise
        except HueError as wrong:
            _refuse(row, path, wrong)
    return view(Incoming.objects.get(pk=number))


def receive(path: Path, note: bytes) -> IncomingView:
    """Takes in a package that came as a file, with the note beside it; as `settle`.

    Raises Untrusted for a note that is not for us or of nobody whose card is held, and for a file
    that is not the one of the note: then nothing is kept, so that a better copy can follow. The
    file that was given stays as it is.
    """
    said, at = jws.open_document(note), clock.now()
    if said.type != packages.SHIPPING_NOTE:
        raise Malformed("shipping_note", f"That is a {said.type}, and no shipping note")
    stated = ShippingNote.read(said.stated.body)
    _check_file(path, stated.ciphertext)
    with unit_of_work():
        row = announce(peers.accept(note, at).document, stated, at, due_at=BY_HAND)
    return settle(row.pk, path)


def _take_in(row: Incoming, path: Path) -> None:
    note = note_of(row)
    _check_file(path, note.ciphertext)
    check_room(2 * note.tar.size)  # opened, and its exhibits once more in the store
    with _opened(row, path, note) as tar:
        report = examine(tar, policy=trusting.for_arrivals())
        Incoming.objects.filter(pk=row.pk).update(report=[each.value() for each in report.checks])
        if not report.accepted:
            raise _not_accepted(report)
        with tar.open("rb") as file:
            contents = index_tar(file, lambda: tar.open("rb"))
        _take_over(row, contents, report)
    if path.parent == folder("in"):
        path.unlink(missing_ok=True)


def _check_file(path: Path, said: File) -> None:
    """Raises Untrusted unless the sealed file is, byte for byte, the one of the note."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_COPY):
            digest.update(chunk)
            size += len(chunk)
    if (digest.hexdigest(), size) != (said.sha256, said.size):
        raise Untrusted("file_changed", "The file is not the one that its shipping note describes")


@contextmanager
def _opened(row: Incoming, path: Path, note: ShippingNote) -> Iterator[Path]:
    """The opened tar, with its note beside it, for the length of a block."""
    tar = folder("in") / f"{row.digest.hex()}.tar"
    beside = tar.with_name(tar.name + packages.NOTE_ENDING)
    keyring = own()
    identities = [keyring.identity(each) for each in keyring.key_ids(KeyPurpose.AGE)]
    try:
        with path.open("rb") as source, tar.open("wb") as target:
            agefile.unseal(source, target, identities)
        beside.write_bytes(row.note)
        yield tar
    finally:
        tar.unlink(missing_ok=True)
        beside.unlink(missing_ok=True)


def _not_accepted(report: Report) -> Untrusted:
    wrong = [c for c in report.checks if c.result != "PASS" and c.n in report.required]
    wrong = wrong or [c for c in report.checks if c.result == "FAIL"]
    words = "; ".join(f"check {c.n} ({c.name}): {c.result}: {c.reason}" for c in wrong[:3])
    return Untrusted(wrong[0].code or "not_checked", f"The package does not hold: {words}")


def _take_over(row: Incoming, contents: Contents, report: Report) -> None:
    """Every exhibit of a verified package, or none."""
    stated = Stated.read(contents)
    if stated.document.stated.aud != members.us().fingerprint:
        raise Untrusted("recipient", "The package is for another member")
    taken = {each.number: _stored(contents, each.number) for each in stated.statement.exhibits}
    try:
        with unit_of_work():
            added = [
                handing.receive(_actor(), each, clock.now())
                for each in _received(row, contents, stated, taken)
            ]
            _accept(row, contents, stated, report, added)
    finally:
        taking.drop_unkept(taken.values())


def _actor() -> Actor:
    return Actor(members.us().fingerprint)


def _stored(contents: Contents, number: str) -> Taken:
    """The bytes of an exhibit, in our store; nobody knows them yet."""
    start = packages.exhibit_folder(number)
    (path,) = [each for each in contents.files if each.startswith(start)]
    with contents.held(path).open() as file:
        return taking.take_bytes(_pieces(file, contents.held(path).size), path[len(start) :])


def _pieces(file: Any, size: int) -> Iterator[bytes]:
    while size > 0:
        piece = file.read(min(size, _COPY))
        if not piece:
            raise Malformed("tar_short", "The package ends too early")
        size -= len(piece)
        yield piece


def _received(
    row: Incoming, contents: Contents, stated: Stated, taken: dict[str, Taken]
) -> Iterator[Received]:
    head = notes.Checkpoint.read(
        notes.parse_note(contents.read(packages.CHECKPOINT, notes.MAX_NOTE)).text
    )
    limits = Limits.read(contents.read(packages.RESTRICTIONS, restrictions_file.MOST))
    by_exhibit: dict[UUID, list[Line]] = {}
    for number, line in enumerate(stated.lines):
        proof = contents.read(packages.custody_proof(number), notes.MAX_NOTE)
        exhibit = custody.read_record(line.record).exhibit
        by_exhibit.setdefault(exhibit, []).append(
            Line(line.record, line.salt, line.origin, line.index, line.kid, line.signature, proof)
        )
    for each in stated.statement.exhibits:
        yield Received(
            lines=tuple(by_exhibit[each.id]),
            taken=taken[each.number],
            sender=row.sender.hex(),
            package=stated.statement.package,
            not_before=NotBefore(head.origin, head.size, head.root.hex()),
            restrictions=limits.of(each.number),
            quarantined=limits.quarantined(each.number),
            source=f"Package {stated.statement.package}",
        )


def _accept(
    row: Incoming, contents: Contents, stated: Stated, report: Report, added: Sequence[Added]
) -> None:
    at = clock.now()
    announced = Incoming.objects.filter(pk=row.pk, state=Incoming.State.ANNOUNCED)
    ids = [str(each.exhibit.id) for each in added]
    changed = announced.update(
        state=Incoming.State.ACCEPTED,
        settled_at=at,
        said="",
        exhibits=ids,
        tagmanifest=bytes.fromhex(stated.statement.tagmanifest),
        opened=bytes.fromhex(note_of(row).tar.sha256),
        consistency=contents.read(packages.CONSISTENCY, packages.MAX_CONSISTENCY),
    )
    if changed != 1:
        raise Conflict("package", "The package was taken in by somebody else just now")
    _answer(row, True, None, report.checks, [_event(each) for each in added])


def _event(added: Added) -> ReceivedEvent:
    made = CustodyEvent.objects.get(exhibit__uuid=added.exhibit.id.bytes, action="received")
    assert made.log_record is not None  # it was made in this transaction
    return ReceivedEvent(added.exhibit.id, made.log_record, made.kid, made.signature)


def _refuse(row: Incoming, path: Path, wrong: HueError) -> None:
    """Nothing was taken in; the file is kept for whoever wants to see what was wrong with it."""
    if path.exists() and path.parent == folder("in"):
        os.replace(path, folder("aside") / f"{row.digest.hex()}{packages.SEALED_ENDING}")
    with unit_of_work():
        announced = Incoming.objects.filter(pk=row.pk, state=Incoming.State.ANNOUNCED)
        at = clock.now()
        refused = announced.update(
            state=Incoming.State.REFUSED, settled_at=at, said=str(wrong)[:300]
        )
        if refused == 1:
            row.refresh_from_db()
            checks = [Check(c["n"], c["result"], c["code"], c["reason"]) for c in row.report]
            _answer(row, False, wrong, checks, [])


def _answer(
    row: Incoming,
    accepted: bool,
    wrong: HueError | None,
    checks: Sequence[Any],
    received: Sequence[ReceivedEvent],
) -> None:
    """Puts the signed receipt on its way to the sender, where that is a peer."""
    sender = row.sender.hex()
    said = Answered(
        UUID(bytes=row.uuid),
        row.digest.hex(),
        accepted,
        wrong.code if wrong else "",
        str(wrong)[:1_000] if wrong else "",
        tuple(Check(c.n, str(c.result), c.code, c.reason[:1_000]) for c in checks),
        tuple(received),
    )
    at = clock.now()
    raw = peers.issue(RECEIPT, said.body(), at, aud=sender, re=[row.digest.hex()])
    peer = peers.find(sender)
    peers.send(raw, [] if peer is None else [peer.id], at)
