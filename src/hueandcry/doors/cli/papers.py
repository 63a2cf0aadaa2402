"""Requests on paper and as files: letters, scans, translations, authorities without a node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from hueandcry.core.errors import NotFound
from hueandcry.doors.cli import opening, showing
from hueandcry.doors.cli.usage import Usage

opening.prepare()

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.cooperation import jobs as cooperation_jobs
from hueandcry.apps.cooperation.face import Doing
from hueandcry.apps.exchange import face as exchange
from hueandcry.apps.exchange import jobs as exchange_jobs
from hueandcry.apps.peers import face as peers
from hueandcry.doors.cli import asking, carriage, small_files
from hueandcry.doors.cli.decisions import acting
from hueandcry.engine import clock
from hueandcry.engine.jobs.loops import run_once
from hueandcry.engine.store.work import unit_of_work


def enter(
    type: str,
    sender: str,
    basis: str,
    given: Mapping[str, Any],
    came: asking.Paper,
    person: str,
    json: bool,
) -> None:
    """Enters a request that came on paper."""
    actor = asking.by(person)
    key = cooperation.party_named(sender)
    with came.taken() as kept, unit_of_work():
        if kept is None:
            raise Usage("letter", "The letter or its scan is missing", do="Give it with --letter")
        made = cooperation.enter(actor, type, key, basis, given, kept, clock.now())
    asking.one(made, json)


def letter(request: str, output: Path, language: str, translation: bool) -> None:
    """Writes a request as PDF."""
    opening.open_node()
    _written(output, cooperation.letter(asking.id_of(request), language, translated=translation))


def paper(request: str, n: int, output: Path) -> None:
    """Writes the letter or scan of an act."""
    opening.open_node()
    told, data = cooperation.paper(asking.id_of(request), n)
    _written(output, data)
    showing.out.print(f"{told.name}: {told.channel}, {told.by}", markup=False)


def translate(
    request: str,
    language: str,
    given: Mapping[str, Any],
    translator: str,
    person: str,
    json: bool,
) -> None:
    """Attaches a translation."""
    actor, identifier = asking.by(person), asking.id_of(request)
    with unit_of_work():
        cooperation.attach_translation(actor, identifier, language, given, translator, clock.now())
    asking.one(identifier, json)


def certify(request: str, language: str, person: str, json: bool) -> None:
    """Certifies a translation."""
    actor, identifier = asking.by(person), asking.id_of(request)
    with unit_of_work():
        cooperation.certify_translation(actor, identifier, language, clock.now())
    asking.one(identifier, json)


def authority(
    name: str | None, country: str, roles: Sequence[str], address: str, person: str, json: bool
) -> None:
    """Notes an authority without a node, or lists them."""
    if name is None:
        opening.open_node()
    else:
        actor = acting(person)
        with unit_of_work():
            cooperation.add_authority(actor, name, country, roles, address, clock.now())
    known = [each for _, each in cooperation.authorities()]
    if json:
        showing.as_json([{"name": e.name, "country": e.country, "to": e.address} for e in known])
        return
    rows = [(each.name, each.country, each.address) for each in known]
    showing.table(("authority", "country", "address"), rows)


def export(request: str, output: Path, json: bool) -> None:
    """Writes our documents of one request into a file."""
    opening.open_node()
    key, documents = cooperation.told(asking.id_of(request))
    peer = peers.must_be(key)
    if not documents:
        raise NotFound("told", "Nothing of this request was signed for the other side yet")
    run_once(exchange_jobs.SIGN)
    _carried(peer, documents, output, json)


def import_(file: Path, answer: Path | None, person: str, json: bool) -> None:
    """Takes in a file by the functions of the peer door, and answers with one of receipts."""
    cooperation.check_may(acting(person), Doing.WRITE)
    said = carriage.imported(file)
    run_once(exchange_jobs.ANSWER)
    run_once(cooperation_jobs.RECEIPTS)
    if json:
        showing.as_json(said)
    else:
        carriage.show(said)
    if answer is not None and "sender" in said:
        _carried(peers.must_be(said["sender"]), [], answer, json=False, quiet=json)
    if said["outcome"] != "taken":
        raise typer.Exit(1)


def _carried(
    peer: peers.PeerView, documents: Sequence[bytes], output: Path, json: bool, quiet: bool = False
) -> None:
    _folder(output)
    written = exchange.export_documents(peer, documents, output, clock.now())
    if quiet:
        return
    if json:
        showing.as_json([{"file": str(each.path), "documents": each.documents} for each in written])
        return
    for each in written:
        what = f"{each.documents} documents, {each.replies} replies, sealed for {peer.name}"
        showing.out.print(f"{each.path}  {each.size:,} bytes: {what}", markup=False)


def _written(output: Path, data: bytes) -> None:
    _folder(output)
    small_files.write(output, data)
    showing.out.print(f"{output}  {len(data):,} bytes", markup=False)


def _folder(output: Path) -> None:
    if not output.parent.is_dir():
        raise Usage("output", f"There is no folder {output.parent}", do="Make it, or use another")
