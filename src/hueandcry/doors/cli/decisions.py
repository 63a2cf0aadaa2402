"""What a named authority decides about exhibits: take, release, destroy; holds and restrictions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final

import typer

from hueandcry.core.errors import HueError, NotFound
from hueandcry.doors.cli import opening, showing
from hueandcry.doors.cli.commands import Json
from hueandcry.doors.cli.usage import Usage

opening.prepare()

from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.evidence.face import Limit, Terms
from hueandcry.apps.members import face as members
from hueandcry.core.times import read_rfc3339, time_text
from hueandcry.core.types import Actor, Fingerprint, Micros, Purpose
from hueandcry.doors.cli import exhibits_shown
from hueandcry.doors.cli.claims import one_of
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

Exhibit = Annotated[str, typer.Argument(help="its id or number")]
Person = Annotated[
    str, typer.Option("--as", help="login of the person who does it; else the node itself")
]
Authority = Annotated[str, typer.Option(help="the court, order or officer that answers for it")]
Reason = Annotated[str, typer.Option(help="why: goes into the custody")]
Number = Annotated[int, typer.Argument(help="its number, from `evidence show`")]
Review = Annotated[str, typer.Option(help="when it is asked again whether it is needed: RFC 3339")]

_Decide = Callable[[Actor, str, str, str, Micros], evidence.ExhibitView]


def acting(login: str) -> Actor:
    """Opens the node; the person who acts, with their roles, or the node itself."""
    actor = opening.open_node()
    return members.actor(login) if login else actor


def take(
    exhibit: Exhibit, authority: Authority, reason: Reason, person: Person = "", json: Json = False
) -> None:
    """A named authority takes an exhibit as evidence: from here on nothing of it goes."""
    _decided(evidence.take, exhibit, authority, reason, person, json)


def release(
    exhibit: Exhibit, authority: Authority, reason: Reason, person: Person = "", json: Json = False
) -> None:
    """A named authority needs it as evidence no longer; its retention begins anew."""
    _decided(evidence.release, exhibit, authority, reason, person, json)


def destroy(
    exhibit: Exhibit, authority: Authority, reason: Reason, person: Person = "", json: Json = False
) -> None:
    """Destroy key and bytes on a named authority's word; the custody stays."""
    _decided(evidence.destroy, exhibit, authority, reason, person, json)


def _decided(
    decide: _Decide, exhibit: str, authority: str, reason: str, person: str, json: bool
) -> None:
    actor = acting(person)
    with unit_of_work():
        view = decide(actor, exhibit, authority, reason, clock.now())
    exhibits_shown.changed(view, json)


# --- legal holds ----------------------------------------------------------------------------------


def hold(
    exhibit: Exhibit,
    authority: Authority,
    reason: Reason,
    review: Review,
    person: Person = "",
    json: Json = False,
) -> None:
    """Keep an exhibit from purge and destruction until the hold is ended."""
    actor, review_at = acting(person), _instant(review, "review")
    with unit_of_work():
        number = evidence.hold(actor, exhibit, authority, reason, review_at, clock.now())
    _said("hold", number, "stands", json)


def review(
    number: Number, reason: Reason, review: Review, person: Person = "", json: Json = False
) -> None:
    """Note that a hold is still needed, and when that is asked again."""
    actor, review_at = acting(person), _instant(review, "review")
    with unit_of_work():
        evidence.review(actor, number, reason, review_at, clock.now())
    _said("hold", number, f"stands; next review {showing.time(review_at)}", json)


def unhold(
    number: Number, authority: Authority, reason: Reason, person: Person = "", json: Json = False
) -> None:
    """End a hold: what is due goes with the next purge."""
    actor = acting(person)
    with unit_of_work():
        evidence.end_hold(actor, number, authority, reason, clock.now())
    _said("hold", number, "ended", json)


# --- restrictions ---------------------------------------------------------------------------------


def restrict(
    exhibit: Exhibit,
    authority: Authority,
    words: Annotated[str, typer.Option(help="what is restricted and why, for people")],
    purpose: Annotated[
        list[str] | None,
        typer.Option(help=f"may be used only for: {', '.join(Purpose)}; repeatable"),
    ] = None,
    to: Annotated[
        list[str] | None, typer.Option(help="may go only to this member: fingerprint; repeatable")
    ] = None,
    until: Annotated[str, typer.Option(help="until when: RFC 3339; else until it is lifted")] = "",
    person: Person = "",
    json: Json = False,
) -> None:
    """Restrict use (--purpose) or handing on (--to; without either to nobody)."""
    actor = acting(person)
    if purpose and to:
        do = "Make two restrictions"
        raise Usage("restriction", "One restriction is of use or of handing on", do=do)
    purposes = tuple(one_of(Purpose, each, "purpose", by_value=True) for each in purpose or ())
    terms = Terms(
        kind=Limit.USE if purposes else Limit.ONWARD,
        words=words,
        authority=authority,
        to=tuple(_member(each) for each in to or ()),
        purposes=purposes,
        until=_instant(until, "until") if until else None,
    )
    with unit_of_work():
        number = evidence.restrict(actor, exhibit, terms, clock.now())
    _said("restriction", number, "stands", json)


def _member(fingerprint: str) -> Fingerprint:
    found = members.find(fingerprint) if len(fingerprint) == 64 else None
    if found is None:
        raise NotFound("member", f"No card of {fingerprint[:64]} is held", do="See `peer list`")
    return found.fingerprint


def lift(number: Number, authority: Authority, person: Person = "", json: Json = False) -> None:
    """Lift a restriction of our own."""
    actor = acting(person)
    with unit_of_work():
        evidence.lift(actor, number, authority, clock.now())
    _said("restriction", number, "lifted", json)


def holds(
    all_: Annotated[bool, typer.Option("--all", help="ended ones too")] = False, json: Json = False
) -> None:
    """Legal holds, the one whose review comes first in front."""
    opening.open_node()
    found = evidence.holds(standing=not all_)
    if json:
        showing.as_json([exhibits_shown.hold_value(each) for each in found])
        return
    rows = [
        (x.number, x.exhibit_number, x.authority, showing.time(x.review_at), x.reason)
        for x in found
    ]
    showing.table(("hold", "exhibit", "authority", "review", "reason"), rows)


def _said(what: str, number: int, outcome: str, json: bool) -> None:
    if json:
        showing.as_json({what: number, "outcome": outcome})
    else:
        showing.out.print(f"{what.capitalize()} {number} {outcome}")


def _instant(text: str, option: str) -> Micros:
    try:
        return read_rfc3339(text)
    except HueError as error:
        example = time_text(1_800_000_000_000_000)
        raise Usage(option, f"{text!r} is no time", do=f"Write it as {example}") from error


FUNCTIONS: Final[dict[str, Callable[..., None]]] = {
    "take": take,
    "release": release,
    "destroy": destroy,
    "hold": hold,
    "holds": holds,
    "review": review,
    "unhold": unhold,
    "restrict": restrict,
    "lift": lift,
}
