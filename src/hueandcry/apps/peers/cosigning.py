"""Has our heads cosigned by our witnesses: asks those that can be called, hears those that ask us.

The steps with one witness: what it had cosigned last as far as we know, the proof from there to our
newest head, and where it knows otherwise, once more from where it stands.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Final

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import client, forks, heads, queries, rules
from hueandcry.apps.peers.models import Peer, Witness
from hueandcry.apps.peers.views import PeerView
from hueandcry.core import forks as evidence
from hueandcry.core import jcs, notes
from hueandcry.core import witnessing as asking
from hueandcry.core.errors import Conflict, HueError, Untrusted
from hueandcry.core.types import SECOND, Fingerprint, Micros
from hueandcry.core.witnessing import SizeDiffers, Submission
from hueandcry.engine import clock
from hueandcry.engine.keys import ed25519
from hueandcry.engine.keys.own import own
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.ledger import reading
from hueandcry.engine.ledger.publisher import LogSigner
from hueandcry.engine.policy import face as policy
from hueandcry.engine.store.work import unit_of_work

log = logging.getLogger("hueandcry.peers")

ADD_CHECKPOINT = "/witness/v1/add-checkpoint"
CONTENT_TYPE = "text/plain; charset=utf-8"
MOST = 7  #: witnesses of one log (PROTOCOL 5)

LISTED: Final = policy.declare(
    policy.Setting(
        "ledger.witnesses",
        tuple,
        (),
        "fingerprints of the peers that witness our ledger; none: the first seven peers",
    )
)


@dataclass(frozen=True, slots=True)
class WitnessView:
    """One of our listed witnesses, and how far it has cosigned our newest epoch."""

    peer: int
    name: str
    fingerprint: Fingerprint
    size: int  #: entries that it has cosigned; 0: none yet
    failures: int
    due_at: Micros
    said: str  #: why not, the last time


def listed() -> list[Peer]:
    """Our witnesses, at most seven: those that policy lists, or the first peers that were added."""
    wanted = policy.items(LISTED.name)
    found = queries.peers()
    if wanted:
        found = [peer for peer in found if peer.member.fingerprint.hex() in wanted]
    return found[:MOST]


def quorum() -> int:
    """How many of them are more than half; 0: there are none."""
    count = len(listed())
    return count // 2 + 1 if count else 0


def cosigned_covering(index: int) -> ledger.SignedHead | None:
    """The earliest head over an entry that a quorum of our witnesses has cosigned, with that."""
    return ledger.cosigned_covering(index, _who(), quorum())


def newest_cosigned(epoch: int | None = None) -> ledger.SignedHead | None:
    """The newest of our heads, of one epoch or of all, that a quorum has cosigned."""
    return ledger.newest_with(_who(), quorum(), epoch)


def head_to_stamp() -> tuple[str, bytes] | None:
    """(name, note) of the head that a time-stamp is to cover; None before there is one.

    The newest that a quorum has cosigned; without witnesses the newest that is signed.
    """
    head = newest_cosigned() if quorum() else ledger.newest()
    if head is None or ledger.restoring():
        return None
    origin = head.note.partition(b"\n")[0].decode()
    return f"{origin} {head.size}", head.note


def _who() -> list[Fingerprint]:
    return [peer.member.fingerprint.hex() for peer in listed()]


def witnesses() -> list[WitnessView]:
    """Each listed witness, and how it goes with it."""
    states = {row.peer_id: row for row in Witness.objects.all()}
    return [_view(peer, states.get(peer.pk)) for peer in listed()]


def _view(peer: Peer, state: Witness | None) -> WitnessView:
    who = peer.member.fingerprint.hex()
    size = ledger.cosigned_size(who, ledger.epoch())
    failures, due_at, said = (state.failures, state.due_at, state.said) if state else (0, 0, "")
    return WitnessView(peer.pk, peer.member.name, who, size, failures, due_at, said)


def listed_keys() -> list[tuple[str, str]]:
    """(name, vkey) of every key under which our listed witnesses may cosign: for a policy."""
    return [
        (peer.member.name, asking.witness_key(who, key.public).vkey)
        for peer in listed()
        for who in [peer.member.fingerprint.hex()]
        for key in members.keys_of(who, "witness")
    ]


def log_signer() -> LogSigner:
    """Who signs our log's heads: the newest `log` key."""
    keyring, key_id = own(), members.signing_key("log")
    return LogSigner(
        members.own_log(),
        keyring.public("log", key_id),
        lambda text: keyring.sign("log", text, key_id),
    )


# --- asking ---------------------------------------------------------------------------------------


def due() -> list[int]:
    """The witnesses that can be called now and have not cosigned our newest head."""
    head = ledger.newest()
    if head is None or not head.size or ledger.restoring():
        return []
    at = clock.now()
    waiting = set(Witness.objects.filter(due_at__gt=at).values_list("peer_id", flat=True))
    given = {each.witness for each in ledger.cosigners(head)}
    return [
        peer.pk
        for peer in listed()
        if peer.way == Peer.Way.CALL and peer.member.fingerprint.hex() not in given
        if peer.pk not in waiting and peer.retry_at <= at
    ]


def ask(peer_id: int) -> bool:
    """Has our newest head cosigned by one witness; what went wrong is kept. False: done for now."""
    peer = queries.peer(peer_id)
    head = ledger.newest()
    if head is None or head.size == 0:
        return False
    try:
        _ask(peer, head)
    except HueError as error:
        _failed(peer, error)
    return False


def _ask(peer: Peer, head: ledger.SignedHead) -> None:
    who = peer.member.fingerprint.hex()
    old = ledger.cosigned_size(who, head.epoch)
    try:
        lines = _submit(peer, head, min(old, head.size))
    except SizeDiffers as differs:
        lines = _again(peer, head, differs.size)
    with unit_of_work():
        take(peer, head, lines, clock.now())
        Witness.objects.filter(peer=peer).delete()


def _again(peer: Peer, head: ledger.SignedHead, size: int) -> bytes:
    """Asks once more from where the witness says that it stands, where our log goes so far.

    Raises Conflict where it stands beyond that, or on another head of the same size.
    """
    if size <= head.size:
        try:
            return _submit(peer, head, size)
        except SizeDiffers as differs:
            if differs.size < head.size:
                raise
    _compare(peer, head)
    raise Conflict(
        "rolled_back",
        f"{peer.member.name} has cosigned {size} entries of our log otherwise than it is here",
        why="This node does not hold what it once signed",
        do="Stop it and restore the newest backup: `hueandcry restore`",
    )


def _submit(peer: Peer, head: ledger.SignedHead, old: int) -> bytes:
    proof = ledger.consistency(old, head.size, head.epoch) if old else []
    body = Submission(old, tuple(proof), _plain(head)).encode()
    headers = {"Content-Type": CONTENT_TYPE}
    answer = client.egress().request(
        "POST", peer.url + ADD_CHECKPOINT, headers, body, max_bytes=asking.MAX_REQUEST
    )
    if answer.status == 409:
        raise SizeDiffers(_size(answer.body))
    if answer.status != 200:
        raise _said_no(answer.status, answer.body)
    return answer.body


def _plain(head: ledger.SignedHead) -> bytes:
    """The note under the log's own signature alone."""
    note = notes.parse_note(head.note)
    return notes.Note(note.text, note.signatures[:1]).encode()


def _size(body: bytes) -> int:
    text = body.decode("ascii", "replace").removesuffix("\n")
    return notes.read_decimal(text, "tree_size")


def _said_no(status: int, body: bytes) -> HueError:
    try:
        said = jcs.parse(body, max_bytes=asking.MAX_REQUEST)
        code, what = str(said["code"])[:64], str(said["what"])[:200]
    except (HueError, TypeError, KeyError):
        code, what = "refused", "it says no more"
    return Conflict(code, f"The witness answered {status}: {what}")


def _failed(peer: Peer, error: HueError) -> None:
    at = clock.now()
    with unit_of_work():
        row, _ = Witness.objects.get_or_create(peer=peer)
        failures = row.failures + 1
        later = rules.retry_at(at, failures + _PATIENCE)
        rows = Witness.objects.filter(pk=row.pk, failures=row.failures)
        rows.update(failures=failures, due_at=later, said=str(error)[:300])


#: Doublings of the shortest pause that a first failure waits: it is not urgent.
_PATIENCE = 2


def _compare(peer: Peer, head: ledger.SignedHead) -> None:
    """Alarms our own people where a witness shows, signed by our own key, what is not here."""
    note = _seen_by(peer)
    us = members.us()
    name = members.own_log()
    held = heads.read(note, name, members.log_keys(us.fingerprint), us.name)
    ours = heads.read(_plain(head), name, members.log_keys(us.fingerprint), us.name)
    if held.epoch != ours.epoch or held.size < ours.size or held == ours:
        return
    kind = evidence.CONTRADICTION if held.size == ours.size else evidence.ROLLBACK
    with unit_of_work():
        forks.noticed(evidence.Fork(ours.origin, kind, _plain(head), note), clock.now())


def _seen_by(peer: Peer) -> bytes:
    """The newest head of ours that a peer holds, as it answers a node that was restored."""
    return heads.stated(client.call(peer, "GET", "/peer/v1/seen").body)


# --- what a witness gives -------------------------------------------------------------------------


def take(peer: Peer, head: ledger.SignedHead, lines: bytes, at: Micros) -> int:
    """Keeps the cosignatures of one witness under a head of ours; how many are new.

    Lines of other keys are passed over (C2SP tlog-witness). Raises Untrusted when none is by the
    witness, under a key that stood when it says that it signed.
    """
    who = peer.member.fingerprint.hex()
    named = members.keys_of(who, "witness")
    keys = {asking.witness_key(who, key.public): key for key in named}
    note = notes.open_note(_plain(head) + lines, keys, ed25519.verify)
    standing = [each for each in note.signatures if _stands(each, keys, at)]
    if not standing:
        raise Untrusted("key_not_valid", f"The key of the witness {peer.member.name} has ended")
    return sum(
        ledger.add_cosignature(head, who, each.line.encode(), each.time) for each in standing
    )


def _stands(
    line: notes.Signature, keys: dict[notes.VerifierKey, members.KeyView], at: Micros
) -> bool:
    key = next(view for name, view in keys.items() if name.id == line.key_id)
    when = line.time * SECOND
    return when <= at + rules.AHEAD and members.stands(
        # It states whole seconds: a key that begins within one has begun.
        valid_from=key.valid_from // SECOND * SECOND,
        valid_to=key.valid_to,
        compromised_since=key.compromised_since,
        at=when,
    )


def hear(caller: PeerView, raw: bytes, at: Micros) -> int:
    """Takes in what a witness that we cannot call has cosigned; how many lines are new.

    Raises Untrusted for another log's head, Conflict for one that we never decided.
    """
    us = members.us()
    name = members.own_log()
    head = heads.read(raw, name, members.log_keys(us.fingerprint), us.name)
    ours = reading.head_of(head.size, head.epoch)
    if ours is None or ours.note is None or ours.root != head.root:
        raise Conflict("other_head", f"We have not signed this head of {head.size} entries")
    note = notes.parse_note(raw)
    mine = ledger.SignedHead(head.size, head.root, ours.note, head.epoch, ours.end - head.size)
    return take(
        queries.peer(caller.id), mine, b"".join(each.line.encode() for each in note.signatures), at
    )
