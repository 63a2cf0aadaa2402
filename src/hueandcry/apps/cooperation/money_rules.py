"""What is decided of traced money: how much of it an act may move, and how acts that crossed go on.

No database and no clock. The states are those of `core/machine`; the amounts are exact decimals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any, Final

from hueandcry.apps.cooperation.wire import Said
from hueandcry.core import amounts
from hueandcry.core.errors import Conflict, Malformed, NotPermitted
from hueandcry.core.law import ClockRule
from hueandcry.core.machine import MONEY, Side

RELEASED: Final = "RELEASED"
HELD: Final = "PROVISIONALLY_HELD"
#: States in which the money is held, or owed to those who lost it: what is said of it is kept.
KEPT: Final = frozenset({HELD, "FROZEN", "CONFISCATED", "RETURN_AGREED"})
#: The reason of a release that says that the hold was wrong: it is counted.
WRONGLY_HELD: Final = "WRONGLY-HELD"

#: What an act says → the acts that must say it, and those that may. No other act does.
_SAYS: Final[Mapping[str, tuple[frozenset[str], frozenset[str]]]] = {
    "amount": (
        frozenset({"trace", "hold", "freeze", "moved", "agree_return", "return"}),
        frozenset(),
    ),
    "currency": (
        frozenset({"trace", "hold", "freeze", "moved", "agree_return", "return"}),
        frozenset(),
    ),
    "until": (frozenset({"hold"}), frozenset()),
    "hop": (frozenset({"moved"}), frozenset()),
    "order": (frozenset({"freeze", "confiscate"}), frozenset()),
    "order_final": (frozenset({"confiscate"}), frozenset()),
    "agreement": (frozenset({"agree_return"}), frozenset()),
    "victims": (frozenset(), frozenset({"agree_return"})),
    "answer_by": (frozenset({"propose_release"}), frozenset()),
    "code": (frozenset(), frozenset({"release"})),
    "reasons": (frozenset(), MONEY.events),
}
#: The clock of the decision whether money is held (policy: fast-lane).
DECIDE_HOLD: Final = "stop-decide-1h"
_NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Standing:
    """The amounts of one request, in one currency; whether they are still held is its state's."""

    currency: str = ""
    traced: Decimal = _NOTHING
    moved: Decimal = _NOTHING  #: of the traced, what went on
    held: Decimal = _NOTHING  #: of the traced, what was held here last
    agreed: Decimal = _NOTHING  #: to be returned
    returned: Decimal = _NOTHING

    def value(self) -> dict[str, str]:
        """As text, for what rests sealed; nothing while nothing was said."""
        found = {name: str(value) for name, value in asdict(self).items() if value}
        return found if self.currency else {}

    @classmethod
    def read(cls, value: Mapping[str, str]) -> Standing:
        """The inverse of `value`."""
        texts = dict(value)
        currency = texts.pop("currency", "")
        return cls(currency, **{name: Decimal(text) for name, text in texts.items()})

    @property
    def here(self) -> Decimal:
        """Of the traced amount what has not gone on."""
        return amounts.total(self.traced, -self.moved)


def check_says(event: str, said: Said) -> None:
    """Raises Malformed where an act leaves out what it must say, or says what it has no use for."""
    told = {name for name in Said.members() if getattr(said, name)}
    needed = {name for name, (must, _) in _SAYS.items() if event in must}
    may = {name for name, (_, may) in _SAYS.items() if event in may}
    if lacking := sorted(needed - told):
        raise Malformed("money", f"{event} must say: {', '.join(lacking)}")
    if more := sorted(told - needed - may):
        raise Malformed("money", f"{event} has no use for: {', '.join(more)}")
    if said.code not in ("", WRONGLY_HELD):
        raise Malformed("code", f"A release has no code but {WRONGLY_HELD}")


def currency_of(given: Mapping[str, Any], standing: Standing) -> str:
    """The currency of a request: that of its form, else that in which its money was traced."""
    return str(given.get("currency", "")) or standing.currency


def checked_amount(
    event: str, said: Said, state: str, standing: Standing, given: Mapping[str, Any]
) -> Decimal:
    """The amount of an act, 0 where it has none; raises where it is more than there can be."""
    if not said.amount:
        return _NOTHING
    currency = currency_of(given, standing) or said.currency
    if said.currency != currency:
        raise Malformed("currency", f"{said.currency} is named, and the request is in {currency}")
    amount = amounts.read(said.amount, currency)
    most, why = _most(event, state, standing, given)
    if most is not None and amount > most:
        raise _more(event, f"{said.amount} {currency}", f"{amounts.text(most)} {currency}", why)
    return amount


def _most(
    event: str, state: str, standing: Standing, given: Mapping[str, Any]
) -> tuple[Decimal | None, str]:
    """How much an act can be about at most, None without a bound, and what that is."""
    if event == "trace":
        asked = given.get("amount") if given.get("currency") else None
        return None if asked is None else Decimal(asked), "the amount that the request is about"
    if event == "moved" and state == HELD:
        return amounts.total(standing.here, -standing.held), "what is traced here and not held"
    if event == "agree_return":
        return standing.held or standing.traced, "what was held, or traced, here"
    if event == "return":
        return standing.agreed, "the amount that was agreed"
    return standing.here, "what was traced here and has not gone on"


def _more(event: str, named: str, most: str, what: str) -> NotPermitted | Conflict:
    says = f"{named} is more than {most}: {what}"
    if event in ("hold", "freeze"):
        return NotPermitted(
            "traced_amount_only",
            says,
            why="The traced amount is held, never the account (policy: traced-amount)",
            do=f"Hold at most {most}",
        )
    return Conflict("more_than_there_is", says)


def after(standing: Standing, event: str, amount: Decimal, currency: str) -> Standing:
    """The amounts after an act. A release changes none: what is still held, the state says."""
    if event == "trace":
        return replace(standing, currency=currency, traced=amount)
    if event in ("hold", "freeze"):
        return replace(standing, held=amount)
    if event == "moved":
        return replace(standing, moved=amounts.total(standing.moved, amount))
    if event == "agree_return":
        return replace(standing, agreed=amount)
    if event == "return":
        return replace(standing, returned=amount)
    return standing


def shares(
    said: Said, given: Mapping[str, Any], amount: Decimal, currency: str
) -> dict[str, Decimal]:
    """Pseudonym → share of an agreed return, alike on both sides; empty where nobody is named.

    The victims are those whom the act names, else those of the form.
    """
    named = said.victims or given.get("victims") or ()
    if others := {each.get("currency", currency) for each in named} - {currency}:
        raise Malformed("currency", f"Losses are in {', '.join(sorted(others))}, not {currency}")
    losses = {each["pseudonym"]: amounts.read(each["loss"], currency) for each in named}
    if len(losses) != len(named):
        raise Malformed("victims", "A victim is named twice")
    return amounts.pro_rata(amount, losses, currency) if losses else {}


# --- acts that crossed ----------------------------------------------------------------------------


def may_release(state: str) -> bool:
    """Whether the asking side can release money in that state."""
    edge = MONEY.edges.get(("release", state))
    return edge is not None and edge.by != Side.REQUESTED


def applies_to(state: str, before: str, event: str, source: str, by: Side) -> str:
    """The state that an act of the other side moves here; Conflict where it has moved on.

    Only a release of the asking side crosses anything. It holds wherever that side may release:
    nobody keeps money that nobody wants held. Until the other node is known to have it, what it
    does moves `before`, the state that the release interrupted.
    """
    if source == state:
        return state
    if by is Side.REQUESTING and event == "release" and may_release(state):
        return state
    if by is Side.REQUESTED and source == before:
        return before
    raise Conflict(
        "moved_on",
        f"{event} was made from {source}, and the money is {state} here",
        do="Look at it again: the other side's act is on its way",
    )


def settled(state: str, moved: str, target: str, *, ours: bool) -> tuple[str, str]:
    """(state, before) after an act that led from `moved`, as `applies_to` has it, to `target`.

    `ours`: the act is a release that this side, the asking one, has just made.
    """
    if ours:
        return target, moved
    if moved != state and may_release(target):
        return state, target  # our release will hold there as well
    return target, ""


# --- clocks ---------------------------------------------------------------------------------------

_FREEING: Final = frozenset({"release", "lapse"})
#: What is as good as a decision whether the money is held.
_DECIDED: Final = frozenset({"hold", "freeze", "too_late"})


def begins_clock(rule: ClockRule, event: str, state: str) -> bool:
    """Whether an act that brought money to that state begins a clock of the rule."""
    if rule.starts == "held":
        return event == "hold" and state == HELD
    return rule.starts == "released" and event in _FREEING and state == RELEASED


def ends_clock(rule: ClockRule, event: str, state: str) -> bool:
    """Whether an act that brought money to that state is what a clock of the rule waits for."""
    if rule.starts == "held":
        return state != HELD
    if rule.starts == "released":
        return event == "freed" or state != RELEASED
    return rule.code == DECIDE_HOLD and event in _DECIDED
