"""Calls to a peer's door: signed, bound to their answer, with the peer's clock allowed for."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import rules
from hueandcry.apps.peers.models import Peer
from hueandcry.core import calls, jcs
from hueandcry.core.errors import HueError, Unreachable, Untrusted
from hueandcry.core.times import read_time
from hueandcry.core.types import SECOND, Fingerprint
from hueandcry.engine import clock
from hueandcry.engine.egress.client import Egress, Response
from hueandcry.engine.keys import ed25519
from hueandcry.engine.keys.own import own
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.policy import face as policy
from hueandcry.engine.store.work import unit_of_work

MAX_ANSWER = 64 * 1024 * 1024

PRIVATE: Final = policy.declare(
    policy.Setting(
        "peers.private_hosts",
        tuple,
        (),
        "hosts of peers that lie in a private network or on this machine",
    )
)


class PeerRefused(HueError):
    """The peer answered, under its signature, that it does not take this call.

    `about` names by digest the one document or part that it refuses; empty: it is about the call.
    """

    about = ""


class ClockCorrected(HueError):
    """The peer's clock differs: its offset is now known, and the call can be made again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A verified answer."""

    status: int
    body: bytes


@cache
def egress() -> Egress:
    """The only way out; private addresses only from loopback, or to hosts that policy lists."""
    host = urlsplit(members.us().url).hostname or ""
    local = host in ("localhost", "127.0.0.1", "::1")
    return Egress(lambda host, _: local or host in policy.items(PRIVATE.name), timeout=20.0)


def call(
    peer: Peer,
    method: str,
    path: str,
    *,
    body: bytes | None = None,
    content_type: str | None = None,
    timeout: float | None = None,
    more: Mapping[str, str] | None = None,
) -> Answer:
    """One signed call; raises Unreachable, Untrusted, ClockCorrected or PeerRefused.

    It takes at most `timeout` seconds, or as many as calls take here. Header fields in `more` are
    not covered by the signature.
    """
    if peer.way != Peer.Way.CALL:
        raise Unreachable("no_port", f"{peer.member.name} has no address that can be called")
    parts = urlsplit(peer.url)
    target, _, query = path.partition("?")
    request = calls.Call(
        method, parts.netloc.lower(), parts.path + target, f"?{query}", body, content_type
    )
    headers = {**(more or {}), **_sign(request, peer.clock_offset)}
    signature = headers["Signature"]
    if content_type:
        headers["Content-Type"] = content_type
    answer = egress().request(
        method, peer.url + path, headers, body, max_bytes=MAX_ANSWER, timeout=timeout
    )
    _verify(peer, answer, signature)
    if answer.status >= 400:
        _refused(peer, answer.status, answer.body)
    return Answer(answer.status, answer.body)


def _sign(request: calls.Call, offset: int) -> dict[str, str]:
    keyring = own()
    key_id = members.signing_key("transport")
    return calls.sign_call(
        request,
        keyid=f"{members.us().fingerprint}/{key_id}",
        sign=lambda message: keyring.sign("transport", message, key_id),
        created=(clock.now() + offset) // SECOND,
        nonce=secrets.token_bytes(16),
    )


def _verify(peer: Peer, answer: Response, signature: str) -> None:
    """Believes an answer under the peer's card; a key that is not in it may be in a newer one."""
    fingerprint = peer.member.fingerprint.hex()

    def check(card: bytes = b"") -> None:
        calls.verify_response(
            answer.status,
            answer.body,
            answer.headers,
            request_signature=signature,
            key_for=lambda keyid: _key_of(fingerprint, keyid, card),
            verify=ed25519.verify,
        )

    try:
        check()
    except Untrusted as error:
        if error.code != "unknown_key":
            raise
        card = fetch_card(peer.url)
        if ledger.restoring():  # nothing can be logged yet, a card neither: it is read, not kept
            check(card)
            return
        with unit_of_work():
            members.take_card(card, clock.now(), expected=fingerprint)
        check()


def _key_of(fingerprint: Fingerprint, keyid: str, card: bytes) -> bytes:
    if not keyid.startswith(fingerprint + "/"):
        raise Untrusted("other_member", "Another member answered than the one that was asked")
    introduced = members.introduced_key(keyid, card) if card else None
    return introduced or members.transport_key(keyid).public


def _refused(peer: Peer, status: int, body: bytes) -> None:
    try:
        said: dict[str, Any] = jcs.parse(body, max_bytes=65_536)
    except HueError:
        said = {}
    code = str(said.get("code", "refused"))
    if code == "clock" and isinstance(said.get("now"), str):
        _correct(peer, said["now"])
    refused = PeerRefused(code, str(said.get("what", f"The peer answered {status}")))
    # A fault of the peer's says nothing about what it was given.
    refused.about = str(said.get("about", "")) if status < 500 else ""
    raise refused


def _correct(peer: Peer, now: str) -> None:
    offset = read_time(now) - clock.now()
    if abs(offset) > rules.OFFSET_CAP:
        raise Untrusted(
            "clock_cap",
            f"The clock of {peer.member.name} differs from ours by more than 24 hours",
            do="Set the clock of this machine, or ask the peer to set its own",
        )
    with unit_of_work():
        type(peer).objects.filter(pk=peer.pk).update(clock_offset=offset)
    peer.clock_offset = offset
    raise ClockCorrected(
        "clock", f"Our clock differs from that of {peer.member.name} by {offset / SECOND:+.1f} s"
    )


def fetch_card(url: str) -> bytes:
    """The card that a node shows at its well-known address; unsigned answer, self-proving card."""
    answer = egress().request(
        "GET", url.rstrip("/") + "/.well-known/hueandcry", {}, None, max_bytes=1 << 20
    )
    said = jcs.parse(answer.body, max_bytes=1 << 20) if answer.status == 200 else None
    if not isinstance(said, dict) or not isinstance(said.get("card"), str):
        raise PeerRefused(
            "no_node", f"{url} does not answer as a node", do="Check the address with the member"
        )
    return str(said["card"]).encode()
