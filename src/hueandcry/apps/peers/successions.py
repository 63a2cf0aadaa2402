"""A log that lost its end begins anew under another name, as its root says (PROTOCOL 5)."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import heads, queries, service
from hueandcry.core import jws
from hueandcry.core.errors import HueError, Malformed, NotPermitted, Untrusted
from hueandcry.core.types import Micros
from hueandcry.engine.keys.own import own
from hueandcry.engine.ledger import restored

_ORIGIN = re.compile(r"([^\s+]{1,300}/log)/(0|[1-9][0-9]{0,8})")


@dataclass(frozen=True, slots=True)
class SuccessionBody:
    """What a succession says: which log ends and how much of it was kept, and which one opens."""

    ends: str
    size: int
    root: bytes
    opens: str
    first: int
    seen: tuple[str, ...]

    def value(self) -> dict[str, Any]:
        return {
            "ends": self.ends,
            "size": self.size,
            "root": base64.b64encode(self.root).decode(),
            "opens": self.opens,
            "first": self.first,
            "seen": list(self.seen),
        }


def read_body(body: Mapping[str, Any]) -> SuccessionBody:
    """The body of a succession; raises Malformed for any that `value` would not give back."""
    try:
        read = SuccessionBody(
            _text(body["ends"]),
            _whole(body["size"]),
            base64.b64decode(_text(body["root"]), validate=True),
            _text(body["opens"]),
            _whole(body["first"]),
            tuple(_text(note) for note in body["seen"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Malformed("succession_body", "The succession lacks a member") from error
    ends, opens = _ORIGIN.fullmatch(read.ends), _ORIGIN.fullmatch(read.opens)
    if read.value() != body or len(read.root) != 32 or ends is None or opens is None:
        raise Malformed("succession_body", "The succession is not in its one form")
    if ends[1] != opens[1] or int(ends[2]) >= int(opens[2]) or read.first < read.size:
        raise Malformed("succession_body", "A log is succeeded by a later epoch of itself")
    return read


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 65_536:
        raise TypeError("text")
    return value


def _whole(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise TypeError("number")
    return value


def succeed(log_name: str, at: Micros) -> SuccessionBody:
    """Opens a new epoch of our log in the caller's transaction, and tells every peer.

    Raises Conflict when nothing asks for one, NotFound without the root folder.
    """
    planned = restored.plan(settings.DATA)
    body = SuccessionBody(
        ends=f"{log_name}/log/{planned.ends}",
        size=planned.size,
        root=planned.root,
        opens=f"{log_name}/log/{planned.opens}",
        first=planned.first,
        seen=tuple(note.decode() for note in planned.seen),
    )
    raw = members.sign_succession(body.value(), own(), at)
    restored.open_epoch(planned, raw, at)
    service.send(raw, [row.pk for row in queries.peers()], at)
    return body


def take(raw: bytes, at: Micros) -> None:
    """Takes in a peer's succession: its new log is believed from now on, the old one is kept.

    Raises Untrusted where what it says was kept is not what we saw of the old log.
    """
    document = members.believe_succession(raw)
    if document.aud != jws.EVERYBODY:
        raise Untrusted("audience", "A succession is for everybody")
    peer = queries.peer_of(document.iss)
    if peer is None:
        raise NotPermitted("not_a_peer", "We do not know the member whose log this is as a peer")
    body = read_body(document.body)
    if body.ends.rpartition("/log/")[0] != heads.log_name(peer):
        raise Untrusted("succession", "It ends another log than that of its issuer")
    known = [each for each in queries.documents_of(document.iss, "succession")]
    if any(_opens(each.document) == body.opens and each.document != raw for each in known):
        raise Untrusted("fork", f"Two successions open {body.opens}")
    _check_kept(peer.checkpoint, peer, body)
    service.keep_document(raw, at)


def _opens(raw: bytes) -> object:
    return jws.open_document(raw).stated.body.get("opens")


def _check_kept(note: bytes | None, peer: Any, body: SuccessionBody) -> None:
    """A head that we hold of just the size that was kept has the root that was kept."""
    if note is None:
        return
    try:
        held = heads.of_peer(peer, note)
    except HueError:
        return
    if held.origin == body.ends and held.size == body.size and held.root != body.root:
        raise Untrusted("fork", f"{peer.member.name} once signed another history of {body.ends}")
