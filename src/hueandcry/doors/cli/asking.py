"""Requests to other members, on a node: write one, list them, show one, act upon one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from hueandcry.doors.cli import opening, showing, small_files
from hueandcry.doors.cli.usage import Usage

opening.prepare()

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.cooperation.face import (
    ActView,
    ClockView,
    KeptView,
    Listed,
    RequestView,
    Said,
)
from hueandcry.apps.members import face as members
from hueandcry.core.law.registry import Registry
from hueandcry.core.times import time_text
from hueandcry.core.types import Actor, Micros
from hueandcry.doors.cli import money_shown
from hueandcry.doors.cli.decisions import acting
from hueandcry.doors.desk import accounts
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work


@dataclass(frozen=True, slots=True)
class Paper:
    """A letter that tells of an act, as the options name it."""

    file: Path | None
    channel: str
    by: str
    dated: Micros | None
    theirs: bool = False

    def taken(self) -> AbstractContextManager[cooperation.Letter | None]:
        """Its bytes in the store, for one act; None where there is no letter."""
        if self.file is None:
            return nullcontext()
        data = small_files.read(self.file, cooperation.LETTER_BYTES)
        dated = clock.now() if self.dated is None else self.dated
        return cooperation.letter_taken(
            data, self.file.name, self.channel, self.by, dated, theirs=self.theirs
        )


def new(
    type: str,
    to: str,
    basis: str,
    given: Mapping[str, Any],
    hop_of: str,
    person: str,
    json: bool,
) -> None:
    """Writes a draft; `hop_of` is the request whose money it follows, or empty."""
    actor = by(person)
    party = cooperation.party_named(to)
    above = id_of(hop_of) if hop_of else None
    with unit_of_work():
        made = cooperation.draft(actor, type, party, basis, given, clock.now(), hop_of=above)
    one(made, json)


def act(
    request: str,
    action: str,
    said: Mapping[str, Any],
    pacs004: bytes | None,
    seen: int | None,
    paper: Paper,
    person: str,
    json: bool,
) -> None:
    """Acts upon a request; `said` are the members of `Said`, a message the amount that it names."""
    actor, identifier = by(person), id_of(request)
    if pacs004 is not None:
        amount, currency = cooperation.came_back(identifier, pacs004)
        said = {**said, "amount": amount, "currency": currency}
    with paper.taken() as letter, unit_of_work():
        at = clock.now()
        cooperation.act(actor, identifier, action, Said(**said), at, seen=seen, letter=letter)
    one(identifier, json)


def list_(side: str, ended: bool, limit: int, json: bool) -> None:
    """Shows requests, the newest first."""
    opening.open_node()
    found = cooperation.listed(side, ended=ended, limit=limit)
    if json:
        showing.as_json([_listed(each) for each in found])
        return
    columns = ("type", "side", "member", "state", "due", "", "id")
    rows = [
        (
            each.type,
            each.side,
            each.peer_name,
            each.state,
            showing.time(each.due),
            "overdue" if each.overdue else "",
            each.id,
        )
        for each in found
    ]
    showing.table(columns, rows)


def show(request: str, json: bool) -> None:
    """Shows one request."""
    opening.open_node()
    identifier = id_of(request)
    one(identifier, json)
    with unit_of_work():
        members.log_access(members.AccessNote("request.view", f"request {identifier}"), clock.now())


def closed(request: str, to: Path, person: str) -> None:
    """Writes what of a referral is closed beside one another: `to`, and `to`.2 and on."""
    actor = acting(person)
    with unit_of_work():
        found = cooperation.closed(actor, id_of(request), clock.now())
    for n, data in enumerate(found, 1):
        path = to if n == 1 else to.with_name(f"{to.name}.{n}")
        with path.open("xb") as file:
            file.write(data)
        showing.out.print(f"{path}: open it with the key of the protection desk", markup=False)


def answer_file(request: str, out: Path, settlement: str) -> None:
    """Writes the camt.029 of a stop-payment, or its pacs.004 where a settlement is named."""
    opening.open_node()
    identifier, at = id_of(request), clock.now()
    if settlement:
        small_files.write(out, cooperation.return_file(identifier, settlement, at))
    else:
        small_files.write(out, cooperation.answer_file(identifier, at))
    showing.out.print(f"{out} is written", markup=False)


def figures(json: bool) -> None:
    """Shows traced money in numbers, by side."""
    opening.open_node()
    money_shown.figures(cooperation.figures(), json)


def import_treaties(name: str, data: bytes, person: str) -> Registry:
    """Takes a file into the treaty registry; the registry with it."""
    actor = acting(person)
    with unit_of_work():
        return cooperation.import_treaties(actor, name, data, clock.now())


def treaties() -> Registry:
    """The treaty registry of this node."""
    opening.open_node()
    return cooperation.treaties()


def by(login: str) -> Actor:
    """The person who acts. Whoever has this shell is believed to be them; their factor is not."""
    actor = acting(login)
    return replace(actor, second_factor=actor.person in accounts.with_second_factor())


def id_of(text: str) -> UUID:
    """The id that an argument gives; raises Usage."""
    try:
        return UUID(text)
    except ValueError:
        do = "Copy it from `hueandcry request list`"
        raise Usage("request", f"{text!r} is no id of a request", do=do) from None


# --- one request ----------------------------------------------------------------------------------


def one(identifier: UUID, json: bool) -> None:
    """Shows one request."""
    view = cooperation.shown(identifier, clock.now())
    if json:
        showing.as_json(_value(view))
        return
    listed = view.listed
    head = f"{listed.type} {listed.id}: {listed.state}, {listed.side}, {listed.peer_name}"
    showing.out.print(head, markup=False)
    if view.hold:
        showing.out.print(f"hold: {view.hold} until {showing.time(view.hold_until)}", markup=False)
    if view.kept is not None:
        showing.out.print(f"under legal hold here: {_kept(view.kept)}", markup=False)
    if view.closed:
        said = f"{view.closed} files that the protection desk can read: `request closed`"
        showing.out.print(f"closed: {said}", markup=False)
    if view.money is not None:
        money_shown.lines(view.money)
    if view.refused:
        showing.out.print(f"their node did not take it in: {view.refused}", markup=False)
    for doubt in view.doubts:
        showing.out.print(f"look at: {doubt}", markup=False)
    _table(("field", "says"), [(name, _told(value)) for name, value in view.given.items()])
    _table(("clock", "due", "", "set by"), [_clock_row(each) for each in view.clocks])
    _table(("", "act", "to", "by", "at", ""), [_act_row(each) for each in view.acts])
    for act in view.acts:
        if act.paper is not None:
            showing.out.print(f"act {act.n} {_lettered(act.paper, act.document)}", markup=False)
    for each in view.translations:
        stands = "certified" if each.certified_at else "not certified"
        stands += "" if each.current else ", of what it said before"
        showing.out.print(f"translation: {each.language}, {stands}", markup=False)
    showing.out.print(f"\nnext here: {', '.join(view.open_to_us) or 'nothing'}", markup=False)
    if view.open_to_them:
        told = ", ".join(view.open_to_them)
        showing.out.print(f"from a letter of theirs: {told}", markup=False)


def _kept(kept: KeptView) -> str:
    """In numbers alone: which they are is for the rooms that they lie in."""
    found = f"{kept.reports} reports, {kept.exhibits} exhibits"
    if kept.matching_reports or kept.matching_exhibits:
        found += f"; a hold would keep {kept.matching_reports} and {kept.matching_exhibits}"
    return f"{found}; {kept.unread} items no machine could read" if kept.unread else found


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    if rows:
        showing.out.print()
        showing.table(columns, rows)


def _told(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_told(each)}" for name, each in value.items())
    if isinstance(value, list):
        return "; ".join(_told(each) for each in value)
    return str(value)


def _clock_row(each: ClockView) -> tuple[object, ...]:
    state = "ended" if each.ended_at else "overdue" if each.overdue else ""
    return each.rule, showing.time(each.due), state, each.article


def _lettered(told: cooperation.Told, digest: str | None) -> str:
    how = f"{told.channel}, {told.by}, {showing.time(told.dated)}"
    return f"was entered by {told.entered} from a letter: {how}, SHA-256 {digest}"


def _act_row(each: ActView) -> tuple[object, ...]:
    said = f"refused: {each.refused}" if each.refused else ""
    return each.n, each.event, each.target, each.side, showing.time(each.at), said


# --- as JSON --------------------------------------------------------------------------------------


def _listed(each: Listed) -> dict[str, Any]:
    return {
        "id": str(each.id),
        "type": each.type,
        "side": each.side,
        "peer": each.peer,
        "peer_name": each.peer_name,
        "state": each.state,
        "version": each.version,
        "moved_at": time_text(each.moved_at),
        "due": _time(each.due),
        "overdue": each.overdue,
    }


def _value(view: RequestView) -> dict[str, Any]:
    return {
        **_listed(view.listed),
        "instrument": view.instrument,
        "basis": view.basis or None,
        "given": view.given,
        "signers": view.signers,
        "document": view.document,
        "zone": view.zone,
        "interrupted": view.before or None,
        "answer_by": _time(view.answer_by),
        "hold": view.hold or None,
        "hold_until": _time(view.hold_until),
        "kept": None if view.kept is None else asdict(view.kept),
        "closed": view.closed,
        "money": money_shown.value(view.money),
        "next": view.open_to_us,
        "doubts": view.doubts,
        "refused": view.refused or None,
        "outside": view.outside,
        "next_of_theirs": view.open_to_them,
        "translations": [_translation(each) for each in view.translations],
        "clocks": [_clock_value(each) for each in view.clocks],
        "acts": [_act_value(each) for each in view.acts],
    }


def _clock_value(each: ClockView) -> dict[str, Any]:
    return {
        "rule": each.rule,
        "says": each.says,
        "article": each.article,
        "started": time_text(each.started),
        "due": _time(each.due),
        "overdue": each.overdue,
        "ended_at": _time(each.ended_at),
        "alarms": [
            {
                "due": time_text(alarm.due),
                "rang_at": time_text(alarm.rang_at),
                "overdue": alarm.overdue,
                "escalates_to": alarm.escalates_to or None,
            }
            for alarm in each.alarms
        ],
    }


def _translation(each: cooperation.TranslationView) -> dict[str, Any]:
    return {
        "language": each.language,
        "translator": each.translator,
        "at": time_text(each.at),
        "certified_at": _time(each.certified_at),
        "current": each.current,
    }


def _letter(told: cooperation.Told | None) -> dict[str, Any] | None:
    return None if told is None else {**asdict(told), "dated": time_text(told.dated)}


def _act_value(each: ActView) -> dict[str, Any]:
    return {
        "n": each.n,
        "machine": each.machine,
        "event": each.event,
        "from": each.source,
        "to": each.target,
        "side": each.side,
        "person": each.person,
        "at": time_text(each.at),
        "said": each.said.value(),
        "document": each.document,
        "log_index": each.log_index,
        "refused": each.refused or None,
        "letter": _letter(each.paper),
    }


def _time(at: Micros | None) -> str | None:
    return None if at is None else time_text(at)
