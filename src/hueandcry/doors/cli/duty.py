"""Duty from the command line: the roster, calls that nobody answered, handing over."""

from __future__ import annotations

from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer

from hueandcry.core.errors import HueError
from hueandcry.doors.cli import opening, showing
from hueandcry.doors.cli.commands import Json, group
from hueandcry.doors.cli.usage import Usage

opening.prepare()

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.duty import face as duty
from hueandcry.core.times import time_text
from hueandcry.core.types import DAY, Micros
from hueandcry.doors.cli.decisions import acting
from hueandcry.engine import clock
from hueandcry.engine.purge import face as purge
from hueandcry.engine.store.work import unit_of_work

Login = Annotated[str, typer.Argument(help="login of somebody with the role duty")]
Person = Annotated[
    str, typer.Option("--as", help="login of the person who does it; else the node itself")
]
Who = Annotated[str, typer.Option("--as", help="login of the person who does it")]
Number = Annotated[int, typer.Argument(help="its number, from the list")]

_WEEKS: Final = 14 * DAY


def add(
    login: Login,
    begins: Annotated[str, typer.Option("--from", help="2027-01-31T08:00, in the node's zone")],
    ends: Annotated[str, typer.Option("--to", help="the same; or any time with its offset")],
    second: Annotated[bool, typer.Option("--second", help="told after the first")] = False,
    person: Person = "",
    json: Json = False,
) -> None:
    """Put somebody on duty for a span; spans may overlap."""
    actor = acting(person)
    span = _instant("from", begins), _instant("to", ends, last=True)
    with unit_of_work():
        number = duty.add_shift(actor, login, *span, clock.now(), second=second)
    if json:
        showing.as_json({"shift": number, "from": time_text(span[0]), "to": time_text(span[1])})
    else:
        showing.out.print(f"Shift {number}: {showing.time(span[0])} to {showing.time(span[1])}")


def _instant(option: str, text: str, *, last: bool = False) -> Micros:
    try:
        return duty.instant(text, ZoneInfo(cooperation.our_zone()), last=last)
    except HueError as error:
        raise Usage(option, f"{text!r} is no time", do="Write 2027-01-31T08:00") from error


def remove(number: Number, person: Person = "") -> None:
    """Take a shift out of the roster."""
    actor = acting(person)
    with unit_of_work():
        duty.remove_shift(actor, number, clock.now())


def list_(
    week: Annotated[bool, typer.Option("--week", help="one week; else two")] = False,
    json: Json = False,
) -> None:
    """The roster from now on."""
    opening.open_node()
    at = clock.now()
    found = duty.shifts(at, at + (_WEEKS // 2 if week else _WEEKS))
    if json:
        showing.as_json([_shift(each) for each in found])
        return
    rows = [
        (s.number, s.login, showing.time(s.begins), showing.time(s.ends), _rank(s)) for s in found
    ]
    showing.table(("shift", "who", "from", "to", "as"), rows)


def _shift(each: duty.ShiftView) -> dict[str, object]:
    return {
        "shift": each.number,
        "login": each.login,
        "from": time_text(each.begins),
        "to": time_text(each.ends),
        "second": each.second,
        "stands": each.stands,
    }


def _rank(each: duty.ShiftView) -> str:
    rank = "second" if each.second else "first"
    return rank if each.stands else f"{rank}, not of the desk any more"


def gaps(
    days: Annotated[int, typer.Option(min=1, max=366, help="from now on")] = 7, json: Json = False
) -> None:
    """Where nobody is on duty; exit 1 where there is such a span."""
    opening.open_node()
    at = clock.now()
    found = duty.gaps(at, at + days * DAY)
    if json:
        showing.as_json([{"from": time_text(a), "to": time_text(b)} for a, b in found])
    else:
        showing.table(("from", "to"), [(showing.time(a), showing.time(b)) for a, b in found])
    if found:
        raise typer.Exit(1)


def contact(
    login: Login,
    email: Annotated[str, typer.Option(help="where mail reaches them")] = "",
    phone: Annotated[str, typer.Option(help="where SMS reaches them: +66…")] = "",
    clear: Annotated[bool, typer.Option("--clear", help="erase what is known")] = False,
    person: Person = "",
) -> None:
    """How somebody is reached; what was known before is replaced. It rests sealed."""
    if clear == bool(email or phone):
        raise Usage("contact", "Give --email or --phone or both, or --clear alone")
    actor = acting(person)
    purge.begin()
    with unit_of_work():
        duty.set_contact(actor, login, email, phone, clock.now())


def test(login: Login, person: Person = "", json: Json = False) -> None:
    """Send a test by every channel, here and now; exit 1 when one fails."""
    actor = acting(person)
    found = duty.try_out(actor, login, clock.now())
    if json:
        showing.as_json([{"channel": c, "error": wrong or None} for c, wrong in found])
    else:
        showing.table(("channel", "outcome"), [(c, wrong or "taken") for c, wrong in found])
    if not found or any(wrong for _, wrong in found):
        raise typer.Exit(1)


# --- calls and notes ------------------------------------------------------------------------------


def calls(json: Json = False) -> None:
    """The calls that nobody has answered, and who was told."""
    opening.open_node()
    found = duty.calls()
    if json:
        showing.as_json([_call(each) for each in found])
        return
    rows = [
        (c.number, f"{c.type} #{c.request}", c.rule or "new", showing.time(c.due), c.step, _told(c))
        for c in found
    ]
    showing.table(("call", "request", "clock", "due", "step", "told"), rows)


def _call(each: duty.CallView) -> dict[str, object]:
    return {
        "call": each.number,
        "request": each.request,
        "type": each.type,
        "clock": each.rule or None,
        "due": time_text(each.due) if each.due is not None else None,
        "overdue": each.overdue,
        "escalates_to": each.escalates_to or None,
        "step": each.step,
        "notices": [
            {"channel": n.channel, "login": n.login or None, "step": n.step, "state": n.state}
            for n in each.notices
        ],
    }


def _told(each: duty.CallView) -> str:
    return ", ".join(f"{n.login or n.channel} {n.state}" for n in each.notices) or "nobody"


def ack(number: Number, person: Who = "") -> None:
    """Say that you see to a call: nobody else is told."""
    actor = acting(person)
    with unit_of_work():
        duty.acknowledge(actor, number, clock.now())


def note(
    words: Annotated[str, typer.Argument(help="what the next should know")],
    person: Who = "",
    json: Json = False,
) -> None:
    """Leave a hand-over note; open requests with their deadlines are added."""
    actor = acting(person)
    with unit_of_work():
        number = duty.leave_note(actor, words, clock.now())
    if json:
        showing.as_json({"note": number})
    else:
        showing.out.print(f"Note {number}")


def notes(json: Json = False) -> None:
    """Hand-over notes, the newest first."""
    opening.open_node()
    found = duty.notes()
    if json:
        showing.as_json([_note(each) for each in found])
        return
    for each in found:
        taken = f"taken over by {each.taken_by}" if each.taken_by else "taken over by nobody yet"
        head = f"Note {each.number}, {each.login}, {showing.time(each.at)}, {taken}"
        showing.out.print(f"{head}\n{each.words}", markup=False)
        rows = [(r.number, r.type, r.state, showing.time(r.due)) for r in each.open]
        showing.table(("request", "type", "state", "due"), rows)


def _note(each: duty.NoteView) -> dict[str, object]:
    return {
        "note": each.number,
        "login": each.login,
        "at": time_text(each.at),
        "words": each.words,
        "open": [
            {
                "request": r.number,
                "type": r.type,
                "state": r.state,
                "due": time_text(r.due) if r.due is not None else None,
            }
            for r in each.open
        ],
        "taken_by": each.taken_by or None,
        "taken_at": time_text(each.taken_at) if each.taken_at is not None else None,
    }


def take(number: Number, person: Who = "") -> None:
    """Take over by a hand-over note."""
    actor = acting(person)
    with unit_of_work():
        duty.take_note(actor, number, clock.now())


COMMANDS = {
    "duty": group(
        list=list_,
        add=add,
        remove=remove,
        gaps=gaps,
        contact=contact,
        test=test,
        calls=calls,
        ack=ack,
        note=note,
        notes=notes,
        take=take,
    )
}
