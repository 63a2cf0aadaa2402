"""What the post office decides: who may address whom, what a proposal amounts to. No I/O."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hueandcry.core.errors import Conflict, Malformed, NotPermitted, Untrusted
from hueandcry.core.jws import EVERYBODY, Document
from hueandcry.core.sharing import Reason, Terms, differences, narrower_or_equal, read_terms
from hueandcry.core.types import DAY, SECOND, Fingerprint, Micros

#: Document types that may be for everybody, and so passed on (PROTOCOL 3).
DIRECTORY = frozenset({"charter", "admission", "suspension", "reinstatement", "expulsion"})
PASSED_ON = DIRECTORY | {
    *("batch", "retraction", "revocation", "fork", "succession", "card", "seat"),
}
#: Those that come as documents of their own, from whoever holds them.
HANDED_ON = DIRECTORY | {"fork", "seat"}

#: A document or object from further ahead than this is refused (PROTOCOL 3).
AHEAD: Micros = 300 * SECOND

#: The most that a peer's clock is corrected for (PROTOCOL 2).
OFFSET_CAP: Micros = DAY

#: Seconds between two tries to reach a peer: doubled from the first to the last.
BACK_OFF = (0.25, 60.0)


class Proposal(StrEnum):
    """What to do with terms that a peer has signed."""

    COUNTERSIGN = "countersign"
    IN_FORCE = "in_force"  # we had signed the same terms already
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Answer:
    """The decision on a proposal, with what it gives beyond our own terms."""

    proposal: Proposal
    reasons: tuple[Reason, ...] = ()


def way_to(theirs: str, ours: str, *, by_file: bool) -> str:
    """How what waits gets to a peer at `theirs` (empty: no port), from us at `ours`: a Peer.Way."""
    if by_file:
        return "file"
    if not theirs and not ours:
        raise no_line()
    return "call" if theirs else "poll"


def no_line() -> Conflict:
    """Between two nodes of which neither can be called."""
    return Conflict(
        "no_line",
        "Neither this node nor the other one has an inbound port",
        why="One of two peers must be able to call the other",
        do="Let both become peers of a third node that has a port, which passes on what may go "
        "onward; or carry files: `hueandcry peer add CARD_FILE --by-file`",
    )


def check_document(document: Document, us: Fingerprint, at: Micros) -> None:
    """Raises unless the document is for us, or for everybody, and not from the future."""
    if document.v != 1:
        raise Malformed(
            "unknown_version",
            f"The document has version {document.v}, and we know version 1",
            do="Send version 1, or update this node",
        )
    if document.exercise:
        raise NotPermitted("exercise", "An exercise is refused by a node in production")
    if document.aud == EVERYBODY and document.type not in PASSED_ON:
        raise Untrusted("audience", f"A {document.type} names the one member that it is for")
    if document.aud not in (EVERYBODY, us):
        raise Untrusted("audience", "The document is for another member")
    if document.iat > at + AHEAD:
        raise Untrusted("future", "The document is dated more than five minutes ahead of our clock")


def read_agreement_body(body: Mapping[str, Any]) -> tuple[bytes, Terms]:
    """The terms' exact bytes and what they say, from `body.terms` in base64url; Malformed."""
    text = body.get("terms")
    if not isinstance(text, str) or set(body) != {"terms"}:
        raise Malformed("agreement_body", "An agreement's body is `terms` and nothing else")
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise Malformed("agreement_body", "The terms are not base64url") from error
    return raw, read_terms(raw)


def agreement_body(terms: bytes) -> dict[str, str]:
    """The body by which one side signs `terms`, byte-identical on both sides."""
    return {"terms": base64.urlsafe_b64encode(terms).rstrip(b"=").decode()}


def answer_proposal(
    proposed: Terms, *, wanted: Terms, in_force: Terms | None, signed_by_us: bool
) -> Answer:
    """What to do with terms that the other side signed (PROTOCOL 3, agreement).

    Widening needs both; either alone narrows or suspends at once; lower serials are refused.
    """
    if signed_by_us:
        return Answer(Proposal.IN_FORCE)
    if in_force is not None:
        if proposed.serial <= in_force.serial:
            return Answer(Proposal.REFUSE, (Reason("stale_serial"),))
        if narrower_or_equal(proposed, in_force):
            return Answer(Proposal.COUNTERSIGN)
    beyond = differences(proposed, wanted)
    return Answer(Proposal.REFUSE, beyond) if beyond else Answer(Proposal.COUNTERSIGN)


def digest_of(data: bytes) -> bytes:
    """SHA-256, 32 bytes."""
    return hashlib.sha256(data).digest()


def retry_at(at: Micros, failures: int) -> Micros:
    """When to try again after `failures` failures in a row."""
    seconds = min(BACK_OFF[0] * 2 ** min(failures - 1, 12), BACK_OFF[1])
    return at + int(seconds * SECOND)
