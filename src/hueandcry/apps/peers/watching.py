"""Reads the public logs of peers, and holds what they show against what we have seen of them.

A node that cannot be called witnesses in this way as well: it takes the proof out of the tiles, and
hands its cosignature over by a call of its own.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import client, forks, heads, queries, reaching, rules, witnessing
from hueandcry.apps.peers.heads import Head
from hueandcry.apps.peers.models import Doubt, Peer
from hueandcry.core import forks as evidence
from hueandcry.core import notes, tlog
from hueandcry.core import witnessing as asking
from hueandcry.core.errors import Broken, HueError, NotFound
from hueandcry.core.tiles import Tile, TileReader
from hueandcry.core.types import Micros
from hueandcry.engine import clock
from hueandcry.engine.ledger import witnessed
from hueandcry.engine.store.work import unit_of_work

log = logging.getLogger("hueandcry.peers")

COSIGNATURES = "/peer/v1/cosignatures"
CONTENT_TYPE = "text/plain; charset=utf-8"

#: Bytes of a tile at most, and of a checkpoint with many cosignatures.
_TILE = 1 << 14
_NOTE = 1 << 17


@dataclass(frozen=True, slots=True)
class Known:
    """A head of a log with its note, and when we had it; 0: we do not know."""

    note: bytes
    head: Head
    at: Micros = 0


def look(peer_id: int) -> bool:
    """Reads one peer's log and settles what is doubted of it; False: there is no more to do now."""
    peer = queries.peer(peer_id)
    for step in (_served, _doubted):
        try:
            step(peer)
        except HueError as error:
            log.info("the log of %s cannot be judged now: %s", peer.member.name, error)
    return False


def _known(peer: Peer, origin: str) -> list[Known]:
    """The heads that we hold of one log: cosigned by us, and shown in a receipt."""
    row = witnessed.last(origin)
    found = [Known(row.note, heads.of_peer(peer, row.note), row.at)] if row else []
    shown = heads.of_peer(peer, peer.checkpoint) if peer.checkpoint else None
    if shown is not None and shown.origin == origin:
        found.append(Known(bytes(peer.checkpoint or b""), shown))
    return found


def _largest(known: list[Known]) -> Known | None:
    return max(known, key=lambda each: (each.head.size, each.at), default=None)


# --- what the log shows to everybody --------------------------------------------------------------


def _served(peer: Peer) -> None:
    """Holds the head that the log shows now against all that we have seen of it before."""
    if not peer.url:
        return
    origin = _newest_origin(peer)
    before = _known(peer, origin)  # as it was before we asked: the log may go on meanwhile
    now = _shown(peer, origin)
    largest = _largest(before)
    if largest is not None and now.head.size < largest.head.size:
        _shorter(peer, now, largest)
        return
    if not any([_settled(peer, known, now) for known in before]) and not members.us().url:
        _cosign(peer, now)


def _shown(peer: Peer, origin: str) -> Known:
    note = _get(peer, f"/log/{origin.rpartition('/')[2]}/checkpoint", _NOTE)
    head = heads.of_peer(peer, note)
    if head.origin != origin:
        raise Broken("other_log", f"{peer.member.name} shows {head.origin} for {origin}")
    return Known(note, head, clock.now())


def _shorter(peer: Peer, now: Known, largest: Known) -> None:
    """The log shows less than it had: rolled back, if its member says so to our own call.

    What a log shows to everybody is not bound to who asked when: anybody in between may show an
    older head again, and must not be able to accuse its member thereby.
    """
    said = _said(peer)
    if said.head.epoch == now.head.epoch and said.head.size < largest.head.size:
        _tell(evidence.Fork(said.head.origin, evidence.ROLLBACK, said.note, largest.note))
        return
    with unit_of_work():
        heads.doubt(peer, now.head, now.note, 0)


def _said(peer: Peer) -> Known:
    """The newest head of its log as a peer says in a signed answer to this very call."""
    note = heads.stated(client.call(peer, "GET", reaching.HELLO).body)
    return Known(note, heads.of_peer(peer, note), clock.now())


def _newest_origin(peer: Peer) -> str:
    """The log that the peer keeps now, as far as we know: opened by its newest succession."""
    name = heads.log_name(peer)
    opened = heads.epochs_opened(peer)
    known = heads.of_peer(peer, peer.checkpoint).epoch if peer.checkpoint else 0
    return f"{name}/log/{max([known, *opened])}"


def _get(peer: Peer, path: str, most: int) -> bytes:
    answer = client.egress().request("GET", peer.url + path, {}, None, max_bytes=most)
    if answer.status != 200:
        raise NotFound("log", f"{peer.member.name} shows no {path}: {answer.status}")
    return answer.body


def _reader(peer: Peer, head: Head) -> TileReader:
    """The log's public tiles; raises Broken unless they lead to the root that it has signed."""

    def fetch(tile: Tile) -> bytes:
        return _get(peer, f"/log/{head.epoch}/{tile.path}", _TILE)

    read = TileReader(head.size, fetch)
    if tlog.tree_root(head.size, read) != head.root:
        raise Broken("tiles", f"The tiles of {head.origin} do not lead to its head of {head.size}")
    return read


def _compared(peer: Peer, one: Known, other: Known) -> evidence.Fork | None:
    """The fork that two heads of one log amount to by the log's own tiles; None: one continues."""
    small, large = sorted((one, other), key=lambda known: known.head.size)
    root, proof = b"", list[bytes]()
    if 0 < small.head.size < large.head.size:
        read = _reader(peer, large.head)
        root = tlog.tree_root(small.head.size, read)
        proof = tlog.consistency_proof(small.head.size, large.head.size, read)
    elif small.head.size < large.head.size:
        return None  # every log goes on from an empty one
    pair = [(known.note, known.head.checkpoint) for known in (small, large)]
    return evidence.compare(pair[0], pair[1], root, proof)


def _settled(peer: Peer, one: Known, other: Known) -> bool:
    """Tells of the fork that two heads amount to; whether they do."""
    if one.head == other.head:
        return False
    fork = _compared(peer, one, other)
    if fork is not None:
        _tell(fork)
    return fork is not None


def _tell(fork: evidence.Fork) -> None:
    with unit_of_work():
        forks.found(fork, clock.now())


# --- what is doubted ------------------------------------------------------------------------------


def _doubted(peer: Peer) -> None:
    at = clock.now()
    for row in Doubt.objects.filter(peer=peer, due_at__lte=at):
        try:
            _settle(peer, row)
        except HueError as error:
            retry = rules.retry_at(at, row.tries + 1)
            with unit_of_work():
                rows = Doubt.objects.filter(pk=row.pk, tries=row.tries)
                rows.update(tries=row.tries + 1, due_at=retry, said=str(error)[:300])


def _settle(peer: Peer, row: Doubt) -> None:
    """Decides a doubt for good, or raises what it still lacks."""
    now = Known(row.note, heads.of_peer(peer, row.note), row.dated)
    held = _largest(_known(peer, row.origin))
    ended = now.head.epoch < max(heads.epochs_opened(peer), default=0)
    if held is not None and now.head != held.head and not ended:
        fork = _fallen(now, held) or _compared(peer, now, held)
        if fork is not None:
            _tell(fork)
    with unit_of_work():
        Doubt.objects.filter(pk=row.pk).delete()


def _fallen(now: Known, held: Known) -> evidence.Fork | None:
    """A roll-back: its member dated a receipt with the smaller head long after we had the larger.

    As long as a clock may be off: what is younger may only have been overtaken on its way.
    """
    if not held.at or now.at <= held.at + rules.AHEAD or now.head.size >= held.head.size:
        return None
    return evidence.Fork(now.head.origin, evidence.ROLLBACK, now.note, held.note)


# --- a witness that cannot be called --------------------------------------------------------------


def _cosign(peer: Peer, now: Known) -> None:
    """Cosigns what the log shows, on its own tiles as proof, and hands the cosignature over."""
    name = asking.witness_key(members.us().fingerprint, bytes(32)).name
    if any(each.name == name for each in notes.parse_note(now.note).signatures):
        return  # it has ours
    held = witnessed.last(now.head.origin)
    old = held.size if held else 0
    proof = _proof(peer, old, now.head)
    submission = asking.Submission(old, proof, now.note)
    with unit_of_work():
        line = witnessing.add_checkpoint(submission.encode(), clock.now())
    client.call(peer, "POST", COSIGNATURES, body=now.note + line, content_type=CONTENT_TYPE)


def _proof(peer: Peer, old: int, head: Head) -> tuple[bytes, ...]:
    if not 0 < old < head.size:
        return ()
    return tuple(tlog.consistency_proof(old, head.size, _reader(peer, head)))
