"""What others see of exhibits, and what they say to have one."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from hueandcry.apps.evidence.rules import State, Terms
from hueandcry.core.custody import Action, Event, NotBefore, Tool
from hueandcry.core.types import Fingerprint, Micros
from hueandcry.engine.blobs import face as blobs


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that is in the store and no exhibit yet."""

    fresh: blobs.Fresh | blobs.Blob  #: a blob: one that was uploaded piece by piece
    name: str
    media_type: str

    def kept(self) -> blobs.Blob:
        """The blob of its bytes, which the caller's transaction keeps."""
        return blobs.keep(self.fresh) if isinstance(self.fresh, blobs.Fresh) else self.fresh


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody says of a thing that becomes an exhibit; empty: nothing is said."""

    description: str = ""
    number: str = ""  #: one of their own; else the next of the year
    source: str = ""
    collected_by: str = ""  #: a name: outside the node it is a pseudonym
    place: str = ""
    tool: Tool | None = None  #: by which it was acquired; else this software
    authority: str = ""
    reason: str = ""
    condition: str = ""
    quarantined: bool = False


@dataclass(frozen=True, slots=True)
class ExhibitView:
    """One exhibit, with what this node alone knows of it."""

    id: UUID
    number: str
    origin: Fingerprint
    state: State
    events: int
    added_at: Micros
    sha256: str
    size: int
    media_type: str
    name: str
    source: str
    collected_by: str
    quarantined: bool
    parent: UUID | None
    holds: int
    purge_after: Micros


@dataclass(frozen=True, slots=True)
class Added:
    """A new exhibit, and the entry of the ledger that speaks of its bytes."""

    exhibit: ExhibitView
    log_index: int


@dataclass(frozen=True, slots=True)
class Line:
    """One custody event with all that proves it, ours or an earlier holder's."""

    record: bytes
    salt: bytes
    origin: str  #: of the log that holds its entry
    index: int  #: in the tree of that log
    kid: str
    signature: bytes
    proof: bytes | None = None  #: an earlier holder's: the .tlog-proof that came with it


@dataclass(frozen=True, slots=True)
class Happened:
    """One custody event for people of this node, who know their own by name."""

    event: Event
    person: int | None  #: who did it, of our own people
    named: str  #: whom else its pseudonym stands for, as somebody told us
    origin: str  #: of the log that holds its entry
    index: int  #: in the tree of that log
    ours: bool  #: whether that log is our own


@dataclass(frozen=True, slots=True)
class Summary:
    """One exhibit in a list."""

    row: int  #: what the next page begins below
    exhibit: ExhibitView
    description: str  #: of its first event; empty once it was purged
    restrictions: int  #: that stand on its bytes, or on those that they were made of


@dataclass(frozen=True, slots=True)
class Received:
    """What another member handed over, verified by whoever took it in."""

    lines: tuple[Line, ...]
    taken: Taken
    sender: Fingerprint
    package: UUID
    not_before: NotBefore | None
    restrictions: tuple[Terms, ...] = ()  #: the sender's
    quarantined: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class HoldView:
    """One legal hold."""

    number: int
    exhibit: UUID
    exhibit_number: str
    authority: str
    reason: str
    at: Micros
    review_at: Micros
    ended_at: Micros | None


@dataclass(frozen=True, slots=True)
class HandoverView:
    """One hand-over by us: `answered` once the receiver's event was shown to agree."""

    exhibit: UUID
    event: UUID
    to: Fingerprint
    package: UUID | None
    at: Micros
    answered: bool


@dataclass(frozen=True, slots=True)
class Noted:
    """What people note of an exhibit by hand."""

    action: Action
    reason: str
    authority: str = ""
    place: str = ""
    tool: Tool | None = None
    changes: str = ""
    condition: str = ""
