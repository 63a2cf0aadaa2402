"""What a package of evidence says, form by form: bodies, custody lines, proofs (PROTOCOL 6).

Standard library only, since the offline verifier stands on it. Each form has a writer and a reader
that are each other's inverse; a reader raises Malformed for what its writer would not give.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid5

from hueandcry.core import strictjson
from hueandcry.core.errors import Malformed
from hueandcry.core.fields import Fields
from hueandcry.core.keys import SIGNATURE_LENGTH
from hueandcry.core.tlog import HASH_LENGTH, SALT_LENGTH
from hueandcry.core.types import Fingerprint

PACKAGE: Final = "package"  #: document type of `tagmanifest.jws`, and type of its ledger entry
SHIPPING_NOTE: Final = "shipping-note"  #: document type of what travels beside the package

# Names below the bag.
EXHIBITS: Final = "data/exhibits/"
CUSTODY: Final = "data/custody.jsonl"
CASE: Final = "data/case.jsonld"
CERTIFICATE: Final = "data/certificate.pdf"
REQUEST: Final = "data/request.jws"
RESTRICTIONS: Final = "data/restrictions.json"
STATEMENT: Final = "provenance/tagmanifest.jws"
STATEMENT_PROOF: Final = "provenance/tagmanifest.tlog-proof"
CHECKPOINT: Final = "provenance/checkpoint"
CONSISTENCY: Final = "provenance/consistency.json"
STAMP: Final = "provenance/checkpoint.tsr"
STAMP_CHAIN: Final = "provenance/tsa-chain.pem"

#: Endings of what travels: the sealed package, and what stands beside it.
SEALED_ENDING: Final = ".tar.age"
NOTE_ENDING: Final = ".jws"

MAX_EXHIBITS: Final = 1_000
MAX_LINES: Final = 100_000
MAX_LINE: Final = 200_000  #: bytes of one custody line
MAX_CONSISTENCY: Final = 1 << 24  #: bytes

_NUMBER = re.compile(r"[A-Z0-9](?:[A-Z0-9._-]{0,62}[A-Z0-9])?")
_ORIGIN = re.compile(r"[!-*,-~]{1,320}")
_KID = re.compile(r"[0-9a-f]{64}/[0-9a-f]{16}")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")
_NAME = re.compile(r"[^\x00-\x1f\x7f/\\]{1,255}")


def exhibit_folder(number: str) -> str:
    """Where the one file of an exhibit stands."""
    return f"{EXHIBITS}{number}/"


def custody_proof(line: int) -> str:
    """The proof of a custody line, counted from 0."""
    return f"provenance/custody/{line}.tlog-proof"


def case_id(identifier: UUID) -> UUID:
    """The UUID that ends the names of nodes about it in `data/case.jsonld`.

    CASE/UCO suggests UUIDs of RFC 4122, which our UUIDv7 are not: `case_validate` says so.
    """
    return uuid5(identifier, "case")


# --- tagmanifest.jws ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One exhibit of a package, by what names it and its bytes."""

    id: UUID
    number: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Statement:
    """The body of `tagmanifest.jws`: what is in the package, under whose signature."""

    package: UUID
    tagmanifest: str  #: SHA-256 of `tagmanifest-sha256.txt`
    exhibits: tuple[Exhibit, ...]  #: in order of number
    request: str | None  #: digest of the document in `data/request.jws`
    lines: int  #: of custody

    def body(self) -> dict[str, Any]:
        """What goes into the document."""
        return {
            "package": str(self.package),
            "tagmanifest": self.tagmanifest,
            "exhibits": [
                {"id": str(e.id), "number": e.number, "sha256": e.sha256, "size": e.size}
                for e in self.exhibits
            ],
            "request": self.request,
            "lines": self.lines,
        }

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Statement:
        """The inverse of `body`; Malformed (`package`) unless exhibits are in order, each once."""
        names = {"package", "tagmanifest", "exhibits", "request", "lines"}
        said = Fields(dict(body), "package", names)
        members = {"id", "number", "sha256", "size"}
        exhibits = tuple(map(_exhibit, said.objects("exhibits", members, MAX_EXHIBITS)))
        numbers = [each.number for each in exhibits]
        if not numbers or sorted(set(numbers)) != numbers:
            raise Malformed("package", "A package has exhibits, in order of number, each once")
        return cls(
            said.uuid7("package"),
            said.digest("tagmanifest"),
            exhibits,
            said.maybe("request", said.digest),
            said.count("lines"),
        )


def _exhibit(said: Fields) -> Exhibit:
    number = said.form("number", _NUMBER, "an exhibit number")
    return Exhibit(said.uuid7("id"), number, said.digest("sha256"), said.count("size"))


@dataclass(frozen=True, slots=True)
class PackageEntry:
    """What the ledger entry of a package commits to."""

    package: UUID
    tagmanifest: str
    document: str  #: digest of `tagmanifest.jws`
    recipient: Fingerprint
    lines: int

    def facts(self) -> dict[str, Any]:
        """What `append(PACKAGE, row, **facts)` takes."""
        return {
            "package": str(self.package),
            "tagmanifest": self.tagmanifest,
            "document": self.document,
            "recipient": self.recipient,
            "lines": self.lines,
        }

    def record(self) -> bytes:
        """The bytes that the ledger commits to."""
        return strictjson.canonical({"v": 1, "type": PACKAGE, **self.facts()})


# --- the shipping note ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class File:
    """A file by digest and size."""

    sha256: str
    size: int

    def value(self) -> dict[str, Any]:
        return {"sha256": self.sha256, "size": self.size}

    @classmethod
    def read(cls, said: Fields) -> File:
        return cls(said.digest("sha256"), said.count("size"))


@dataclass(frozen=True, slots=True)
class ShippingNote:
    """The body of the note beside a package: the sealed file, and the same one opened."""

    package: UUID
    name: str  #: of the sealed file, as it was sent
    ciphertext: File
    tar: File

    def body(self) -> dict[str, Any]:
        """What goes into the document."""
        return {
            "package": str(self.package),
            "name": self.name,
            "ciphertext": self.ciphertext.value(),
            "tar": self.tar.value(),
        }

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> ShippingNote:
        """The inverse of `body`; Malformed (`shipping_note`) for anything else."""
        said = Fields(dict(body), "shipping_note", {"package", "name", "ciphertext", "tar"})
        ciphertext, tar = (said.object(of, {"sha256", "size"}) for of in ("ciphertext", "tar"))
        name = said.form("name", _NAME, "the name of a file")
        return cls(said.uuid7("package"), name, File.read(ciphertext), File.read(tar))


# --- what opens a ledger entry --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opening:
    """The record and salt of a ledger entry: the `extra` of `tagmanifest.tlog-proof`."""

    record: bytes
    salt: bytes

    def encode(self) -> bytes:
        said = {"record": text_of(self.record), "salt": text_of(self.salt)}
        return strictjson.canonical(said)

    @classmethod
    def read(cls, data: bytes) -> Opening:
        """The inverse of `encode`; Malformed (`opening`) for anything else."""
        said = _object(data, MAX_LINE, "opening", {"record", "salt"})
        return cls(_bytes(said, "record", "opening"), _bytes(said, "salt", "opening", SALT_LENGTH))


@dataclass(frozen=True, slots=True)
class CustodyLine:
    """One line of `custody.jsonl`: a record, what opens it in which log, and who signed it."""

    record: bytes
    salt: bytes
    origin: str  #: of the log, its epoch in it
    index: int  #: of the entry in the tree of that epoch
    kid: str
    signature: bytes

    def encode(self) -> bytes:
        """The line without its newline."""
        said = {
            "record": text_of(self.record),
            "salt": text_of(self.salt),
            "origin": self.origin,
            "index": self.index,
            "kid": self.kid,
            "signature": text_of(self.signature),
        }
        return strictjson.canonical(said)

    @classmethod
    def read(cls, data: bytes) -> CustodyLine:
        """The inverse of `encode`; Malformed (`custody_line`) for anything else."""
        names = {"record", "salt", "origin", "index", "kid", "signature"}
        said = _object(data, MAX_LINE, "custody_line", names)
        return cls(
            _bytes(said, "record", "custody_line"),
            _bytes(said, "salt", "custody_line", SALT_LENGTH),
            said.form("origin", _ORIGIN, "the origin of a log"),
            said.count("index"),
            said.form("kid", _KID, "the name of a key"),
            _bytes(said, "signature", "custody_line", SIGNATURE_LENGTH),
        )


def custody_lines(lines: Sequence[CustodyLine]) -> bytes:
    """`custody.jsonl`: the lines in order, each with its newline."""
    return b"".join(line.encode() + b"\n" for line in lines)


def read_custody_lines(data: bytes) -> list[CustodyLine]:
    """The inverse of `custody_lines`; Malformed names the line that is wrong, counted from 0."""
    texts = data.split(b"\n")
    if texts.pop() or len(texts) > MAX_LINES:
        raise Malformed("custody_line", f"Up to {MAX_LINES:,} lines, each ends in a newline")
    lines = []
    for number, text in enumerate(texts):
        try:
            lines.append(CustodyLine.read(text))
        except Malformed as wrong:
            raise Malformed(wrong.code, f"Custody line {number}: {wrong.what}") from None
    return lines


# --- consistency.json -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Consistency:
    """That the tree of `old` leaves of a log is a prefix of the one of `new` leaves."""

    origin: str
    old: int
    new: int
    hashes: tuple[bytes, ...]


def consistency(proofs: Sequence[Consistency]) -> bytes:
    """`consistency.json`: one proof for each earlier checkpoint, in order of origin and size."""
    return strictjson.canonical(
        [
            {
                "origin": each.origin,
                "old": each.old,
                "new": each.new,
                "hashes": [base64.b64encode(one).decode() for one in each.hashes],
            }
            for each in sorted(proofs, key=lambda each: (each.origin, each.old))
        ]
    )


def read_consistency(data: bytes) -> list[Consistency]:
    """The inverse of `consistency`; Malformed (`consistency`) for anything else."""
    said = strictjson.parse(data, max_bytes=MAX_CONSISTENCY)
    if not isinstance(said, list) or len(said) > MAX_LINES:
        raise Malformed("consistency", "This is no list of consistency proofs")
    proofs = [_consistency(each) for each in said]
    if consistency(proofs) != data:
        raise Malformed("consistency", "The consistency proofs are not in their one right form")
    return proofs


def _consistency(said: object) -> Consistency:
    fields = Fields(said, "consistency", {"origin", "old", "new", "hashes"})
    hashes = said["hashes"] if isinstance(said, dict) else ()
    if not isinstance(hashes, list) or len(hashes) > 64:
        raise Malformed("consistency", "`hashes` is a list of at most 64")
    origin = fields.form("origin", _ORIGIN, "the origin of a log")
    return Consistency(
        origin, fields.count("old"), fields.count("new"), tuple(_hash(each) for each in hashes)
    )


def _hash(said: object) -> bytes:
    try:
        data = base64.b64decode(said, validate=True) if isinstance(said, str) else b""
    except (ValueError, binascii.Error):
        data = b""
    if len(data) != HASH_LENGTH:
        raise Malformed("consistency", "A hash is base64 of 32 bytes")
    return data


# --- bytes ----------------------------------------------------------------------------------------


def text_of(data: bytes) -> str:
    """Bytes as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _object(data: bytes, most: int, code: str, names: set[str]) -> Fields:
    """The object of exactly these members whose RFC 8785 form these bytes are."""
    said = strictjson.parse(data, max_bytes=most)
    fields = Fields(said, code, names)
    if strictjson.canonical(said) != data:
        raise Malformed("not_canonical", "This is not an object in its RFC 8785 form")
    return fields


def _bytes(said: Fields, name: str, code: str, length: int | None = None) -> bytes:
    text = said.form(name, _BASE64URL, "base64url")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        data = b""
    if text_of(data) != text or (length is not None and len(data) != length):
        raise Malformed(code, f"`{name}` is not base64url of so many bytes in its one spelling")
    return data
