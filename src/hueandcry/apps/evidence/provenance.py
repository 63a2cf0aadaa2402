"""The proofs that go with a package: every entry in its log, each state of a log in the last one.

They are gathered anew for each copy that is built: more witnesses may have signed since.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from hueandcry.apps.evidence.views import Line
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.core import notes, packages
from hueandcry.core.errors import Conflict, TooMany
from hueandcry.core.notes import Checkpoint, ProofFile
from hueandcry.core.packages import Consistency, Opening
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.stamps import face as stamps


@dataclass(frozen=True, slots=True)
class Entry:
    """A custody line of a package, and whether it is the last of its exhibit's custody."""

    line: Line
    last: bool


def covering(position: int) -> ledger.SignedHead:
    """The earliest head over an entry of ours that our witnesses cosigned; raises TooMany.

    Without any witness listed it is the earliest that we signed.
    """
    listed = peers.quorum() > 0
    head = peers.cosigned_covering(position) if listed else ledger.checkpoint_covering(position)
    if head is None:
        waited = "cosigned by enough witnesses" if listed else "published"
        raise TooMany(
            "not_published",
            f"The ledger is not {waited} yet up to this package",
            do="Let the node run, and build the package again in a moment",
        )
    return head


def same(head: ledger.SignedHead, note: bytes) -> ledger.SignedHead:
    """A head with the signatures of an earlier note over it; itself where that is over another."""
    said = notes.parse_note(note).text
    return replace(head, note=note) if notes.parse_note(head.note).text == said else head


def files(
    statement: tuple[bytes, bytes, int],
    last: ledger.SignedHead,
    entries: Sequence[Entry],
    earlier: Sequence[Consistency],
) -> dict[str, bytes]:
    """Path → bytes of the proofs, of `statement` (record, salt, position) and of every line.

    `last` is the head over the statement that all heads of ours are led to; `earlier` are proofs
    about logs of earlier holders, which came with their packages. Raises TooMany until all is
    published, Conflict (`mixed_history`) where histories cannot be tied together.
    """
    record, salt, position = statement
    states = _States()
    proof = _proof(position, last, Opening(record, salt).encode())
    states.add(last.note)
    found = {
        packages.STATEMENT_PROOF: proof.encode(),
        packages.CHECKPOINT: last.note,
    }
    for number, entry in enumerate(entries):
        data = entry.line.proof or _of_ours(entry, last).encode()
        states.add(notes.parse_proof(data).checkpoint)
        found[packages.custody_proof(number)] = data
    tied = [each for origin in states.sizes for each in states.tied(origin, earlier)]
    found[packages.CONSISTENCY] = packages.consistency(tied)
    return found


def stamped(note: bytes) -> dict[str, bytes]:
    """Path → bytes of the time-stamps that are held of a head, the earliest first."""
    found = {}
    chains = []
    for number, each in enumerate(stamps.held(hashlib.sha256(note).digest())):
        stem, _, ending = packages.STAMP.rpartition(".")
        path = packages.STAMP if number == 0 else f"{stem}-{number}.{ending}"
        found[path] = each.reply or b""
        chains.append(each.chain)
    chain = b"".join(dict.fromkeys(chains))
    return {**found, packages.STAMP_CHAIN: chain} if chain else found


def _of_ours(entry: Entry, last: ledger.SignedHead) -> ProofFile:
    """The proof of a line of ours under the earliest head that covers it.

    The hand-over itself, which ends a custody, is proved under the head over the package: whoever
    hands the exhibit on can then tie all our heads together by what came with it.
    """
    number = int(entry.line.origin.rpartition("/")[2])
    first = next(span.first for span in ledger.spans() if span.number == number)
    position = first + entry.line.index
    head = last if entry.last and number == last.epoch else covering(position)
    return _proof(position, head)


def _proof(position: int, head: ledger.SignedHead, extra: bytes = b"") -> ProofFile:
    hashes = ledger.proof(position, head.size, head.epoch)
    return ProofFile(position - head.first, hashes, head.note, extra)


@dataclass(slots=True)
class _States:
    """The heads in the proofs: the sizes of each log's."""

    sizes: dict[str, set[int]] = field(default_factory=dict)

    def add(self, note: bytes) -> None:
        head = Checkpoint.read(notes.parse_note(note).text)
        self.sizes.setdefault(head.origin, set()).add(head.size)

    def tied(self, origin: str, earlier: Sequence[Consistency]) -> list[Consistency]:
        """A proof from each smaller head of a log to the largest."""
        *smaller, newest = sorted(self.sizes[origin])
        given = {(e.origin, e.old, e.new): e for e in earlier}
        epoch = _own_epochs().get(origin)
        return [_tie(origin, old, newest, epoch, given) for old in smaller]


def _own_epochs() -> dict[str, int]:
    """Origin → number of the epochs of our own log."""
    name = members.own_log()
    return {f"{name}/log/{span.number}": span.number for span in ledger.spans()}


def _tie(
    origin: str,
    old: int,
    new: int,
    epoch: int | None,
    given: Mapping[tuple[str, int, int], Consistency],
) -> Consistency:
    if epoch is not None:
        return Consistency(origin, old, new, tuple(ledger.consistency(old, new, epoch)))
    if (origin, old, new) not in given:
        raise Conflict(
            "mixed_history",
            f"Heads of {origin} with {old} and {new} entries came in different packages",
            why="Nothing that came with them proves that one continues the other",
            do="Pack the exhibits of each package that you received by themselves",
        )
    return given[origin, old, new]
