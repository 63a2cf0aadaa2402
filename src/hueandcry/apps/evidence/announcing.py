"""Packages that other members announce to us by their shipping notes, and what is told of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Q

from hueandcry.apps.evidence import rules
from hueandcry.apps.evidence.models import Incoming
from hueandcry.apps.evidence.sending import folder
from hueandcry.apps.peers.face import Accepted, PeerView
from hueandcry.core import jws
from hueandcry.core.errors import NotFound, TooLarge, Unreachable
from hueandcry.core.packages import ShippingNote
from hueandcry.core.types import Fingerprint, Micros
from hueandcry.engine.policy import face as policy

LARGEST: Final = policy.declare(
    policy.Setting(
        "evidence.incoming_gib",
        int,
        64,
        "GiB that a package of another member may have",
        low=1,
        high=4_096,
    )
)

_GIB: Final = 1 << 30
#: When a package is fetched that people carry: never.
BY_HAND: Final[Micros] = 1 << 62


@dataclass(frozen=True, slots=True)
class IncomingView:
    """A package that another member announced, for people."""

    number: int
    package: UUID
    sender: Fingerprint
    state: str
    name: str
    size: int
    announced_at: Micros
    settled_at: Micros | None
    said: str  #: why it is not here yet, or was refused
    checks: Sequence[dict[str, Any]]  #: the ten, once they were made
    exhibits: Sequence[str]  #: ids of what was taken in


def take_note(accepted: Accepted, sender: PeerView, at: Micros) -> dict[str, Any]:
    """Takes in a shipping note by the peer door; gives the receipt's facts. The file is fetched."""
    note = ShippingNote.read(accepted.document.body)
    most = policy.number(LARGEST.name)
    if note.ciphertext.size > most * _GIB:
        raise TooLarge("package_too_large", f"A package here has at most {most} GiB")
    announce(accepted.document, note, at)
    return {"package": str(note.package)}


def announce(
    document: jws.Document, note: ShippingNote, at: Micros, *, due_at: Micros = 0
) -> Incoming:
    """The row of a believed shipping note, in the caller's transaction; the same one again."""
    row, _ = Incoming.objects.get_or_create(
        digest=bytes.fromhex(document.digest),
        defaults={
            "uuid": note.package.bytes,
            "sender": bytes.fromhex(document.iss),
            "note": document.raw,
            "announced_at": at,
            "due_at": due_at,
        },
    )
    return row


def incoming(limit: int = 100, before: int | None = None) -> list[IncomingView]:
    """The newest packages that were announced to us, from below the number `before`."""
    rows = Incoming.objects.order_by("-id")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return [view(row) for row in rows[:limit]]


def arrival(number: int) -> IncomingView:
    """The announced package of this number; raises NotFound."""
    row = Incoming.objects.filter(pk=number).first()
    if row is None:
        raise NotFound("package", "No such package was announced")
    return view(row)


def result(sender: Fingerprint, sha256: str) -> IncomingView | None:
    """The package that a member sent and that was taken in here; None: none yet.

    It is known by the digest of the opened package, or by that of its list.
    """
    if not rules.is_digest(sha256):
        return None
    digest = bytes.fromhex(sha256)
    rows = Incoming.objects.filter(sender=bytes.fromhex(sender))
    row = rows.filter(Q(opened=digest) | Q(tagmanifest=digest)).order_by("-id").first()
    return None if row is None else view(row)


def results_here(packages: Iterable[str]) -> set[tuple[Fingerprint, str]]:
    """(sender, list) of those of these packages that were taken in here, as `result` finds one."""
    digests = [bytes.fromhex(each) for each in packages if rules.is_digest(each)]
    rows = Incoming.objects.filter(tagmanifest__in=digests)
    return {
        (sender.hex(), bytes(tagmanifest or b"").hex())
        for sender, tagmanifest in rows.values_list("sender", "tagmanifest")
    }


def view(row: Incoming) -> IncomingView:
    """An announced package for people."""
    note = note_of(row)
    return IncomingView(
        row.pk,
        note.package,
        row.sender.hex(),
        row.state,
        note.name,
        note.ciphertext.size,
        row.announced_at,
        row.settled_at,
        row.said,
        row.report,
        row.exhibits,
    )


def note_of(row: Incoming) -> ShippingNote:
    """What its shipping note says."""
    return ShippingNote.read(jws.open_document(row.note).stated.body)


def check_room(size: int) -> None:
    """Raises Unreachable where the data folder has no room for so many bytes."""
    free = shutil.disk_usage(folder("in")).free
    if free < size:
        raise Unreachable(
            "no_room",
            f"The package needs {size:,} bytes, and the disk has {free:,}",
            do="Make room in the data folder: it is tried again",
        )
