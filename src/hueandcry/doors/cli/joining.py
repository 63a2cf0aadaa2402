"""The wizard that brings a node to its partners: self-test, a peer, terms, first sync."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any

import typer

from hueandcry.core.errors import Conflict, HueError
from hueandcry.core.types import SECOND, Audience
from hueandcry.doors.cli import opening, showing
from hueandcry.doors.cli.commands import Json, command
from hueandcry.doors.cli.findings import Finding, show
from hueandcry.doors.cli.usage import Usage

opening.prepare()

from hueandcry.apps.exchange import face as exchange
from hueandcry.apps.exchange import jobs as exchange_jobs
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers import jobs as peer_jobs
from hueandcry.apps.peers.face import PeerView
from hueandcry.core import jws
from hueandcry.core.sharing import Reason
from hueandcry.doors.cli import checkup, soundness
from hueandcry.doors.cli.peering import read_terms_option
from hueandcry.doors.desk import arrivals
from hueandcry.engine import clock
from hueandcry.engine.jobs.loops import run_once
from hueandcry.engine.keys.own import own
from hueandcry.engine.store.work import unit_of_work

#: A clock that is off by more is worth a warning; calls correct for it up to a day.
CLOCK_WARNING = 2 * SECOND


@dataclass(slots=True)
class Course:
    """How the wizard's way has gone so far."""

    quiet: bool
    found: list[Finding] = field(default_factory=list)
    peer: PeerView | None = None
    token: str = ""

    def say(self, findings: Iterable[Finding]) -> bool:
        """Notes and shows findings; False when one of them stops the way."""
        well = True
        for each in findings:
            self.found.append(each)
            if not self.quiet:
                show([each])
            well = well and each.result != "wrong"
        return well

    def failed(self) -> bool:
        return any(each.result == "wrong" for each in self.found)

    def value(self) -> dict[str, Any]:
        return {
            "outcome": "failed" if self.failed() else "ok",
            "steps": [each.value() for each in self.found],
            "peer": None if self.peer is None else _peer_value(self.peer),
            "token": self.token,
        }


def _peer_value(peer: PeerView) -> dict[str, Any]:
    value = asdict(peer)
    return {name: value[name] for name in ("name", "fingerprint", "url", "state", "agreement")}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person, or the script, said beforehand."""

    url: str
    fingerprint: str
    agreement: str
    wait: float
    backed_up: bool | None
    port: bool
    token: str
    asks: bool


def join(
    url: Annotated[str, typer.Argument(help="address of the peer's node; else you are asked")] = "",
    fingerprint: Annotated[
        str, typer.Option(help="its fingerprint, as its people told you; else you compare it here")
    ] = "",
    agreement: Annotated[
        str, typer.Option(help="standard, personal, or a file with terms; else you are asked")
    ] = "",
    wait: Annotated[float, typer.Option(help="seconds to wait for the other side")] = 120.0,
    backed_up: Annotated[
        bool | None,
        typer.Option("--keys-backed-up/--keys-not-backed-up", help="keys and secret are copied"),
    ] = None,
    port: Annotated[
        bool, typer.Option("--port/--no-port", help="whether others can call this node")
    ] = True,
    token: Annotated[
        str, typer.Option(help="audience of a first look-up token: clear, green, own or none")
    ] = "own",
    json: Json = False,
) -> None:
    """Join a partnership: self-test, meet a peer, come to terms, first sync, first token."""
    opening.open_node()
    if token not in (*(each.value for each in Audience), "none"):
        raise Usage("token", f"There is no audience {token!r}", do="Use clear, green, own or none")
    asks = not json and not (url and fingerprint)
    wishes = Wishes(url, fingerprint, agreement, wait, backed_up, port, token, asks)
    course = Course(quiet=json)
    _run(course, wishes)
    if json:
        showing.as_json(course.value())
    elif not course.failed():
        _what_next(course)
    if course.failed():
        raise typer.Exit(1)


def _run(course: Course, wishes: Wishes) -> None:
    """The way, step by step; the first step that fails ends it."""
    steps: tuple[Callable[[Course, Wishes], bool], ...] = (
        _self_test,
        _meet,
        _come_to_terms,
        _be_called,
        _sync,
        _first_token,
    )
    for step in steps:
        if not step(course, wishes):
            return


# --- this node -----------------------------------------------------------------------------------


def _self_test(course: Course, wishes: Wishes) -> bool:
    """What is wrong with this node is found here, before anybody else sees it."""
    well = course.say(checkup.database())
    for check in (soundness.disk, soundness.durability, soundness.permissions, soundness.tiles):
        well = course.say(check()) and well
    well = course.say(_keys(wishes)) and well
    if wishes.port:
        well = course.say(_address()) and well
    return well


def _keys(wishes: Wishes) -> Iterable[Finding]:
    if own().root_present():
        do = "Move the folder root/ to two safe places away from this machine"
        yield Finding("root key", "warning", "The root key still lies beside the node", do)
    else:
        yield Finding("root key", "well", "moved away")
    kept = wishes.backed_up
    if kept is None and wishes.asks:
        kept = typer.confirm("Are keys/ and the secret file backed up elsewhere?", err=True)
    if kept:
        yield Finding("backup", "well", "keys and secret are kept elsewhere too, as you say")
    else:
        do = "Copy keys/ and the secret file away: without them this node cannot be brought back"
        yield Finding("backup", "warning", "Nobody says that keys and secret are backed up", do)


def _address() -> Iterable[Finding]:
    url = members.us().url
    if not url:
        yield Finding("address", "well", "no inbound port: this node asks its peers")
        return
    if url.startswith("https://"):
        yield from soundness.certificate_of(url, "certificate", "our address", silent="wrong")
    else:
        do = "For partners elsewhere give the node an https address: `keys renew --url`"
        yield Finding("certificate", "warning", f"{url} is for this machine only", do)
    yield from soundness.answers_as_itself()


# --- the peer ------------------------------------------------------------------------------------


def _meet(course: Course, wishes: Wishes) -> bool:
    """Reaches the peer, has its fingerprint compared, and compares the clocks."""
    url = (wishes.url or _asked("Address of the peer's node")).rstrip("/")
    if url.startswith("https://"):
        whose = "the peer's address"
        if not course.say(soundness.certificate_of(url, "peer certificate", whose, silent="wrong")):
            return False
    try:
        card = peers.fetch_card(url)
        stated = jws.open_document(card).stated
        expected = _compared(wishes, stated.iss, str(stated.body.get("name", "")))
        with unit_of_work():
            members.take_card(card, clock.now(), expected=expected)
        course.say([Finding("fingerprint", "well", f"the node of {stated.body.get('name')}")])
        if not course.say(_clocks(peers.knock(url, expected))):
            return False
        spec = read_terms_option(_chosen_terms(wishes))
        with unit_of_work():
            added = peers.add(card, url, spec, clock.now(), expected=expected)
    except HueError as refused:
        return course.say([_refused("peer", refused)])
    course.peer = added
    return True


def _asked(what: str) -> str:
    said: str = typer.prompt(what, err=True)
    return said.strip()


def _compared(wishes: Wishes, shown: str, name: str) -> str:
    if wishes.fingerprint:
        return wishes.fingerprint.replace(" ", "").lower()
    if not wishes.asks:
        raise Conflict(
            "not_confirmed", "Nobody compared the fingerprint", do="Give it with --fingerprint"
        )
    showing.err.print(f"{name!r} shows this fingerprint:\n\n  {showing.fingerprint(shown)}\n")
    showing.err.print("Compare it in full with its people, by telephone or in person.")
    if not typer.confirm("Is it the same?", err=True):
        raise Conflict("not_confirmed", "The fingerprint was not confirmed", do="Nothing was done")
    return shown


def _chosen_terms(wishes: Wishes) -> str:
    """The terms that were named; where somebody can be asked, those that they choose."""
    if wishes.agreement or not wishes.asks:
        return wishes.agreement or "standard"
    showing.err.print("Terms: `standard` keeps personal data home, `personal` lets it pass.")
    said: str = typer.prompt("standard, personal, or a file", default="standard", err=True)
    return said.strip()


def _refused(check: str, refused: HueError) -> Finding:
    what = refused.what + (f": {refused.why}" if refused.why else "")
    return Finding(check, "wrong", what, refused.do or _DO.get(refused.code, ""))


_DO = {
    "unreachable": "Check the address with the member, and that this machine may call out to it",
    "timeout": "Check the address with the member, and that no wall swallows calls to it",
    "refused_address": "The address is private: ask the member for its public one",
    "certificate": "Tell the member that its certificate is not believed here",
    "not_https": "Ask the member for its https address",
}


def _clocks(met: peers.Knock) -> Iterable[Finding]:
    seconds = met.offset / SECOND
    what = f"the peer's clock less ours: {seconds:+.1f} s"
    if abs(met.offset) > peers.OFFSET_CAP:
        do = "Set this machine's clock (systemd-timesyncd or chrony), or tell the member"
        yield Finding("clock", "wrong", what, do)
    elif abs(met.offset) > CLOCK_WARNING:
        do = "Let this machine's clock be set by the network (systemd-timesyncd or chrony)"
        yield Finding("clock", "warning", what, do)
    else:
        yield Finding("clock", "well", what)


def _come_to_terms(course: Course, wishes: Wishes) -> bool:
    """Waits until both have signed: the other side's people may be typing just now."""
    assert course.peer is not None
    until, asking = clock.monotonic() + wishes.wait, arrivals.asking()
    while True:
        run_once(peer_jobs.ONCE)
        asking.now()
        peer = course.peer = peers.peer(course.peer.id)
        if peer.state != "waiting" or clock.monotonic() >= until:
            return course.say([_terms(peer)])
        peers.greet(peer)
        time.sleep(0.3)


def _terms(peer: PeerView) -> Finding:
    if peer.state == "in_force":
        return Finding("agreement", "well", f"in force with {peer.name}: {peer.agreement}")
    if peer.state == "waiting":
        us = members.us()
        how = f"join {us.url}" if us.url else "peer add"
        do = (
            f"Ask its people to run `hueandcry {how} --fingerprint {us.fingerprint}`,"
            " then run this again"
        )
        return Finding("agreement", "wrong", f"{peer.name} has not signed yet", do)
    reasons = [Reason(code, tuple(params.items())).text for code, params in peer.difference]
    what = f"With {peer.name} it is {peer.state}" + (f": {'; '.join(reasons)}" if reasons else "")
    return Finding("agreement", "wrong", what, "Agree on terms, and give both sides the same file")


def _be_called(course: Course, wishes: Wishes) -> bool:
    """The peer calls us back: the only test of our port that is made from outside."""
    assert course.peer is not None
    if not wishes.port or not members.us().url:
        return course.say([Finding("port", "well", "no inbound port: this node asks its peers")])
    try:
        back = peers.ask_back(course.peer)
    except HueError as refused:
        return course.say([Finding("port", "warning", f"It was not tried: {refused.what}")])
    if back["reached"]:
        what = f"{course.peer.name} reached this node in {back.get('ms')} ms"
        return course.say([Finding("port", "well", what)])
    do = (
        "Start `hueandcry serve`; open the port in the firewall; let the web server pass every"
        " path on; or, without an inbound port, run this with --no-port"
    )
    what = f"{course.peer.name} cannot reach {members.us().url}: {back.get('what', '')}"
    return course.say([Finding("port", "wrong", what, do)])


def _sync(course: Course, wishes: Wishes) -> bool:
    """The first catch-up: everything that the peer may give us, with progress."""
    assert course.peer is not None
    name = course.peer.name
    with showing.progress(f"claims from {name}", hidden=course.quiet) as advance:
        asking = arrivals.asking()
        while asking.now() or (members.us().url and exchange.pull_next(course.peer.id)):
            held = exchange.received_from(course.peer.id)
            advance(held, held)
    run_once(exchange_jobs.ONCE)
    run_once(peer_jobs.ONCE)
    course.peer = peers.peer(course.peer.id)
    if course.peer.failures:
        do = "Run `hueandcry peer sync` when that is cleared up; the node goes on trying by itself"
        return course.say([Finding("sync", "wrong", course.peer.last_error, do)])
    held = exchange.received_from(course.peer.id)
    return course.say([Finding("sync", "well", f"{held:,} claims from {name} held")])


def _first_token(course: Course, wishes: Wishes) -> bool:
    if wishes.token == "none":
        return True
    with unit_of_work():
        made = members.new_token(Audience(wishes.token), "first, by join", clock.now())
    course.token = made.text
    what = f"number {made.number}, audience {wishes.token}; its text is shown this once"
    return course.say([Finding("token", "well", what)])


def _what_next(course: Course) -> None:
    showing.out.print("\nThis node has joined. A value can be looked up now:\n")
    if course.token:
        showing.out.print(
            f"  curl -H 'Authorization: Bearer {course.token}'"
            f" '{members.us().url}/v1/lookup?value=example.com'\n",
            markup=False,
        )
    showing.out.print("Next: keep `hueandcry serve` running as a service. Raise a claim with")
    showing.out.print("`hueandcry report VALUE`, take a list with `hueandcry ingest FILE`, see the")
    showing.out.print("partnership with `hueandcry directory list`, the node with `doctor`.")


COMMANDS = {"join": command(join)}
