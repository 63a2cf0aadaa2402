"""Documents of ours about a request: signed for the other side, and put on their way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from hueandcry.apps.cooperation import queries
from hueandcry.apps.cooperation.models import Request, Transition
from hueandcry.apps.cooperation.wire import ASKED
from hueandcry.apps.peers import face as peers
from hueandcry.core import jws
from hueandcry.core.machine import Side
from hueandcry.core.types import Fingerprint, Micros


def written(row: Request, type: str, body: Mapping[str, Any], at: Micros) -> bytes:
    """The document. Only the requested side answers one: the asking side's name it by the id."""
    peer = peers.must_be(row.peer.hex())
    answered = [row.document.hex()] if row.side == Side.REQUESTED and row.document else []
    return peers.issue(type, body, at, aud=peer.fingerprint, agreement=peer.agreement, re=answered)


def digest(raw: bytes) -> bytes:
    """What a document is called."""
    return bytes.fromhex(jws.open_document(raw).stated.digest)


def send(row: Request, raw: bytes, at: Micros) -> None:
    """Logs the document and puts it on its way, in the caller's transaction."""
    peers.send(raw, [peers.must_be(row.peer.hex()).id], at)


def told(identifier: UUID) -> tuple[Fingerprint, list[bytes]]:
    """The other side of a request, and every document of ours about it, as signed, in order."""
    row = queries.request(identifier)
    acts = Transition.objects.filter(request=row, side=row.side, paper=None)
    digests = {bytes(each) for each in acts.values_list("document", flat=True) if each}
    if row.side == Side.REQUESTING and row.document is not None:
        digests.add(bytes(row.document))  # which may have been signed anew since
    return row.peer.hex(), peers.raw_documents(digests)


def signed_again(before: bytes, after: bytes) -> None:
    """A request of ours was dated and signed again before the other side had it."""
    Request.objects.filter(document=before, side=Side.REQUESTING).update(document=after)


peers.AGAIN[ASKED] = signed_again
