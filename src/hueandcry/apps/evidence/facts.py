"""What determines a package: typed, with one form as bytes. No I/O.

Whatever the tag manifest covers is made from these facts, the custody lines up to where they say,
the request and the kept certificates, so that building again gives the same bytes (PROTOCOL 6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import msgspec

from hueandcry.core import packages
from hueandcry.core.custody import Event, Linked
from hueandcry.core.errors import Malformed
from hueandcry.core.types import Fingerprint, Micros

VERSION: Final = 1  #: of what is made from the facts: a new way to make it gets a new number


@dataclass(frozen=True, slots=True)
class Party:
    """A member as it was when the package was made."""

    fingerprint: Fingerprint
    name: str
    country: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Packed:
    """One exhibit in a package, and how much of its custody is told there."""

    id: UUID
    number: str
    name: str  #: of its file in the bag
    sha256: str
    sha512: str
    size: int
    media_type: str
    description: str
    last: int  #: the number of the last custody event that is told

    def stated(self) -> packages.Exhibit:
        """What the signed statement says of it."""
        return packages.Exhibit(self.id, self.number, self.sha256, self.size)

    @property
    def path(self) -> str:
        """Its place in the bag."""
        return packages.exhibit_folder(self.number) + self.name


@dataclass(frozen=True, slots=True)
class PackageFacts:
    """A package, but for the bytes of its exhibits and the lines of their custody."""

    v: int
    package: UUID
    at: Micros
    sender: Party
    recipient: Party
    language: str  #: the recipient's, of the second certificate; `en`: there is none
    software: str  #: name and version of what made it
    exhibits: tuple[Packed, ...]  #: in order of number
    request: str | None  #: digest of the document that it answers
    authority: str | None
    reason: str
    restrictions: tuple[dict[str, Any], ...]  #: as they stand in `data/restrictions.json`

    @property
    def own(self) -> bool:
        """Whether it stays with who made it."""
        return self.sender.fingerprint == self.recipient.fingerprint

    def encode(self) -> bytes:
        """The bytes that are stored."""
        return msgspec.json.encode(self, order="sorted")

    @classmethod
    def read(cls, stored: bytes) -> PackageFacts:
        """The inverse of `encode`; Malformed (`package_facts`) for anything else."""
        try:
            return msgspec.json.decode(stored, type=cls)
        except msgspec.MsgspecError as wrong:
            raise Malformed("package_facts", f"These are no facts of a package: {wrong}") from None


@dataclass(frozen=True, slots=True)
class History:
    """An exhibit of a package with its custody, from its first event to the last that is told."""

    exhibit: Packed
    chain: Sequence[Linked]

    @property
    def events(self) -> list[Event]:
        return [each.event for each in self.chain]
