"""Joining two nodes, and looking after what runs between them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from hueandcry.core.errors import Conflict, NotFound
from hueandcry.doors.cli import opening, showing, small_files
from hueandcry.doors.cli.commands import Json, group

opening.prepare()

from hueandcry.apps.exchange import jobs as exchange_jobs
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers import jobs as peer_jobs
from hueandcry.apps.peers.face import PeerView
from hueandcry.core import jws
from hueandcry.core.sharing import Reason
from hueandcry.doors.cli.usage import Usage
from hueandcry.doors.desk import arrivals
from hueandcry.engine import clock
from hueandcry.engine.jobs.loops import run_once
from hueandcry.engine.store.work import unit_of_work


def add(
    url: Annotated[
        str,
        typer.Argument(
            help="address of the other node, or a file with its card; without one it "
            "has no inbound port and will call us"
        ),
    ] = "",
    fingerprint: Annotated[
        str, typer.Option(help="its fingerprint, as its people told you; without it you are asked")
    ] = "",
    agreement: Annotated[
        str, typer.Option(help="standard, personal, or a file with terms")
    ] = "standard",
    by_file: Annotated[
        bool, typer.Option("--by-file", help="files are carried: nothing goes over the net")
    ] = False,
    wait: Annotated[float, typer.Option(help="seconds to wait for the other side")] = 5.0,
    json: Json = False,
) -> None:
    """Join this node with another: show its fingerprint, confirm, come to terms."""
    opening.open_node()
    spec = read_terms_option(agreement)
    if not url:
        _expect(fingerprint, spec, wait, json)
        return
    card, address = _card(url)
    stated = jws.open_document(card).stated
    expected = _confirmed(stated.iss, str(stated.body.get("name", "")), fingerprint)
    with unit_of_work():
        added = peers.add(card, address, spec, clock.now(), expected=expected, by_file=by_file)
    _end(_settle(added.id, wait), json)


def _card(url: str) -> tuple[bytes, str | None]:
    """(card, the address that was typed): from the node, or from a file that its people sent."""
    path = Path(url)
    if "://" in url or not path.is_file():
        return peers.fetch_card(url), url
    return small_files.read(path).strip(), None


def _expect(given: str, spec: str, wait: float, json: bool) -> None:
    fingerprint = given.replace(" ", "").lower()
    if len(fingerprint) != 64 or not set(fingerprint) <= set("0123456789abcdef"):
        raise Usage(
            "fingerprint",
            "A node without an address is added by its fingerprint",
            do="Give --fingerprint with all 64 digits, or the address or card file of the node",
        )
    with unit_of_work():
        number = peers.expect(fingerprint, spec, clock.now())
    if number is not None:
        _end(_settle(number, wait), json)
    elif json:
        showing.as_json({"fingerprint": fingerprint, "state": "expected"})
    else:
        showing.out.print("Expected: it is joined as soon as its own `peer add` calls this node.")


def _end(peer: PeerView, json: bool) -> None:
    _show(peer, json)
    if peer.state == "refused":
        raise typer.Exit(1)


def _confirmed(shown: str, name: str, given: str) -> str:
    wanted = given.replace(" ", "").lower()
    if wanted:
        return wanted
    showing.err.print(f"{name!r} shows this fingerprint:\n\n  {showing.fingerprint(shown)}\n")
    showing.err.print("Compare it in full with its people, by telephone or in person.")
    if not typer.confirm("Is it the same?", err=True):
        raise Conflict("not_confirmed", "The fingerprint was not confirmed", do="Nothing was done")
    return shown


def read_terms_option(agreement: str) -> str:
    """A template's name as it is, or the text of a terms file; raises NotFound."""
    if agreement in ("standard", "personal"):
        return agreement
    path = Path(agreement)
    if not path.is_file():
        raise NotFound(
            "terms_file", f"There is no file {agreement}", do="Use standard, personal or a file"
        )
    return small_files.text(path)


def _settle(peer_id: int, wait: float) -> PeerView:
    """Delivers and asks until both signatures are held, refused, or the time is up."""
    until = clock.monotonic() + wait
    asking = arrivals.asking()
    while True:
        run_once(peer_jobs.ONCE)
        asking.now()
        peer = peers.peer(peer_id)
        if peer.state != "waiting" or peer.way != "call" or clock.monotonic() >= until:
            run_once(peer_jobs.ONCE)
            asking.now()
            return peers.peer(peer_id)
        # A signed call tells the other side that we are here, so it delivers what it holds for us.
        peers.greet(peer)
        time.sleep(0.2)


def _show(peer: PeerView, json: bool) -> None:
    if json:
        showing.as_json(_value(peer))
        return
    showing.out.print(f"{peer.name}: {_STATES[peer.state]}")
    for code, params in peer.difference:
        text = Reason(code, tuple(params.items())).text
        showing.out.print(f"  {text}")


_STATES = {
    "waiting": "added; the agreement is in force once the other side has added this node too",
    "in_force": "the agreement is in force",
    "refused": "its terms give more than ours allow",
    "suspended": "the agreement is suspended",
    "barred": "the partnership has suspended or expelled it: nothing passes",
}


def _value(peer: PeerView) -> dict[str, Any]:
    return {
        "name": peer.name,
        "fingerprint": peer.fingerprint,
        "url": peer.url,
        "way": peer.way,
        "state": peer.state,
        "agreement": peer.agreement,
        "difference": [[code, params] for code, params in peer.difference],
        "clock_offset": peer.clock_offset,
        "failures": peer.failures,
        "last_error": peer.last_error,
        "last_seen": peer.last_seen,
    }


def list_(json: Json = False) -> None:
    """Every peer, its terms and how it was last reached."""
    opening.open_node()
    found = peers.peers()
    expected = peers.expected()
    if json:
        waiting = [{"fingerprint": each, "state": "expected"} for each in expected]
        showing.as_json([*(_value(peer) for peer in found), *waiting])
        return
    if not found and not expected:
        showing.out.print("No peers yet. Add one with `hueandcry peer add URL`.")
    rows = [
        (p.name, p.state, _where(p), showing.time(p.last_seen), p.last_error or "–") for p in found
    ]
    rows += [(each, "expected", "calls us", "–", "–") for each in expected]
    showing.table(("peer", "agreement", "address", "last seen", "trouble"), rows)


def _where(peer: PeerView) -> str:
    return {"poll": "no port: it asks us", "file": "by file"}.get(peer.way, peer.url)


def sync(json: Json = False) -> None:
    """Push what waits and pull what was missed, here and now."""
    opening.open_node()
    run_once(peer_jobs.ONCE)
    run_once(exchange_jobs.ONCE)
    asking = arrivals.asking()
    while asking.now() or (members.us().url and exchange_jobs.pull_now()):
        continue
    run_once(peer_jobs.ONCE)
    list_(json)


def suspend(
    name: Annotated[str, typer.Argument(help="name or fingerprint of the peer")], json: Json = False
) -> None:
    """Suspend the agreement with a peer at once; nothing passes until new terms are signed."""
    opening.open_node()
    peer = peers.named(name)
    with unit_of_work():
        peers.suspend(peer.id, clock.now())
    run_once(peer_jobs.ONCE)
    _show(peers.peer(peer.id), json)


COMMANDS = {"peer": group(add=add, list=list_, sync=sync, suspend=suspend)}
