"""What waits is read: language, likelihood, lure, signals, likeness; then it is in the queue.

Outside of requests and of transactions; one transaction writes what was read of a batch.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.conf import settings

from hueandcry.apps.detection import face as detection
from hueandcry.apps.members import face as members
from hueandcry.apps.reports import acting, grouping, queries, rules, sealed, trusting
from hueandcry.apps.reports.models import Loss, Report, Value
from hueandcry.apps.reports.rules import Doing, Flag, Origin, Role, State
from hueandcry.apps.reports.stories import SealedReporter, SealedValue, Story
from hueandcry.apps.signals import face as signals
from hueandcry.core import normal
from hueandcry.core.errors import HueError
from hueandcry.core.extract import extract
from hueandcry.core.types import Actor, Audience, Kind, Micros, Signal
from hueandcry.engine.store import adding
from hueandcry.engine.store.work import unit_of_work

log = logging.getLogger("hueandcry.reports")

# Every process that reads reports uses a member's own model, as soon as there is one.
detection.watch_folder(settings.DATA / "models")

#: Reports to one batch: what is read is in memory, and is written in one transaction.
BATCH: Final = 100


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a report a value stood, and how sure it is."""

    origin: Origin
    start: int | None = None
    end: int | None = None
    confidence: float = 1.0
    role: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A report with all that was read of it."""

    row: Report
    story: Story
    said: detection.Assessment
    values: Mapping[Signal, Place]
    to: tuple[Signal | None, ...]  #: where each loss went, in order
    own: frozenset[Signal] = frozenset()  #: the reporter's own number and address: never ticked


def known(wanted: Sequence[Signal]) -> dict[bytes, str]:
    """Signal key → what this node holds of it, as far as it knows anything."""
    asked = list(dict.fromkeys(wanted))
    verdicts = [answer["verdict"] for answer in signals.Lookups(Audience.OWN).of(asked)]
    found = zip(asked, verdicts, strict=True)
    return {signal.key: verdict for signal, verdict in found if verdict != "unknown"}


def read_some(at: Micros, actor: Actor | None = None, limit: int = BATCH) -> list[Report]:
    """Reads the oldest reports that nothing has read yet; those that it read.

    A report that changed meanwhile (its reporter withdrew it) undoes the batch: Conflict.
    """
    waiting = queries.unread(limit)
    if not waiting:
        return []
    readings = list(_readings(waiting))
    actor = actor or Actor(members.us().fingerprint)
    with unit_of_work():
        store(readings, at, actor)
        trusting.raise_by_rule(waiting, actor, at)
    return [reading.row for reading in readings]


def _readings(rows: Sequence[Report]) -> Iterator[Reading]:
    by_market: dict[str, list[tuple[Report, Story]]] = defaultdict(list)
    for row in rows:
        by_market[row.market].append((row, sealed.unpack(row.story, Story)))
    who = queries.reporters([row.pk for row in rows])
    for market, some in by_market.items():
        texts = [story.text for _, story in some]
        for (row, story), said in zip(some, _assessed(texts, market), strict=True):
            to = tuple(_target(value, market) for value in story.to)
            values = _values(story, said, to, market)
            yield Reading(row, story, said, values, to, frozenset(_own(row, who.get(row.pk))))


def _assessed(texts: Sequence[str], market: str) -> list[detection.Assessment]:
    """One assessment for each text; a text that an assessor fails on holds up no other."""
    try:
        return list(detection.assess_messages(texts, market, known))
    except Exception:
        if len(texts) == 1:
            log.exception("a report could not be read; people have to")
            return [detection.Assessment(detection.Sort.MESSAGE, detection.Finding.UNKNOWN, 0.5)]
        return [said for text in texts for said in _assessed([text], market)]


def _own(row: Report, held: str | None) -> Iterator[Signal]:
    if held is None:
        return
    who = sealed.unpack(held, SealedReporter)
    for kind, text in ((Kind.PHONE, who.phone), (Kind.EMAIL, who.email)):
        signal = _signal(SealedValue(text, kind=kind), row.market)
        if signal is not None:
            yield signal


def _values(
    story: Story, said: detection.Assessment, to: Iterable[Signal | None], market: str
) -> dict[Signal, Place]:
    """Every value once: what the reporter named outweighs what was found in the words."""
    found = {
        each.signal: Place(
            Origin.STORY, each.start, each.end, each.confidence, Role.PAID if each.paid else ""
        )
        for each in said.signals
    }
    for value in story.values:
        signal = _signal(value, market)
        if signal is not None:
            at = found.get(signal, Place(Origin.FIELD))
            role = value.role or at.role if signal.kind is Kind.PHONE else ""
            found[signal] = Place(Origin.FIELD, at.start, at.end, 1.0, role)
    for signal in to:
        if signal is not None:
            found[signal] = _paid_to(signal, found.get(signal, Place(Origin.LOSS)))
    return dict(list(found.items())[: rules.MAX_VALUES])


def _paid_to(signal: Signal, place: Place) -> Place:
    """The place of a value to which money went: what was stated outweighs what was read."""
    if signal.kind is not Kind.PHONE:
        return place
    origin = Origin.LOSS if place.origin in rules.READ else place.origin
    return replace(place, origin=origin, confidence=1.0, role=Role.PAID)


def _signal(value: SealedValue, market: str) -> Signal | None:
    """A value as it was written, as a signal; None where it is none: the words stay."""
    if not value.text.strip():
        return None
    try:
        if value.kind:
            return normal.normalise(Kind(value.kind), value.text, market=market)
        return normal.guess(value.text, market=market)
    except HueError:
        return None


def _target(value: SealedValue, market: str) -> Signal | None:
    """Where money went, also among words (`PromptPay 081-234-5678`); None if that is not clear."""
    if signal := _signal(value, market):
        return signal
    found = {each.signal for each in extract(value.text, market).signals}
    return found.pop() if len(found) == 1 else None


# --- writing -------------------------------------------------------------------------------------


def store(readings: Sequence[Reading], at: Micros, actor: Actor) -> None:
    """Writes what was read of these reports, in the caller's transaction."""
    acts = []
    values: list[Value] = []
    placing = grouping.Placing([reading.row for reading in readings], at)
    for reading in readings:
        row, found = reading.row, list(_rows_of(reading.row, reading.values, reading.own))
        before = row.state
        place = placing.place(row, _words(reading), found)
        change = acting.Change(Doing.READ, fields=_fields(reading, place))
        acting.move(row, change, at)
        acts.append((acting.act_row(row, change, before, actor, at), row))
        values += found
    if values:
        adding.add(values)
    for reading in readings:
        _link_losses(reading.row, reading.to)
    acting.log_many(Doing.READ, acts, at)


def _fields(reading: Reading, place: grouping.Placed) -> dict[str, Any]:
    row, said = reading.row, reading.said
    flags, lost = Flag(row.flags), bool(reading.story.to)
    hours = rules.harm(flags, said.likelihood, lost, row.stop_until, place.size)
    return {
        "state": State.WAITING,
        "language": said.language if said.language != "und" else row.language,
        "lure": row.lure or said.lure,
        "method": row.method or said.method,
        "finding": said.finding.value,
        "likelihood": said.likelihood,
        "model": said.model[:64],
        "read": sealed.pack(shown(said)),
        "harm": hours,
        "rank": rules.rank(row.at, hours),
        "group": place.group,
        "follows_id": place.follows,
    }


def _words(reading: Reading) -> str:
    """What is compared: the story without its links and numbers, which every copy may change."""
    text, kept, last = reading.story.text, [], 0
    for found in sorted(reading.said.signals, key=lambda each: each.start):
        kept.append(text[last : found.start])
        last = max(last, found.end)
    kept.append(text[last:])
    words = " ".join(kept)
    return words if words.strip() else " ".join(value.text for value in reading.story.values)


def shown(said: detection.Assessment) -> dict[str, Any]:
    """An assessment as it is kept and shown: codes, parameters and places, no words of its own."""
    return {
        "finding": said.finding.value,
        "likelihood": said.likelihood,
        "language": said.language,
        "language_confidence": said.language_confidence,
        "language_rivals": list(said.language_rivals),
        "lure": said.lure,
        "method": said.method,
        "reasons": [
            {"code": r.code, "params": dict(r.params), "spans": list(r.spans)} for r in said.reasons
        ],
        "indicators": [
            {"code": i.code, "met": i.met, "spans": list(i.spans)} for i in said.indicators
        ],
        "amounts": [
            {"value": a.value, "currency": a.currency, "span": (a.start, a.end)}
            for a in said.amounts
        ],
        "accounts": [{"digits": a.digits, "span": (a.start, a.end)} for a in said.accounts],
        "model": said.model,
    }


def _rows_of(
    row: Report, values: Mapping[Signal, Place], own: Collection[Signal] = ()
) -> Iterator[Value]:
    """The rows of what was found; ticked but for the reporter's own and what a list allows."""
    allow = signals.allow_lists()
    for signal, place in values.items():
        yield Value(
            report=row,
            kind=signal.kind.value,
            key=sealed.key_of(signal),
            sealed=sealed.seal(signal.value),
            origin=place.origin,
            start=place.start,
            end=place.end,
            confidence=place.confidence,
            role=place.role,
            ticked=signal not in own
            and rules.is_ticked_at_first(
                signal.kind, place.confidence, allow.of(signal.kind, signal.value)
            ),
        )


def look_again(row: Report) -> None:
    """Finds where the money of further losses went, of a report that was read before them."""
    if row.state == State.RECEIVED:
        return
    to = [_target(value, row.market) for value in sealed.unpack(row.story, Story).to]
    held = {bytes(key) for key in Value.objects.filter(report=row).values_list("key", flat=True)}
    fresh = [signal for signal in to if signal is not None and sealed.key_of(signal) not in held]
    room = max(0, rules.MAX_VALUES - len(held))
    places = {signal: _paid_to(signal, Place(Origin.LOSS)) for signal in fresh[:room]}
    if rows := list(_rows_of(row, places)):
        for value in rows:
            value.late = row.state in rules.DECIDED
        adding.add(rows)
    _link_losses(row, to)


def _link_losses(row: Report, to: Sequence[Signal | None]) -> None:
    if not any(to):
        return
    by_key = dict(Value.objects.filter(report=row).values_list("key", "pk"))
    losses = Loss.objects.filter(report=row).order_by("id")
    for loss, signal in zip(losses, to, strict=True):
        if signal is not None and (value := by_key.get(sealed.key_of(signal))) is not None:
            Loss.objects.filter(pk=loss.pk).update(value=value)
