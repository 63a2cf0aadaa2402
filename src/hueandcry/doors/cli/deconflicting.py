"""Deconfliction at the command line: ask a peer, put items up, see what came of it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID

import typer
import typer.core
import typer.main

from hueandcry.doors.cli import opening, showing
from hueandcry.doors.cli.commands import Json
from hueandcry.doors.cli.usage import Usage, instant

opening.prepare()

from hueandcry.apps.deconfliction import face as deconfliction
from hueandcry.apps.deconfliction.face import OfferView, SessionView
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.core.matching import read_items
from hueandcry.core.times import time_text
from hueandcry.core.types import Micros
from hueandcry.doors.cli import form_given
from hueandcry.doors.cli.decisions import acting
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

_MOST: Final = 1 << 20  #: characters of a list

List = Annotated[str, typer.Argument(help="numbers, accounts, wallets, one a line; - for stdin")]
Case = Annotated[str, typer.Option(help="reference of the open case that they come from")]
Person = Annotated[str, typer.Option("--as", help="login of the person who does it")]
Market = Annotated[str, typer.Option(help="where local numbers are read, such as TH; else ours")]
Session = Annotated[str, typer.Argument(help="its id, from `deconflict list`")]


def ask(
    peer: Annotated[str, typer.Argument(help="a peer, by name or fingerprint")],
    file: List,
    case: Case,
    person: Person,
    basis: Annotated[str, typer.Option(help="the instrument that it stands on")] = "house",
    fields: Annotated[
        Path | None, typer.Option("--fields", help="a TOML or JSON file of further fields")
    ] = None,
    field: Annotated[list[str] | None, typer.Option(help="NAME=VALUE; repeatable")] = None,
    market: Market = "",
    json: Json = False,
) -> None:
    """Commit to a list and draft the request for a session over it: `deconflict PEER FILE`."""
    given = form_given.read(fields, field or ())
    actor = acting(person)
    items = _read(file, market, json)
    to = peers.named(peer).fingerprint
    with unit_of_work():
        request = deconfliction.ask(
            actor, to, case, items, clock.now(), instrument=basis, given=given
        )
    _one(deconfliction.session(request), json)
    if not json:
        showing.out.print(f"\nnext: hueandcry request act {request} sign --as LOGIN", markup=False)


def offer(
    file: List,
    case: Case,
    until: Annotated[str, typer.Option(help="until when: RFC 3339, a year at most")],
    person: Person,
    market: Market = "",
    json: Json = False,
) -> None:
    """Put items of a case up for the sessions that peers ask for and our desk accepts."""
    at = instant("until", until)
    actor = acting(person)
    items = _read(file, market, json)
    with unit_of_work():
        number = deconfliction.offer(actor, case, items, at, clock.now())
    _shown([each for each in deconfliction.offers() if each.number == number], json)


def offers(json: Json = False) -> None:
    """What is put up for matching, the newest first."""
    opening.open_node()
    _shown(deconfliction.offers(), json)


def withdraw(
    number: Annotated[int, typer.Argument(help="from `deconflict offers`")], person: Person
) -> None:
    """Take items back: no session from now on has them."""
    actor = acting(person)
    with unit_of_work():
        deconfliction.withdraw(actor, number, clock.now())


def list_(limit: Annotated[int, typer.Option(min=1, max=1_000)] = 100, json: Json = False) -> None:
    """Sessions, the newest first."""
    opening.open_node()
    found = deconfliction.sessions(limit=limit)
    if json:
        showing.as_json([_value(each) for each in found])
        return
    columns = ("peer", "we are", "state", "hits", "items", "", "request")
    rows = [
        (
            each.peer_name,
            each.role,
            each.state,
            "–" if each.hits is None else each.hits,
            each.count,
            each.alarm,
            each.request,
        )
        for each in found
    ]
    showing.table(columns, rows)


def show(
    request: Session,
    wait: Annotated[int, typer.Option(min=0, help="seconds to wait for its end")] = 0,
    set_: Annotated[
        bool, typer.Option("--set", help="what opens our commitment: key and whole set")
    ] = False,
    json: Json = False,
) -> None:
    """One session: how it stands, and after a hit whom to speak to."""
    opening.open_node()
    identifier = _id(request)
    if set_:
        showing.as_json(deconfliction.opening(identifier))
        return
    _one(_waited(identifier, wait), json)


def _waited(request: UUID, seconds: int) -> SessionView:
    """The session once it has ended, or after so many seconds; each word is told on stderr."""
    ends, told = clock.monotonic() + seconds, -1
    while True:
        view = deconfliction.session(request)
        if view.ended_at is not None or clock.monotonic() >= ends:
            return view
        if view.word != told:
            told = view.word
            showing.err.print(f"{view.state}, {told} words said", markup=False)
        time.sleep(1)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        do = "Copy it from `hueandcry deconflict list`"
        raise Usage("request", f"{text!r} is no id of a request", do=do) from None


def _read(file: str, market: str, quiet: bool) -> list[str]:
    try:
        text = sys.stdin.read(_MOST + 1) if file == "-" else _text(Path(file))
    except (OSError, UnicodeDecodeError) as fault:
        raise Usage("no_file", f"{file} cannot be read", why=str(fault)) from None
    if len(text) > _MOST:
        raise Usage("file", f"{file} has more than {_MOST:,} characters")
    lines = text.splitlines()
    with showing.progress(f"reading {Path(file).name}", hidden=quiet) as advance:

        def counted() -> Iterator[str]:
            for number, line in enumerate(lines, 1):
                advance(number, len(lines))
                yield line

        return read_items(counted(), market.upper() or members.us().country)


def _text(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.read(_MOST + 1)


# --- shown ----------------------------------------------------------------------------------------


def _shown(found: list[OfferView], json: bool) -> None:
    if json:
        showing.as_json([_offered(each) for each in found])
        return
    rows = [
        (
            each.number,
            each.case or "–",
            each.count,
            showing.time(each.until),
            "withdrawn" if each.withdrawn_at else "",
        )
        for each in found
    ]
    showing.table(("number", "case", "items", "until", ""), rows)


def _offered(each: OfferView) -> dict[str, Any]:
    return {
        "number": each.number,
        "case": each.case or None,
        "items": each.items,
        "count": each.count,
        "person": each.person,
        "made_at": time_text(each.made_at),
        "until": time_text(each.until),
        "withdrawn_at": _time(each.withdrawn_at),
    }


def _one(view: SessionView, json: bool) -> None:
    if json:
        showing.as_json(_value(view))
        return
    looks = f"{view.count} items as {view.size}, theirs as {view.their_size or '–'}"
    lines = [
        f"{view.request}: {view.state}, {view.role}, {view.peer_name}; {looks}",
        f"our commitment {view.commitment}",
    ]
    lines += [f"theirs {view.their_commitment}"] if view.their_commitment else []
    lines += [f"why: {view.why}"] if view.why else []
    lines += [f"look at: {view.alarm}"] if view.alarm else []
    lines += [f"hits: {view.hits}"] if view.hits is not None else []
    lines += [f"{item} ({', '.join(cases)})" for item, cases in view.found.items()]
    lines += [f"speak to {view.contact} about {', '.join(view.cases)}"] if view.contact else []
    showing.out.print("\n".join(lines), markup=False)


def _value(view: SessionView) -> dict[str, Any]:
    return {
        "request": str(view.request),
        "peer": view.peer,
        "peer_name": view.peer_name,
        "role": view.role,
        "state": view.state,
        "words": view.word,
        "commitment": view.commitment,
        "size": view.size,
        "items": view.count,
        "their_commitment": view.their_commitment,
        "their_size": view.their_size,
        "hits": view.hits,
        "found": view.found,
        "contact": view.contact or None,
        "cases": view.cases,
        "alarm": view.alarm or None,
        "why": view.why or None,
        "made_at": time_text(view.made_at),
        "ends_at": _time(view.ends_at),
        "ended_at": _time(view.ended_at),
        "messages_deleted_at": _time(view.cleared_at),
    }


def _time(at: Micros | None) -> str | None:
    return None if at is None else time_text(at)


_FUNCTIONS: Final[dict[str, Callable[..., None]]] = {
    "ask": ask,
    "offer": offer,
    "offers": offers,
    "withdraw": withdraw,
    "list": list_,
    "show": show,
}


class _WithPeer(typer.core.TyperGroup):
    """`deconflict PEER FILE` is `deconflict ask PEER FILE`: a first word that is no command."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        named = args if args and args[0] in self.commands else ["ask", *args]
        return super().resolve_command(ctx, named)


def _command() -> Any:
    app = typer.Typer(
        cls=_WithPeer,
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    for name, function in _FUNCTIONS.items():
        app.command(name)(function)
    return typer.main.get_command(app)


COMMANDS = {"deconflict": _command()}
