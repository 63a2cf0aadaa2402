"""This node's operational keys: what the card names, new ones, and the end of one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from hueandcry.core.errors import HueError
from hueandcry.doors.cli import opening, showing
from hueandcry.doors.cli.commands import Json, group
from hueandcry.doors.cli.usage import Usage

opening.prepare()

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers import jobs as peer_jobs
from hueandcry.core.times import read_rfc3339
from hueandcry.engine import clock
from hueandcry.engine.jobs.loops import run_once
from hueandcry.engine.keys.own import own
from hueandcry.engine.store.work import unit_of_work


def list_(json: Json = False) -> None:
    """Every operational key with its purpose and validity."""
    opening.open_node()
    found = members.own_keys()
    if json:
        showing.as_json([asdict(key) for key in found])
        return
    rows = [
        (k.purpose, k.key_id, showing.time(k.valid_to), showing.time(k.revoked_at)) for k in found
    ]
    showing.table(("purpose", "key", "valid to", "revoked"), rows)


def renew(
    purpose: Annotated[list[str], typer.Option(help="act, transport, log … (repeatable)")],
    json: Json = False,
) -> None:
    """Make new keys and a new card under the root, and send it to every peer."""
    opening.open_node()
    wrong = [each for each in purpose if each not in members.PURPOSES]
    if wrong:
        known = ", ".join(members.PURPOSES)
        raise Usage("purpose", f"No key is for {wrong[0]!r}", do=f"Use one of: {known}")
    with unit_of_work():
        card = members.renew_keys(own(), purpose, clock.now())
        peers.post_to_all(card, clock.now())
    _sent(json)


def revoke(
    purpose: Annotated[str, typer.Argument(help="what the key is for")],
    key: Annotated[str, typer.Argument(help="its id, from `keys list`")],
    compromised_since: Annotated[
        str, typer.Option(help="RFC 3339; what it signed from then on stands no longer by itself")
    ] = "",
    json: Json = False,
) -> None:
    """Revoke one key under the root and tell every peer. Renew first, or the node falls silent."""
    opening.open_node()
    at = clock.now()
    since = _instant(compromised_since) if compromised_since else at
    with unit_of_work():
        raw = members.revoke_key(own(), purpose, key, at, since)
        peers.post_to_all(raw, at)
    _sent(json)


def rotate_root(
    finish: Annotated[
        bool, typer.Option("--finish", help="only finish a rotation that was interrupted")
    ] = False,
    json: Json = False,
) -> None:
    """Hand this member over to the committed next root key, and make a new next one."""
    opening.open_node()
    keyring = own()
    finished = members.finish_rotation(keyring)
    if not finish and not finished:
        with unit_of_work():
            card = members.rotate_root(keyring, clock.now())
            peers.post_to_all(card, clock.now())
        keyring.advance_root()
    _sent(json)


def _sent(json: bool) -> None:
    """Delivers at once what was just signed, then shows the keys."""
    members.forget()
    run_once(peer_jobs.ONCE)
    list_(json)


def _instant(text: str) -> int:
    try:
        return read_rfc3339(text)
    except HueError as error:
        raise Usage(
            "time", f"{text!r} is no time", do="Use RFC 3339: 2026-01-31T08:00:00Z"
        ) from error


COMMANDS = {"keys": group(list=list_, renew=renew, revoke=revoke, **{"rotate-root": rotate_root})}
