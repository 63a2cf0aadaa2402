"""The partnership: its charter, and who belongs to it by whose signatures."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from hueandcry.core.errors import NotFound
from hueandcry.doors.cli import opening, showing
from hueandcry.doors.cli.commands import Json, group
from hueandcry.doors.cli.usage import Usage

opening.prepare()

from hueandcry.apps.directory import face as directory
from hueandcry.apps.directory.face import ActView, PartnershipView
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers import jobs as peer_jobs
from hueandcry.engine import clock
from hueandcry.engine.jobs.loops import run_once
from hueandcry.engine.store.work import unit_of_work

#: What people say → the document that says it.
VERBS = {
    "admit": directory.ADMISSION,
    "suspend": directory.SUSPENSION,
    "reinstate": directory.REINSTATEMENT,
    "expel": directory.EXPULSION,
}


def charter(
    name: Annotated[str, typer.Option(help="name of the partnership")],
    founder: Annotated[list[str], typer.Option(help="fingerprint of another founder (repeatable)")],
    k: Annotated[int, typer.Option("-k", "--k", help="how many members decide together")],
    scope: Annotated[str, typer.Option(help="what the partnership is for")] = "",
    json: Json = False,
) -> None:
    """Propose a charter and sign it. It is in force when every founder has signed."""
    opening.open_node()
    with unit_of_work():
        made = directory.propose_charter(name, _fingerprints(founder), k, scope, clock.now())
    _said(made.digest, json)


def _fingerprints(texts: list[str]) -> list[str]:
    return [text.replace(" ", "").lower() for text in texts]


def propose(
    what: Annotated[str, typer.Argument(help="admit, suspend, reinstate or expel")],
    member: Annotated[str, typer.Argument(help="fingerprint or name of the member")],
    reason: Annotated[str, typer.Option(help="why, for the other members to read")] = "",
    json: Json = False,
) -> None:
    """Propose an act about a member and sign it. In force when k members have signed."""
    opening.open_node()
    kind = VERBS.get(what)
    if kind is None:
        raise Usage("act", f"There is no act {what!r}", do=f"Use one of: {', '.join(VERBS)}")
    with unit_of_work():
        made = directory.propose(kind, _member(member), reason, clock.now())
    _said(made.digest, json)


def _member(text: str) -> str:
    """The fingerprint of a member of the partnership or a peer, by fingerprint or by name."""
    given = text.replace(" ", "").lower()
    if len(given) == 64:
        return given
    view = directory.partnership()
    named = [(place.name, place.fingerprint) for place in view.places] if view else []
    named += [(peer.name, peer.fingerprint) for peer in peers.peers()]
    found = {fingerprint for name, fingerprint in named if name == text}
    if len(found) != 1:
        raise NotFound(
            "member", f"{text!r} names {len(found)} members", do="Give the fingerprint in full"
        )
    return found.pop()


def sign(
    digest: Annotated[str, typer.Argument(help="the charter or act, or its first digits")],
    json: Json = False,
) -> None:
    """Sign a charter or an act that somebody proposed."""
    opening.open_node()
    with unit_of_work():
        signed = directory.sign(digest.lower(), clock.now())
    _said(signed, json)


def _said(digest: str, json: bool) -> None:
    """Delivers what was signed, and shows how far it has got."""
    run_once(peer_jobs.ONCE)
    _show(directory.show(digest), json)


def list_(json: Json = False) -> None:
    """The partnership: its members and how each stands, and what waits for signatures."""
    opening.open_node()
    found = directory.partnerships()
    if json:
        showing.as_json([_value(view) for view in found])
        return
    if not found:
        showing.out.print("This node belongs to no partnership: it has bilateral peers only.")
    for view in found:
        _show_partnership(view)


def _value(view: PartnershipView) -> dict[str, Any]:
    return asdict(view)


def _show_partnership(view: PartnershipView) -> None:
    state = "in force" if view.founded else "waits for its founders"
    joined = "" if view.adopted else "; not signed here"
    showing.out.print(f"[bold]{view.name}[/] {view.digest[:16]}: {state}{joined}, k = {view.k}")
    rows = [
        (place.name, place.status, showing.time(place.since), place.fingerprint[:16])
        for place in view.places
    ]
    if rows:
        showing.table(("member", "standing", "since", "fingerprint"), rows)
    waiting = [act for act in (view.charter, *view.acts) if not act.in_force]
    if waiting:
        showing.table(
            ("waits for signatures", "member", "counts", "digest"),
            [(act.kind, act.name, _count(act), act.digest[:16]) for act in waiting],
        )


def _count(act: ActView) -> str:
    return f"{len({s.fingerprint for s in act.signatures if s.counts})} of {act.wanted}"


def show(
    digest: Annotated[str, typer.Argument(help="the charter or act, or its first digits")],
    json: Json = False,
) -> None:
    """One charter or act: what it says, who signed it, and whose signature counts."""
    opening.open_node()
    _show(directory.show(digest.lower()), json)


def _show(act: ActView, json: bool) -> None:
    if json:
        showing.as_json(asdict(act))
        return
    state = "in force" if act.in_force else f"{_count(act)} signatures"
    showing.out.print(f"{act.kind} {act.name}: {state}\n  {act.digest}")
    if act.reason:
        showing.out.print(f"  {act.reason}", markup=False)
    rows = [
        (each.name, "yes" if each.counts else "no", showing.time(each.at), each.document[:16])
        for each in act.signatures
    ]
    showing.table(("signed by", "counts", "when", "document"), rows)


COMMANDS = {"directory": group(charter=charter, propose=propose, sign=sign, list=list_, show=show)}
