"""Checks 1 to 3: the file, the note beside it, and what is in it once it is opened."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from hueandcry.core import jws, packages
from hueandcry.core.errors import Malformed, NotFound, Untrusted
from hueandcry.core.packages import File, ShippingNote
from hueandcry.core.policies import Policy
from hueandcry.core.times import time_text
from hueandcry.verifier import trust
from hueandcry.verifier.results import NotCheckedError

_AGE = b"age-encryption.org/v1\n"


class Form(Enum):
    """How the package lies before us."""

    SEALED = auto()
    TAR = auto()
    FOLDER = auto()


def form_of(path: Path) -> Form:
    """What is at this path; NotFound."""
    if path.is_dir():
        return Form.FOLDER
    try:
        with path.open("rb") as file:
            return Form.SEALED if file.read(len(_AGE)) == _AGE else Form.TAR
    except OSError as error:
        raise NotFound("package", f"{path} cannot be read", why=error.strerror or "") from None


@dataclass(frozen=True, slots=True)
class Shipped:
    """The note beside the package, read but believed by nobody yet."""

    document: jws.Unverified
    note: ShippingNote

    @classmethod
    def read(cls, raw: bytes) -> Shipped:
        """Malformed for anything but a shipping note."""
        document = trust.document(raw, packages.SHIPPING_NOTE)
        return cls(document, ShippingNote.read(document.stated.body))


def note_beside(path: Path, form: Form) -> bytes | None:
    """The bytes of the note beside the package: `FILE.jws`, of an opened one `FILE.age.jws` too."""
    beside = [path.with_name(path.name + packages.NOTE_ENDING)]
    if form is not Form.SEALED:
        stem = path.name.removesuffix(".tar")
        endings = (packages.SEALED_ENDING, ".tar") if form is Form.FOLDER else (".tar.age",)
        beside += [path.with_name(stem + ending + packages.NOTE_ENDING) for ending in endings]
    for place in beside:
        if place.is_file():
            with place.open("rb") as file:
                return file.read(jws.MAX_DOCUMENT + 1)
    return None


def needed(shipped: Shipped | None) -> Shipped:
    """The note; NotCheckedError where there is none."""
    if shipped is None:
        raise NotCheckedError("no_note", "There is no shipping note beside the package (FILE.jws)")
    return shipped


def check_file(shipped: Shipped | None, form: Form, file: File | None) -> str:
    """(1) The file is the one of the note: sealed by its own digest, opened by that of the tar."""
    note = needed(shipped).note
    if form is Form.SEALED:
        return _same(file, note.ciphertext, "sealed file")
    return _same(file, note.tar, "opened package")


def check_note(shipped: Shipped | None, policy: Policy | None) -> str:
    """(2) A member of the policy signed the note, with a key that was good then."""
    held, trusted = needed(shipped), trust.needed(policy)
    said = held.document.stated
    key = trust.check_document(held.document, trusted, trust.Moment(said.iat))
    if said.aud not in trusted.members:
        raise Untrusted("recipient", f"It is addressed to {said.aud}, who is not in the policy")
    signer, reader = trust.named(trusted, key.member), trust.named(trusted, said.aud)
    return f"Signed by {signer} at {time_text(said.iat)}, as it says, for {reader}"


def check_opened(shipped: Shipped | None, form: Form, tar: File | None) -> str:
    """(3) What was opened is what the note says was sealed."""
    same = _same(tar, needed(shipped).note.tar, "opened package")
    return same if form is Form.SEALED else f"{same}; it lay there opened"


def _same(found: File | None, said: File, what: str) -> str:
    if found is None:
        raise NotCheckedError("no_digest", f"The {what} has no digest that could be compared")
    if found.size != said.size:
        raise Malformed(
            "file_size",
            f"The {what} has {found.size:,} bytes, the shipping note says {said.size:,}",
            do="Fetch it again, or have it sent again",
        )
    if found.sha256 != said.sha256:
        raise Malformed(
            "file_changed",
            f"The {what} has SHA-256 {found.sha256}, the shipping note says {said.sha256}",
            do="Fetch it again, or have it sent again",
        )
    return f"SHA-256 {found.sha256} of {found.size:,} bytes is what the shipping note says"
