"""Asks peers for what waits here, where nobody can call us: documents in order, and the feed.

What a turn took in is confirmed by the next question, and only then the cursor moves for good: a
lost answer, or a life that ended in between, brings the same things again, and they change nothing.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from hueandcry.apps.exchange import queries
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers.face import PeerView
from hueandcry.core import envelopes
from hueandcry.core.envelopes import Part
from hueandcry.core.errors import HueError
from hueandcry.core.polls import LONGEST, MAX_REPLIES, Question, Reply, read_head
from hueandcry.engine import clock
from hueandcry.engine.jobs.loops import Loop
from hueandcry.engine.jobs.vigil import Vigil
from hueandcry.engine.store.work import unit_of_work

log = logging.getLogger("hueandcry.exchange")

#: Seconds that an answer may take beyond what the question waits.
_GRACE = 20.0

#: Seconds: the rest after an answer that came early and empty, and the rests after failures.
_REST = 1.0
_BACK_OFF = (0.25, 60.0)

#: Takes in a document of a peer: our receipt, or None for what is never receipted.
TakeDocument = Callable[[bytes, PeerView], bytes | None]

#: Takes in a part of a peer: our receipt.
TakePart = Callable[[Part, PeerView], bytes]


@dataclass(frozen=True, slots=True)
class _Due:
    """What the next question to a peer says: it is made again from nothing after a restart."""

    cursor: str
    replies: tuple[Reply, ...] = ()


class Asking:
    """Questions to every peer that we call, each in its own time. Any thread may ask."""

    def __init__(self, document: TakeDocument, part: TakePart) -> None:
        self._document, self._part = document, part
        self._lock = threading.Lock()
        self._due: dict[int, _Due] = {}
        self._failures: dict[int, int] = {}

    def loop(self) -> Loop:
        """Keeps a question open to each peer, where this node has no inbound port."""
        vigil = Vigil("poll", self._turn)

        def keep() -> bool:
            vigil.keep([] if members.us().url else peers.called())
            return False

        return Loop("poll", keep, every=1.0, woken=False)

    def now(self) -> bool:
        """Asks each peer here and now, without waiting; True while any may have more."""
        if members.us().url:
            return False
        return any([self._attempt(peer_id, 0)[0] for peer_id in peers.called()])

    def _turn(self, peer_id: int) -> float:
        """One question that waits for its answer; the seconds to rest before the next."""
        began = clock.monotonic()
        more, well = self._attempt(peer_id, LONGEST)
        if not well:
            failures = self._failures[peer_id] = self._failures.get(peer_id, 0) + 1
            return min(_BACK_OFF[0] * 2.0 ** min(failures - 1, 12), _BACK_OFF[1])
        self._failures.pop(peer_id, None)
        return 0.0 if more or clock.monotonic() - began > _REST else _REST

    def _attempt(self, peer_id: int, wait: int) -> tuple[bool, bool]:
        """(whether there may be more, whether all went well)"""
        peer = peers.peer(peer_id)
        went = False

        def step() -> bool:
            nonlocal went
            more, went = self._ask(peer, wait)
            return more

        more = peers.attempt(peer, step)
        return more, went or more

    def _ask(self, peer: PeerView, wait: int) -> tuple[bool, bool]:
        held = queries.pull(peer.id)
        with self._lock:
            due = self._due.get(peer.id) or _Due(held)
        question = Question(due.cursor, due.replies, clock.now(), wait)
        try:
            answer = peers.call(
                peer,
                "POST",
                "/peer/v1/poll",
                body=question.raw(),
                content_type="application/json",
                timeout=wait + _GRACE,
            )
        except peers.PeerRefused as error:
            if error.code != "cursor":
                raise
            # The peer began a new epoch of its feed: what we have is merged when it comes again.
            self._next(peer, "", ())
            return True, True
        # Shown and answered: everything before it is stored here and confirmed there.
        if due.cursor != held:
            with unit_of_work():
                queries.pulled(peer.id, due.cursor, clock.now())
        return self._take(peer, due.cursor, answer.body)

    def _next(self, peer: PeerView, cursor: str, replies: Sequence[Reply]) -> None:
        with self._lock:
            self._due[peer.id] = _Due(cursor, tuple(replies))

    def _take(self, peer: PeerView, cursor: str, body: bytes) -> tuple[bool, bool]:
        """Takes in an answer; what time can change ends it early, and comes again."""
        lines = envelopes.decompress(body).split(b"\n")
        head = read_head(lines[0])
        replies: list[Reply] = []
        documents = all(
            self._reply(replies, _digest(raw), partial(self._document, raw, peer))
            for raw in head.documents
        )
        well = documents and all(
            self._reply(replies, part.digest, partial(self._part, part, peer))
            for part in envelopes.read_lines(lines[1:])
        )
        self._next(peer, head.cursor if well else cursor, replies[:MAX_REPLIES])
        return well and bool(replies or head.more), well

    def _reply(self, replies: list[Reply], about: bytes, take: Callable[[], bytes | None]) -> bool:
        """Takes in one thing and notes what to say to it; False when it must come again."""
        try:
            replies.append(Reply(about, take()))
        except HueError as error:
            log.warning("%s is refused: %s", about.hex(), error)
            replies.append(Reply(about, code=error.code, what=error.what))
            return error.code not in peers.PASSING
        return True


def _digest(raw: bytes) -> bytes:
    return hashlib.sha256(raw).digest()
