"""Packages on their way to a peer: one sealed copy waits in a folder until the peer's receipt.

The shipping note goes as a document; the file is fetched, part by part, by whom it is sealed for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from hueandcry.apps.evidence import building, handing, packaging
from hueandcry.apps.evidence.answering import Answered
from hueandcry.apps.evidence.models import Package
from hueandcry.apps.evidence.packaging import PackageView
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers.face import Accepted, PeerView
from hueandcry.core import custody, packages
from hueandcry.core.errors import Conflict, NotFound, Untrusted
from hueandcry.core.types import Fingerprint, Micros
from hueandcry.engine import clock
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.keys import ed25519
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.store.work import unit_of_work

#: Bytes that one call gives at most.
PART: Final = 8 << 20

#: Document types that this room answers or sends.
RECEIPT: Final = "package-receipt"


@dataclass(frozen=True, slots=True)
class Part:
    """Some bytes of a sealed copy, from `first` on, of `total`."""

    data: bytes
    first: int
    total: int


def folder(name: str) -> Path:
    """A folder for sealed packages in the data folder: `out`, `in` or `aside`."""
    found: Path = settings.DATA / "packages" / name
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


def send(identifier: UUID) -> PackageView:
    """Builds the copy that its recipient fetches, and puts its note on the way; the package.

    In a transaction of its own. Raises as `build`, and NotPermitted where the recipient is no peer.
    """
    row = packaging.by_id(identifier)
    peer = peers.must_be(row.recipient.hex())
    if row.state != Package.State.SIGNED:
        raise Conflict("package", f"The package is {row.state}: it is not sent again")
    path = _copy(identifier)
    path.unlink(missing_ok=True)  # of a run that was killed before its note was on the way
    note = building.build(identifier, path).note
    with unit_of_work():
        signed = Package.objects.filter(pk=row.pk, state=Package.State.SIGNED)
        digest = hashlib.sha256(note).digest()
        if signed.update(state=Package.State.SENT, note=digest) != 1:
            raise Conflict("package", "The package was sent by somebody else just now")
        peers.send(note, [peer.id], clock.now())
    return packaging.view(packaging.by_id(identifier))


def _copy(identifier: UUID) -> Path:
    return folder("out") / f"{identifier}{packages.SEALED_ENDING}"


def part(caller: Fingerprint, identifier: UUID, first: int, last: int | None) -> Part:
    """Bytes `first` to `last` of the copy, at most `PART` of them, for whom it is sealed for.

    Raises NotFound for anybody else and for what is not waiting: both look alike.
    """
    waiting = Package.objects.filter(
        uuid=identifier.bytes, recipient=bytes.fromhex(caller), state=Package.State.SENT
    )
    path = _copy(identifier)
    if not waiting.exists() or not path.exists():
        raise NotFound("package", "No such package waits here for you")
    with path.open("rb") as file:
        total = file.seek(0, 2)
        end = total if last is None else min(last + 1, total)
        if not 0 <= first < end:
            raise Conflict("range", f"The package has {total} bytes: there are none from {first}")
        file.seek(first)
        return Part(file.read(min(end - first, PART)), first, total)


def erase(exhibits: Collection[UUID]) -> None:
    """Erases packages of ours of which an exhibit is purged, in the caller's transaction.

    They could not be built again, and what they say of it must go as well. The bare row stays.
    """
    wanted = {str(each) for each in exhibits}
    known = Package.objects.exclude(facts="").only("pk", "uuid", "exhibits", "certificates")
    gone = [row for row in known.iterator() if wanted & set(row.exhibits)]
    for blob in (blob for row in gone for blob in row.certificates.values()):
        with suppress(NotFound):  # gone before: nothing is left to delete
            blobs.shred(blob)
    rows = [row.pk for row in gone]
    ledger.erase_openings(Package, rows)
    Package.objects.filter(pk__in=rows).update(
        facts="", exhibits=[], certificates={}, request=None, statement=None, receipt=None
    )
    for row in gone:
        copy = _copy(UUID(bytes=row.uuid))
        transaction.on_commit(partial(copy.unlink, missing_ok=True))


# --- the recipient's receipt ----------------------------------------------------------------------


def take_receipt(accepted: Accepted, sender: PeerView, at: Micros) -> dict[str, Any]:
    """Takes in what the recipient says became of a package; gives the receipt's facts.

    Its custody events are kept beside ours when they agree; the copy that waited is removed.
    """
    said = Answered.read(accepted.document.body)
    row = Package.objects.filter(
        uuid=said.package.bytes, recipient=bytes.fromhex(sender.fingerprint)
    ).first()
    if row is None:
        raise NotFound("package", "That answers no package of ours")
    for event in said.received:
        _check_signed(event.kid, event.signature, event.record, sender.fingerprint)
        handing.answered(event.exhibit, event.record, at)
    state = Package.State.ACCEPTED if said.accepted else Package.State.REFUSED
    waiting = Package.objects.filter(
        pk=row.pk, state__in=(Package.State.SIGNED, Package.State.SENT)
    )
    if waiting.update(state=state, receipt=accepted.document.raw) == 1:
        identifier = said.package
        transaction.on_commit(lambda: _copy(identifier).unlink(missing_ok=True))
    return {"package": str(said.package)}


def _check_signed(kid: str, signature: bytes, record: bytes, by: Fingerprint) -> None:
    key = members.acting_key(kid)
    own = kid.startswith(f"{by}/")
    if not own or not ed25519.verify(key.public, signature, custody.message(record)):
        raise Untrusted("signature", "The receiver's custody event is not signed by the receiver")
