"""This node as a witness of its peers' logs (C2SP tlog-witness): checks, keeps, then answers."""

from __future__ import annotations

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import forks, heads, queries
from hueandcry.apps.peers.heads import Head
from hueandcry.apps.peers.models import Peer
from hueandcry.core import forks as evidence
from hueandcry.core import notes, tlog
from hueandcry.core import witnessing as rules
from hueandcry.core.errors import HueError, NotFound, NotPermitted
from hueandcry.core.types import SECOND, Micros
from hueandcry.core.witnessing import SizeDiffers, Submission
from hueandcry.engine.keys.own import own
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.ledger import restored, witnessed
from hueandcry.engine.ledger.models import Witnessed

#: Refusals after which the submitted head is held against what we know of that log.
DOUBTFUL = frozenset({"proof", "tree_size"})


def add_checkpoint(raw: bytes, at: Micros) -> bytes:
    """Our cosignature line under a submitted checkpoint, kept in the caller's transaction.

    It may be answered once that is durable. Raises NotFound for a log that we do not know or that
    has been succeeded, NotPermitted where nobody trusted signed it, the log forked or we may not
    witness, Malformed, SizeDiffers, and Untrusted with code `proof`.
    """
    submitted = rules.read_submission(raw)
    peer = _whose(submitted.checkpoint.origin)
    head = _signed(peer, submitted.note, at)
    if forks.refused(head.origin):
        raise NotPermitted(
            "forked",
            f"The log {head.origin} has shown two histories",
            why="It is not cosigned until the people of this node have seen to it",
        )
    held = witnessed.last(head.origin)
    stands = (held.size, held.root) if held else (0, tlog.EMPTY_ROOT)
    rules.check(submitted, head.checkpoint, *stands)
    key, key_id = _key()
    if held is not None and held.size == head.size and _is_by(held, key):
        return bytes(held.line)  # asked again: the answer was lost, and is the same
    text = head.checkpoint.text
    line = notes.cosign(text, key, at // SECOND, lambda said: own().sign("witness", said, key_id))
    if not witnessed.keep(held, head.checkpoint, submitted.note, line.line.encode(), at):
        now = witnessed.last(head.origin)
        raise SizeDiffers(now.size if now else 0)
    return line.line.encode()


def _whose(origin: str) -> Peer:
    """The peer whose log this is, in the newest of its epochs that something opened."""
    name, _, epoch = origin.rpartition("/log/")
    owner = members.whose_log(name)
    peer = queries.peer_of(owner.fingerprint) if owner else None
    if peer is None or not epoch.isdecimal() or str(int(epoch)) != epoch:
        raise _unknown(origin, "No peer of ours keeps it")
    newest = max(ledger.foreign_epochs(f"{name}/log"), default=None)
    if newest is not None and int(epoch) < newest:
        raise _unknown(origin, "Another epoch has succeeded it")
    if newest is not None and int(epoch) > newest and not heads.opened(peer, origin):
        raise _unknown(origin, "No succession that we hold opened it")
    return peer


def _unknown(origin: str, why: str) -> NotFound:
    return NotFound("unknown_log", f"{origin[:120]} is no log that is witnessed here", why=why)


def _signed(peer: Peer, note: bytes, at: Micros) -> Head:
    """The head, when a `log` key signed it that stands now; raises NotPermitted."""
    keys = members.keys_of(peer.member.fingerprint.hex(), "log")
    standing = [key.public for key in keys if _stands(key, at)]
    try:
        return heads.read(note, heads.log_name(peer), standing, peer.member.name)
    except HueError as error:
        raise NotPermitted("unsigned", "No trusted key has signed this", why=str(error)) from None


def _stands(key: members.KeyView, at: Micros) -> bool:
    return members.stands(
        valid_from=key.valid_from,
        valid_to=key.valid_to,
        compromised_since=key.compromised_since,
        at=at,
    )


def _key() -> tuple[notes.VerifierKey, str]:
    """Our witness key and its id; raises NotPermitted with one that is older than a restore.

    What it had cosigned between the backup and the loss is forgotten: it could be led to cosign a
    second history. A new key has cosigned nothing.
    """
    key_id = members.signing_key("witness")
    us = members.us().fingerprint
    found = next(key for key in members.own_keys() if key.key_id == key_id)
    if found.valid_from <= restored.restored_at():
        raise NotPermitted(
            "witness_restored",
            "This witness came out of a backup, and has forgotten what it cosigned last",
            do="Here: `hueandcry keys renew --purpose witness` with the root folder present",
        )
    return rules.witness_key(us, own().public("witness", key_id)), key_id


def _is_by(held: Witnessed, key: notes.VerifierKey) -> bool:
    (line,) = rules.read_lines(held.line)
    return line.key_id == key.id


# --- what does not go with what we hold -----------------------------------------------------------


def suspect(raw: bytes, at: Micros) -> None:
    """Weighs a refused submission: a fork that it shows by itself is told, else it is doubted."""
    submitted = rules.read_submission(raw)
    peer = _whose(submitted.checkpoint.origin)
    head = _signed(peer, submitted.note, at)
    held = witnessed.last(head.origin)
    if held is None or head.size > held.size != submitted.old:
        return  # it did not know where we stand, which is no offence
    if head.size == held.size and head.root == held.root:
        return  # our answer was lost
    shown = _shown(submitted, head, held)
    if shown is not None:
        forks.found(shown, at)
    else:
        heads.doubt(peer, head, submitted.note, 0)


def _shown(submitted: Submission, head: Head, held: Witnessed) -> evidence.Fork | None:
    """The fork that a submission shows by itself: of the same size, or by its own proof."""
    if head.size < held.size:
        return None
    root, proof = b"", submitted.proof
    if head.size > held.size:
        try:
            root = tlog.earlier_root(held.size, head.size, head.root, proof)
        except HueError:
            return None
    old = notes.Checkpoint(head.origin, held.size, held.root)
    return evidence.compare((held.note, old), (submitted.note, head.checkpoint), root, proof)
