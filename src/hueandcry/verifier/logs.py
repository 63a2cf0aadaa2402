"""Checks 6 and 7: every entry stands in its log, and the log is whose it says and was witnessed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from hueandcry.core import notes, packages, tlog
from hueandcry.core.errors import HueError, Malformed, Untrusted
from hueandcry.core.notes import Checkpoint, VerifierKey
from hueandcry.core.packages import Opening
from hueandcry.core.policies import Policy, PolicyKey
from hueandcry.core.types import SECOND, Fingerprint, Micros
from hueandcry.verifier import ed25519, trust
from hueandcry.verifier.contents import Contents
from hueandcry.verifier.statement import Stated

_PROOFS = "provenance/custody/"


@dataclass(slots=True)
class Head:
    """One state of one log, and every signed note over it that is in the package."""

    checkpoint: Checkpoint
    notes: set[bytes] = field(default_factory=set)


@dataclass(slots=True)
class Logs:
    """The states of all logs in a package, each linked to the last of its log by a proof."""

    heads: dict[str, dict[int, Head]] = field(default_factory=dict)  #: origin → size → state
    places: dict[tuple[str, int], None] = field(default_factory=dict)  #: (origin, index), in order
    last: bytes = b""  #: the cosigned note that a time-stamp is over

    @property
    def ours(self) -> str:
        """The origin of the log that holds the package: its entry is the first that is proved."""
        return next(iter(self.places))[0]

    def heads_of(self, origin: str) -> list[Head]:
        """The states of one log, the smallest first."""
        return [head for _, head in sorted(self.heads[origin].items())]

    def add(self, note: bytes) -> Checkpoint:
        """Takes note of a state; Untrusted (`fork`) when another one has its size."""
        checkpoint = Checkpoint.read(notes.parse_note(note).text)
        of_log = self.heads.setdefault(checkpoint.origin, {})
        head = of_log.setdefault(checkpoint.size, Head(checkpoint))
        if head.checkpoint.root != checkpoint.root:
            raise Untrusted(
                "fork",
                f"Two states of {checkpoint.origin} have {checkpoint.size} entries and differ",
                why="The log was shown differently to two readers",
            )
        head.notes.add(note)
        return checkpoint


# --- (6) in the log -------------------------------------------------------------------------------


def prove(contents: Contents, stated: Stated) -> tuple[Logs, str]:
    """(6) The logs, once every entry is proved in them, and each state in the last of its log."""
    logs = Logs()
    # (a) The package itself, under the very record that its log must have of it.
    _prove_package(contents, stated, logs)
    # (b) Each line of custody, at the place that it names; and no proof is left over.
    _check_proofs_are(contents, len(stated.lines))
    for number, line in enumerate(stated.lines):
        try:
            opening = Opening(line.record, line.salt)
            raw = contents.read(packages.custody_proof(number), notes.MAX_NOTE)
            place = _prove_one(raw, opening, logs)
            if place != (line.origin, line.index):
                raise Untrusted("proof_place", f"The proof is of {place}, another place of a log")
        except HueError as wrong:
            what = f"Custody line {number}: {wrong.what}"
            raise type(wrong)(wrong.code, what, why=wrong.why, do=wrong.do) from None
    # (c) The last state covers all others of its log.
    _check_last(contents, logs)
    _check_consistency(contents, logs)
    count, of = len(logs.places), len(logs.heads)
    return logs, f"{count} entries are proved in {of} log{'s' * (of != 1)}"


def _prove_package(contents: Contents, stated: Stated, logs: Logs) -> None:
    raw = contents.read(packages.STATEMENT_PROOF, notes.MAX_NOTE)
    opening = Opening.read(notes.parse_proof(raw).extra)
    if opening.record != stated.entry.record():
        raise Untrusted("package_entry", "The log's entry of the package says something else")
    _prove_one(raw, opening, logs)


def _prove_one(raw: bytes, opening: Opening, logs: Logs) -> tuple[str, int]:
    """Commitment → leaf → root; the place (origin, index), which is noted in `logs`."""
    proof = notes.parse_proof(raw)
    leaf = tlog.leaf_hash(tlog.commitment(opening.record, opening.salt))
    head = logs.add(proof.checkpoint)
    tlog.verify_inclusion(proof.index, head.size, leaf, proof.hashes, head.root)
    if proof.encode() != raw:
        raise Malformed("tlog_proof", "The proof is not in its one right form")
    place = (head.origin, proof.index)
    if place in logs.places:
        raise Untrusted("entry_twice", f"Entry {proof.index} of {head.origin} is told twice")
    logs.places[place] = None
    return place


def _check_proofs_are(contents: Contents, lines: int) -> None:
    wanted = {packages.custody_proof(number) for number in range(lines)}
    there = {path for path in contents.files if path.startswith(_PROOFS)}
    if there - wanted:
        raise Malformed("proof_extra", f"{min(there - wanted)} proves no line of custody")
    if wanted - there:
        raise Malformed("proof_missing", f"There is no {min(wanted - there)}")


def _check_last(contents: Contents, logs: Logs) -> None:
    """The checkpoint of the package is of the log that holds the package, and the last of it."""
    logs.last = contents.read(packages.CHECKPOINT, notes.MAX_NOTE)
    last = logs.add(logs.last)
    if last.origin != logs.ours or last.size != max(logs.heads[logs.ours]):
        raise Untrusted("checkpoint_last", f"The checkpoint is not the last one of {logs.ours}")


def _check_consistency(contents: Contents, logs: Logs) -> None:
    raw = contents.read(packages.CONSISTENCY, packages.MAX_CONSISTENCY)
    proofs = {(each.origin, each.old): each for each in packages.read_consistency(raw)}
    lasts = {origin: heads[max(heads)].checkpoint for origin, heads in logs.heads.items()}
    states = {(origin, size) for origin, heads in logs.heads.items() for size in heads}
    wanted = states - {(origin, last.size) for origin, last in lasts.items()}
    for origin, size in sorted(wanted - proofs.keys()):
        raise Untrusted("consistency_missing", f"Nothing leads from {origin} at {size} to its last")
    for origin, size in sorted(proofs.keys() - wanted):
        raise Malformed("consistency_extra", f"A proof is left over, of {origin} at {size}")
    for (origin, size), proof in proofs.items():
        old, new = logs.heads[origin][size].checkpoint, lasts[origin]
        if proof.new != new.size:
            raise Untrusted("consistency", f"A proof does not lead to the last state of {origin}")
        try:
            tlog.verify_consistency(size, new.size, old.root, new.root, proof.hashes)
        except Untrusted as wrong:
            raise Untrusted(
                "consistency",
                f"The last state of {origin} does not contain that of {size} entries",
                why=f"The log was rewritten, or the proof is another one's ({wrong.why})",
            ) from None


# --- (7) log and witnesses ------------------------------------------------------------------------


class Seen:
    """Whose each log is, and when witnesses of other members first saw each state of it."""

    def __init__(self) -> None:
        self.owners: dict[str, Fingerprint] = {}  #: origin → member
        self._sights: dict[str, dict[int, Micros]] = {}
        self._first: dict[str, tuple[list[int], list[Micros]]] = {}

    def note(self, origin: str, size: int, at: Micros) -> None:
        """Somebody else saw this state of a log at that time."""
        sights = self._sights.setdefault(origin, {})
        sights[size] = min(at, sights.get(size, at))
        self._first.clear()

    def first(self, place: tuple[str, int]) -> Micros | None:
        """When an entry, by (origin, index), was first seen by somebody else; None: by nobody."""
        origin, index = place
        if origin not in self._first:
            self._first[origin] = self._sorted(origin)
        sizes, times = self._first[origin]
        at = bisect_right(sizes, index)
        return times[at] if at < len(times) else None

    def _sorted(self, origin: str) -> tuple[list[int], list[Micros]]:
        """The sizes seen, and for each the first time at which it or a greater one was."""
        sights = sorted(self._sights.get(origin, {}).items())
        times = list(accumulate((at for _, at in reversed(sights)), min))
        return [size for size, _ in sights], times[::-1]


def witnessed(logs: Logs, policy: Policy, stated_at: Micros) -> tuple[Seen, str]:
    """(7) Who saw which state when, once all signatures of logs and witnesses hold."""
    seen, told = Seen(), []
    for origin in sorted(logs.heads):
        signers: set[str] = set()
        for head in logs.heads_of(origin):
            log, cosigned = _opened(head, policy)
            key = _key_of(log, policy)
            seen.owners[origin] = key.member
            foreign = {n: t for n, t in cosigned.items() if policy.owner_of(n) != key.member}
            signers = set(foreign)  # in the end: those who saw the last state
            times = [at * SECOND for at in foreign.values() if at]
            for at in times:
                seen.note(origin, head.checkpoint.size, at)
            trust.check_standing(key, trust.Moment(stated_at, min(times, default=None)))
        if not policy.reached(signers):
            raise Untrusted(
                "quorum",
                f"Independent witnesses of the last state of {origin}: {len(signers)}",
                why=f"The policy asks for the quorum {policy.quorum!r}",
            )
        told.append(f"{origin} is of {trust.named(policy, seen.owners[origin])}")
        told[-1] += f", independent witnesses: {len(signers)}"
    return seen, "; ".join(told)


def _opened(head: Head, policy: Policy) -> tuple[VerifierKey, dict[str, int]]:
    """The key under which a log signed this state, and its witnesses with their times."""
    candidates = [log for log in policy.logs if log.name == head.checkpoint.origin]
    if not candidates:
        raise Untrusted("log_unknown", f"The policy has no log {head.checkpoint.origin}")
    log, cosigned = candidates[0], dict[str, int]()
    for note in head.notes:
        log = _signer(note, candidates)
        opened = notes.open_checkpoint(note, log, policy.witnesses.values(), ed25519.verify)
        for signature in opened.cosignatures:
            name = _witness_name(signature, policy)
            cosigned[name] = min(signature.time, cosigned.get(name, signature.time))
    return log, cosigned


def _signer(note: bytes, candidates: Sequence[VerifierKey]) -> VerifierKey:
    """The one of a log's keys that a note names; its first where it names none."""
    named = {(each.name, each.key_id) for each in notes.parse_note(note).signatures}
    return next((log for log in candidates if (log.name, log.id) in named), candidates[0])


def _witness_name(signature: notes.Signature, policy: Policy) -> str:
    identity = (signature.name, signature.key_id)
    keys = policy.witnesses.items()
    return next(name for name, key in keys if (key.name, key.id) == identity)


def _key_of(log: VerifierKey, policy: Policy) -> PolicyKey:
    """The member's key with which a log signs; Untrusted where the policy does not say whose."""
    key = policy.log_key(log)
    if key is None:
        raise Untrusted(
            "log_owner",
            f"The policy does not say whose log {log.name} is",
            do="It needs a line `key log` with the public key of the log",
        )
    return key
