"""A partnership's documents as values: the charter, and acts about members. No I/O.

Each member signs a document of its own over the same `act` object, so an act travels as several
documents that name one digest.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hueandcry.core import jcs
from hueandcry.core.errors import Malformed
from hueandcry.core.types import Fingerprint

CHARTER: Final = "charter"
ADMISSION: Final = "admission"
REINSTATEMENT: Final = "reinstatement"
SUSPENSION: Final = "suspension"
EXPULSION: Final = "expulsion"

#: Kinds of acts, the mildest first: of two under one serial the strictest counts.
KINDS: Final = (ADMISSION, REINSTATEMENT, SUSPENSION, EXPULSION)
ENDING: Final = frozenset({SUSPENSION, EXPULSION})
TYPES: Final = (CHARTER, *KINDS)

MAX_FOUNDERS: Final = 64
MAX_STAND: Final = 4_096
MAX_TEXT: Final = 500
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Charter:
    """What the founders agreed: who they are, and how many members decide together."""

    name: str
    founders: tuple[Fingerprint, ...]  #: sorted
    k: int
    scope: str

    def value(self) -> dict[str, Any]:
        return {
            "act": CHARTER,
            "founders": list(self.founders),
            "k": self.k,
            "name": self.name,
            "scope": self.scope,
        }

    @property
    def digest(self) -> str:
        """How acts name the partnership: SHA-256(`hueandcry/charter/v1\\n` ‖ JCS)."""
        return _digest(CHARTER, self.value())


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that members decide about a member; each signs the same bytes."""

    kind: str
    partnership: str
    member: Fingerprint
    serial: int  #: grows with each act about this member, from 1
    stand: tuple[str, ...] = ()  #: acts on which the member's signature still counts, sorted
    reason: str = ""

    def value(self) -> dict[str, Any]:
        return {
            "act": self.kind,
            "member": self.member,
            "partnership": self.partnership,
            "reason": self.reason,
            "serial": self.serial,
            "stand": list(self.stand),
        }

    @property
    def digest(self) -> str:
        """How others name the act: SHA-256(`hueandcry/act/v1\\n` ‖ JCS)."""
        return _digest("act", self.value())

    @property
    def rank(self) -> tuple[int, int, str]:
        """Of two acts about one member the greater counts."""
        return self.serial, KINDS.index(self.kind), self.digest


def read_charter(body: Mapping[str, Any]) -> Charter:
    """The charter that a document's body carries; raises Malformed."""
    act = _act(body, CHARTER, {"act"}, {"act", "founders", "k", "name", "scope"})
    founders = _digests(act["founders"], MAX_FOUNDERS)
    charter = Charter(_text(act["name"], 200), founders, _count(act["k"]), _text(act["scope"]))
    check_charter(charter)
    return charter


def check_charter(charter: Charter) -> None:
    """Raises Malformed for a charter under which nobody could decide together."""
    if not 2 <= charter.k <= len(charter.founders) <= MAX_FOUNDERS:
        raise Malformed(
            "charter",
            f"{charter.k} of {len(charter.founders)} founders cannot decide together",
            do="Name at least two founders, and let two or more of them decide",
        )
    if not charter.name.strip() or len(charter.name) > 200 or len(charter.scope) > MAX_TEXT:
        raise Malformed("charter", "A charter has a name, and a scope of at most 500 letters")
    if charter.founders != tuple(sorted(set(charter.founders))):
        raise Malformed("charter", "Founders are named once each, in order")


def read_act(kind: str, body: Mapping[str, Any]) -> tuple[Act, str]:
    """(act, the standing that its signer claims) from a document's body; raises Malformed."""
    names = {"act", "member", "partnership", "reason", "serial", "stand"}
    said = _act(body, kind, {"act", "standing"}, names)
    act = Act(
        kind,
        _one(said["partnership"]),
        _one(said["member"]),
        _count(said["serial"]),
        _digests(said["stand"], MAX_STAND),
        _text(said["reason"]),
    )
    if act.stand and kind not in ENDING:
        raise Malformed("act", f"An {kind} strikes nothing, so nothing has to stand")
    return act, _one(body["standing"])


def act_body(act: Charter | Act, standing: str | None = None) -> dict[str, Any]:
    """The body by which one member signs a charter or an act."""
    body: dict[str, Any] = {"act": act.value()}
    return body if standing is None else {**body, "standing": standing}


def _act(
    body: Mapping[str, Any], kind: str, around: set[str], names: set[str]
) -> Mapping[str, Any]:
    act = body.get("act")
    if set(body) != around or not isinstance(act, dict) or set(act) != names:
        raise Malformed("act", f"This is not the body of a {kind}")
    if act["act"] != kind:
        raise Malformed("act", f"The document is a {kind}, and its act says otherwise")
    return act


def _one(value: object) -> str:
    if not isinstance(value, str) or not _DIGEST.fullmatch(value):
        raise Malformed("act", "A member or an act is named by 64 hex digits")
    return value


def _digests(value: object, most: int) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > most:
        raise Malformed("act", f"Expected a list of at most {most} digests")
    found = tuple(_one(each) for each in value)
    if found != tuple(sorted(set(found))):
        raise Malformed("act", "A list of digests is sorted, and names each once")
    return found


def _count(value: object) -> int:
    if type(value) is not int or not 1 <= value <= 1_000_000:
        raise Malformed("act", "Expected a number from 1 on")
    return value


def _text(value: object, most: int = MAX_TEXT) -> str:
    if not isinstance(value, str) or len(value) > most:
        raise Malformed("act", f"Expected a text of at most {most} letters")
    return value


def _digest(what: str, value: Mapping[str, Any]) -> str:
    return hashlib.sha256(f"hueandcry/{what}/v1\n".encode() + jcs.canonical(value)).hexdigest()
