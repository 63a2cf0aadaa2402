"""Agreement terms (PROTOCOL 3): what two members promised each other, as one JCS object."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final

import msgspec

from hueandcry.core import jcs
from hueandcry.core.errors import Malformed
from hueandcry.core.sharing.bases import BASES
from hueandcry.core.sharing.reasons import Reason, reason
from hueandcry.core.times import read_time, time_text
from hueandcry.core.types import DAY, PERSONAL, Fingerprint, Kind, Micros, Pap, Purpose, Tlp

MAX_TERMS_BYTES: Final = 16_384
#: The only markings that an agreement may let go onward (PROTOCOL 3).
ONWARD: Final = frozenset({Tlp.CLEAR, Tlp.GREEN})
#: Every permitted action that a reader can promise to keep to.
ACTIONS: Final = frozenset(Pap)
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Terms:
    """What both parties signed: bytes and digest follow from the values alone."""

    parties: tuple[Fingerprint, Fingerprint]  #: the lower first
    kinds: frozenset[Kind]
    ceiling: Tlp
    purposes: frozenset[Purpose]
    permitted_actions: frozenset[Pap]  #: the levels that a reader promises to keep to
    basis: tuple[tuple[Kind, str], ...]  #: transfer basis of each personal kind, sorted
    onward: frozenset[Tlp]  #: what a reader may pass on to third members
    retention_days: int
    breach_hours: int  #: to notify the other side of a breach
    rate: int  #: objects a minute, each way
    valid_from: Micros
    valid_until: Micros
    serial: int = 1
    supersedes: str | None = None  #: digest of the terms that these replace
    exercise: bool = False

    def terms_bytes(self) -> bytes:
        """The JCS bytes that both sides carry and sign; lists are sorted as text."""
        return jcs.canonical(_members(self))

    @property
    def digest(self) -> str:
        """The agreement's digest: SHA-256 of the terms' bytes, lower-case hex (PROTOCOL 3)."""
        return hashlib.sha256(self.terms_bytes()).hexdigest()

    def basis_of(self, kind: Kind) -> str:
        """The transfer basis of a kind; empty when the terms give none."""
        return next((code for each, code in self.basis if each is kind), "")


def standard_terms(a: Fingerprint, b: Fingerprint, at: Micros, *, exercise: bool = False) -> Terms:
    """Template `standard` (PROTOCOL 3): non-personal kinds up to AMBER for twelve months."""
    return Terms(
        parties=(min(a, b), max(a, b)),
        kinds=frozenset(Kind) - PERSONAL,
        ceiling=Tlp.AMBER,
        purposes=frozenset(Purpose),
        permitted_actions=ACTIONS,
        basis=(),
        onward=ONWARD,
        retention_days=365,
        breach_hours=72,
        rate=600_000,
        valid_from=at,
        valid_until=at + 365 * DAY,
        exercise=exercise,
    )


def personal_terms(a: Fingerprint, b: Fingerprint, at: Micros, *, exercise: bool = False) -> Terms:
    """Template `personal`: `standard`, with every personal kind on the basis public-interest."""
    return replace(
        standard_terms(a, b, at, exercise=exercise),
        kinds=frozenset(Kind),
        basis=tuple((kind, "public-interest") for kind in sorted(PERSONAL)),
    )


def seat_terms(home: Fingerprint, guest: Fingerprint, at: Micros, ceiling: Tlp) -> Terms:
    """What a guest may see at its home: as `standard`, up to `ceiling`, until its seat ends."""
    terms = standard_terms(home, guest, at)
    return replace(terms, ceiling=ceiling, valid_until=at + 36_500 * DAY)


def successor(terms: Terms, **changes: Any) -> Terms:
    """The terms that replace `terms`: changed as said, serial one higher, superseding it."""
    changes = {"serial": terms.serial + 1, "supersedes": terms.digest, **changes}
    return replace(terms, **changes)


def suspension(terms: Terms) -> Terms:
    """The narrowest successor, which either side may sign alone: no kinds and no purposes."""
    return successor(terms, kinds=frozenset(), purposes=frozenset(), basis=())


def differences(proposed: Terms, own: Terms, *, slack: Micros = DAY) -> tuple[Reason, ...]:
    """What `proposed` gives beyond `own`; empty when a member with `own` terms may sign it.

    `slack` forgives the two clocks of templates that each side filled in for itself.
    """
    return tuple(_beyond(proposed, own, slack))


def narrower_or_equal(proposed: Terms, own: Terms) -> bool:
    """Whether `proposed` lets nothing pass that `own` would not: either side may sign it alone."""
    return not differences(proposed, own, slack=0)


def _beyond(new: Terms, own: Terms, slack: Micros) -> Iterator[Reason]:
    yield from _beyond_identity(new, own)
    yield from _beyond_scope(new, own)
    yield from _beyond_numbers(new, own)
    if new.valid_from < own.valid_from - slack:
        yield _versus("beyond_from", time_text(new.valid_from), time_text(own.valid_from))
    if new.valid_until > own.valid_until + slack:
        yield _versus("beyond_until", time_text(new.valid_until), time_text(own.valid_until))


def _beyond_identity(new: Terms, own: Terms) -> Iterator[Reason]:
    if new.parties != own.parties:
        yield reason("beyond_parties")
    if new.exercise != own.exercise:
        yield reason("beyond_exercise")


def _beyond_scope(new: Terms, own: Terms) -> Iterator[Reason]:
    for kind in sorted(new.kinds - own.kinds):
        yield reason("beyond_kinds", kind=kind.value)
    if new.ceiling > own.ceiling:
        yield _versus("beyond_ceiling", new.ceiling.wire, own.ceiling.wire)
    for purpose in sorted(new.purposes - own.purposes):
        yield reason("beyond_purposes", purpose=purpose.value)
    for action in sorted(new.permitted_actions - own.permitted_actions):
        yield reason("beyond_actions", pap=action.name)
    for kind, code in new.basis:
        if code != own.basis_of(kind):
            yield reason("beyond_basis", kind=kind, proposed=code, own=own.basis_of(kind))
    for tlp in sorted(new.onward - own.onward):
        yield reason("beyond_onward", tlp=tlp.wire)


def _beyond_numbers(new: Terms, own: Terms) -> Iterator[Reason]:
    if new.retention_days > own.retention_days:
        yield _versus("beyond_retention", str(new.retention_days), str(own.retention_days))
    if new.breach_hours > own.breach_hours:
        yield _versus("beyond_breach", str(new.breach_hours), str(own.breach_hours))
    if new.rate > own.rate:
        yield _versus("beyond_rate", str(new.rate), str(own.rate))


def _versus(code: str, proposed: str, own: str) -> Reason:
    return reason(code, proposed=proposed, own=own)


def _members(terms: Terms) -> dict[str, Any]:
    return {
        "basis": {kind.value: code for kind, code in terms.basis},
        "breach_hours": terms.breach_hours,
        "ceiling": terms.ceiling.wire,
        "exercise": terms.exercise,
        "from": time_text(terms.valid_from),
        "kinds": sorted(kind.value for kind in terms.kinds),
        "onward": sorted(tlp.wire for tlp in terms.onward),
        "parties": list(terms.parties),
        "permitted_actions": sorted(action.name for action in terms.permitted_actions),
        "purposes": sorted(purpose.value for purpose in terms.purposes),
        "rate": terms.rate,
        "retention_days": terms.retention_days,
        "serial": terms.serial,
        "supersedes": terms.supersedes,
        "until": time_text(terms.valid_until),
    }


_Days = Annotated[int, msgspec.Meta(ge=1, le=36_500)]
_Hours = Annotated[int, msgspec.Meta(ge=1, le=8_760)]
_Count = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]


class _Wire(msgspec.Struct, forbid_unknown_fields=True, rename={"from_": "from"}):
    basis: dict[str, str]
    breach_hours: _Hours
    ceiling: str
    exercise: bool
    from_: str
    kinds: list[str]
    onward: list[str]
    parties: tuple[str, str]
    permitted_actions: list[str]
    purposes: list[str]
    rate: _Count
    retention_days: _Days
    serial: _Count
    supersedes: str | None
    until: str


def read_terms(data: bytes) -> Terms:
    """The terms in `data`; raises Malformed unless they are valid and exactly their JCS bytes.

    Unknown members are refused: a promise that one side cannot read is no promise.
    """
    value = jcs.parse(data, max_bytes=MAX_TERMS_BYTES)
    try:
        terms = _typed(msgspec.convert(value, _Wire, strict=True))
    except msgspec.ValidationError as error:
        raise _refused("terms_shape", str(error)) from error
    except (KeyError, ValueError) as error:
        raise _refused("terms_value", f"unknown value {error}") from error
    _check(terms)
    if terms.terms_bytes() != data:
        raise _refused("terms_not_canonical", "the bytes are not RFC 8785, or a list is unsorted")
    return terms


def _typed(wire: _Wire) -> Terms:
    return Terms(
        parties=wire.parties,
        kinds=frozenset(map(Kind, wire.kinds)),
        ceiling=Tlp.read(wire.ceiling),
        purposes=frozenset(map(Purpose, wire.purposes)),
        permitted_actions=frozenset(Pap[name] for name in wire.permitted_actions),
        basis=tuple(sorted((Kind(kind), code) for kind, code in wire.basis.items())),
        onward=frozenset(map(Tlp.read, wire.onward)),
        retention_days=wire.retention_days,
        breach_hours=wire.breach_hours,
        rate=wire.rate,
        valid_from=read_time(wire.from_),
        valid_until=read_time(wire.until),
        serial=wire.serial,
        supersedes=wire.supersedes,
        exercise=wire.exercise,
    )


def _check(terms: Terms) -> None:
    """Raises Malformed when the values contradict each other or the protocol."""
    fingerprints = [*terms.parties, *([terms.supersedes] if terms.supersedes is not None else [])]
    if not all(_FINGERPRINT.fullmatch(each) for each in fingerprints):
        raise _refused("terms_fingerprint", "a fingerprint or digest is not 64 hex digits")
    if not terms.parties[0] < terms.parties[1]:
        raise _refused("terms_parties", "two different parties, the lower fingerprint first")
    if terms.ceiling is Tlp.RED:
        raise _refused("terms_ceiling", "TLP:RED never enters the feed")
    if not terms.onward <= ONWARD:
        raise _refused("terms_onward", "only CLEAR and GREEN may go onward")
    if not all(kind in PERSONAL and code in BASES for kind, code in terms.basis):
        raise _refused("terms_basis", "a known basis for a personal kind is expected")
    if not terms.valid_from < terms.valid_until:
        raise _refused("terms_times", "'from' must be before 'until'")


def _refused(code: str, why: str) -> Malformed:
    return Malformed(
        code,
        "These are not agreement terms that can be signed",
        why=why,
        do="ask the other side for terms of this protocol version",
    )
