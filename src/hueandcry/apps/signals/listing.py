"""What this node answers, as lists: every value of a verdict that one audience may block.

Read in the order of rows, a page at a time: a list of any length takes the memory of one page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, NamedTuple

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.signals import queries, rules
from hueandcry.apps.signals.allow import AllowLists, allow_lists
from hueandcry.apps.signals.rules import Decided, Judged, Standing, View
from hueandcry.core.formats import Entry
from hueandcry.core.sharing import audience_sees, may_block
from hueandcry.core.types import Audience, Kind, Micros, Signal, Tlp, Verdict
from hueandcry.engine.store import feed
from hueandcry.engine.store.reading import reader

_PAGE: Final = 1_000
_COLUMN: Final = {Audience.CLEAR: "v_clear", Audience.GREEN: "v_green", Audience.OWN: "v_own"}
_CLAIMS: Final = (
    "SELECT s.key, c.claimant_id, c.source, c.verdict, c.label, c.valid_from, c.valid_until, "
    "c.profile, c.confidence, c.modified "
    "FROM signals_signal s JOIN signals_claim c ON c.signal_id = s.id "
    "WHERE c.state = 0 AND s.key {many}"
)
_OVERRIDES: Final = (
    "SELECT s.key, o.verdict, o.reason, o.until, o.at FROM signals_signal s "
    "JOIN signals_override o ON o.signal_id = s.id WHERE o.cleared_at IS NULL AND s.key {many}"
)
_SHIELDS: Final = "SELECT key FROM signals_shield WHERE ended_at IS NULL AND key {many}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which values make up a list."""

    audience: Audience
    verdicts: frozenset[Verdict] = frozenset({Verdict.SCAM})
    kinds: frozenset[Kind] = frozenset(Kind)


class _Claim(NamedTuple):
    """A claim with what a list tells beyond what a verdict needs."""

    stands: Standing
    profile: int
    confidence: int | None
    modified: Micros


class _Row(NamedTuple):
    id: int
    key: bytes
    signal: Signal


def listed(wanted: Wanted, at: Micros) -> Iterator[tuple[int, Entry]]:
    """(row, entry) of every value of the list, in the order of rows."""
    page = _Judge(wanted, at)
    least = min((rules.VERDICT_NUMBER[verdict] for verdict in wanted.verdicts), default=0)
    kinds = ", ".join(str(rules.KIND_NUMBER[kind]) for kind in sorted(wanted.kinds))
    sql = (
        f"SELECT id, key, kind, value FROM signals_signal WHERE id > ? AND kind IN ({kinds}) "
        f"AND (({_COLUMN[wanted.audience]} & 3) >= {least} OR verdict_until <= ?) "
        f"ORDER BY id LIMIT {_PAGE}"
    )
    last = 0
    while kinds and wanted.verdicts:
        rows = _rows(reader().rows(sql, [last, at]))
        if not rows:
            return
        yield from page.entries(rows)
        last = rows[-1].id


def listed_of(wanted: Wanted, ids: Sequence[int], at: Micros) -> Iterator[Entry]:
    """The entries of these rows, as far as they still are in the list."""
    page = _Judge(wanted, at)
    for start in range(0, len(ids), _PAGE):
        numbers = ", ".join(str(int(id)) for id in ids[start : start + _PAGE])
        sql = f"SELECT id, key, kind, value FROM signals_signal WHERE id IN ({numbers}) ORDER BY id"
        for _, entry in page.entries(_rows(reader().rows(sql))):
            yield entry


def passes(at: Micros) -> list[tuple[str, bool]]:
    """Hosts that no list may ever block; True: with everything below them."""
    allow = allow_lists()
    owned = [(host, True) for host in allow.owned]
    popular = [(host, False) for host in allow.exact if host not in allow.owned]
    sql = (
        "SELECT s.value FROM signals_override o JOIN signals_signal s ON s.id = o.signal_id "
        "WHERE o.cleared_at IS NULL AND o.verdict = ? AND s.kind = ? "
        "AND (o.until IS NULL OR o.until > ?)"
    )
    values = [rules.BENIGN, rules.KIND_NUMBER[Kind.DOMAIN], at]
    decided = {(row[0], True) for row in reader().rows(sql, values)}
    shielded = {host for host, _ in decided}
    rest = [each for each in (*owned, *popular) if each[0] not in shielded]
    return sorted([*decided, *rest])


def state(at: Micros) -> str:
    """A short text that is another one whenever a list may be, but for what only time changes."""
    trusted = sorted(peers.trusted_member_ids(at))
    facts = (feed.position(feed.FEED), allow_lists().version, trusted, members.us().fingerprint)
    return sha256(repr(facts).encode()).hexdigest()[:24]


def _rows(found: Iterable[tuple[int, bytes, int, str]]) -> list[_Row]:
    return [
        _Row(id, bytes(key), Signal(rules.KINDS[kind], value)) for id, key, kind, value in found
    ]


class _Judge:
    """Judges pages of signals for one list, from those claims alone that may be acted upon."""

    def __init__(self, wanted: Wanted, at: Micros) -> None:
        self._wanted = wanted
        self._at = at
        self._us = members.us().id
        self._trusted = peers.trusted_member_ids(at)
        self._allow: AllowLists = allow_lists()
        self._usable: dict[int, bool] = {}

    def entries(self, rows: Sequence[_Row]) -> Iterator[tuple[int, Entry]]:
        keys = [row.key for row in rows]
        claims = self._claims(keys)
        overrides = {
            bytes(key): (Decided(*decided), made)
            for key, *decided, made in reader().rows_in(_OVERRIDES, keys)
        }
        shielded = self._shielded(keys)
        for row in rows:
            said = [] if row.key in shielded else claims.get(row.key, [])
            entry = self._entry(row.signal, said, overrides.get(row.key), row.key in shielded)
            if entry is not None:
                yield row.id, entry

    def _shielded(self, keys: Sequence[bytes]) -> set[bytes]:
        """Those of which this audience is told nothing: who has them may be coerced."""
        if self._wanted.audience is Audience.OWN:
            return set()
        return {bytes(key) for (key,) in reader().rows_in(_SHIELDS, keys)}

    def _claims(self, keys: Sequence[bytes]) -> dict[bytes, list[_Claim]]:
        found: dict[bytes, list[_Claim]] = {}
        for key, claimant, source, verdict, label, start, end, *more in reader().rows_in(
            _CLAIMS, keys
        ):
            if self._may_use(label):
                stands = Standing(claimant, source, verdict, queries.label(label), start, end)
                found.setdefault(bytes(key), []).append(_Claim(stands, *more))
        return found

    def _may_use(self, number: int) -> bool:
        """Once for each label: its marking lets anybody block, and this audience know."""
        known = self._usable.get(number)
        if known is None:
            label, at = queries.label(number), self._at
            known = may_block(label.marking, at) and audience_sees(
                label.marking, label.circle, self._wanted.audience, at
            )
            self._usable[number] = known
        return known

    def _entry(
        self,
        signal: Signal,
        claims: list[_Claim],
        decided: tuple[Decided, Micros] | None,
        shielded: bool,
    ) -> Entry | None:
        at = self._at
        standings = [claim.stands for claim in claims]
        allowed = self._allow.of(signal.kind, signal.value)
        override = decided[0] if decided else None
        view = View(standings, self._us, self._trusted, allowed, override, shielded)
        judged = rules.judge(view, self._wanted.audience, at)
        verdict = rules.VERDICTS[judged.verdict]
        if verdict not in self._wanted.verdicts:
            return None
        valid = [c for c in claims if c.stands.valid_from <= at < c.stands.valid_until]
        said = [c for c in valid if c.stands.verdict == judged.verdict] or valid
        return _told(signal, judged, said, decided[1] if decided else at, self._wanted.audience)


def _told(
    signal: Signal, judged: Judged, said: list[_Claim], decided_at: Micros, audience: Audience
) -> Entry:
    """The entry that these claims, or a decision of our own people without any, make together."""
    newest = sorted(said, key=lambda claim: claim.modified, reverse=True)
    lure, method = next(
        (queries.profile_text(claim.profile) for claim in newest if claim.profile), ("", "")
    )
    sure = [claim.confidence for claim in said if claim.confidence is not None]
    since = min((claim.stands.valid_from for claim in said), default=decided_at)
    until = judged.until
    if until is None or until <= since:
        until = rules.default_until(signal.kind, since)
    return Entry(
        signal=signal,
        verdict=rules.VERDICTS[judged.verdict],
        tlp=max((claim.stands.label.marking.tlp for claim in said), default=_DECIDED[audience]),
        since=since,
        until=until,
        modified=max((claim.modified for claim in said), default=decided_at),
        lure=lure,
        method=method,
        confidence=max(sure, default=None),
        reason=judged.code.text,
    )


#: A decision of our own people has no marking: it is told to everybody who may ask us.
_DECIDED: Final = {Audience.CLEAR: Tlp.CLEAR, Audience.GREEN: Tlp.GREEN, Audience.OWN: Tlp.GREEN}
