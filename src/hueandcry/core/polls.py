"""What a poll says and what it is answered: calls turned round (PROTOCOL 2).

A member without an inbound port asks for what its peer would else push to it, and says in its next
question what it would else have answered. Files carry the same replies.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from hueandcry.core import jcs
from hueandcry.core.errors import Malformed
from hueandcry.core.times import read_time, time_text
from hueandcry.core.types import Micros

LONGEST = 25  #: seconds that a poll may wait: shorter than proxies let an idle request live
MAX_REPLIES = 8_192
MAX_QUESTION = 16 * 1024 * 1024  #: bytes
MAX_HEAD = 12 * 1024 * 1024  #: bytes of an answer's first line, which holds documents

_DIGEST = re.compile(r"[0-9a-f]{64}")
_REPLY = {"about", "receipt", "code", "what"}


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of one document or part, named by digest: receipted, taken in, or refused.

    A receipt, a card or a revocation is taken in without a receipt; `code` is that of a refusal.
    """

    about: bytes
    receipt: bytes | None = None
    code: str = ""
    what: str = ""

    def value(self) -> dict[str, str]:
        """As it stands in JSON."""
        said = {"about": self.about.hex(), "code": self.code, "what": self.what}
        said["receipt"] = self.receipt.decode() if self.receipt else ""
        return {name: text for name, text in said.items() if text}


@dataclass(frozen=True, slots=True)
class Question:
    """One poll: how far the reader is, what it says to what it was handed, how long it waits."""

    cursor: str
    replies: tuple[Reply, ...]
    now: Micros
    wait: int

    def raw(self) -> bytes:
        return jcs.canonical(
            {
                "cursor": self.cursor,
                "now": time_text(self.now),
                "replies": [each.value() for each in self.replies],
                "wait": self.wait,
            }
        )


@dataclass(frozen=True, slots=True)
class Head:
    """The first line of the answer: the next cursor, documents in order, and whether more waits."""

    cursor: str
    more: bool
    documents: tuple[bytes, ...]

    def line(self) -> bytes:
        return jcs.canonical(
            {
                "cursor": self.cursor,
                "documents": [each.decode() for each in self.documents],
                "more": self.more,
            }
        )


def read_question(raw: bytes) -> Question:
    """The question in the body of a poll; raises Malformed or TooLarge."""
    value = jcs.parse(raw, max_bytes=MAX_QUESTION)
    if not isinstance(value, dict) or value.keys() != {"cursor", "now", "replies", "wait"}:
        raise Malformed("poll", "A poll says cursor, now, replies and wait, and nothing else")
    wait, cursor, now = value["wait"], value["cursor"], value["now"]
    if type(wait) is not int or not 0 <= wait <= LONGEST:
        raise Malformed("poll", f"A poll waits 0 to {LONGEST} seconds")
    if not isinstance(cursor, str) or not isinstance(now, str):
        raise Malformed("poll", "Cursor and time of a poll are text")
    return Question(cursor, read_replies(value["replies"]), read_time(now), wait)


def read_head(line: bytes) -> Head:
    """The first line of the answer to a poll; raises Malformed."""
    value = jcs.parse(line, max_bytes=MAX_HEAD)
    if not isinstance(value, dict) or value.keys() != {"cursor", "documents", "more"}:
        raise Malformed("poll", "The answer to a poll begins with cursor, documents and more")
    cursor, documents, more = value["cursor"], value["documents"], value["more"]
    if not isinstance(cursor, str) or type(more) is not bool or not _texts(documents):
        raise Malformed("poll", "The answer to a poll has a member of the wrong type")
    return Head(cursor, more, tuple(text.encode() for text in documents))


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def read_replies(found: object, *, most: int | None = MAX_REPLIES) -> tuple[Reply, ...]:
    """Replies from JSON, at most so many; raises Malformed."""
    if not isinstance(found, list) or (most is not None and len(found) > most):
        raise Malformed("replies", f"There are at most {most} replies, in a list")
    return tuple(_reply(each) for each in found)


def _reply(value: Any) -> Reply:
    if not isinstance(value, dict) or not value.keys() <= _REPLY or not _texts([*value.values()]):
        raise Malformed("replies", "A reply names what it is about, and a receipt or a refusal")
    about, receipt = value.get("about", ""), value.get("receipt", "")
    if not _DIGEST.fullmatch(about) or (receipt and "code" in value):
        raise Malformed("replies", "A reply is about one digest, and receipts it or refuses it")
    return Reply(
        bytes.fromhex(about), receipt.encode() or None, value.get("code", "")[:64],
        value.get("what", "")[:300],
    )  # fmt: skip


def values(replies: Iterable[Reply]) -> Sequence[dict[str, str]]:
    """Replies as they stand in JSON."""
    return [each.value() for each in replies]
