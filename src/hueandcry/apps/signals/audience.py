"""What a machine of one audience may read: claims, changes, lists and figures, by label.

To a reader, absent and forbidden are the same: whatever its audience may not see is left out
before anything is counted, and a cursor says nothing about what was passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import Sum

from hueandcry.apps.signals import queries, rules, scanning, shields
from hueandcry.apps.signals.browsing import ActView, Claimed, Where, claimed
from hueandcry.apps.signals.dossier import LISTED, Told, dossier
from hueandcry.apps.signals.lookup import Answer, Lookups, signal_of
from hueandcry.apps.signals.models import Act
from hueandcry.apps.signals.queries import ClaimRow
from hueandcry.apps.signals.scanning import Packed
from hueandcry.core.sharing import audience_sees
from hueandcry.core.types import Audience, Kind, Marking, Micros, Signal

#: Rows that one page of changes or of a list looks at, at most: past that the page ends short.
REACH: Final = 10_000
_STEP: Final = 500
_WINDOW: Final = 5_000  #: rows of signals that one step of a list looks at
#: Beyond so many signals their verdicts are not counted: it would read the whole table.
COUNTED: Final = 2_000_000


class Seen(NamedTuple):
    """One signal as an audience sees it; `left_out` counts claims beyond those listed."""

    answer: Answer
    claims: tuple[Told, ...]
    left_out: int


def sees(claim: Claimed, audience: Audience, at: Micros) -> bool:
    """Whether an audience may know of a claim, unless its value is shielded."""
    return audience_sees(claim.marking, claim.circle, audience, at)


def seen(signal: Signal, audience: Audience, at: Micros) -> Seen:
    """The verdict with why, and every claim that the audience may see, newest first."""
    held = dossier(signal, at)
    answer = held.answers[audience]
    if audience is Audience.OWN:
        return Seen(answer, held.claims, held.left_out)
    if signal.key in shields.all_keys():
        return Seen(answer, (), 0)
    listed = tuple(each for each in held.claims if sees(each.claim, audience, at))
    beyond = 0
    if held.left_out:
        rows = sorted(queries.claims_on(signal.key), key=lambda row: -row.seq)[LISTED:]
        beyond = sum(_shown(row, audience, at) for row in rows)
    return Seen(answer, listed, beyond)


def _shown(row: ClaimRow, audience: Audience, at: Micros) -> bool:
    label = queries.label(row.label)
    return audience_sees(label.marking, label.circle, audience, at)


@dataclass(frozen=True, slots=True)
class SeenWhere(Where):
    """Which claims are wanted, of those that an audience may see."""

    audience: Audience = Audience.OWN
    at: Micros = 0
    #: keys of signals of which only our own people are told
    shielded: frozenset[bytes] = field(default_factory=shields.all_keys)

    def takes(self, claim: Claimed) -> bool:
        if self.audience is not Audience.OWN and claim.signal.key in self.shielded:
            return False
        return Where.takes(self, claim) and sees(claim, self.audience, self.at)


def claim_seen(claim_id: UUID, audience: Audience, at: Micros) -> Told | None:
    """One claim, if there is one and the audience may see it."""
    row = queries.claims_by_id([claim_id.bytes]).get(claim_id.bytes)
    if row is None or not _shown(row, audience, at):
        return None
    if audience is not Audience.OWN and row.signal in shields.rows():
        return None
    (claim,) = claimed([row], at)
    held = dossier(claim.signal, at)
    found = (told for told in held.claims if told.claim.row == claim.row)
    return next(found, Told(claim, frozenset(), "", None))


def known_to(answers: Iterable[Answer], audience: Audience, at: Micros) -> list[Answer]:
    """Those of the answers about whose signals the audience may know of a claim."""
    held = list(answers)
    if audience is Audience.OWN:
        return held
    keys = {signal.key for each in held if (signal := signal_of(each)) is not None}
    known = scanning.by_key(list(keys - shields.all_keys()))
    claims = queries.claims_of_signals([row.id for row in known.values()])
    shown = {
        key
        for key, row in known.items()
        if any(_shown(claim, audience, at) for claim in claims.get(row.id, ()))
    }
    return [each for each in held if (s := signal_of(each)) is not None and s.key in shown]


# --- changes -------------------------------------------------------------------------------------


class SeenChange(NamedTuple):
    """A change that an audience may know of; `claim` is None for a local decision."""

    seq: int
    signal: Signal
    claim: Claimed | None
    bulk: bool  #: it came with a list


class ChangePage(NamedTuple):
    """Changes in order, and the position that all of them, and all passed over, lie at or below."""

    changes: list[SeenChange]
    position: int
    more: bool


def changes_seen(audience: Audience, after: int, limit: int, at: Micros) -> ChangePage:
    """What changed after a feed position, for one audience: a bounded amount of work."""
    found: list[SeenChange] = []
    shielded = shields.all_keys() if audience is not Audience.OWN else frozenset()
    position, looked = after, 0
    while looked < REACH:
        step = _changes(position, at)
        for change, shown in step:
            if len(found) == limit:
                return ChangePage(found, position, True)
            position, looked = change.seq, looked + 1
            if change.signal.key in shielded:
                continue
            if shown is None or audience_sees(*shown, audience, at):
                found.append(change)
        if len(step) < _STEP:
            return ChangePage(found, position, False)
    return ChangePage(found, position, True)


def _changes(after: int, at: Micros) -> list[tuple[SeenChange, tuple[Marking, str] | None]]:
    """(change, what the gate looks at) in order, from claims and decisions alike."""
    rows = queries.changes(after, _STEP)
    decided = queries.override_changes(after, _STEP)
    signals = queries.signals_of({signal for _, signal in decided})
    bulk = {row.label: queries.label(row.label).lane.value == "bulk" for row in rows}
    found: list[tuple[SeenChange, tuple[Marking, str] | None]] = [
        (
            SeenChange(claim.seq, claim.signal, claim, bulk[claim.label]),
            (claim.marking, claim.circle),
        )
        for claim in claimed(rows, at)
    ]
    for seq, number in decided:
        row = signals[number]
        signal = Signal(rules.KINDS[row.kind], row.value)
        found.append((SeenChange(seq, signal, None, False), None))
    found.sort(key=lambda each: each[0].seq)
    return found[:_STEP]


# --- lists ---------------------------------------------------------------------------------------


class Listed(NamedTuple):
    """A value whose verdict is scam."""

    row: int
    value: str
    until: Micros | None


def scams(
    kind: Kind, audience: Audience, after: int, limit: int, at: Micros
) -> tuple[list[Listed], int | None]:
    """Values whose verdict for the audience is scam, beyond a row; the row to go on from, or None.

    Verdicts that may have expired are judged afresh, as look-ups do.
    """
    column = rules.AUDIENCES.index(audience)
    found: list[Listed] = []
    newest = scanning.newest()
    for _ in range(REACH // _STEP):
        rows = scanning.between(after, after + _WINDOW, rules.KIND_NUMBER[kind])
        for each in _scams_among(rows, kind, column, audience, at):
            if len(found) == limit:
                return found, found[-1].row
            found.append(each)
        after += _WINDOW
        if after >= newest:
            return found, None
    return found, after


def _scams_among(
    rows: Sequence[Packed], kind: Kind, column: int, audience: Audience, at: Micros
) -> list[Listed]:
    stale = [row.value for row in rows if row.until is not None and row.until <= at]
    again: dict[str, bool] = {}
    if stale:
        answers = Lookups(audience).many(stale, kind)
        again = {answer["value"]: answer["verdict"] == "scam" for answer in answers}
    found = []
    for row in rows:
        verdict, _, told = rules.unpack(row.verdicts[column])
        if again.get(row.value, verdict == rules.SCAM):
            until = row.until if told and row.value not in again else None
            found.append(Listed(row.id, row.value, until))
    return found


# --- acts and figures ----------------------------------------------------------------------------


def acts_of_token(token: int, *, before: int | None, limit: int) -> list[ActView]:
    """What one token did, newest first, beyond the act of number `before`."""
    rows = Act.objects.filter(token=token).order_by("-id")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    held = rows.defer("log_record", "log_salt")[:limit]
    return [ActView(row.pk, row.kind, "", row.at, row.count, row.log_index) for row in held]


def is_act_of(token: int, index: int) -> bool:
    """Whether the ledger's entry at an index speaks of an act of this token."""
    return Act.objects.filter(token=token, log_index=index).exists()


class Figures(NamedTuple):
    """How many signals have each verdict for one audience; to our own people, how all stands."""

    verdicts: dict[str, int] | None  #: None: too many to be counted at once
    signals: int | None  #: that anybody ever spoke of; an upper bound where not counted
    acts: dict[str, int]


def figures(audience: Audience) -> Figures:
    """Counted afresh: a whole reading of the signals while these are not too many.

    Other audiences are not told of what is unknown to them, not even how much there is.
    """
    newest = scanning.newest()
    counted = scanning.verdict_counts(f"v_{audience.value}") if newest <= COUNTED else None
    own = audience is Audience.OWN
    verdicts: dict[str, int] | None = None
    if counted is not None:
        shown = rules.VERDICTS if own else rules.VERDICTS[1:]
        verdicts = {verdict.value: 0 for verdict in shown}
        for packed, count in counted:
            name = rules.VERDICTS[rules.unpack(packed)[0]].value
            if name in verdicts:
                verdicts[name] += count
    if not own:
        return Figures(verdicts, None, {})
    total = sum(count for _, count in counted) if counted is not None else newest
    acts = Act.objects.values_list("kind").annotate(Sum("count")).order_by("kind")
    return Figures(verdicts, total, {kind: count for kind, count in acts})
