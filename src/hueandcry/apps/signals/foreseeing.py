"""What taking a list would change, worked out without writing anything, not even its name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from hueandcry.apps.members import face as members
from hueandcry.apps.signals import queries, rules, stated
from hueandcry.apps.signals.allow import allow_lists
from hueandcry.apps.signals.bulk import Listing, Reject
from hueandcry.apps.signals.held import known_source
from hueandcry.apps.signals.service import NewClaim
from hueandcry.core.errors import Unreadable
from hueandcry.core.formats import Row
from hueandcry.core.types import Micros, Signal, Verdict
from hueandcry.engine.store.reading import reader

_CHUNK: Final = 2_000
_HELD: Final = (
    "SELECT s.key, c.n, c.state, c.verdict, c.confidence, c.label, c.profile, "
    "c.valid_from, c.valid_until FROM signals_signal s JOIN signals_claim c ON c.signal_id = s.id "
    "WHERE c.claimant_id = {us} AND c.source = {source} AND s.key {{many}}"
)


@dataclass(slots=True)
class Foreseen:
    """What some rows of a list would do; the counts add up to `rows`."""

    rows: int = 0
    new: int = 0
    renewed: int = 0  #: revised, or past half their life
    same: int = 0
    rejected: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    rejects: list[Reject] = field(default_factory=list)
    #: Values on an allow-list that the list would mark as scam; they stay allowed.
    allowed: list[tuple[Signal, str]] = field(default_factory=list)
    samples: list[Signal] = field(default_factory=list)  #: some of the new ones
    keys: list[bytes] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Wanted:
    row: Row
    signal: Signal
    claim: NewClaim
    until: Micros | None


def foresee(rows: Iterable[Row], listing: Listing, at: Micros) -> Iterator[Foreseen]:
    """What each 2 000 rows of the list would do, one after the other."""
    remaining = iter(rows)
    source = known_source(listing.source)
    done: set[bytes] = set()
    while part := list(islice(remaining, _CHUNK)):
        yield _part(part, listing, source, at, done)


def _part(
    part: list[Row], listing: Listing, source: int | None, at: Micros, done: set[bytes]
) -> Foreseen:
    found = Foreseen(rows=len(part))
    wanted: dict[bytes, _Wanted] = {}
    for row in part:
        try:
            want = _read(row, listing, at)
        except Unreadable as error:
            _reject(found, row, error.code)
            continue
        key = want.signal.key
        if key in done:
            found.same += 1
            continue
        done.add(key)
        wanted[key] = want
    held = _held(list(wanted), source)
    allow = allow_lists()
    for key, want in wanted.items():
        found.keys.append(key)
        _count(found, want, held.get(key), at)
        name = allow.of(want.signal.kind, want.signal.value)
        if name and want.claim.verdict is Verdict.SCAM:
            found.allowed.append((want.signal, name))
    return found


def _read(row: Row, listing: Listing, at: Micros) -> _Wanted:
    if row.fault:
        raise Unreadable(row.fault, "The format says that this is no claim")
    signal = stated.signal(row, listing)
    _, until = stated.times(row.said, at) if row.said else (None, None)
    return _Wanted(row, signal, stated.meant(signal.kind, row.said, listing), until)


def _reject(found: Foreseen, row: Row, code: str) -> None:
    found.rejected += 1
    found.reasons[code] += 1
    found.rejects.append(Reject(row.n, code, row.text))


#: n, state, verdict, confidence, label, profile, from, until of our claim of the greatest n.
_Held = tuple[int, int, int, int | None, int, int, Micros, Micros]


def _held(keys: list[bytes], source: int | None) -> dict[bytes, _Held]:
    if source is None or not keys:
        return {}
    sql = _HELD.format(us=int(members.us().id), source=int(source))
    found: dict[bytes, _Held] = {}
    for key, *claim in reader().rows_in(sql, keys):
        held = found.get(bytes(key))
        if held is None or claim[0] > held[0]:
            found[bytes(key)] = tuple(claim)
    return found


def _count(found: Foreseen, want: _Wanted, held: _Held | None, at: Micros) -> None:
    if held is None:
        found.new += 1
        if len(found.samples) < 20:
            found.samples.append(want.signal)
    elif held[1] == rules.RETRACTED:
        _reject(found, want.row, "retracted")
    elif _is_same(want, held, at):
        found.same += 1
    else:
        found.renewed += 1


def _is_same(want: _Wanted, held: _Held, at: Micros) -> bool:
    _, _, verdict, confidence, label, profile, start, end = held
    claim = want.claim
    says = (rules.VERDICT_NUMBER[claim.verdict], claim.confidence, claim.lure, claim.method)
    if says != (verdict, confidence, *queries.profile_text(profile)):
        return False
    if queries.label(label).marking != claim.marking:
        return False
    return end == want.until if want.until else not rules.worn(start, end, at)
