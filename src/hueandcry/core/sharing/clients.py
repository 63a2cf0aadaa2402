"""The gate's other side: what a client of ours may be handed, by its audience and by label.

A client is a program with a token, not a member with an agreement. It gets a copy, so that more
is asked than for the answer to one look-up: nothing personal leaves the house, and nothing of a
third member that did not let it go onward.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hueandcry.core.sharing.gate import Decision
from hueandcry.core.sharing.labels import Label, audience_sees, effective
from hueandcry.core.sharing.reasons import Reason, reason
from hueandcry.core.times import time_text
from hueandcry.core.types import PERSONAL, Audience, Fingerprint, Micros, Pap, Tlp


def decide_client(audience: Audience, thing: Label, at: Micros, *, us: Fingerprint) -> Decision:
    """Whether a client of this audience may be handed `thing`, at `at` of this node's clock.

    Allowed only when no rule objects. Our own programs (audience own) get all but TLP:RED, which
    is for named persons; whatever the look-up door would not answer from is not handed over.
    """
    rules = OWN_RULES if audience is Audience.OWN else CLIENT_RULES
    reasons = tuple(found for rule in rules if (found := rule(audience, thing, at, us)))
    return Decision(not reasons, reasons)


def tier_of(tlp: Tlp, pap: Pap = Pap.GREEN, *, reserved: bool = False) -> Audience | None:
    """The widest audience that may be handed an object of a collection; None: nobody.

    `reserved` is an object with an embargo, or for investigation or prosecution alone: it stays
    in the house for good, since nobody would be told when it opens.
    """
    if tlp is Tlp.RED:
        return None
    if reserved or tlp > Tlp.GREEN or pap > Pap.GREEN:
        return Audience.OWN
    return Audience.GREEN if tlp is Tlp.GREEN else Audience.CLEAR


def _red(audience: Audience, thing: Label, at: Micros, us: Fingerprint) -> Reason | None:
    """RED is for named persons; a program is none."""
    return reason("red_never") if effective(thing).tlp is Tlp.RED else None


def _ceiling(audience: Audience, thing: Label, at: Micros, us: Fingerprint) -> Reason | None:
    """An audience is a ceiling."""
    ceiling = Tlp.GREEN if audience is Audience.GREEN else Tlp.CLEAR
    tlp = effective(thing).tlp
    if tlp <= ceiling:
        return None
    return reason("over_ceiling", tlp=tlp.wire, ceiling=ceiling.wire)


def _circle(audience: Audience, thing: Label, at: Micros, us: Fingerprint) -> Reason | None:
    """No client is in a circle."""
    return reason("circle_closed", member=us) if thing.circle else None


def _embargo(audience: Audience, thing: Label, at: Micros, us: Fingerprint) -> Reason | None:
    """An embargo holds until it has passed."""
    embargo = thing.marking.embargo
    if embargo is None or at >= embargo.until:
        return None
    return reason("embargo_running", at=time_text(embargo.until))


def _open(audience: Audience, thing: Label, at: Micros, us: Fingerprint) -> Reason | None:
    """What look-ups would not answer from (action, purposes) is not handed over either."""
    marking = thing.marking
    if audience_sees(marking, thing.circle, audience, at):
        return None
    if marking.pap > Pap.GREEN:
        return reason("action_not_promised", pap=marking.pap.name)
    return reason("purpose_not_marked", purpose="protection")


def _personal(audience: Audience, thing: Label, at: Micros, us: Fingerprint) -> Reason | None:
    """A client signed no agreement that could give a transfer basis."""
    if thing.kind not in PERSONAL:
        return None
    return reason("personal_without_basis", kind=thing.kind.value)


def _onward(audience: Audience, thing: Label, at: Micros, us: Fingerprint) -> Reason | None:
    """A third member's things go to outsiders only where it let them go onward."""
    return None if thing.origin == us or thing.onward else reason("onward_not_granted")


_Rule = Callable[[Audience, Label, Micros, Fingerprint], Reason | None]

OWN_RULES: Final[tuple[_Rule, ...]] = (_red,)
CLIENT_RULES: Final[tuple[_Rule, ...]] = (
    _red,
    _ceiling,
    _circle,
    _embargo,
    _open,
    _personal,
    _onward,
)
