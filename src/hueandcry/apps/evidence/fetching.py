"""Announced packages are fetched part by part, from where they were broken off."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Final

from hueandcry.apps.evidence.announcing import check_room, note_of
from hueandcry.apps.evidence.arriving import settle
from hueandcry.apps.evidence.models import Incoming
from hueandcry.apps.evidence.sending import PART, folder
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers.face import PeerView
from hueandcry.core.errors import HueError, Malformed
from hueandcry.core.packages import ShippingNote
from hueandcry.core.types import MINUTE, SECOND
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

log = logging.getLogger("hueandcry.evidence")

#: Seconds between two tries to fetch a package: doubled from the first to the last.
BACK_OFF: Final = (1.0, 3_600.0)


def due() -> list[int]:
    """The packages that wait to be fetched now, by row number."""
    rows = Incoming.objects.filter(state=Incoming.State.ANNOUNCED, due_at__lte=clock.now())
    return list(rows.order_by("id").values_list("pk", flat=True)[:100])


def fetch(number: int) -> bool:
    """Fetches a package from where it was broken off, and settles it; False: it is done for now."""
    row = Incoming.objects.filter(pk=number, state=Incoming.State.ANNOUNCED).first()
    if row is None or row.due_at > clock.now():
        return False
    path = folder("in") / f"{row.digest.hex()}.part"
    try:
        _download(row, path)
        # Whatever kills this process while it settles does not kill the next one at once.
        Incoming.objects.filter(pk=row.pk).update(due_at=clock.now() + MINUTE)
        settle(row.pk, path)
    except HueError as error:
        _failed(row, error)
    return False


def _download(row: Incoming, path: Path) -> None:
    """Appends to `path` until it has every byte of the note; raises what stands in the way."""
    note, peer = note_of(row), peers.must_be(row.sender.hex())
    check_room(note.ciphertext.size)
    with path.open("ab") as file:
        at = file.tell()
        if at > note.ciphertext.size:
            file.truncate(0)
            at = 0
        while at < note.ciphertext.size:
            data = _part(peer, note, at)
            file.write(data)
            file.flush()
            at += len(data)
        os.fsync(file.fileno())


def _part(peer: PeerView, note: ShippingNote, at: int) -> bytes:
    last = min(at + PART, note.ciphertext.size) - 1
    path = f"/peer/v1/packages/{note.package}"
    answer = peers.call(peer, "GET", path, headers={"Range": f"bytes={at}-{last}"})
    if answer.status not in (200, 206) or len(answer.body) != last - at + 1:
        raise Malformed(
            "package_part", f"The peer gave {len(answer.body)} bytes where {last - at + 1} were due"
        )
    return answer.body


def _failed(row: Incoming, error: HueError) -> None:
    seconds = min(BACK_OFF[0] * 2.0 ** min(row.failures, 16), BACK_OFF[1])
    log.warning("a package of %s was not fetched: %s", row.sender.hex(), error)
    with unit_of_work():
        rows = Incoming.objects.filter(pk=row.pk, failures=row.failures)
        rows.update(
            failures=row.failures + 1,
            due_at=clock.now() + int(seconds * SECOND),
            said=str(error)[:300],
        )
