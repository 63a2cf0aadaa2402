"""Check 9: who had each exhibit, from its first event to this package, each step signed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from hueandcry.core import custody, packages
from hueandcry.core.custody import Action, Content, Linked
from hueandcry.core.errors import HueError, Untrusted
from hueandcry.core.packages import CustodyLine
from hueandcry.core.policies import Policy
from hueandcry.verifier import ed25519, trust
from hueandcry.verifier.logs import Seen
from hueandcry.verifier.statement import Stated


@dataclass(frozen=True, slots=True)
class Told:
    """One line of custody, read: its number in the file, and its event."""

    number: int
    line: CustodyLine
    linked: Linked

    @property
    def event(self) -> custody.Event:
        return self.linked.event


Chains = Mapping[UUID, Sequence[Told]]  #: exhibit → its lines in order


def read(stated: Stated) -> Chains:
    """The lines by exhibit; Malformed, or Untrusted (`custody_order`) as the file may not be."""
    told = [_told(number, line) for number, line in enumerate(stated.lines)]
    chains: dict[UUID, Sequence[Told]] = {}
    last = ""
    for number, lines in groupby(told, key=lambda each: each.event.number):
        chain = list(lines)
        exhibit = chain[0].event.exhibit
        if number <= last or exhibit in chains:
            raise Untrusted("custody_order", f"The custody of {number} stands in two places")
        last, chains[exhibit] = number, chain
    return chains


def _told(number: int, line: CustodyLine) -> Told:
    with _naming(number):
        return Told(number, line, Linked.read(line.record))


def check(stated: Stated, chains: Chains, policy: Policy | None, seen: Seen) -> str:
    """(9) Each chain is whole, each line is signed by whom it names, and leads to the exhibit."""
    # (a) Each chain holds by itself, and grew in its logs in this order.
    for chain in chains.values():
        custody.check_chain([each.linked for each in chain])
        _check_growth(chain)
    # (b) A child was made of what its parent's custody says, where that is told here.
    parents = _check_parents(chains)
    # (c) It leads to the bytes that are in the package, and to this package.
    for exhibit in stated.statement.exhibits:
        _check_leads_to(exhibit, chains, stated)
    packed = {each.id for each in stated.statement.exhibits}
    for exhibit_id in chains.keys() - packed - parents:
        number = chains[exhibit_id][0].event.number
        raise Untrusted("custody_spare", f"The custody of {number} is told, which is not packed")
    # (d) Whoever acted signed it, with a key that was good then, in a log of its own.
    trusted = trust.needed(policy)
    count = sum(len(chain) for chain in chains.values())
    for each in _all(chains):
        with _naming(each.number):
            _check_signed(each, trusted, seen)
    unseen = sum(seen.first((each.line.origin, each.line.index)) is None for each in _all(chains))
    by = f"; {unseen} by their own time only, which no witness bounds" if unseen else ""
    return f"{count} events of {len(chains)} exhibits are signed and linked{by}"


def _all(chains: Chains) -> Iterable[Told]:
    return (each for chain in chains.values() for each in chain)


def _check_growth(chain: Sequence[Told]) -> None:
    """Raises Untrusted (`custody_place`) where a later event stands earlier in the same log."""
    last: dict[str, int] = {}
    for each in chain:
        line = each.line
        if line.index <= last.get(line.origin, -1):
            raise Untrusted(
                "custody_place",
                f"Custody line {each.number} stands before an earlier event in {line.origin}",
                why="It was put in later, or dated back",
            )
        last[line.origin] = line.index


def _check_parents(chains: Chains) -> set[UUID]:
    """The exhibits of which others here were made."""
    parents: set[UUID] = set()
    for chain in chains.values():
        parent = chain[0].event.parent
        if parent is not None and parent in chains:
            made = [each.event for each in chain]
            custody.check_parent(made, [each.event for each in chains[parent]])
            parents.add(parent)
    return parents


def _check_leads_to(exhibit: packages.Exhibit, chains: Chains, stated: Stated) -> None:
    chain = chains.get(exhibit.id)
    if chain is None or chain[0].event.number != exhibit.number:
        raise Untrusted("custody_none", f"No custody of exhibit {exhibit.number} is told")
    content = custody.content_of([each.event for each in chain])
    if content != (Content(exhibit.sha256, exhibit.size),):
        raise Untrusted(
            "custody_exhibit_bytes", f"The custody of {exhibit.number} is that of other bytes"
        )
    _check_handed(exhibit.number, chain[-1].event, stated)


def _check_handed(number: str, last: custody.Event, stated: Stated) -> None:
    """The last event is this hand-over; a package for oneself is none."""
    said = stated.document.stated
    if last.actor.org != said.iss:
        raise Untrusted("custody_holder", f"Whoever packed {number} was not its holder")
    if last.action is Action.DESTROYED:
        raise Untrusted("custody_destroyed", f"{number} is packed, and is said to be destroyed")
    if said.aud == said.iss:
        return
    other = last.counterpart
    if (
        last.action is not Action.TRANSFERRED
        or other is None
        or (other.org, other.package) != (said.aud, stated.statement.package)
    ):
        raise Untrusted(
            "custody_handed", f"The custody of {number} does not end with this hand-over"
        )


def _check_signed(each: Told, policy: Policy, seen: Seen) -> None:
    line, event = each.line, each.event
    # (i) The key that is named is of the organisation that acted, and signed these bytes.
    if line.kid.partition("/")[0] != event.actor.org:
        raise Untrusted("custody_signer", "It is signed by another member than acted")
    key = trust.act_key(policy, line.kid)
    if not ed25519.verify(key.public, line.signature, custody.message(line.record)):
        raise Untrusted("custody_signature", "The signature does not hold")
    # (ii) It stands in that organisation's own log.
    owner = seen.owners.get(line.origin)
    if owner is not None and owner != event.actor.org:
        raise Untrusted("custody_log", f"It stands in the log of {trust.named(policy, owner)}")
    # (iii) The key was good when others first saw it, and the time that it says can be true.
    moment = trust.Moment(event.at, seen.first((line.origin, line.index)))
    trust.check_standing(key, moment)
    trust.check_times(policy, moment, f"Event {event.n} ({event.action.value}) of {event.number}")


class _naming:  # reads as a word where it is used
    """Puts the number of a line before the words of an error."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, HueError):
            what = f"Custody line {self._number}: {error.what}"
            raise type(error)(error.code, what, why=error.why, do=error.do) from None
