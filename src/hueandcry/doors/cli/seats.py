"""Seats: guests whose people work on this node, under this node's signature."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from hueandcry.core.errors import Conflict
from hueandcry.doors.cli import opening, showing
from hueandcry.doors.cli.claims import read_tlp
from hueandcry.doors.cli.commands import Json, group
from hueandcry.doors.cli.usage import Usage

opening.prepare()

from hueandcry.apps.members import face as members
from hueandcry.apps.members.face import SeatView
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers import jobs as peer_jobs
from hueandcry.apps.signals import face as signals
from hueandcry.core.sharing import seat_terms
from hueandcry.core.times import time_text
from hueandcry.core.types import Actor, Claim, Tlp
from hueandcry.engine import clock
from hueandcry.engine.jobs.loops import run_once
from hueandcry.engine.store.work import unit_of_work

Code = Annotated[str, typer.Argument(help="the seat, from `seat list`, or its short name")]
#: Claims to one transaction.
_STEP = 500


def add(
    short: Annotated[str, typer.Argument(help="short name: small letters, digits, hyphens")],
    name: Annotated[str, typer.Option(help="name of the guest organisation")],
    country: Annotated[str, typer.Option(help="ISO 3166 code of two letters")],
    role: Annotated[list[str], typer.Option(help="asc, lea, bank, telco … (repeatable)")],
    ceiling: Annotated[
        str, typer.Option(help="the strictest marking of ours that it sees: CLEAR, GREEN, AMBER")
    ] = "GREEN",
    json: Json = False,
) -> None:
    """Give a guest a seat on this node, and tell every peer whose claims it will sign."""
    opening.open_node()
    if len(country) != 2 or not country.isascii() or not country.isalpha():
        raise Usage("country", f"{country!r} is no country code", do="Use two letters such as TH")
    tlp, at = _ceiling(ceiling), clock.now()
    home = members.us().fingerprint
    code = members.code_of(home, short)
    terms = seat_terms(home, members.guest_fingerprint(home, code), at, tlp)
    with unit_of_work():
        seat = members.open_seat(code, name, country.upper(), role, terms, at)
        peers.announce_seat(seat, at)
    run_once(peer_jobs.ONCE)
    _show(seat, json)


def _ceiling(text: str) -> Tlp:
    tlp = read_tlp(text)
    if tlp > Tlp.AMBER:
        raise Usage("ceiling", f"A guest sees nothing marked {tlp.wire} of ours", do="Use AMBER")
    return tlp


def _value(seat: SeatView) -> dict[str, Any]:
    value = asdict(seat)
    for inside in ("id", "announced"):
        value.pop(inside)
    return {**value, "source": seat.source, "own": seat.guest is not None}


def _show(seat: SeatView, json: bool) -> None:
    if json:
        showing.as_json(_value(seat))
        return
    state = "has ended" if seat.ended else "is open"
    showing.out.print(f"The seat of {seat.name} {state}: {seat.code}")
    if not seat.ended:
        showing.out.print("Its people: `hueandcry person add LOGIN --role guest --member SEAT`.")
        showing.out.print("Its machines: `hueandcry token new --audience green --member SEAT`.")


def list_(json: Json = False) -> None:
    """Seats on this node, and those that other homes announced."""
    opening.open_node()
    found = [*members.seats(), *members.seats(ours=False)]
    if json:
        showing.as_json([_value(seat) for seat in found])
        return
    if not found:
        showing.out.print("No seats. Give a guest one with `hueandcry seat add`.")
        return
    rows = [
        (s.name, s.code, s.home_name, "ended" if s.ended else "open", showing.time(s.changed_at))
        for s in found
    ]
    showing.table(("guest", "seat", "home", "state", "since"), rows)


def export(
    code: Code,
    output: Annotated[str, typer.Option(help="a new file; - for stdout")] = "-",
) -> None:
    """Write a guest's live claims, one JSON document a line, for the node that it moves to."""
    opening.open_node()
    seat = members.seat(code)
    with _opened(output) as file:
        for claim in _claims(seat):
            file.write(msgspec.json.encode(_line(claim)).decode() + "\n")


def _opened(output: str) -> Any:
    if output == "-":
        return nullcontext(sys.stdout)
    try:
        return Path(output).open("x", encoding="utf-8")
    except FileExistsError as error:
        raise Conflict("file_exists", f"{output} exists already", do="Name a new file") from error


def _claims(seat: SeatView) -> Iterator[Claim]:
    after = 0
    while found := signals.claims_of_source(seat.source, after, _STEP):
        yield from (claim for _, claim in found)
        after = found[-1][0]


def _line(claim: Claim) -> dict[str, Any]:
    """A claim as `hueandcry ingest --column value` reads it, with all that its words are."""
    marking = claim.marking
    return {
        "value": claim.signal.value,
        "kind": claim.signal.kind.value,
        "verdict": claim.verdict.value,
        "lure": claim.lure,
        "method": claim.method,
        "confidence": claim.confidence,
        "tlp": marking.tlp.wire,
        "pap": marking.pap.name,
        "valid_from": time_text(claim.valid_from),
        "valid_until": time_text(claim.valid_until),
        "claim": str(claim.id),
    }


def end(
    code: Code,
    retract: Annotated[
        bool, typer.Option("--retract", help="withdraw its claims too: it says them itself now")
    ] = False,
    json: Json = False,
) -> None:
    """End a seat: its people and tokens are out at once, and every peer is told."""
    actor = opening.open_node()
    at = clock.now()
    with unit_of_work():
        seat = members.end_seat(code, at)
        peers.announce_seat(seat, at)
    if retract:
        _withdraw(actor, seat)
    run_once(peer_jobs.ONCE)
    _show(seat, json)


def _withdraw(actor: Actor, seat: SeatView) -> None:
    """Withdraws what the guest claimed, in transactions of bounded size."""
    while found := signals.claims_of_source(seat.source, 0, _STEP):
        with unit_of_work():
            for _, claim in found:
                at = peers.stamp(clock.now())
                signals.retract(actor, claim.signal, "moved", at, source=seat.source)


COMMANDS = {"seat": group(add=add, list=list_, export=export, end=end)}
