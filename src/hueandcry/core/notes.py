"""Signed notes, checkpoints, cosignatures and proof files: the text forms of C2SP.

Rules of signed-note, tlog-checkpoint, tlog-cosignature and tlog-proof, with Ed25519 keys only.
Standard library only; the signature check is passed in. Text counts for nothing until `open_note`
or `open_checkpoint` has returned it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hueandcry.core.errors import Malformed, TooLarge, Untrusted
from hueandcry.core.keys import (
    PUBLIC_LENGTH,
    SIGNATURE_LENGTH,
    Sign,
    Verify,
    check_public_key,
)
from hueandcry.core.tlog import HASH_LENGTH, verify_inclusion

ED25519 = 0x01  #: signature type of a plain note signature
COSIGNATURE = 0x04  #: signature type of a time-stamped Ed25519 cosignature

MAX_SIGNATURES = 100  #: signed-note asks for at least 16
MAX_NOTE = 1 << 20  #: bytes
MAX_SIZE = 2**63 - 1  #: leaves of a log, seconds of a cosignature

KEY_ID_LENGTH = 4

_MAX_PROOF_HASHES = 64
_TIME_LENGTH = 8
_DASH = "\N{EM DASH} "
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_PROOF_HEADER = "c2sp.org/tlog-proof@v1"


# --- keys and signature lines ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A named public key of one signature type (0x01 or 0x04)."""

    name: str
    kind: int
    public: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if self.kind not in (ED25519, COSIGNATURE) or len(self.public) != PUBLIC_LENGTH:
            raise Malformed("vkey", "This is not an Ed25519 key of type 0x01 or 0x04")

    @property
    def id(self) -> bytes:
        """SHA-256(name ‖ 0x0A ‖ type ‖ public key)[:4]."""
        material = self.name.encode() + b"\n" + bytes((self.kind,)) + self.public
        return hashlib.sha256(material).digest()[:KEY_ID_LENGTH]

    @property
    def vkey(self) -> str:
        """`name+<8 hex digits>+<base64 of type ‖ public key>`."""
        return f"{self.name}+{self.id.hex()}+{base64_text(bytes((self.kind,)) + self.public)}"

    @classmethod
    def read(cls, vkey: str) -> VerifierKey:
        """The key of a vkey text; Malformed unless its id is the right one for it."""
        parts = vkey.split("+", 2)
        if len(parts) != 3:
            raise Malformed("vkey", "A verifier key has the form name+id+key")
        material = read_base64(parts[2], "vkey")
        key = cls(parts[0], material[0] if material else 0, material[1:])
        if key.vkey != vkey:
            raise Malformed("vkey", f"The id of the verifier key {key.name} does not fit it")
        return key


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: who says to have signed, with which key, and the bytes after the id."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def line(self) -> str:
        """`— <name> <base64 of key id ‖ signature>` and a newline."""
        return f"{_DASH}{self.name} {base64_text(self.key_id + self.signature)}\n"

    @property
    def time(self) -> int:
        """POSIX seconds that a *cosignature* states; meaningless for other signature types."""
        return int.from_bytes(self.signature[:_TIME_LENGTH], "big")

    @classmethod
    def read(cls, line: str) -> Signature:
        """The signature of a line without its newline."""
        name, _, encoded = line.removeprefix(_DASH).partition(" ")
        if not line.startswith(_DASH):
            raise Malformed("note", "A signature line begins with an em dash and a blank")
        _check_name(name)
        data = read_base64(encoded, "note")
        if len(data) <= KEY_ID_LENGTH:
            raise Malformed("note", f"The signature of {name[:80]!a} is too short")
        return cls(name, data[:KEY_ID_LENGTH], data[KEY_ID_LENGTH:])


# --- notes -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Note:
    """A text and its signature lines, not yet believed unless `open_note` returned it."""

    text: str
    signatures: tuple[Signature, ...]

    def encode(self) -> bytes:
        """The text, a blank line, and the signature lines."""
        return f"{self.text}\n{''.join(each.line for each in self.signatures)}".encode()


def parse_note(data: bytes) -> Note:
    """The structure of a note, nothing verified; Malformed or TooLarge."""
    if len(data) > MAX_NOTE:
        raise TooLarge("too_large", f"A note has at most {MAX_NOTE} bytes, this one {len(data)}")
    whole = _text(data)
    body, separator, tail = whole.rpartition("\n\n")
    if not separator or not tail.endswith("\n"):
        raise Malformed("note", "A note is text, a blank line, and signature lines")
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise TooLarge("signatures", f"A note has at most {MAX_SIGNATURES} signatures")
    return Note(body + "\n", tuple(Signature.read(line) for line in lines))


def sign_note(text: str, key: VerifierKey, sign: Sign) -> Signature:
    """A plain signature (type 0x01) over the text of a note."""
    _check_kind(key, ED25519)
    return Signature(key.name, key.id, sign(_note_text(text)))


def cosign(text: str, key: VerifierKey, seconds: int, sign: Sign) -> Signature:
    """A cosignature (type 0x04) that states when, in POSIX seconds, a checkpoint was seen."""
    _check_kind(key, COSIGNATURE)
    if not 0 <= seconds <= MAX_SIZE:
        raise Malformed("time", f"{seconds} is not a time of a cosignature")
    signature = sign(_cosigned(_note_text(text), seconds))
    return Signature(key.name, key.id, seconds.to_bytes(_TIME_LENGTH, "big") + signature)


def open_note(data: bytes, keys: Iterable[VerifierKey], verify: Verify) -> Note:
    """The note with only those signatures that hold, at most one for each of `keys`.

    Signatures of unknown keys are left out. One by a known key that does not hold refuses the whole
    note, and so does the lack of any that holds: Untrusted.
    """
    note = parse_note(data)
    known = _by_name_and_id(keys)
    held: dict[tuple[str, bytes], Signature] = {}
    for signature in note.signatures:
        identity = (signature.name, signature.key_id)
        if identity in known:
            _check_signature(note.text.encode(), known[identity], signature, verify)
            held.setdefault(identity, signature)
    if not held:
        raise Untrusted("unsigned", "No known key has signed this note")
    return Note(note.text, tuple(held.values()))


def _by_name_and_id(keys: Iterable[VerifierKey]) -> dict[tuple[str, bytes], VerifierKey]:
    known: dict[tuple[str, bytes], VerifierKey] = {}
    for key in keys:
        if known.setdefault((key.name, key.id), key) != key:
            raise Untrusted("key_clash", f"Two keys of {key.name} share one id")
    return known


def _check_signature(text: bytes, key: VerifierKey, signature: Signature, verify: Verify) -> None:
    check_public_key(key.public)
    raw, message = signature.signature, text
    if key.kind == COSIGNATURE:
        raw, message = raw[_TIME_LENGTH:], _cosigned(text, signature.time)
    in_range = key.kind == ED25519 or signature.time <= MAX_SIZE
    if len(raw) != SIGNATURE_LENGTH or not in_range or not verify(key.public, raw, message):
        raise Untrusted(
            "signature",
            f"The signature of {key.name} does not hold",
            why="One bad signature by a known key refuses the whole note (C2SP signed-note)",
        )


def _cosigned(text: bytes, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n".encode() + text


# --- checkpoints -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: its origin, how many leaves, and the root over them."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_name(self.origin)
        if not 0 <= self.size <= MAX_SIZE or len(self.root) != HASH_LENGTH:
            raise Malformed("checkpoint", f"The head of {self.origin} has no such size or root")
        if any(not line or "\n" in line or _CONTROL.search(line) for line in self.extensions):
            raise Malformed("checkpoint", "Extension lines are not empty and have no controls")

    @property
    def text(self) -> str:
        """The note text of tlog-checkpoint: origin, size, root, extensions, a line each."""
        lines = (self.origin, str(self.size), base64_text(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def read(cls, text: str) -> Checkpoint:
        """The checkpoint of a note text; Malformed for any text that `text` would not give back."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1]:
            raise Malformed("checkpoint", "A checkpoint has at least three lines")
        origin, size, encoded, *extensions = lines[:-1]
        root = read_base64(encoded, "checkpoint")
        return cls(origin, read_decimal(size, "checkpoint"), root, tuple(extensions))


@dataclass(frozen=True, slots=True)
class OpenedCheckpoint:
    """A checkpoint that its log signed, and the cosignatures of known witnesses, one for each."""

    checkpoint: Checkpoint
    cosignatures: tuple[Signature, ...]


def sign_checkpoint(checkpoint: Checkpoint, key: VerifierKey, sign: Sign) -> Note:
    """The checkpoint as a note under its log's key, whose name is the origin."""
    _check_origin(checkpoint, key)
    return Note(checkpoint.text, (sign_note(checkpoint.text, key, sign),))


def open_checkpoint(
    data: bytes, log: VerifierKey, witnesses: Iterable[VerifierKey], verify: Verify
) -> OpenedCheckpoint:
    """The checkpoint, when `log` signed it under its own name; Untrusted otherwise."""
    cosigners = tuple(witnesses)
    _check_kind(log, ED25519)
    for witness in cosigners:
        _check_kind(witness, COSIGNATURE)
    note = open_note(data, (log, *cosigners), verify)
    cosignatures = tuple(each for each in note.signatures if not _is_by(each, log))
    if len(cosignatures) == len(note.signatures):
        raise Untrusted("unsigned", f"The log {log.name} has not signed this checkpoint")
    checkpoint = Checkpoint.read(note.text)
    _check_origin(checkpoint, log)
    return OpenedCheckpoint(checkpoint, cosignatures)


def _is_by(signature: Signature, key: VerifierKey) -> bool:
    return (signature.name, signature.key_id) == (key.name, key.id)


def _check_origin(checkpoint: Checkpoint, log: VerifierKey) -> None:
    if checkpoint.origin != log.name:
        raise Untrusted("origin", f"The key of {log.name} cannot speak for {checkpoint.origin}")


# --- proof files (.tlog-proof) -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ProofFile:
    """That an entry stands at `index` of a log: hashes, and the signed checkpoint as received.

    `extra` (empty: none) is signed by nobody.
    """

    index: int
    hashes: Sequence[bytes]
    checkpoint: bytes
    extra: bytes = b""

    def encode(self) -> bytes:
        """The text form of tlog-proof."""
        extra = [f"extra {base64_text(self.extra)}"] if self.extra else []
        lines = [_PROOF_HEADER, *extra, f"index {self.index}", *map(base64_text, self.hashes), ""]
        return "".join(f"{line}\n" for line in lines).encode() + self.checkpoint


def parse_proof(data: bytes) -> ProofFile:
    """The structure of a proof file, nothing verified; Malformed or TooLarge."""
    if len(data) > MAX_NOTE:
        raise TooLarge("too_large", f"A proof has at most {MAX_NOTE} bytes, this one {len(data)}")
    head, blank, checkpoint = _text(data).partition("\n\n")
    header, *lines = head.split("\n")
    if header != _PROOF_HEADER or not blank or not lines:
        raise Malformed("tlog_proof", f"A proof file begins with {_PROOF_HEADER}")
    extra = b""
    if lines[0].startswith("extra "):
        extra = read_base64(lines.pop(0).removeprefix("extra "), "tlog_proof")
    if not lines or not lines[0].startswith("index "):
        raise Malformed("tlog_proof", "A proof file states the index of the entry")
    index = read_decimal(lines.pop(0).removeprefix("index "), "tlog_proof")
    if len(lines) > _MAX_PROOF_HASHES:
        raise TooLarge("tlog_proof", f"A proof has at most {_MAX_PROOF_HASHES} hashes")
    hashes = tuple(read_base64(line, "tlog_proof") for line in lines)
    return ProofFile(index, hashes, checkpoint.encode(), extra)


def open_proof(
    proof: ProofFile,
    leaf: bytes,
    log: VerifierKey,
    witnesses: Iterable[VerifierKey],
    verify: Verify,
) -> OpenedCheckpoint:
    """The checkpoint under which the leaf hash is proved to stand in the log; Untrusted if not."""
    opened = open_checkpoint(proof.checkpoint, log, witnesses, verify)
    head = opened.checkpoint
    verify_inclusion(proof.index, head.size, leaf, proof.hashes, head.root)
    return opened


# --- text --------------------------------------------------------------------------------------


def _text(data: bytes) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise Malformed("not_utf8", "A note is UTF-8") from None
    if _CONTROL.search(text):
        raise Malformed("note", "A note holds no control characters but the newline")
    return text


def _note_text(text: str) -> bytes:
    if not text.endswith("\n") or _CONTROL.search(text):
        raise Malformed("note", "The text of a note ends in a newline and has no other controls")
    return text.encode()


def _check_name(name: str) -> None:
    if not name or any(each == "+" or each.isspace() or each < " " for each in name):
        raise Malformed("name", f"{name[:80]!a} cannot name a key: no blanks, no plus")


def _check_kind(key: VerifierKey, kind: int) -> None:
    if key.kind != kind:
        raise Untrusted("key_type", f"The key {key.name} has type {key.kind}, not {kind}")


def read_decimal(text: str, code: str) -> int:
    """The number of decimal digits without leading zeroes, up to MAX_SIZE; Malformed."""
    if not _DECIMAL.fullmatch(text) or int(text) > MAX_SIZE:
        raise Malformed(code, f"{text[:32]!a} is not a decimal number")
    return int(text)


def base64_text(data: bytes) -> str:
    """Base64 as in RFC 4648 section 4, padded."""
    return base64.b64encode(data).decode()


def read_base64(text: str, code: str) -> bytes:
    """The bytes of base64 in its one right form, at least one of them; Malformed."""
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        data = b""
    if not data or base64_text(data) != text:  # a second spelling of the same bytes is refused too
        raise Malformed(code, f"{text[:48]!a} is not base64 in its one right form")
    return data
