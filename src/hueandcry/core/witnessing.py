"""What a log asks of a witness, and what a witness answers: C2SP tlog-witness, pure.

Standard library only. The witness keeps, for each log, the size and root that it cosigned last;
`check` says whether a new head goes on from there.
"""

from __future__ import annotations

from dataclasses import dataclass

from hueandcry.core import tlog
from hueandcry.core.errors import Conflict, Malformed, TooLarge, Untrusted
from hueandcry.core.notes import (
    COSIGNATURE,
    MAX_NOTE,
    Checkpoint,
    Signature,
    VerifierKey,
    base64_text,
    parse_note,
    read_base64,
    read_decimal,
)

MAX_PROOF = 63  #: hashes of one consistency proof
MAX_REQUEST = 65_536  #: bytes: a checkpoint of ours has some hundred, with 100 signatures 30 000

SIZE_TYPE = "text/x.tlog.size"  #: content type of the answer that says another size is held


@dataclass(frozen=True, slots=True)
class Submission:
    """The body of `add-checkpoint`: from which size, the proof, and the signed checkpoint."""

    old: int
    proof: tuple[bytes, ...]
    note: bytes

    def encode(self) -> bytes:
        """`old <size>`, the hashes in base64, a line each, an empty line, the checkpoint."""
        lines = [f"old {self.old}", *map(base64_text, self.proof), ""]
        return "".join(f"{line}\n" for line in lines).encode() + self.note

    @property
    def checkpoint(self) -> Checkpoint:
        """What the note states: believed by nobody yet."""
        return Checkpoint.read(parse_note(self.note).text)


def read_submission(raw: bytes) -> Submission:
    """The structure of a request, nothing verified; Malformed or TooLarge."""
    if len(raw) > MAX_REQUEST:
        raise TooLarge("too_large", f"A submission has at most {MAX_REQUEST} bytes")
    head, blank, note = raw.partition(b"\n\n")
    try:
        first, *lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise Malformed("submission", "A submission begins with lines of ASCII") from None
    if not blank or not first.startswith("old "):
        raise Malformed("submission", "A submission is `old <size>`, hashes, an empty line, a note")
    if len(lines) > MAX_PROOF:
        raise TooLarge("submission", f"A consistency proof has at most {MAX_PROOF} hashes")
    old = read_decimal(first.removeprefix("old "), "submission")
    return Submission(old, tuple(read_base64(line, "submission") for line in lines), note)


class SizeDiffers(Conflict):
    """The witness has cosigned another head last: its `size` is what it answers with."""

    def __init__(self, size: int) -> None:
        super().__init__("tree_size", f"This witness holds a head of {size} entries")
        self.size = size


def check(submitted: Submission, head: Checkpoint, size: int, root: bytes) -> None:
    """Raises unless `head`, which the log has signed, goes on from what was cosigned last.

    `size` and `root` are of that: 0 and the root of the empty tree before the first time.
    """
    # 1. The proof begins no later than it ends.
    if submitted.old > head.size:
        raise Malformed("old_size", f"The old size {submitted.old} is beyond {head.size}")
    # 2. It begins where this witness stands.
    if submitted.old != size:
        raise SizeDiffers(size)
    # 3. A head of just that size is just that head.
    if head.size == size:
        if head.root != root:
            raise SizeDiffers(size)
        if submitted.proof:
            raise Untrusted("proof", "Between heads of one size there is nothing to prove")
        return
    # 4. From nothing, nothing is proved.
    if size == 0:
        if submitted.proof:
            raise Untrusted("proof", "From an empty log there is nothing to prove")
        return
    # 5. What was cosigned is a prefix.
    tlog.verify_consistency(size, head.size, root, head.root, submitted.proof)


def witness_key(fingerprint: str, public: bytes) -> VerifierKey:
    """The key of a member's witness: named by the member itself, whatever its address is."""
    return VerifierKey(f"{fingerprint}/witness", COSIGNATURE, public)


def read_lines(raw: bytes) -> list[Signature]:
    """The signature lines of a witness's answer; Malformed or TooLarge."""
    if len(raw) > MAX_NOTE:
        raise TooLarge("too_large", "A witness answers with a few lines")
    try:
        lines = raw.decode().splitlines()
    except UnicodeDecodeError:
        raise Malformed("not_utf8", "Signature lines are UTF-8") from None
    return [Signature.read(line) for line in lines]
