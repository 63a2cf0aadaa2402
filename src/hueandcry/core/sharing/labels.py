"""Labels: what the gate looks at, and nothing more, so that it runs once per label."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from hueandcry.core import jcs
from hueandcry.core.errors import Broken
from hueandcry.core.sharing.terms import Terms
from hueandcry.core.times import read_time, time_text
from hueandcry.core.types import (
    Audience,
    Claim,
    Embargo,
    Fingerprint,
    Kind,
    Lane,
    Marking,
    Micros,
    Pap,
    Purpose,
    Tlp,
)


@dataclass(frozen=True, slots=True)
class Label:
    """What decides whether a thing may pass: equal labels always get equal answers."""

    kind: Kind
    marking: Marking
    origin: Fingerprint  #: the claimant
    circle: str = ""  #: a sharing circle; secret and local, empty: none
    onward: bool = True  #: the agreement it was received under lets it go onward; True for own
    basis: str = ""  #: the transfer basis it was received under, when personal
    lane: Lane = Lane.LIVE

    def text(self) -> str:
        """The canonical JSON text under which a store interns this label."""
        return jcs.canonical(_members(self)).decode()

    @classmethod
    def from_text(cls, text: str) -> Label:
        """The label that `text()` wrote; raises Broken on anything else."""
        try:
            return _label(jcs.parse(text.encode(), max_bytes=65_536))
        except Exception as error:
            raise Broken("label_text", "A stored label is unreadable", why=repr(error)) from error


def label_of(
    claim: Claim,
    *,
    circle: str = "",
    onward: bool = True,
    basis: str = "",
    lane: Lane = Lane.LIVE,
) -> Label:
    """The label of a claim as this node holds it."""
    return Label(claim.signal.kind, claim.marking, claim.claimant, circle, onward, basis, lane)


def effective(label: Label) -> Marking:
    """The marking that counts: a circle makes everything in it at least AMBER."""
    if label.circle and label.marking.tlp < Tlp.AMBER:
        return replace(label.marking, tlp=Tlp.AMBER)
    return label.marking


def strictest(markings: Iterable[Marking]) -> Marking:
    """The strictest of several markings on one thing (PROTOCOL 4); of none: AMBER+STRICT.

    Purposes that contradict each other leave none over, which reads as TLP:RED, because an empty
    set would mean every purpose.
    """
    found = list(markings)
    if not found:
        return Marking(tlp=Tlp.AMBER_STRICT)
    limits = [marking.purposes for marking in found if marking.purposes]
    purposes = frozenset[Purpose]().union(*limits).intersection(*limits)
    embargoes = [marking.embargo for marking in found if marking.embargo]
    return Marking(
        tlp=Tlp.RED if limits and not purposes else max(marking.tlp for marking in found),
        pap=max(marking.pap for marking in found),
        purposes=purposes,
        embargo=max(embargoes, key=lambda each: (each.until, each.case), default=None),
    )


def next_change(label: Label, at: Micros, agreement: Terms | None = None) -> Micros | None:
    """The next instant after `at` at which an answer about `label` may differ, or None."""
    embargo = label.marking.embargo
    instants = [embargo.until] if embargo else []
    if agreement:
        instants += [agreement.valid_from, agreement.valid_until]
    return min((instant for instant in instants if instant > at), default=None)


def audience_sees(marking: Marking, circle: str, audience: Audience, at: Micros) -> bool:
    """Whether look-ups and lists for `audience` may answer from a claim so marked.

    Our own people see everything. Others see nothing that is in a circle, under a running
    embargo, reserved for investigation or prosecution, or not to be acted upon openly.
    """
    if audience is Audience.OWN:
        return True
    ceiling = Tlp.GREEN if audience is Audience.GREEN else Tlp.CLEAR
    return marking.tlp <= ceiling and not circle and may_block(marking, at)


def may_block(marking: Marking, at: Micros) -> bool:
    """Whether a claim so marked may be acted upon openly: to block is to let its target notice."""
    return (
        marking.pap <= Pap.GREEN
        and not (marking.embargo and at < marking.embargo.until)
        and (not marking.purposes or not marking.purposes.isdisjoint(_OPEN_PURPOSES))
    )


#: What look-ups and block lists serve.
_OPEN_PURPOSES = frozenset({Purpose.PREVENTION, Purpose.PROTECTION})


def _members(label: Label) -> dict[str, Any]:
    marking, embargo = label.marking, label.marking.embargo
    return {
        "basis": label.basis,
        "circle": label.circle,
        "embargo": {"case": embargo.case, "until": time_text(embargo.until)} if embargo else None,
        "kind": label.kind.value,
        "lane": label.lane.value,
        "onward": label.onward,
        "origin": label.origin,
        "pap": marking.pap.name,
        "purposes": sorted(purpose.value for purpose in marking.purposes),
        "tlp": marking.tlp.wire,
    }


def _label(members: dict[str, Any]) -> Label:
    embargo = members["embargo"]
    marking = Marking(
        tlp=Tlp.read(members["tlp"]),
        pap=Pap[members["pap"]],
        purposes=frozenset(Purpose(text) for text in members["purposes"]),
        embargo=Embargo(embargo["case"], read_time(embargo["until"])) if embargo else None,
    )
    return Label(
        kind=Kind(members["kind"]),
        marking=marking,
        origin=members["origin"],
        circle=members["circle"],
        onward=members["onward"],
        basis=members["basis"],
        lane=Lane(members["lane"]),
    )
