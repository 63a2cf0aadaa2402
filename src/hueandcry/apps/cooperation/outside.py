"""A request on paper: what goes and comes as a letter, entered by our people with its scan.

A request that went or came outside has one copy, which is ours. The machine is the same; what the
other side did is entered by one of ours, and every such act rests on the bytes of a letter or scan.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any, Final
from uuid import UUID

from hueandcry.apps.cooperation import (
    facts,
    granting,
    holding,
    leaving,
    money,
    queries,
    rules,
    sealed,
)
from hueandcry.apps.cooperation.models import Paper, Request
from hueandcry.apps.cooperation.moving import Act, move
from hueandcry.apps.cooperation.rules import Doing
from hueandcry.apps.cooperation.views import Told
from hueandcry.apps.cooperation.wire import Said, Stepped
from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.members import face as members
from hueandcry.core.clocks import late
from hueandcry.core.errors import Conflict, Malformed, NotFound, NotPermitted
from hueandcry.core.law import LAW
from hueandcry.core.machine import HOLD, MONEY, REQUEST, Facts, Machine, Side, step
from hueandcry.core.types import DAY, Actor, Micros
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.blobs.face import Fresh

_BY_NODES: Final = "DECONFLICT"
MOST: Final = 64 << 20  #: bytes of one letter or scan
SEND: Final = "approve_outside"
_TEXT: Final = 500  #: characters
_OLDEST: Final = 400 * DAY

#: Ways by which a letter travels.
CHANNELS: Final = (
    *("in-person", "post", "courier", "diplomatic", "fax", "e-mail"),
    *("police", "interpol", "other"),
)


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter or scan whose bytes are in the store; the act that keeps it makes it a record."""

    fresh: Fresh
    sort: str
    name: str
    channel: str
    by: str
    dated: Micros
    theirs: bool  #: it tells what the other side did; asked where either side may do it


@contextmanager
def taken(
    data: bytes, name: str, channel: str, by: str, dated: Micros, *, theirs: bool = False
) -> Iterator[Letter]:
    """A letter for one act, its bytes stored; removed again unless the act was committed.

    Enter this before the transaction begins. Raises Malformed for what is no PDF or picture, an
    unknown channel, or where nobody is named.
    """
    sort = rules.scan_of(data[:16])
    if channel not in CHANNELS:
        raise Malformed("channel", f"No channel {channel!a}", do=f"Use {', '.join(CHANNELS)}")
    if not by.strip() or max(len(by), len(name)) > _TEXT:
        raise Malformed("carrier", f"Who took or brought it is named, in {_TEXT} characters")
    fresh = blobs.take([data], MOST)
    try:
        yield Letter(fresh, sort, name, channel, by.strip(), dated, theirs)
    finally:
        blobs.discard_unkept([fresh])


def concerns(row: Request, event: str) -> bool:
    """Whether an act upon a request is one on paper."""
    return row.outside or event == SEND


def act(
    row: Request, actor: Actor, event: str, said: Said, at: Micros, letter: Letter | None
) -> None:
    """One act upon a request that goes on paper, of either side; a letter tells of the other's.

    Its time is that of the letter, and never before the last act. Raises as `service.act` does,
    Conflict `proof_outside` where the letter is missing, Malformed for one from the future.
    """
    ours, machine = Side(row.side), rules.machine_of(event, row.money)
    theirs = letter is not None and letter.theirs
    side = rules.side_of(ours, machine, event, _seen(row, machine, event), theirs=theirs)
    wanted = rules.doing(side, event, row.state) if side is ours else Doing.ENTER
    person = rules.check_may(actor, wanted)
    if side is not ours:
        _check_lettered(event, letter)
        check_second_factor(row.type, actor)
    when = _when(row, at, letter)
    digest = letter.fresh.sha256 if letter else None
    done = Act(event, side, when, said, evidence.pseudonym(person), person, digest, machine)
    if machine is REQUEST:
        _move(row, actor, done)
    elif side is ours:
        (holding if machine is HOLD else money).act(row, done)
    else:
        _take(row, done)
    if letter is not None:
        keep(row, letter, done.by, at)


def _check_lettered(event: str, letter: Letter | None) -> None:
    """Raises Conflict where no letter tells of an act of theirs, or none could."""
    if not rules.told_by_letter(event):
        raise Conflict("no_letter", f"No letter of the other side tells of {event}")
    rules.require_letter(letter is not None)


def stands(row: Request) -> dict[str, str]:
    """Machine → how a request stands in it; empty where it has none of that machine."""
    return {REQUEST.name: row.state, HOLD.name: row.hold, MONEY.name: row.money}


def _seen(row: Request, machine: Machine, event: str) -> str:
    """The state in which who wrote of an act saw the request.

    That is the one before our release of money where the two letters crossed.
    """
    state = stands(row)[machine.name]
    if machine is MONEY and (event, state) not in MONEY.edges:
        return row.money_before or state
    return state


def check_second_factor(type: str, actor: Actor) -> None:
    """Raises NotPermitted for who enters a letter about such a request without one."""
    if LAW.types[type].second_factor and not actor.second_factor:
        raise NotPermitted("second_factor", "Who enters such a letter has a second factor")


def check_dated(letter: Letter, at: Micros) -> None:
    """Raises Malformed for a letter from the future, or from so long ago that it is a slip."""
    if letter.dated > at:
        raise Malformed("dated", "The letter is dated later than now")
    if letter.dated < at - _OLDEST:
        raise Malformed(
            "dated",
            "The letter is dated more than 400 days ago",
            why="Its clocks would have run out long since",
            do="Look at the year; of an older letter enter the day on which it was taken up again",
        )


def _when(row: Request, at: Micros, letter: Letter | None) -> Micros:
    if letter is None:
        return at
    check_dated(letter, at)
    return queries.not_before(row, letter.dated)


def _move(row: Request, actor: Actor, done: Act) -> None:
    us = members.us().fingerprint
    by = us if done.side == row.side else row.peer.hex()
    if (done.event, row.state) in REQUEST.edges:  # else the machine says it better
        facts.check_said(row, done.event, done.said, by)
        if done.side == row.side:
            granting.check(row, done.event)
            _check_another(row, done)
    changed: dict[str, Any] = {}
    if done.event == SEND:
        check_open(row.type)
        changed = {"basis": leaving.basis(row, done.at), "outside": True}
    known = _facts(row, actor, done)
    reached = step(REQUEST, row.state, done.event, known, before=row.before)
    move(row, done, row.state, reached.state, **changed)
    granting.follow(row, done)


def _check_another(row: Request, done: Act) -> None:
    """Raises NotPermitted where who entered a request alone would grant it as well.

    By wire two people of the other side stand before the one here who grants it. What one duty
    officer may send alone, one may take in and grant alone.
    """
    if row.side != Side.REQUESTED or done.event not in granting.GRANTING:
        return
    if row.maker_id == done.person and not LAW.types[row.type].one_may_send:
        raise NotPermitted(
            "entered_it",
            "Who entered the letter does not grant what it asks",
            why="Nobody else has looked at it",
            do="Let another person decide",
        )


def check_open(type: str) -> None:
    """Raises Conflict for what never goes or comes on paper.

    Scans of a referral would say what the closed store hides; a matching is made by two nodes.
    """
    if type == _BY_NODES:
        raise Conflict("by_nodes", f"{type} is between two nodes: nobody matches lists by letter")
    if type in rules.hidden_from(()):
        raise Conflict(
            "closed",
            f"{type} does not go or come on paper here",
            why="The scans would stay readable at this node, and tell who is protected",
            do="Hand the letter over yourselves, and keep no copy here",
        )


def _facts(row: Request, actor: Actor, done: Act) -> Facts:
    """Of our own act what we know; of theirs the letter vouches for roles and second factors."""
    theirs = done.side != row.side
    passed = row.answer_by is not None and late(row.answer_by, done.at)
    return facts.of(
        row,
        done.event,
        done.said,
        side=done.side,
        now=done.at,
        person=str(actor.person),
        maker=str(row.maker_id or ""),
        second_factor=theirs or actor.second_factor,
        may_send=theirs or not actor.roles.isdisjoint(rules.MAY[Doing.SEND]),
        answered=row.answered or passed,
        proof_outside=done.document.hex() if done.document else "",
    )


def _take(row: Request, done: Act) -> None:
    """What a letter tells that the other side did with a hold or with money."""
    if done.machine is MONEY:
        done = replace(done, said=money.completed(row, done))
    seen = _seen(row, done.machine, done.event)
    told = Stepped(UUID(bytes=row.uuid), done.event, seen, done.by, done.said)
    (holding if done.machine is HOLD else money).take(row, told, done.side, done.at, done)


def keep(row: Request, letter: Letter, entered: str, at: Micros) -> None:
    """Makes a letter the record of the newest act, in that act's transaction."""
    told = Told(letter.name, letter.sort, letter.channel, letter.by, letter.dated, entered)
    Paper.objects.create(
        transition=queries.transition(row, row.version),
        blob=blobs.keep(letter.fresh).id,
        told=sealed.seal(asdict(told)),
        entered_at=at,
    )


# --- looked at ------------------------------------------------------------------------------------


def told(paper: Paper) -> Told | None:
    """How a letter went or came; None once it is purged."""
    return Told(**sealed.opened(paper.told)) if paper.told else None


def letter(identifier: UUID, n: int) -> tuple[Told, bytes]:
    """The letter or scan of an act, in the bytes in which it came; raises NotFound."""
    paper = queries.papers(queries.request(identifier)).get(n)
    known = None if paper is None else told(paper)
    if paper is None or known is None:
        raise NotFound("letter", f"There is no letter of act {n}")
    return known, blobs.read(paper.blob, MOST)
