"""The nouns as values: what rules take and return. No behaviour beyond their own consistency."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from uuid import UUID

#: Namespace of claim ids and of identities derived from fingerprints (PROTOCOL 4).
NAMESPACE = UUID("442ad1c7-27c6-582f-90d7-50c0993045eb")

Micros = int  #: an instant: microseconds since 1970-01-01T00:00:00Z
Fingerprint = str  #: lower-case hex SHA-256 of a member's first root statement, 64 characters

SECOND: Micros = 1_000_000
MINUTE: Micros = 60 * SECOND
DAY: Micros = 86_400 * SECOND


class Kind(StrEnum):
    """What a signal is (PROTOCOL, "signal key")."""

    DOMAIN = "domain"
    URL = "url"
    EMAIL = "email"
    PHONE = "phone"
    BANK_ACCOUNT = "bank-account"
    WALLET = "wallet"
    HANDLE = "handle"
    APP = "app"
    PAGE = "page"
    ADVERT = "advert"
    FILE_HASH = "file-hash"
    IMAGE_HASH = "image-hash"


#: Kinds that name a person: they stay home unless an agreement gives each a transfer basis.
PERSONAL = frozenset({Kind.PHONE, Kind.EMAIL, Kind.BANK_ACCOUNT, Kind.HANDLE})


class Verdict(StrEnum):
    """What a claim says, and what the view over all claims answers."""

    SCAM = "scam"
    SUSPICIOUS = "suspicious"
    BENIGN = "benign"
    UNKNOWN = "unknown"


class Tlp(IntEnum):
    """Traffic Light Protocol 2.0, ordered so that the strictest is the greatest."""

    CLEAR = 0
    GREEN = 1
    AMBER = 2
    AMBER_STRICT = 3
    RED = 4

    @property
    def wire(self) -> str:
        return "AMBER+STRICT" if self is Tlp.AMBER_STRICT else self.name

    @classmethod
    def read(cls, text: str) -> Tlp:
        """Reads `AMBER+STRICT`, `amber_strict`, `TLP:GREEN`…; raises KeyError on anything else."""
        return cls[text.upper().removeprefix("TLP:").replace("+", "_").replace("-", "_")]


class Pap(IntEnum):
    """Permissible Actions Protocol: what a reader may *do*, strictest greatest."""

    CLEAR = 0  # anything
    GREEN = 1  # active measures such as blocking
    AMBER = 2  # passive, non-detectable measures only
    RED = 3  # own systems only; nothing that the adversary could notice


class Purpose(StrEnum):
    """The four purposes of the partnership."""

    PREVENTION = "prevention"
    PROTECTION = "protection"
    INVESTIGATION = "investigation"
    PROSECUTION = "prosecution"


class Audience(StrEnum):
    """Who a verdict is computed for; a token reads exactly one."""

    CLEAR = "clear"
    GREEN = "green"
    OWN = "own"


class Direction(StrEnum):
    SEND = "send"
    RECEIVE = "receive"


class Lane(StrEnum):
    """Live things overtake bulk ones; each has its own cursor per reader."""

    LIVE = "live"
    BULK = "bulk"


@dataclass(frozen=True, slots=True)
class Signal:
    """One canonical value of one kind. Only `core.normal` makes these from text."""

    kind: Kind
    value: str

    @property
    def key(self) -> bytes:
        """The 16-byte signal key (PROTOCOL): what tables and prefix files are sorted by."""
        return signal_key(self.kind, self.value)


def signal_key(kind: str, value: str) -> bytes:
    """SHA-256(`hueandcry/signal/v1\\n` ‖ kind ‖ `\\n` ‖ value)[:16]."""
    text = f"hueandcry/signal/v1\n{kind}\n{value}"
    return hashlib.sha256(text.encode()).digest()[:16]


@dataclass(frozen=True, slots=True)
class Embargo:
    """Do nothing that others could notice until `until`, because of `case`."""

    case: str
    until: Micros


@dataclass(frozen=True, slots=True)
class Marking:
    """How a claim may be passed on and used. The strictest of everything wins."""

    tlp: Tlp = Tlp.GREEN
    pap: Pap = Pap.GREEN
    purposes: frozenset[Purpose] = frozenset()  #: empty: every purpose
    embargo: Embargo | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """One member's opinion of one signal, in one version."""

    id: UUID
    claimant: Fingerprint
    signal: Signal
    verdict: Verdict
    valid_from: Micros
    valid_until: Micros
    created: Micros
    modified: Micros
    marking: Marking = field(default_factory=Marking)
    source: str = ""  #: upstream feed; empty: the claimant's own people
    n: int = 0  #: grows after a retraction (PROTOCOL 4)
    lure: str = ""
    method: str = ""
    confidence: int | None = None  #: 0 to 100, STIX 2.1 appendix A


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a member; where it is one of our own, the person and its roles, or the token."""

    member: Fingerprint
    person: int | None = None
    roles: frozenset[str] = frozenset()
    circles: frozenset[str] = frozenset()
    token: int | None = None  #: the token by which a machine acts
    second_factor: bool = False  #: the person has shown one, as the door knows
