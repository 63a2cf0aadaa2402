"""Claims for people to leaf through: newest first, by cursor, each page a bounded amount of work.

All that people said is in one partial index by feed position; lists are left out of it, because
an index that bulk ingest pays for would cost more than it gives. What is on a list is found by
its exact value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hueandcry.apps.members import face as members
from hueandcry.apps.signals import queries, rules
from hueandcry.apps.signals.lookup import Answer, GuestLookups, Lookups, signal_of
from hueandcry.apps.signals.models import Act
from hueandcry.apps.signals.queries import ClaimRow, SignalRow
from hueandcry.apps.signals.seats import Sight
from hueandcry.core.errors import HueError, NotFound
from hueandcry.core.normal.guessing import guess
from hueandcry.core.normal.table import normalise
from hueandcry.core.normal.text import flat, refang, tidy
from hueandcry.core.types import Audience, Fingerprint, Kind, Marking, Micros, Signal, Verdict

#: Claims read at once, and at most for one page: past that the page says where it stopped.
STEP: Final = 500
REACH: Final = 5_000
#: How many of the newest claims a search by part looks through.
SEARCHED: Final = 20_000
#: Fewer letters than this would find nearly everything.
SHORTEST: Final = 3
MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Claimed:
    """One claim as people see it in a list or on the page of its signal."""

    row: int
    claim_id: bytes
    signal: Signal
    claimant: Fingerprint
    name: str  #: of the claimant
    ours: bool
    source: str  #: the feed; empty: the claimant's own people
    verdict: Verdict
    lure: str
    method: str
    confidence: int | None
    marking: Marking
    circle: str
    valid_from: Micros
    valid_until: Micros
    created: Micros
    modified: Micros
    n: int
    state: str  #: live, ended or retracted
    label: int
    batch: int | None
    ordinal: int | None
    seq: int
    seat: str = ""  #: the guest who speaks under the claimant's signature, where it is known


@dataclass(frozen=True, slots=True)
class Where:
    """Which claims are wanted; empty means every one."""

    kinds: frozenset[Kind] = frozenset()
    verdict: Verdict | None = None
    state: str = ""

    def takes(self, claim: Claimed) -> bool:
        return (
            (not self.kinds or claim.signal.kind in self.kinds)
            and (self.verdict is None or claim.verdict is self.verdict)
            and (not self.state or claim.state == self.state)
        )


EVERYTHING: Final = Where()


@dataclass(frozen=True, slots=True)
class ClaimPage:
    """Claims, newest change first; `before` is the cursor of the next page, None at the end."""

    claims: tuple[Claimed, ...]
    before: int | None


def claims_by(
    member: int,
    at: Micros,
    *,
    before: int | None = None,
    limit: int = 50,
    where: Where = EVERYTHING,
) -> ClaimPage:
    """What the people of one member claim, or a guest under its seat; the newest change first."""
    seat = members.seat_of(members.member(member).fingerprint)
    if seat is None:
        return _page(lambda top, n: queries.said_by(member, top, n), at, before, limit, where)
    us, source = members.us().id, queries.source_number(seat.source)
    return _page(lambda top, n: queries.said_from(us, source, top, n), at, before, limit, where)


def newest_claims(
    at: Micros,
    *,
    before: int | None = None,
    limit: int = 50,
    where: Where = EVERYTHING,
    others: bool = False,
) -> ClaimPage:
    """What people of every member claim (`others`: of all but ours), the newest change first."""
    us = members.us().id if others else None
    return _page(lambda top, n: queries.said(us, top, n), at, before, limit, where)


def _page(
    read: Callable[[int | None, int], list[ClaimRow]],
    at: Micros,
    before: int | None,
    limit: int,
    where: Where,
) -> ClaimPage:
    """Fills a page step by step; one that looked at REACH claims ends short of its limit."""
    found: list[Claimed] = []
    seen = 0
    step = STEP if where != EVERYTHING else min(STEP, limit + 1)
    while rows := read(before, step):
        for claim in claimed(rows, at):
            before, seen = claim.seq, seen + 1
            if where.takes(claim):
                found.append(claim)
            if len(found) == limit or seen >= REACH:
                return ClaimPage(tuple(found), before)
        if len(rows) < step:
            break
    return ClaimPage(tuple(found), None)


def claimed(rows: Sequence[ClaimRow], at: Micros) -> list[Claimed]:
    """Stored claims in words, in the order given: one statement for the signals of all of them."""
    signals = queries.signals_of({row.signal for row in rows})
    known = members.names_of({row.claimant for row in rows})
    us = members.us().id
    found = [_claimed(row, signals[row.signal], *known[row.claimant], us, at) for row in rows]
    return _seated(found)


def _seated(found: list[Claimed]) -> list[Claimed]:
    """The claims of guests under the name of who speaks."""
    said = {(c.claimant, c.source) for c in found if c.source.startswith(members.SEAT_SOURCE)}
    if not said:
        return found
    seats = {key: members.speaker(*key) for key in said}
    named = {key: seat.name for key, seat in seats.items() if seat is not None}
    return [replace(c, seat=named.get((c.claimant, c.source), "")) for c in found]


def _claimed(
    row: ClaimRow, signal: SignalRow, claimant: Fingerprint, name: str, us: int, at: Micros
) -> Claimed:
    lure, method = queries.profile_text(row.profile)
    label = queries.label(row.label)
    return Claimed(
        row=row.id,
        claim_id=row.claim_id,
        signal=Signal(rules.KINDS[signal.kind], signal.value),
        claimant=claimant,
        name=name,
        ours=row.claimant == us,
        source=queries.source_text(row.source),
        verdict=rules.VERDICTS[row.verdict],
        lure=lure,
        method=method,
        confidence=row.confidence,
        marking=label.marking,
        circle=label.circle,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        created=row.created,
        modified=row.modified,
        n=row.n,
        state=_state(row, at),
        label=row.label,
        batch=row.batch,
        ordinal=row.ordinal,
        seq=row.seq,
    )


def _state(row: ClaimRow, at: Micros) -> str:
    if row.state == rules.RETRACTED:
        return "retracted"
    return "live" if at < row.valid_until else "ended"


def claim(claim_id: bytes, at: Micros) -> Claimed:
    """One claim, whoever's it is; raises NotFound."""
    row = queries.claims_by_id([claim_id]).get(claim_id)
    if row is None:
        raise NotFound("claim", "There is no such claim here")
    return claimed([row], at)[0]


def find(key: bytes) -> Signal | None:
    """The signal of this key (16 bytes), if anybody ever spoke of it here."""
    row = queries.signal_of(key)
    return Signal(rules.KINDS[row.kind], row.value) if row else None


# --- search --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hit:
    """A signal that a search by part found, with the verdict that we ourselves give."""

    signal: Signal
    answer: Answer


@dataclass(frozen=True, slots=True)
class Search:
    """What was found: the value itself as it was read, and signals that contain the text."""

    signal: Signal | None
    answer: Answer | None
    refusal: HueError | None  #: why the text could not be read as one whole value
    hits: tuple[Hit, ...]
    looked: bool  #: whether the text was long enough to look for it as a part


def search(
    text: str,
    *,
    kind: Kind | None = None,
    market: str | None = None,
    within: frozenset[Kind] = frozenset(Kind),
    audience: Audience = Audience.OWN,
    sight: Sight | None = None,
) -> Search:
    """Exact by what the text reads as, and by part among the newest that people claim.

    `within` bounds the search by part; whether a person's value may be shown is for the door.
    Answers are those of `audience`, or what a guest may see (`sight`).
    """
    lookups = Lookups(audience) if sight is None else GuestLookups(sight)
    signal, refusal = _read(text, kind, market)
    answer = lookups.one(signal.value, signal.kind) if signal else None
    part = _part(text)
    looked = len(part) >= SHORTEST
    wanted = within if kind is None else within & {kind}
    numbers = [rules.KIND_NUMBER[each] for each in wanted]
    rows = queries.said_with(part, numbers, SEARCHED, MOST) if looked else []
    found = [Signal(rules.KINDS[row.kind], row.value) for row in rows]
    others = [each for each in found if each != signal]
    return Search(signal, answer, refusal, _hits(others, lookups), looked)


def _hits(found: Sequence[Signal], lookups: Lookups) -> tuple[Hit, ...]:
    """With their verdicts, asked together for each kind."""
    answers: dict[Signal | None, Answer] = {}
    for kind in {each.kind for each in found}:
        values = [each.value for each in found if each.kind is kind]
        answers |= {signal_of(answer): answer for answer in lookups.many(values, kind)}
    return tuple(Hit(each, answers[each]) for each in found if each in answers)


def _read(
    text: str, kind: Kind | None, market: str | None
) -> tuple[Signal | None, HueError | None]:
    try:
        if kind is None:
            return guess(text, market=market), None
        return normalise(kind, text, market=market), None
    except HueError as refusal:
        return None, refusal


def _part(text: str) -> str:
    """The text as it would stand inside a canonical value: refanged, no scheme, lower case."""
    try:
        plain = refang(flat(tidy(text, 300)))
    except HueError:
        return ""
    if not plain.isprintable():
        return ""  # no canonical value holds a control character, and PostgreSQL takes no NUL
    return plain.casefold().partition("://")[2] or plain.casefold()


# --- acts ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ActView:
    """One thing that our people did to claims, and its entry in the ledger."""

    number: int
    kind: str
    person: str  #: empty: a command or a program
    at: Micros
    count: int
    log_index: int | None


def acts(*, before: int | None = None, limit: int = 50) -> list[ActView]:
    """What our people did, newest first, beyond the act of number `before`."""
    rows = Act.objects.select_related("person").order_by("-id")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return [
        ActView(row.pk, row.kind, _person(row), row.at, row.count, row.log_index)
        for row in rows.defer("log_record", "log_salt")[:limit]
    ]


def _person(row: Act) -> str:
    return (row.person.name or row.person.login) if row.person else ""
