"""What the documents of a partnership add up to. Pure: a set of signatures in, standings out.

The state is a function of the *set* of documents held: order, repetition, and which k of the
signers a node heard from make no difference. An act is in force when k members in good standing
have signed it; nobody counts on an act about itself. A signature rests on a *standing* (the
charter, an admission or a reinstatement). Once a later suspension or expulsion of its signer is in
force it is struck, unless that act names, in `stand`, the act that was signed: so nothing settled
is undone, and nothing signed afterwards counts, however it is dated.

Acts may strike each other's signatures, in a circle. Then those that take standing away hold and
those that give it do not: the strictest reading, and no choice that a forger could steer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from hueandcry.apps.directory.forms import (
    ADMISSION,
    ENDING,
    EXPULSION,
    REINSTATEMENT,
    SUSPENSION,
    Act,
    Charter,
)
from hueandcry.core.errors import Conflict, NotPermitted
from hueandcry.core.types import Fingerprint, Micros


class Status(StrEnum):
    """How a member stands in the partnership."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    EXPELLED = "expelled"


_GIVES: Final = {
    ADMISSION: Status.ACTIVE,
    REINSTATEMENT: Status.ACTIVE,
    SUSPENSION: Status.SUSPENDED,
    EXPULSION: Status.EXPELLED,
}
#: What a member must be for an act to make sense; None: not a member.
_FROM: Final[dict[str, frozenset[Status | None]]] = {
    ADMISSION: frozenset({None, Status.EXPELLED}),
    REINSTATEMENT: frozenset({Status.SUSPENDED}),
    SUSPENSION: frozenset({Status.ACTIVE}),
    EXPULSION: frozenset({Status.ACTIVE, Status.SUSPENDED}),
}


@dataclass(frozen=True, slots=True)
class Vote:
    """One member's signature under a charter or an act, as the fold sees it."""

    issuer: Fingerprint
    about: str  #: digest of the charter or of the act
    standing: str = ""  #: digest of the charter or act that the issuer's standing rests on


@dataclass(frozen=True, slots=True)
class Place:
    """A member's place: its status, since which serial, and the act that gave it."""

    status: Status
    serial: int
    act: str


@dataclass(frozen=True, slots=True)
class State:
    """A partnership as one set of documents gives it."""

    charter: Charter
    founded: bool
    in_force: frozenset[str]
    places: Mapping[Fingerprint, Place]
    counted: Mapping[str, frozenset[Fingerprint]] = field(default_factory=dict)

    def status(self, member: Fingerprint) -> Status | None:
        """How a member stands; None for one that never was a member."""
        place = self.places.get(member)
        return place.status if place else None


# --- the fold ------------------------------------------------------------------------------------


def fold(charter: Charter, acts: Iterable[Act], votes: Iterable[Vote]) -> State:
    """The state that this set of documents gives, whatever its order."""
    held = {act.digest: act for act in acts if act.partnership == charter.digest}
    cast = frozenset(votes)
    founders = frozenset(charter.founders)
    signed = {vote.issuer for vote in cast if vote.about == charter.digest}
    if not founders <= signed:
        return State(charter, False, frozenset(), {})
    ballot = _Ballot(charter, held, cast)
    in_force = ballot.settle()
    return State(
        charter, True, in_force, _places(charter, held, in_force), ballot.counted(in_force)
    )


class _Ballot:
    """Signatures under acts, with what each rests on."""

    def __init__(self, charter: Charter, acts: Mapping[str, Act], votes: Iterable[Vote]) -> None:
        self._charter = charter
        self._acts = acts
        self._votes = [vote for vote in votes if self._may_count(vote)]

    def _may_count(self, vote: Vote) -> bool:
        act = self._acts.get(vote.about)
        if act is None or act.member == vote.issuer:
            return False
        if vote.standing == self._charter.digest:
            return vote.issuer in self._charter.founders
        rest = self._acts.get(vote.standing)
        return rest is not None and rest.member == vote.issuer and rest.kind not in ENDING

    def _serial(self, vote: Vote) -> int:
        rest = self._acts.get(vote.standing)
        return rest.serial if rest else 0

    def settle(self) -> frozenset[str]:
        """The acts in force: the well-founded reading, ended by the strict rule."""
        low: frozenset[str] = frozenset()
        while True:
            high = self._carried(low)
            surely = self._carried(high)
            if surely == low:
                return low | {digest for digest in high if self._acts[digest].kind in ENDING}
            low = surely

    def _carried(self, striking: Iterable[str]) -> frozenset[str]:
        """Acts that k signatures carry when the ending acts among `striking` strike."""
        votes = self._unstruck(striking)
        carried: set[str] = set()
        while True:
            more = {
                d for d, by in self._tally(votes, carried).items() if len(by) >= self._charter.k
            }
            if more <= carried:
                return frozenset(carried)
            carried |= more

    def _unstruck(self, striking: Iterable[str]) -> list[Vote]:
        ends: dict[Fingerprint, list[Act]] = {}
        for digest in striking:
            act = self._acts[digest]
            if act.kind in ENDING:
                ends.setdefault(act.member, []).append(act)
        return [vote for vote in self._votes if not self._struck(vote, ends.get(vote.issuer, ()))]

    def _struck(self, vote: Vote, ends: Iterable[Act]) -> bool:
        serial = self._serial(vote)
        return any(end.serial > serial and vote.about not in end.stand for end in ends)

    def _tally(self, votes: Iterable[Vote], carried: Iterable[str]) -> dict[str, set[Fingerprint]]:
        resting = {self._charter.digest, *carried}
        found: dict[str, set[Fingerprint]] = {}
        for vote in votes:
            if vote.standing in resting:
                found.setdefault(vote.about, set()).add(vote.issuer)
        return found

    def counted(self, in_force: frozenset[str]) -> dict[str, frozenset[Fingerprint]]:
        """Whose signatures count under each act, in force or not."""
        tally = self._tally(self._unstruck(in_force), in_force)
        return {digest: frozenset(by) for digest, by in tally.items()}


def _places(
    charter: Charter, acts: Mapping[str, Act], in_force: Iterable[str]
) -> dict[Fingerprint, Place]:
    """Of the acts in force about a member the one of the highest serial counts."""
    places = {one: Place(Status.ACTIVE, 0, charter.digest) for one in charter.founders}
    for act in sorted((acts[digest] for digest in in_force), key=lambda act: act.rank):
        places[act.member] = Place(_GIVES[act.kind], act.serial, act.digest)
    return places


# --- what our own people may do ------------------------------------------------------------------


def draft(state: State, kind: str, member: Fingerprint, reason: str) -> Act:
    """The act that says this about a member now; raises Conflict where it makes no sense."""
    place = state.places.get(member)
    serial = place.serial + 1 if place else 1
    stand = _standing_signatures(state, member) if kind in ENDING else ()
    act = Act(kind, state.charter.digest, member, serial, stand, reason)
    check_act(state, act)
    return act


def _standing_signatures(state: State, member: Fingerprint) -> tuple[str, ...]:
    """The acts in force on which this member's signature counts."""
    return tuple(sorted(d for d in state.in_force if member in state.counted.get(d, ())))


def check_act(state: State, act: Act) -> None:
    """Raises Conflict unless the act follows from this state, so that it can be signed."""
    if not state.founded:
        raise Conflict(
            "not_founded", "The charter is not in force", do="Wait until every founder has signed"
        )
    status = state.status(act.member)
    if status not in _FROM[act.kind]:
        now = status.value if status else "not a member"
        raise Conflict("standing", f"That member is {now}: {act.kind} says nothing", do=_LOOK)
    place = state.places.get(act.member)
    if act.serial != (place.serial + 1 if place else 1):
        raise Conflict("stale_act", "Another act about this member came before", do=_AGAIN)
    if act.kind in ENDING and not set(_standing_signatures(state, act.member)) <= set(act.stand):
        raise Conflict(
            "stale_act",
            "The act would strike a signature that something in force rests on",
            why="That was signed, or arrived, after the act was written",
            do=_AGAIN,
        )


_LOOK = "See `hueandcry directory list`"
_AGAIN = "Propose it anew with `hueandcry directory propose`"


def check_signer(state: State, act: Act, us: Fingerprint) -> str:
    """The standing that our signature under an act rests on; raises NotPermitted without one."""
    place = state.places.get(us)
    if place is None or place.status is not Status.ACTIVE:
        raise NotPermitted("not_a_member", "Only a member in good standing signs", do=_LOOK)
    if act.member == us:
        raise NotPermitted("own_standing", "Nobody counts on an act about itself")
    return place.act


# --- whether a signature stands ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature with what decides whether its key could give it (PROTOCOL 1, revocation)."""

    vote: Vote
    digest: str  #: of the document
    answers: frozenset[str]  #: documents that it names in `re`: its signer had seen them
    iat: Micros
    logged_at: Micros  #: when this node logged it
    valid_from: Micros
    valid_to: Micros
    compromised_since: Micros | None

    @property
    def _in_time(self) -> bool:
        return self.valid_from <= self.iat < self.valid_to

    @property
    def _sound(self) -> bool:
        """Signed before its key failed, as far as its own words go, and they are not disputed."""
        return self._in_time and (self.compromised_since is None)


def standing_votes(signed: Sequence[Signed]) -> list[Vote]:
    """The votes that stand.

    A key that failed gives none from then on. What we logged before then stands; what came later
    stands if another member, whose own key is sound, had answered it before the key failed.
    """
    answered: dict[str, list[Signed]] = {}
    for one in signed:
        for digest in one.answers:
            answered.setdefault(digest, []).append(one)
    return [one.vote for one in signed if _stands(one, answered.get(one.digest, ()))]


def _stands(one: Signed, witnesses: Iterable[Signed]) -> bool:
    failed = one.compromised_since
    if not one._in_time:
        return False
    if failed is None or one.logged_at < failed:
        return True
    others = (w for w in witnesses if w.vote.issuer != one.vote.issuer and w._sound)
    return any(witness.iat < failed for witness in others)
