"""Packages of evidence: pack exhibits for a member or for ourselves, take in what others packed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from hueandcry.core.errors import Conflict, NotFound, TooMany
from hueandcry.doors.cli import opening, showing, small_files
from hueandcry.doors.cli.commands import Json
from hueandcry.doors.cli.usage import Usage

opening.prepare()

from django.conf import settings

from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.evidence.face import Built, IncomingView, PackageView, Wanted
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers import jobs as peer_jobs
from hueandcry.core.jws import MAX_DOCUMENT
from hueandcry.core.packages import NOTE_ENDING
from hueandcry.core.times import time_text
from hueandcry.core.types import Fingerprint
from hueandcry.doors.cli.decisions import Person, acting
from hueandcry.engine import clock
from hueandcry.engine.ledger.publisher import publish
from hueandcry.engine.stamps import face as stamps

SELF: Final = "self"

#: Seconds that a package waits for the ledger, its witnesses and the time-stamps.
PATIENCE: Final = 60.0


def package(
    exhibits: Annotated[list[str], typer.Argument(metavar="ID…", help="ids or numbers")],
    to: Annotated[str, typer.Option(help="a member by name or fingerprint, or `self`")],
    output: Annotated[
        Path | None, typer.Option(help="the sealed file; its note is FILE.jws")
    ] = None,
    send: Annotated[bool, typer.Option(help="let the peer fetch it from this node")] = False,
    request: Annotated[Path | None, typer.Option(help="the document that it answers")] = None,
    reason: Annotated[str, typer.Option(help="why: goes into the custody")] = "Handed over",
    authority: Annotated[str, typer.Option(help="under which warrant, order or consent")] = "",
    person: Person = "",
    json: Json = False,
) -> None:
    """Packs exhibits with their custody and proofs, sealed to whom they are for."""
    if output is None and not send:
        raise Usage("output", "A package goes somewhere", do="Give --output FILE, or --send")
    if output is not None:
        _check_free(output)
    actor = acting(person)
    wanted = Wanted(exhibits, _member(to), reason, authority, _document(request))
    view = evidence.package(actor, wanted)
    _prove(view)
    built = None if output is None else _write(view, output)
    if send:
        view = evidence.send_package(view.id)
    _packed(view, built, json)


def _check_free(output: Path) -> None:
    for path in (output, output.with_name(output.name + NOTE_ENDING)):
        if path.exists():
            raise Conflict("output", f"{path} is there already", do="Choose another name")


def _member(name: str) -> Fingerprint:
    if name == SELF:
        return members.us().fingerprint
    known = members.find(name) if len(name) == 64 and name.isalnum() else None
    return known.fingerprint if known else peers.named(name).fingerprint


def _document(path: Path | None) -> bytes | None:
    if path is None:
        return None
    return small_files.read(path).strip()


def _prove(view: PackageView) -> None:
    """Waits until the ledger is published, cosigned and stamped so far; turns it where needed."""
    until = clock.monotonic() + PATIENCE
    stamping = stamps.loop(peers.head_to_stamp)
    while True:
        early: TooMany | None = None
        try:
            if evidence.prepare_proofs(view.id):
                return
        except TooMany as wrong:
            early = wrong
        if clock.monotonic() > until:
            break
        publish(settings.DATA, peers.log_signer(), f"command-{os.getpid()}")
        peer_jobs.cosign()
        stamping.body()
        time.sleep(0.1)
    if early is not None:
        raise early
    showing.err.print("No time-stamp came yet: check 8 of this package will not be made.")


def _write(view: PackageView, output: Path) -> Built:
    built = evidence.build(view.id, output)
    output.with_name(output.name + NOTE_ENDING).write_bytes(built.note)
    return built


def _packed(view: PackageView, built: Built | None, json: bool) -> None:
    said: dict[str, Any] = {
        "package": str(view.id),
        "state": view.state,
        "recipient": view.recipient,
        "exhibits": [{"id": str(id), "number": number} for id, number in view.exhibits],
        "tag_manifest": view.tag_manifest,
        "log_index": view.log_index,
        "file": str(built.path) if built else None,
        "note": str(built.path) + NOTE_ENDING if built else None,
        "ciphertext": built.ciphertext.value() if built else None,
        "tar": built.tar.value() if built else None,
    }
    if json:
        showing.as_json(said)
        return
    numbers = ", ".join(number for _, number in view.exhibits)
    showing.out.print(f"Package {view.id} with {numbers}: entry {view.log_index} of the ledger")
    if built is not None:
        showing.out.print(f"  {built.path}  {built.ciphertext.size:,} bytes, sealed")
        showing.out.print(f"  {built.path}{NOTE_ENDING}  hand this over with it")
    if view.state == "sent":
        showing.out.print("  its recipient is told, and fetches it from here")


# --- in -------------------------------------------------------------------------------------------


def receive(
    file: Annotated[Path, typer.Argument(help="a sealed package; its note is FILE.jws")],
    json: Json = False,
) -> None:
    """Verifies a package that came as a file, and takes in its exhibits if all of it holds."""
    opening.open_node()
    beside = file.with_name(file.name + NOTE_ENDING)
    try:
        with beside.open("rb") as note:
            raw = note.read(MAX_DOCUMENT + 1)
        if not file.is_file():
            raise NotFound("package", f"There is no file {file}")
    except OSError as wrong:
        raise NotFound(
            "shipping_note",
            f"{beside} cannot be read",
            why=wrong.strerror or "",
            do="Ask the sender for the note that goes with the package",
        ) from None
    view = evidence.receive_package(file, raw)
    if json:
        showing.as_json(_said(view))
    else:
        _arrived([view])
    if view.state != "accepted":
        raise typer.Exit(1)


def incoming(json: Json = False) -> None:
    """Packages that other members announced, and what became of each."""
    opening.open_node()
    views = evidence.incoming()
    if json:
        showing.as_json({"packages": [_said(view) for view in views]})
    else:
        _arrived(views)


def _arrived(views: list[IncomingView]) -> None:
    for view in views:
        who = members.find(view.sender)
        name = who.name if who else view.sender
        showing.out.print(f"{view.package}  {view.state}  from {name}, {view.size:,} bytes")
        for check in view.checks:
            showing.out.print(
                f"  {check['n']:2}  {check['result']:11}  {check['name']}: {check['reason']}"
            )
        if view.said:
            showing.out.print(f"  {view.said}")


def _said(view: IncomingView) -> dict[str, Any]:
    return {
        "package": str(view.package),
        "state": view.state,
        "sender": view.sender,
        "name": view.name,
        "size": view.size,
        "announced_at": time_text(view.announced_at),
        "settled_at": None if view.settled_at is None else time_text(view.settled_at),
        "said": view.said,
        "checks": list(view.checks),
        "exhibits": list(view.exhibits),
    }


FUNCTIONS: Final[dict[str, Callable[..., None]]] = {
    "package": package,
    "receive": receive,
    "incoming": incoming,
}
