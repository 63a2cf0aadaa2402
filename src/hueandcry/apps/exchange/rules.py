"""What the exchange decides without I/O: positions in a feed, and what a batch document says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from hueandcry.core import tlog
from hueandcry.core.envelopes import MAX_OBJECTS, Part
from hueandcry.core.errors import Malformed, Untrusted
from hueandcry.core.types import Lane, Micros


class Position(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far a reader has got in one lane, and under which terms that was judged.

    When terms widen or an embargo passes, what was hidden before `seq` is replayed: `replay` is
    how far that has got; None when there is nothing to replay. What it replays is judged by the
    terms `under` and the instant `since`, from its first page to its last.
    """

    seq: int = 0
    agreement: str = ""
    at: Micros = 0
    replay: int | None = None
    under: str = ""
    since: Micros = 0

    def text(self) -> str:
        return msgspec.json.encode(self).decode()

    def upto(self, limit: int) -> Position:
        """The same, but not beyond `limit`; a replay from there on is begun again."""
        if self.seq <= limit:
            return self
        return Position(limit, self.agreement, self.at)


class Cursor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an opaque cursor holds: both lanes; `epoch` counts how often the feed was restored."""

    epoch: int
    live: Position
    bulk: Position

    def of(self, lane: Lane) -> Position:
        return self.live if lane is Lane.LIVE else self.bulk


def read_position(text: str) -> Position:
    """The position that `Position.text` wrote."""
    return msgspec.json.decode(text, type=Position)


@dataclass(frozen=True, slots=True)
class BatchBody:
    """What a claimant signed of a batch (PROTOCOL 4)."""

    root: bytes
    count: int
    encoder: int
    lane: Lane

    def value(self) -> dict[str, Any]:
        return {
            "root": self.root.hex(),
            "count": self.count,
            "encoder": self.encoder,
            "lane": self.lane.value,
        }


def read_batch_body(body: Mapping[str, Any]) -> BatchBody:
    """The body of a batch document; raises Malformed."""
    try:
        read = BatchBody(
            bytes.fromhex(body["root"]), body["count"], body["encoder"], Lane(body["lane"])
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Malformed("batch_body", "The batch lacks a member or holds a wrong one") from error
    counts = (read.count, read.encoder)
    if len(body) != 4 or len(read.root) != 32 or any(type(n) is not int for n in counts):
        raise Malformed("batch_body", "The batch has members that nobody knows")
    if not 1 <= read.count <= MAX_OBJECTS:
        raise Malformed("batch_body", f"A batch holds 1 to {MAX_OBJECTS} objects")
    return read


def check_inclusion(part: Part, body: BatchBody, leaves: Sequence[bytes]) -> None:
    """Raises Untrusted unless every line is one that the claimant signed, at its place."""
    if part.ordinals is None or part.paths is None:
        if len(leaves) != body.count or tlog.root(leaves) != body.root:
            raise Untrusted(
                "batch_root",
                "The objects are not those that the claimant signed",
                why="An object was added, left out or changed on the way",
            )
        return
    for leaf, ordinal, path in zip(leaves, part.ordinals, part.paths, strict=True):
        tlog.verify_inclusion(ordinal, body.count, leaf, path, body.root)


def read_retraction_body(body: Mapping[str, Any]) -> tuple[str, list[tuple[bytes, Micros]]]:
    """(reason, [(claim id, modified of the retracted version)]); raises Malformed."""
    claims, reason = body.get("claims"), body.get("reason")
    if not isinstance(claims, list) or not claims or not isinstance(reason, str):
        raise Malformed("retraction_body", "A retraction names claims and a reason")
    if len(claims) > MAX_OBJECTS or len(reason) > 64:
        raise Malformed("retraction_body", f"A retraction names at most {MAX_OBJECTS} claims")
    return reason, [_retracted(each) for each in claims]


def _retracted(item: Any) -> tuple[bytes, Micros]:
    from_hex = isinstance(item, list) and len(item) == 2 and isinstance(item[0], str)
    if not from_hex or type(item[1]) is not int or item[1] < 0 or len(item[0]) != 32:
        raise Malformed("retraction_body", "A retracted claim is its id in hex and its version")
    try:
        return bytes.fromhex(item[0]), item[1]
    except ValueError as error:
        raise Malformed("retraction_body", "A claim's id is 32 hex digits") from error
