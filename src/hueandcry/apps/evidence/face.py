"""Evidence: exhibits, their custody, what may not be done with them. What other rooms import.

    taken = evidence.take_bytes(file, name)          # outside of transactions: bytes are slow
    with unit_of_work():
        added = evidence.add(actor, taken, Told(…), at)

An exhibit is named by its id or its number. Every use case writes its custody event, the exhibit's
row and the ledger entry in the caller's transaction, or raises and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from hueandcry.apps.evidence import chain, chats, handing, overview, queries
from hueandcry.apps.evidence.announcing import (
    IncomingView,
    arrival,
    incoming,
    result,
    results_here,
    take_note,
)
from hueandcry.apps.evidence.arriving import receive as receive_package
from hueandcry.apps.evidence.building import Built, build
from hueandcry.apps.evidence.building import prepare as prepare_proofs
from hueandcry.apps.evidence.consenting import bind, consent
from hueandcry.apps.evidence.handing import answered, receive, transfer
from hueandcry.apps.evidence.keeping import keep, keep_until, keepable, let_go, lock
from hueandcry.apps.evidence.making import Made, certificate, made, packages
from hueandcry.apps.evidence.models import Exhibit
from hueandcry.apps.evidence.overview import described
from hueandcry.apps.evidence.packaging import MOST as MOST_PACKED
from hueandcry.apps.evidence.packaging import PackageView, Wanted, package
from hueandcry.apps.evidence.purging import erase_again
from hueandcry.apps.evidence.restricting import end_hold, hold, lift, restrict, review
from hueandcry.apps.evidence.rules import (
    MAY,
    NOTED,
    Doing,
    Limit,
    RestrictionView,
    State,
    Terms,
    check_may,
    tool,
)
from hueandcry.apps.evidence.sealed import pseudonym
from hueandcry.apps.evidence.sending import RECEIPT, part, take_receipt
from hueandcry.apps.evidence.sending import send as send_package
from hueandcry.apps.evidence.service import (
    add,
    derive,
    destroy,
    note,
    own_tool,
    read,
    release,
    take,
)
from hueandcry.apps.evidence.settings import EVIDENCE_DAYS
from hueandcry.apps.evidence.taking import drop_unkept, take_bytes
from hueandcry.apps.evidence.trusting import policy as trust_policy
from hueandcry.apps.evidence.uploading import PIECE as MOST_PIECE
from hueandcry.apps.evidence.uploading import (
    UploadView,
    take_piece,
    upload,
    uploaded,
    uploads,
)
from hueandcry.apps.evidence.uploading import begin as begin_upload
from hueandcry.apps.evidence.uploading import drop as drop_upload
from hueandcry.apps.evidence.views import (
    Added,
    ExhibitView,
    HandoverView,
    Happened,
    HoldView,
    Line,
    Noted,
    Received,
    Summary,
    Taken,
    Told,
)
from hueandcry.core.chats import Chat
from hueandcry.core.custody import Linked
from hueandcry.core.errors import NotFound
from hueandcry.core.types import Actor, Fingerprint, Micros
from hueandcry.engine.blobs import face as blobs

__all__ = [
    "EVIDENCE_DAYS",
    "LIVE",
    "MAY",
    "MOST_PACKED",
    "MOST_PIECE",
    "NOTED",
    "RECEIPT",
    "Added",
    "Built",
    "Doing",
    "ExhibitView",
    "HandoverView",
    "Happened",
    "HoldView",
    "IncomingView",
    "Limit",
    "Line",
    "Made",
    "Noted",
    "PackageView",
    "Received",
    "RestrictionView",
    "State",
    "Summary",
    "Taken",
    "Terms",
    "Told",
    "UploadView",
    "Wanted",
    "add",
    "answered",
    "arrival",
    "begin_upload",
    "bind",
    "build",
    "certificate",
    "chat",
    "check_handing",
    "check_may",
    "children",
    "consent",
    "derive",
    "described",
    "destroy",
    "drop_unkept",
    "drop_upload",
    "end_hold",
    "erase_again",
    "events",
    "exhibit",
    "exhibits",
    "handovers",
    "happened",
    "hold",
    "holds",
    "incoming",
    "keep",
    "keep_until",
    "keepable",
    "let_go",
    "lift",
    "line",
    "lines",
    "lock",
    "made",
    "note",
    "own_tool",
    "package",
    "packages",
    "part",
    "prepare_proofs",
    "pseudonym",
    "read",
    "receive",
    "receive_package",
    "release",
    "restrict",
    "restrictions",
    "result",
    "results_here",
    "review",
    "send_package",
    "stream",
    "summaries",
    "take",
    "take_bytes",
    "take_note",
    "take_piece",
    "take_receipt",
    "tool",
    "transfer",
    "trust_policy",
    "upload",
    "uploaded",
    "uploads",
]

#: States in which an exhibit's bytes are here.
LIVE = (State.OPEN, State.TAKEN, State.RELEASED)


def exhibits(
    states: Sequence[State] = LIVE, before: int | None = None, limit: int = 100, search: str = ""
) -> list[tuple[int, ExhibitView]]:
    """(row number, exhibit), the newest first, from below the row number `before`.

    `search` is the beginning of a number, or a whole SHA-256.
    """
    return queries.listed(states, before, limit, search)


def summaries(
    at: Micros,
    states: Sequence[State] = LIVE,
    before: int | None = None,
    limit: int = 100,
    search: str = "",
) -> list[Summary]:
    """As `exhibits`, each with its description and how much stands on it."""
    return overview.summaries(states, before, limit, search, at)


def exhibit(reference: str) -> ExhibitView:
    """One exhibit by id or number; raises NotFound, or Conflict where a number names two."""
    return queries.view(queries.find(reference))


def lines(exhibit: UUID) -> list[Line]:
    """The whole custody with what proves each event, earlier holders' first.

    Raises NotFound once the exhibit was purged.
    """
    return chain.lines(queries.by_id(exhibit))


def events(exhibit: UUID) -> list[Linked]:
    """The whole custody, for reading."""
    return chain.events(queries.by_id(exhibit))


def happened(exhibit: UUID) -> list[Happened]:
    """The whole custody for people here; raises NotFound once the exhibit was purged."""
    return overview.happened(queries.by_id(exhibit))


def line(exhibit: UUID, n: int) -> tuple[Line, int | None]:
    """Event `n` with what proves it, and its position in our ledger if it stands there.

    Raises NotFound where there is no such event.
    """
    return overview.line(queries.by_id(exhibit), n)


def children(exhibit: UUID) -> list[ExhibitView]:
    """What was made of an exhibit."""
    return overview.children(queries.by_id(exhibit))


def handovers(exhibit: UUID) -> list[HandoverView]:
    """What we handed over of an exhibit, and whether the receiver's event agrees."""
    return queries.handovers(queries.by_id(exhibit))


def restrictions(exhibit: UUID, at: Micros) -> list[RestrictionView]:
    """What stands on the exhibit's bytes, and on those that it was made of."""
    return queries.restrictions(queries.by_id(exhibit), at)


def holds(exhibit: UUID | None = None, *, standing: bool = False) -> list[HoldView]:
    """Legal holds of one exhibit or of all, the one whose review comes first in front."""
    return queries.holds(None if exhibit is None else queries.by_id(exhibit), standing=standing)


def check_handing(actor: Actor, exhibit: UUID, to: Fingerprint, at: Micros) -> None:
    """Raises as `transfer` would for this member, and notes nothing."""
    handing.check_handing(actor, queries.by_id(exhibit), to, at)


def stream(exhibit: UUID) -> Iterator[bytes]:
    """The bytes, each chunk verified before it is given; who takes them has noted why.

    `read` notes that somebody reads them, `transfer` that they are handed over. Raises NotFound
    where they are gone, and what `blobs.stream` raises on the way.
    """
    return blobs.stream(_kept(exhibit).blob)


def chat(exhibit: UUID) -> Chat:
    """The messages of a chat export, as `stream` for who reads them.

    Raises Malformed where it is no export of WhatsApp, Telegram or LINE.
    """
    return chats.of(_kept(exhibit))


def _kept(exhibit: UUID) -> Exhibit:
    row = queries.by_id(exhibit)
    if not row.blob:
        raise NotFound("exhibit_gone", f"Exhibit {row.number} is {row.state}: its bytes are gone")
    return row
